//! Which thread drives the sockets: one at a time.
//!
//! ```text
//!                  arrive                           hand over, a thread waits
//!   Application  <--------   Free, for a lease    <---------------------------   Network
//!                -------->   (5 ms at most)         --------------------------->
//!                  leave                            check, the lease is over
//! ```
//!
//! An application thread that waits for an event sleeps on the sockets itself and handles what
//! arrives: its event then needs no switch from thread to thread. When it leaves it is likely to
//! come back soon, so the sockets are left free for the length of a lease. The network thread
//! sleeps meanwhile on an alarm of its own, and takes over when the alarm expires and no thread has
//! come.
//!
//! While the sockets are free or the network thread drives them, an application thread that waits
//! gets them with the next thing that happens; the network thread is not woken for that. The
//! network thread also leaves the sockets alone for a program that fetches one event after the
//! other and so never comes to wait: both at work would only contend for the core's lock.
//!
//! Where there is no network thread, the sockets are free, without a lease, until the program has a
//! thread that drives (see `super::steps`).
//!
//! Invariant, where there is one: a thread looks at the agent's deadlines no later than planned. The alarm is never
//! later than the lease's end, and the lease's end never later than the plan of the thread that
//! left.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// How long the sockets wait for the application to come back, at most. A program that handles an
/// event and waits for the next one does so well within it; a datagram that waits so long is far
/// from its retransmission (500 ms).
pub(super) const LEASE: Duration = Duration::from_millis(5);

/// The state of one context's sockets, without clocks and locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IoDriver {
    driver: Driver,
    /// When the network thread checks again, where it does not drive.
    alarm: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    Network,
    /// The thread with this number.
    Application(NonZeroUsize),
    /// No thread, until then.
    Free(Instant),
}

/// What the network thread does after a check.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// It drives.
    Drive,
    /// It sleeps until its alarm expires: at this time, or when it is set.
    Sleep(Option<Instant>),
}

/// How a thread that would sleep too long is woken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WakeUp {
    /// It would not.
    Needless,
    /// The driver sleeps on the sockets.
    Driver,
    /// The alarm is set to this time.
    SetAlarm(Instant),
}

impl Default for IoDriver {
    /// The network thread begins.
    fn default() -> IoDriver {
        IoDriver { driver: Driver::Network, alarm: None }
    }
}

impl IoDriver {
    /// No thread drives, and none looks by itself.
    pub(super) fn free(now: Instant) -> IoDriver {
        IoDriver { driver: Driver::Free(now), alarm: None }
    }

    /// Thread `me` of the application waits for an event. Whether it drives now.
    pub(super) fn arrive(&mut self, me: NonZeroUsize) -> bool {
        let free = self.is_free();
        if free {
            self.driver = Driver::Application(me);
        }
        free
    }

    /// The driver stops driving, and planned to look again at `due`. What the alarm is to be set
    /// to, if it is.
    pub(super) fn leave(&mut self, now: Instant, due: Option<Instant>) -> Option<Instant> {
        let until = due.map_or(now + LEASE, |due| due.min(now + LEASE));
        self.driver = Driver::Free(until);
        // A program that keeps coming back sets the alarm later before it expires, so that the
        // network thread is not woken for nothing.
        let soon = self.alarm.is_some_and(|set| set < now + LEASE / 2);
        if soon { Some(*self.alarm.insert(until)) } else { self.set_alarm(until) }
    }

    /// The network thread checks whether it is to drive: its alarm has expired.
    pub(super) fn check(&mut self, now: Instant) -> Check {
        self.alarm = None;
        match self.driver {
            Driver::Network => Check::Drive,
            // It sets the alarm when it leaves.
            Driver::Application(_) => Check::Sleep(None),
            Driver::Free(until) if until <= now => {
                self.driver = Driver::Network;
                Check::Drive
            }
            Driver::Free(until) => Check::Sleep(self.set_alarm(until)),
        }
    }

    /// A thread has to look no later than `at`, though the plan was to sleep longer.
    pub(super) fn wake_at(&mut self, at: Instant) -> WakeUp {
        let Driver::Free(until) = &mut self.driver else { return WakeUp::Driver };
        *until = at.min(*until);
        self.set_alarm(at).map_or(WakeUp::Needless, WakeUp::SetAlarm)
    }

