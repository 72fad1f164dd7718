//! The application's event queue, and the descriptor that shows whether it is empty.

use super::listeners::Listeners;
use super::lock::this_thread;
use super::network::{Link, Watch};
use super::turn::Turn;
use crate::agent::{Notice, Text};
use crate::net::EventPipe;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

mod waiting;

pub(super) use waiting::{Drove, Seat};

/// Events kept for a program that does not fetch them; the oldest goes first.
const KEPT: usize = 1 << 18;
/// Bytes kept of requests from outside that the program does not fetch: whoever sends more is not told of, so that it can neither
/// take the memory nor push out what became of our own requests.
const KEPT_FROM_OUTSIDE: usize = 16 << 20;
/// What an event costs beside its texts, about.
const OVERHEAD: usize = 256;

/// A queue that many threads may wait on. Its lock is the innermost: nothing else is taken under it.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Those who are called.
    pub(super) listeners: Arc<Listeners>,
    state: Mutex<State>,
    something: Condvar,
    /// See [`Events::comes_back`].
    comes_back: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Notice>,
    /// The [`cost`] of what is in the queue.
    from_outside: usize,
    pipe: Option<EventPipe>,
    /// Threads in a wait, the driver of the sockets among them.
    waiting: usize,
    turn: Turn,
    /// The plan of the last driver that left.
    plan: Watch,
    /// `None` before there are sockets, and after the end.
    link: Option<Arc<Link>>,
    wake_ups: usize,
    /// Events taken one behind the other by waits that did not have to wait.
    in_a_row: usize,
    broken: bool,
    closed: bool,
}

/// The bytes that count against [`KEPT_FROM_OUTSIDE`].
fn cost(notice: &Notice) -> usize {
    let length = |text: &Option<Text>| text.as_ref().map_or(0, |text| text.len());
    if notice.kind.is_from_outside() {
        OVERHEAD + length(&notice.request) + length(&notice.response)
    } else {
        0
    }
}

impl State {
    fn append(&mut self, notice: Notice) -> bool {
        let cost = cost(&notice);
        if cost > 0 && self.from_outside + cost > KEPT_FROM_OUTSIDE {
            return false;
        }
        self.from_outside += cost;
        self.queue.push_back(notice);
        true
    }

    fn take(&mut self) -> Option<Notice> {
        let notice = self.queue.pop_front()?;
        self.from_outside -= cost(&notice);
        Some(notice)
    }

    /// Wakes the one who waits at the sockets, where that is a thread of the application.
    fn wake_driver(&self) {
        if let Some(link) = self.link.as_ref().filter(|_| self.turn.is_taken()) {
            link.waker.wake();
        }
    }

    /// Brings the descriptor in line with the queue.
    fn show(&mut self) {
        let readable = !self.queue.is_empty() || self.wake_ups > 0;
        if let Some(pipe) = &mut self.pipe {
            pipe.set_readable(readable);
        }
    }
}

impl Events {
    /// Appends, in the order of the core's lock; the number that had to go for want of room. Nobody is told yet.
    pub(super) fn push(&self, notices: impl Iterator<Item = Notice>) -> usize {
        let mut state = self.state.lock();
        if state.closed {
            return 0;
        }
        let mut lost = 0;
        for notice in notices {
            lost += usize::from(!state.append(notice));
        }
        while state.queue.len() > KEPT {
            lost += 1;
            state.take();
        }
        lost
    }

    /// Tells those who wait of `count` new events. Off the core's lock, which they want next.
    pub(super) fn announce(&self, count: usize) {
        if count == 0 {
            return;
        }
        let mut state = self.state.lock();
        // The driver of the sockets takes the next event itself, and then shows what is left.
        let driver = state.turn.is_mine(this_thread());
        if !driver || state.queue.len() > 1 {
            state.show();
        }
        let mut left = count - usize::from(driver);
        while left > 0 && self.something.notify_one() {
            left -= 1;
        }
        if left > 0 && !driver {
            state.wake_driver();
        }
    }

    /// Whether a program that fetches one event after the other has more to fetch, and so is back in a moment: what it sends meanwhile may
    /// wait until then. Only a hint: see [`Self::rouse_sleeper`].
    pub(super) fn comes_back(&self) -> bool {
        self.comes_back.load(Ordering::Relaxed)
    }

    /// Makes one waiter, or the next, return without an event.
    pub(super) fn wake(&self) {
        let mut state = self.state.lock();
        if !state.closed {
            state.wake_ups = (state.wake_ups + 1).min(state.waiting.max(1));
            state.show();
            self.something.notify_all();
            state.wake_driver();
        }
    }

    /// The descriptor, made at the first call; -1 when none can be had or the queue is closed.
    pub(super) fn fd(&self) -> RawFd {
        let mut state = self.state.lock();
        if state.pipe.is_none() && !state.closed {
            state.pipe = EventPipe::new().ok();
            state.show();
        }
        state.pipe.as_ref().map_or(-1, EventPipe::fd)
    }

    /// Nothing comes any more: nobody waits for ever.
    pub(super) fn mark_broken(&self) {
        let link = {
            let mut state = self.state.lock();
            state.broken = true;
            state.link.clone()
        };
        self.rouse(link.as_deref());
        self.listeners.waiters.end();
        self.listeners.stir();
    }

