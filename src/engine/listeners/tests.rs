//! Which listeners are called for what, until when, and by which thread.

use super::*;
use std::sync::mpsc;

fn event(rid: Rid) -> RegistererEvent {
    RegistererEvent {
        rid,
        what: RegistererEventKind::Accepted,
        status: 200,
        reason: String::new(),
        tag: 0,
        left: None,
    }
}

fn listener(sender: &mpsc::Sender<Rid>, rid: Option<Rid>, once: bool) -> Listener {
    let sender = sender.clone();
    let call: Callback = Arc::new(move |event: &RegistererEvent| sender.send(event.rid).unwrap());
    Listener { rid, wants: |_| true, once, call }
}

#[test]
fn listeners_are_called_for_what_they_asked_in_order() {
    let listeners = Arc::new(Listeners::default());
    let (one, only) = mpsc::channel();
    let (all, every) = mpsc::channel();
    listeners.add(listener(&one, Some(2), true)).unwrap();
    let id = listeners.add(listener(&all, None, false)).unwrap();
    for rid in [1, 2, 2, 3] {
        listeners.push(event(rid));
    }
    listeners.announce();
    assert_eq!(every.iter().take(4).collect::<Vec<_>>(), [1, 2, 2, 3]);
    assert_eq!(only.try_iter().collect::<Vec<_>>(), [2]);
    assert!(listeners.remove(id, None));
    assert!(!listeners.remove(id, None));
    listeners.close(Duration::from_secs(5));
}

#[test]
fn a_listener_may_remove_itself_and_end_the_context() {
    let listeners = Arc::new(Listeners::default());
    let (sender, received) = mpsc::channel();
    let again = Arc::clone(&listeners);
    let call: Callback = Arc::new(move |_: &RegistererEvent| {
        again.remove(1, None);
        again.close(Duration::from_secs(5));
        sender.send(()).unwrap();
    });
    listeners.add(Listener { rid: None, wants: |_| true, once: false, call }).unwrap();
    listeners.push(event(1));
    listeners.push(event(1));
    listeners.announce();
    assert!(received.recv_timeout(Duration::from_secs(5)).is_ok());
    assert!(received.recv_timeout(Duration::from_secs(5)).is_err(), "it was called once");
}

#[test]
fn a_new_listener_is_not_called_for_what_happened_before() {
    let listeners = Arc::new(Listeners::default());
    let (busy, entered) = mpsc::channel();
    let (go, end) = mpsc::channel::<()>();
    let end = Mutex::new(end);
    let call: Callback = Arc::new(move |_: &RegistererEvent| {
        busy.send(()).unwrap();
        end.lock().recv().unwrap();
    });
    listeners.add(Listener { rid: Some(1), wants: |_| true, once: false, call }).unwrap();
    listeners.push(event(1));
    listeners.push(event(2));
    listeners.announce();
    entered.recv_timeout(Duration::from_secs(5)).unwrap();
    let (sender, received) = mpsc::channel();
    listeners.add(listener(&sender, None, true)).unwrap();
    listeners.push(event(3));
    go.send(()).unwrap();
    assert_eq!(received.recv_timeout(Duration::from_secs(5)), Ok(3));
    listeners.close(Duration::from_secs(5));
}

#[test]
fn no_call_begins_once_the_end_has_returned() {
    let listeners = Arc::new(Listeners::default());
    let (sender, received) = mpsc::channel();
    let (go, end) = mpsc::channel::<()>();
    let end = Mutex::new(end);
    let call: Callback = Arc::new(move |event: &RegistererEvent| {
        sender.send(event.rid).unwrap();
        let _ = end.lock().recv();
    });
    listeners.add(Listener { rid: None, wants: |_| true, once: false, call }).unwrap();
    listeners.push(event(1));
    listeners.push(event(2));
    listeners.announce();
    assert_eq!(received.recv_timeout(Duration::from_secs(5)), Ok(1));
    // It does not return in time.
    listeners.close(Duration::from_millis(10));
    go.send(()).unwrap();
    drop(go);
    assert!(received.recv_timeout(Duration::from_secs(5)).is_err(), "the thread has ended");
}

