//! One registration from its first REGISTER to its last.

use crate::clock;
use crate::options::Options;
use crate::report::{Outcome, Report};
use parking_lot::ReentrantMutex;
use register::engine::registerer::{Info, RegistererEvent, RegistererEventKind, RegistererState};
use register::engine::{Engine, MessagePath, Refusal, Rid, TappedMessage};
use register::transaction::NoResponse;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

/// A refresh by hand comes so long after the last answer.
const REFRESH_PAUSE: Duration = Duration::from_secs(1);
/// After Ctrl-C, and at the end of a check for Nagios, an answer is waited for so long.
const LAST_WAIT: Duration = Duration::from_secs(3);

/// When something happened, by both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) instant: Instant,
    pub(crate) time_of_day: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Moment {
        Moment { instant: clock::now(), time_of_day: clock::time_of_day() }
    }
}

/// What other threads send to the main thread.
pub(crate) enum SessionEvent {
    /// A message has gone by.
    Message { at: Moment, is_received: bool, path: MessagePath, bytes: Vec<u8> },
    /// Something happened to the registration, how it stood then, and the sentence about it.
    Event { at: Moment, event: RegistererEvent, info: Box<Info>, explain: String },
    /// Ctrl-C or SIGTERM.
    Interrupted,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The first answer is awaited.
    Registering,
    /// It is kept.
    Registered,
    /// The binding is being removed.
    Unregistering,
}

/// The end, and the sentence about it.
pub(crate) type Ending = (Outcome, String);