    /// Lets all waiters go, closes the descriptor and forgets all events.
    pub(super) fn close(&self) {
        let (link, gone) = {
            let mut state = self.state.lock();
            state.closed = true;
            state.from_outside = 0;
            (state.link.take(), (std::mem::take(&mut state.queue), state.pipe.take()))
        };
        self.rouse(link.as_deref());
        drop((link, gone));
    }

    /// Wakes all there are.
    fn rouse(&self, link: Option<&Link>) {
        self.something.notify_all();
        if let Some(link) = link {
            link.waker.wake();
            link.alarm.set(Duration::ZERO);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Kind;

    const NOW: Option<Duration> = Some(Duration::ZERO);
    const LONG: Option<Duration> = Some(Duration::from_secs(20));

    fn tell(events: &Events, notices: &[Notice]) -> usize {
        let lost = events.push(notices.iter().cloned());
        events.announce(notices.len());
        lost
    }

    fn wait(events: &Events, timeout: Option<Duration>) -> Option<Notice> {
        events.wait(timeout, |_, _| panic!("there are no sockets"))
    }

    fn notice(rid: i32) -> Notice {
        Notice {
            kind: Kind::RegistrationSuccess,
            rid,
            ids: Default::default(),
            text: "".into(),
            request: None,
            response: None,
        }
    }

    /// Takes the bytes of the descriptor as a program would; their number.
    fn take(events: &Events) -> usize {
        assert!(events.fd() >= 0);
        events.state.lock().pipe.as_ref().unwrap().read_by_the_program()
    }

    #[test]
    fn events_come_in_the_order_they_happened_and_polling_returns_at_once() {
        let events = Events::default();
        assert_eq!(wait(&events, NOW), None);
        tell(&events, &[notice(1), notice(2)]);
        tell(&events, &[notice(3)]);
        let rids: Vec<_> = std::iter::from_fn(|| wait(&events, NOW)).map(|n| n.rid).collect();
        assert_eq!(rids, [1, 2, 3]);
    }

    #[test]
    fn each_event_ends_the_wait_of_one_thread() {
        let events = Events::default();
        std::thread::scope(|s| {
            let waiters: Vec<_> = (0..3).map(|_| s.spawn(|| wait(&events, LONG).unwrap().rid)).collect();
            tell(&events, &[notice(1)]);
            tell(&events, &[notice(2), notice(3)]);
            let mut rids: Vec<_> = waiters.into_iter().map(|w| w.join().unwrap()).collect();
            rids.sort_unstable();
            assert_eq!(rids, [1, 2, 3]);
        });
    }

    #[test]
    fn a_wake_up_ends_one_wait_and_several_without_waiter_count_once() {
        let events = Events::default();
        events.wake();
        events.wake();
        assert_eq!(wait(&events, None), None);
        assert_eq!(events.state.lock().wake_ups, 0);
    }

    #[test]
    fn closing_ends_every_wait_for_ever() {
        let events = Events::default();
        std::thread::scope(|s| {
            let waiters: Vec<_> = (0..3).map(|_| s.spawn(|| wait(&events, None))).collect();
            events.close();
            assert!(waiters.into_iter().all(|w| w.join().unwrap().is_none()));
        });
        tell(&events, &[notice(1)]);
        assert_eq!(wait(&events, None), None);
        assert_eq!(events.fd(), -1);
    }

    #[test]
    fn a_broken_context_gives_what_it_has_and_then_makes_nobody_wait_for_ever() {
        let events = Events::default();
        tell(&events, &[notice(1)]);
        events.mark_broken();
        assert!(wait(&events, None).is_some());
        assert_eq!(wait(&events, None), None);
    }

    #[test]
    fn the_descriptor_is_readable_exactly_while_something_is_there() {
        let events = Events::default();
        tell(&events, &[notice(1)]);
        assert_eq!(take(&events), 1, "made after the event, it shows it");
        assert_eq!(take(&events), 0);
        tell(&events, &[notice(2)]);
        assert_eq!(take(&events), 1, "a byte that the program took comes back with the next event");
        wait(&events, NOW);
        assert_eq!(take(&events), 1, "one event is left");
        wait(&events, NOW);
        assert_eq!(take(&events), 0);
        events.wake();
        assert_eq!(take(&events), 1);
        assert_eq!(wait(&events, LONG), None);
        assert_eq!(take(&events), 0);
    }

    #[test]
    fn a_program_that_never_fetches_its_events_loses_the_oldest() {
        let events = Events::default();
        assert_eq!(tell(&events, &vec![notice(1); KEPT]), 0);
        assert_eq!(tell(&events, &[notice(2)]), 1);
        assert_eq!(events.state.lock().queue.len(), KEPT);
    }

    #[test]
    fn requests_from_outside_take_no_more_than_their_room() {
        let events = Events::default();
        let ours = notice(1);
        let message = Notice { kind: Kind::MessageNew, request: Some(vec![0; 60_000].into()), ..notice(0) };
        tell(&events, std::slice::from_ref(&ours));
        let lost = tell(&events, &vec![message.clone(); 1000]);
        assert_eq!(1000 - lost, KEPT_FROM_OUTSIDE / (60_000 + OVERHEAD));
        assert_eq!(tell(&events, std::slice::from_ref(&ours)), 0, "our own always have room");
        while wait(&events, NOW).is_some() {}
        assert_eq!(events.state.lock().from_outside, 0);
        assert_eq!(tell(&events, &[message]), 0, "what was fetched makes room");
    }
}