#[test]
fn the_queue_of_events_is_bounded() {
    let listeners = Arc::new(Listeners::default());
    let call: Callback = Arc::new(|_: &RegistererEvent| {});
    listeners
        .state
        .lock()
        .all
        .insert(1, (0, Listener { rid: None, wants: |_| true, once: false, call }));
    for _ in 0..MAX_EVENTS {
        assert_eq!(listeners.push(event(1)), 0);
    }
    assert_eq!(listeners.push(event(1)), 1);
}

#[test]
fn a_provisional_response_waits_once_for_each_registration_and_status() {
    let listeners = Listeners::default();
    let progress =
        |rid, status| RegistererEvent { what: RegistererEventKind::Progress, status, ..event(rid) };
    let add = |id| {
        let call: Callback = Arc::new(|_: &RegistererEvent| {});
        let mut state = listeners.state.lock();
        state.newest_since = state.happened;
        let since = state.newest_since;
        let wants = |_: &RegistererEvent| true;
        state.all.insert(id, (since, Listener { rid: None, wants, once: false, call }));
    };
    add(1);
    assert_eq!(listeners.push(event(1)), 0);
    for _ in 0..2 * MAX_EVENTS {
        assert_eq!(listeners.push(progress(1, 180)), 0, "nothing is pushed out");
    }
    listeners.push(progress(1, 183));
    listeners.push(progress(2, 180));
    assert_eq!(listeners.state.lock().queue.len(), 4);
    add(2);
    listeners.push(progress(1, 180));
    assert_eq!(listeners.state.lock().queue.len(), 5, "the new listener gets it too");
    while listeners.state.lock().take().is_some() {}
    assert!(listeners.state.lock().provisional.is_empty());
    listeners.push(progress(1, 180));
    assert_eq!(listeners.state.lock().queue.len(), 1);
}

#[test]
fn the_end_waits_for_a_call_that_a_thread_of_the_program_makes() {
    let listeners = Arc::new(Listeners::stepped());
    let (enter, entered) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let ended = Mutex::new(ended);
    let call: Callback = Arc::new(move |event: &RegistererEvent| {
        enter.send(event.rid).unwrap();
        let early = event.rid == 1 && ended.lock().recv_timeout(Duration::from_millis(100)).is_ok();
        assert!(!early, "the context has ended within the call");
    });
    let once = Arc::downgrade(&call);
    listeners.add(Listener { rid: None, wants: |_| true, once: false, call }).unwrap();
    listeners.push(event(1));
    listeners.push(event(2));
    std::thread::scope(|s| {
        let calls = s.spawn(|| listeners.call_queued());
        assert_eq!(entered.recv_timeout(Duration::from_secs(5)), Ok(1));
        listeners.close(Duration::from_secs(20));
        let _ = end.send(());
        assert_eq!(once.strong_count(), 0, "nothing is called any more");
        assert_eq!(entered.try_recv(), Ok(2), "what was queued is called for");
        calls.join().unwrap();
    });
}

#[test]
fn only_the_thread_that_is_in_a_call_is_the_caller() {
    let listeners = Arc::new(Listeners::stepped());
    let (sender, seen) = mpsc::channel();
    let again = Arc::clone(&listeners);
    let call: Callback = Arc::new(move |_: &RegistererEvent| {
        let other = std::thread::scope(|s| s.spawn(|| again.is_caller()).join().unwrap());
        sender.send((again.is_caller(), other)).unwrap();
    });
    listeners.add(Listener { rid: None, wants: |_| true, once: false, call }).unwrap();
    listeners.push(event(1));
    listeners.call_queued();
    assert_eq!(seen.try_recv(), Ok((true, false)));
    assert!(!listeners.is_caller());
    listeners.close(Duration::ZERO);
}