pub(crate) struct Session<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) rid: Rid,
    pub(crate) options: &'a Options,
    pub(crate) report: &'a mut Report,
    /// While it is held, no other thread passes a message on: the one of a command is shown before
    /// its answer.
    pub(crate) order: Arc<ReentrantMutex<()>>,
    phase: Phase,
    state: RegistererState,
    start: Instant,
    /// Since when a final answer is awaited.
    asked_at: Option<Instant>,
    /// When the last answer came that granted something, and for how long it did.
    granted: Option<(Instant, Duration)>,
    refreshed: u32,
    is_interrupted: bool,
    /// The removal was accepted.
    is_removed: bool,
    /// How long it took to be registered, and for how many seconds.
    first: Option<(Duration, u32)>,
    requests: u64,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        rid: Rid,
        options: &'a Options,
        report: &'a mut Report,
        order: Arc<ReentrantMutex<()>>,
    ) -> Self {
        Session {
            engine,
            rid,
            options,
            report,
            order,
            phase: Phase::Registering,
            state: RegistererState::Initial,
            start: clock::now(),
            asked_at: None,
            granted: None,
            refreshed: 0,
            is_interrupted: false,
            is_removed: false,
            first: None,
            requests: 0,
        }
    }

    /// How long it took to be registered, and for how many seconds; `None`: it never was.
    pub(crate) fn first(&self) -> Option<(Duration, u32)> {
        self.first
    }

    /// REGISTERs that were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// Registers, and goes on until the end; `None`: at once, on the second Ctrl-C.
    pub(crate) fn run(&mut self, events: &Receiver<SessionEvent>) -> Option<Ending> {
        let begun = match self.options.request.expires {
            0 => self.unregister(),
            _ => self.register(),
        };
        if let Err(refusal) = begun {
            return Some((Outcome::Network, format!("nothing can be sent: {refusal}")));
        }
        loop {
            match events.recv_timeout(self.patience()) {
                Ok(SessionEvent::Message { at, is_received, path, bytes }) => {
                    self.report.message(at, &TappedMessage { is_received, path, bytes: &bytes });
                }
                Ok(SessionEvent::Event { at, event, info, explain }) => {
                    self.report.event(at, &event, &info, &explain);
                    if let Some(ending) = self.on_event(at, event.what, &info, &explain) {
                        return Some(ending);
                    }
                }
                Ok(SessionEvent::Interrupted) if self.is_interrupted => return None,
                Ok(SessionEvent::Interrupted) => self.interrupt(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            if self.report.is_closed() && !self.is_interrupted {
                self.interrupt();
            }
            if let Some(ending) = self.on_time() {
                return Some(ending);
            }
        }
    }

    /// Ends as soon as the binding is removed.
    fn interrupt(&mut self) {
        self.is_interrupted = true;
        if let Some(asked_at) = &mut self.asked_at {
            *asked_at = clock::now();
        }
    }

    fn limit(&self) -> Duration {
        let asked = Duration::from_secs(self.options.timeout().into());
        let removes_for_nagios = self.phase == Phase::Unregistering && self.options.output.nagios;
        if self.is_interrupted || removes_for_nagios { LAST_WAIT.min(asked) } else { asked }
    }

    /// How long nothing is to be done.
    fn patience(&self) -> Duration {
        let now = clock::now();
        let asked = self.asked_at.map(|at| at + self.limit());
        let by_hand = self.options.life.refresh > 0 && self.phase == Phase::Registered;
        let refresh = self.granted.filter(|_| by_hand).map(|(at, _)| at + REFRESH_PAUSE);
        let next = asked.into_iter().chain(refresh).min();
        let wait = next.map(|at| at.saturating_duration_since(now));
        wait.unwrap_or(Duration::from_secs(3600)).max(Duration::from_millis(1))
    }

    fn on_time(&mut self) -> Option<Ending> {
        let now = clock::now();
        if let Some(at) = self.asked_at {
            let waited = now.duration_since(at);
            let registrar = self.options.registrar();
            return (waited >= self.limit()).then(|| {
                let seconds = waited.as_secs();
                let why = format!("{registrar} has not answered within {seconds} s.");
                (Outcome::NoAnswer, why)
            });
        }
        // The event of the new state follows that of the answer.
        if self.phase != Phase::Registered || self.state == RegistererState::Initial {
            return None;
        }
        let life = &self.options.life;
        let enough = life.once
            || self.options.output.nagios
            || (life.refresh > 0 && self.refreshed >= life.refresh)
            || (life.demo && self.refreshed > 0);
        let result = if self.is_interrupted || enough {
            self.unregister()
        } else if life.refresh > 0 && self.granted.is_some_and(|(at, _)| now >= at + REFRESH_PAUSE)
        {
            self.register()
        } else {
            Ok(())
        };
        match result {
            // A REGISTER is under way: after its answer.
            Ok(()) | Err(Refusal::Core(_)) => None,
            Err(refusal) => Some((Outcome::Network, format!("nothing can be sent: {refusal}"))),
        }
    }

    fn register(&mut self) -> Result<(), Refusal> {
        let order = Arc::clone(&self.order);
        let _held = order.lock();
        self.engine.registerer_register(self.rid)?;
        self.asked_at = Some(clock::now());
        Ok(())
    }

    fn unregister(&mut self) -> Result<(), Refusal> {
        let order = Arc::clone(&self.order);
        let _held = order.lock();
        self.engine.registerer_unregister(self.rid, self.options.removes_all())?;
        self.phase = Phase::Unregistering;
        self.asked_at = Some(clock::now());
        Ok(())
    }

    fn on_event(
        &mut self,
        at: Moment,
        what: RegistererEventKind,
        info: &Info,
        explain: &str,
    ) -> Option<Ending> {
        self.requests = info.counters.requests;
        match what {
            // It has the password, and is asked for no answer of its own.
            RegistererEventKind::Challenged(_) => None,
            RegistererEventKind::Trying | RegistererEventKind::Progress => None,
            RegistererEventKind::State(state) => {
                self.state = state;
                self.removed_at_last()
            }
            RegistererEventKind::Accepted if self.phase == Phase::Unregistering => {
                self.is_removed = true;
                self.removed_at_last()
            }
            RegistererEventKind::Accepted => {
                self.accepted(at.instant, info);
                None
            }
            RegistererEventKind::Rejected | RegistererEventKind::Redirected => {
                self.failed(info, explain)
            }
        }
    }

    /// The end, once the removal was accepted and every event of it was shown.
    fn removed_at_last(&mut self) -> Option<Ending> {
        if !self.is_removed || self.state != RegistererState::Unregistered {
            return None;
        }
        let mut words = format!("{} is no longer registered", self.options.from);
        if let Some((at, granted)) = self.granted {
            let left = (at + granted).saturating_duration_since(clock::now());
            words.push_str(&format!("; the binding had {:.0} s left", left.as_secs_f64()));
        }
        words.push('.');
        Some((Outcome::Done, words))
    }

    fn accepted(&mut self, now: Instant, info: &Info) {
        let again = if self.first.is_some() { " again" } else { "" };
        self.refreshed += u32::from(self.first.is_some());
        self.first = self.first.or(Some((now.duration_since(self.start), info.granted)));
        self.granted = Some((now, Duration::from_secs(info.granted.into())));
        self.phase = Phase::Registered;
        self.asked_at = None;
        let (from, registrar) = (&self.options.from, self.options.registrar());
        let lasts = format!("the binding lasts {} s from now.", info.granted);
        self.report.say(&format!("{from} is registered{again} at {registrar}; {lasts}"));
    }

    /// An attempt has failed. A first one is the end, as is a removal; the library tries a refresh
    /// again.
    fn failed(&mut self, info: &Info, explain: &str) -> Option<Ending> {
        self.asked_at = None;
        let registrar = self.options.registrar();
        // What it says of the next attempt is of no use where there is none.
        let what = explain.rsplit_once("; ").map_or(explain, |(what, _)| what);
        let (outcome, words) = match &info.no_response {
            Some(NoResponse::Timeout { .. } | NoResponse::ResolutionTimeout) => {
                (Outcome::NoAnswer, format!("{registrar} does not answer: {what}"))
            }
            Some(_) => (Outcome::Network, format!("{registrar} cannot be reached: {what}")),
            None => {
                let removes = self.phase == Phase::Unregistering;
                let verb = if removes { "unregister" } else { "register" };
                let from = &self.options.from;
                (Outcome::Refused, format!("{registrar} refuses to {verb} {from}: {what}"))
            }
        };
        if self.phase == Phase::Registered {
            self.report.say(&words);
            return None;
        }
        Some((outcome, words))
    }
}