    /// Whether thread `me` of the application drives.
    pub(super) fn is_driven_by(&self, me: NonZeroUsize) -> bool {
        self.driver == Driver::Application(me)
    }

    /// Whether a thread of the application drives.
    pub(super) fn is_application(&self) -> bool {
        matches!(self.driver, Driver::Application(_))
    }

    /// Whether no thread drives.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.driver, Driver::Free(_))
    }

    fn set_alarm(&mut self, at: Instant) -> Option<Instant> {
        let earlier = self.alarm.is_none_or(|set| at < set);
        earlier.then(|| *self.alarm.insert(at))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    const ME: NonZeroUsize = NonZeroUsize::MIN;
    const OTHER: NonZeroUsize = NonZeroUsize::MAX;

    struct Clock(Instant);

    impl Clock {
        fn at(&self, millis: u64) -> Instant {
            self.0 + Duration::from_millis(millis)
        }
    }

    /// The network thread has handed over at 0 ms: the lease and the alarm end at 5 ms.
    fn handed_over() -> (IoDriver, Clock) {
        let (mut io, clock) = (IoDriver::default(), Clock(Instant::now()));
        assert_eq!(io.leave(clock.at(0), None), Some(clock.at(5)));
        (io, clock)
    }

    #[test]
    fn the_network_thread_drives_until_it_hands_over() {
        let mut io = IoDriver::default();
        assert!(!io.arrive(ME));
        assert!(!io.is_application());
        let (mut io, _) = handed_over();
        assert!(io.arrive(ME));
        assert!(io.is_driven_by(ME) && !io.is_driven_by(OTHER) && io.is_application());
    }

    #[test]
    fn one_thread_drives_and_the_others_wait_until_it_leaves() {
        let (mut io, clock) = handed_over();
        assert!(io.arrive(ME));
        assert!(!io.arrive(OTHER));
        assert!(!io.arrive(ME), "nor the driver itself, from within a callback");
        io.leave(clock.at(1), None);
        assert!(io.arrive(OTHER));
    }

    #[test]
    fn a_program_that_keeps_coming_back_lets_the_network_thread_sleep() {
        let (mut io, clock) = handed_over();
        for (ms, set) in [(1, None), (2, None), (3, Some(8)), (4, None), (5, None), (6, Some(11))] {
            assert!(io.arrive(ME));
            assert_eq!(io.leave(clock.at(ms), None), set.map(|ms| clock.at(ms)), "at {ms} ms");
        }
    }

    #[test]
    fn an_alarm_that_expires_in_a_renewed_lease_is_set_to_its_end() {
        let (mut io, clock) = handed_over();
        assert!(io.arrive(ME));
        assert_eq!(io.leave(clock.at(2), None), None);
        assert_eq!(io.check(clock.at(5)), Check::Sleep(Some(clock.at(7))));
        assert!(io.arrive(ME));
        assert_eq!(io.check(clock.at(7)), Check::Sleep(None));
        assert_eq!(io.leave(clock.at(9), None), Some(clock.at(14)));
    }

    #[test]
    fn in_a_long_wait_the_network_thread_sleeps_without_limit() {
        let (mut io, clock) = handed_over();
        assert!(io.arrive(ME));
        assert_eq!(io.check(clock.at(5)), Check::Sleep(None));
        assert_eq!(io.leave(clock.at(90_000), None), Some(clock.at(90_005)));
    }

    #[test]
    fn sockets_are_free_for_5_ms_when_a_program_does_not_come_back() {
        let (mut io, clock) = handed_over();
        assert_eq!(io.check(clock.at(5)), Check::Drive);
        assert!(!io.arrive(ME), "it waits until the network thread hands over");
        io.leave(clock.at(700), None);
        assert!(io.arrive(ME));
    }

    #[test]
    fn a_deadline_of_the_plan_ends_the_lease() {
        let (mut io, clock) = handed_over();
        assert!(io.arrive(ME));
        assert_eq!(io.leave(clock.at(1), Some(clock.at(3))), Some(clock.at(3)));
        assert_eq!(io.check(clock.at(3)), Check::Drive);
        assert_eq!(io.leave(clock.at(4), Some(clock.at(900))), Some(clock.at(9)));
    }

    #[test]
    fn an_earlier_deadline_ends_the_lease_and_wakes_who_sleeps() {
        let (mut io, clock) = handed_over();
        assert_eq!(io.wake_at(clock.at(500)), WakeUp::Needless, "at 5 ms a thread looks");
        assert_eq!(io.wake_at(clock.at(2)), WakeUp::SetAlarm(clock.at(2)));
        assert_eq!(io.wake_at(clock.at(2)), WakeUp::Needless);
        assert_eq!(io.check(clock.at(2)), Check::Drive);
        assert_eq!(io.wake_at(clock.at(3)), WakeUp::Driver);
        io.leave(clock.at(3), None);
        assert!(io.arrive(ME));
        assert_eq!(io.wake_at(clock.at(4)), WakeUp::Driver);
    }

    #[test]
    fn an_alarm_that_expires_early_is_set_again() {
        let (mut io, clock) = handed_over();
        assert_eq!(io.check(clock.at(1)), Check::Sleep(Some(clock.at(5))));
        assert_eq!(io.wake_at(clock.at(0)), WakeUp::SetAlarm(clock.at(0)));
        assert!(io.arrive(ME), "it came first, and plans again");
        assert_eq!(io.check(clock.at(1)), Check::Sleep(None));
    }

    /// All that can happen to the sockets, at some time.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Arrive(NonZeroUsize),
        Leave(Option<u64>),
        Check,
        WakeAt(u64),
    }

    /// Every state that can be reached in seven steps from the start, over times that pass by steps
    /// of 2 ms: whenever the sockets are free, the alarm is set no later than the lease's end, the
    /// lease ends no later than planned, and one thread at most drives.
    #[test]
    fn in_every_state_a_thread_drives_or_the_alarm_ends_the_lease() {
        let steps = [
            Step::Arrive(ME),
            Step::Arrive(OTHER),
            Step::Leave(None),
            Step::Leave(Some(1)),
            Step::Check,
            Step::WakeAt(0),
            Step::WakeAt(1),
        ];
        let clock = Clock(Instant::now());
        // Each state with the earliest time that a thread was asked to look at.
        let mut states = vec![(IoDriver::default(), None::<Instant>)];
        let mut seen = 0;
        for number in 0..7 {
            let now = clock.at(number * 2);
            let mut next: Vec<(IoDriver, Option<Instant>)> = Vec::new();
            for (before, asked) in &states {
                for step in steps {
                    let Some(after) = taken(*before, *asked, step, now) else { continue };
                    if !next.contains(&after) {
                        next.push(after);
                    }
                }
            }
            seen += next.len();
            states = next;
        }
        assert!(seen > 100, "{seen} states");
    }

    /// The state after `step`, which is checked; `None` where the step cannot happen.
    fn taken(
        mut io: IoDriver,
        mut asked: Option<Instant>,
        step: Step,
        now: Instant,
    ) -> Option<(IoDriver, Option<Instant>)> {
        let before = io;
        let after = |ms| now + Duration::from_millis(ms);
        match step {
            Step::Arrive(me) => {
                let drives = io.arrive(me);
                assert_eq!(drives, before.is_free(), "one thread at most");
                // A thread that drives makes a plan of its own.
                asked = asked.filter(|_| !drives);
            }
            Step::Leave(_) if before.is_free() => return None,
            Step::Leave(due) => {
                let due = due.map(after);
                let set = io.leave(now, due);
                asked = due;
                assert!(set.is_none() || set == io.alarm);
            }
            Step::Check => {
                let check = io.check(now);
                let drives = check == Check::Drive;
                assert_eq!(drives, io.driver == Driver::Network);
                assert!(!before.is_application() || check == Check::Sleep(None));
                assert!(!before.is_free() || drives || io.alarm.is_some());
                asked = asked.filter(|_| !drives);
            }
            Step::WakeAt(ms) => {
                let wake_up = io.wake_at(after(ms));
                assert_eq!(wake_up == WakeUp::Driver, !before.is_free());
                if before.is_free() {
                    asked = Some(asked.map_or(after(ms), |at| at.min(after(ms))));
                }
            }
        }
        if let Driver::Free(until) = io.driver {
            let alarm = io.alarm.expect("an alarm");
            assert!(alarm <= until, "the network thread looks before the lease is over");
            assert!(until <= now + LEASE, "the lease is bounded");
            assert!(
                asked.is_none_or(|at| until <= at),
                "nothing is looked at later than asked for"
            );
        }
        Some((io, asked))
    }
}
