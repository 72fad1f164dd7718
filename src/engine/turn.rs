//! Whose turn it is to drive the sockets: who waits does the work.
//!
//! ```text
//!                  arrive                            hand over, somebody waits
//!   Application  <--------   Nobody, for a lease    <------------------------   Network
//!                -------->   (5 ms at most)          ------------------------>
//!                  leave                             look, the lease is over
//! ```
//!
//! An application thread that waits for an event sleeps on the sockets itself and handles what comes: its event then costs no
//! hand-over from thread to thread. When it leaves it is likely to come back soon, so the sockets are left to nobody for the length of
//! a lease. The network thread sleeps meanwhile on an alarm of its own, and takes over when the alarm goes and nobody has come.
//!
//! While nobody or the network thread drives, an application thread that waits is a follower: the network thread gives the turn to it
//! with the next thing that happens, but is not woken for that. It leaves the sockets alone too for a program that fetches one event
//! after the other and so never comes to wait: both at work would only be in each other's way at the core's lock.
//!
//! What holds at any time: somebody looks at the agent's deadlines no later than planned. The alarm is never behind the lease's end,
//! the lease's end never behind the plan of the one who left.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// How long the sockets wait for the application to come back, at most. A program that handles an event and waits for the next one
/// does so well within it; a datagram that waits so long is far from its retransmission (500 ms).
pub(super) const LEASE: Duration = Duration::from_millis(5);

/// The state. Knows neither clocks nor locks.
#[derive(Debug)]
pub(super) struct Turn {
    driver: Driver,
    /// When the network thread looks again, where it does not drive.
    alarm: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    Network,
    /// The thread with this number.
    Application(NonZeroUsize),
    /// Until then.
    Nobody(Instant),
}

/// What the network thread does after a look.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It drives.
    Drive,
    /// It sleeps until its alarm goes: at this moment, or when it is set.
    Sleep(Option<Instant>),
}

/// How those who would sleep too long are woken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hurry {
    /// They would not.
    Needless,
    /// The driver sleeps on the sockets.
    WakeDriver,
    /// The alarm is set to this moment.
    SetAlarm(Instant),
}

impl Default for Turn {
    /// The network thread begins.
    fn default() -> Turn {
        Turn { driver: Driver::Network, alarm: None }
    }
}

impl Turn {
    /// Thread `me` of the application waits for an event. Whether it drives now.
    pub(super) fn arrive(&mut self, me: NonZeroUsize) -> bool {
        let free = self.is_free();
        if free {
            self.driver = Driver::Application(me);
        }
        free
    }

    /// The driver stops driving, and its plan was to look again at `due`. What the alarm is to be set to, if it is.
    pub(super) fn leave(&mut self, now: Instant, due: Option<Instant>) -> Option<Instant> {
        let until = due.map_or(now + LEASE, |due| due.min(now + LEASE));
        self.driver = Driver::Nobody(until);
        // Who keeps coming back moves the alarm on before it goes: the network thread is not woken for nothing.
        let spent = self.alarm.is_some_and(|set| set < now + LEASE / 2);
        if spent { Some(*self.alarm.insert(until)) } else { self.set_alarm(until) }
    }

    /// The network thread looks whether it is to drive: its alarm has gone.
    pub(super) fn look(&mut self, now: Instant) -> Look {
        self.alarm = None;
        match self.driver {
            Driver::Network => Look::Drive,
            // Who leaves sets the alarm.
            Driver::Application(_) => Look::Sleep(None),
            Driver::Nobody(until) if until <= now => {
                self.driver = Driver::Network;
                Look::Drive
            }
            Driver::Nobody(until) => Look::Sleep(self.set_alarm(until)),
        }
    }

    /// Somebody has to look no later than `at`, though the plan was to sleep longer.
    pub(super) fn hurry(&mut self, at: Instant) -> Hurry {
        let Driver::Nobody(until) = &mut self.driver else { return Hurry::WakeDriver };
        *until = at.min(*until);
        self.set_alarm(at).map_or(Hurry::Needless, Hurry::SetAlarm)
    }

    /// Whether thread `me` of the application drives.
    pub(super) fn is_mine(&self, me: NonZeroUsize) -> bool {
        self.driver == Driver::Application(me)
    }

    /// Whether a thread of the application drives.
    pub(super) fn is_taken(&self) -> bool {
        matches!(self.driver, Driver::Application(_))
    }

    /// Whether the sockets are left to whoever comes.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.driver, Driver::Nobody(_))
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
    fn handed_over() -> (Turn, Clock) {
        let (mut turn, clock) = (Turn::default(), Clock(Instant::now()));
        assert_eq!(turn.leave(clock.at(0), None), Some(clock.at(5)));
        (turn, clock)
    }

    #[test]
    fn the_network_thread_drives_until_it_hands_over() {
        let mut turn = Turn::default();
        assert!(!turn.arrive(ME));
        assert!(!turn.is_taken());
        let (mut turn, _) = handed_over();
        assert!(turn.arrive(ME));
        assert!(turn.is_mine(ME) && !turn.is_mine(OTHER) && turn.is_taken());
    }

    #[test]
    fn one_drives_and_the_others_follow_until_it_leaves() {
        let (mut turn, clock) = handed_over();
        assert!(turn.arrive(ME));
        assert!(!turn.arrive(OTHER));
        assert!(!turn.arrive(ME), "nor does the driver itself once more, from within a callback");
        turn.leave(clock.at(1), None);
        assert!(turn.arrive(OTHER));
    }

    #[test]
    fn a_program_that_keeps_coming_back_moves_the_alarm_on_now_and_then_and_the_network_thread_sleeps() {
        let (mut turn, clock) = handed_over();
        for (ms, set) in [(1, None), (2, None), (3, Some(8)), (4, None), (5, None), (6, Some(11))] {
            assert!(turn.arrive(ME));
            assert_eq!(turn.leave(clock.at(ms), None), set.map(|ms| clock.at(ms)), "at {ms} ms");
        }
    }

    #[test]
    fn an_alarm_that_goes_while_the_lease_was_renewed_is_set_to_its_end() {
        let (mut turn, clock) = handed_over();
        assert!(turn.arrive(ME));
        assert_eq!(turn.leave(clock.at(2), None), None);
        assert_eq!(turn.look(clock.at(5)), Look::Sleep(Some(clock.at(7))));
        assert!(turn.arrive(ME));
        assert_eq!(turn.look(clock.at(7)), Look::Sleep(None));
        assert_eq!(turn.leave(clock.at(9), None), Some(clock.at(14)));
    }

    #[test]
    fn in_a_long_wait_the_network_thread_sleeps_without_limit() {
        let (mut turn, clock) = handed_over();
        assert!(turn.arrive(ME));
        assert_eq!(turn.look(clock.at(5)), Look::Sleep(None));
        assert_eq!(turn.leave(clock.at(90_000), None), Some(clock.at(90_005)));
    }

    #[test]
    fn a_program_that_does_not_come_back_leaves_the_sockets_alone_for_5_ms() {
        let (mut turn, clock) = handed_over();
        assert_eq!(turn.look(clock.at(5)), Look::Drive);
        assert!(!turn.arrive(ME), "it follows until the network thread hands over");
        turn.leave(clock.at(700), None);
        assert!(turn.arrive(ME));
    }

    #[test]
    fn a_deadline_of_the_plan_ends_the_lease() {
        let (mut turn, clock) = handed_over();
        assert!(turn.arrive(ME));
        assert_eq!(turn.leave(clock.at(1), Some(clock.at(3))), Some(clock.at(3)));
        assert_eq!(turn.look(clock.at(3)), Look::Drive);
        assert_eq!(turn.leave(clock.at(4), Some(clock.at(900))), Some(clock.at(9)));
    }

    #[test]
    fn what_must_be_looked_at_sooner_ends_the_lease_and_wakes_whoever_sleeps() {
        let (mut turn, clock) = handed_over();
        assert_eq!(turn.hurry(clock.at(500)), Hurry::Needless, "at 5 ms somebody looks");
        assert_eq!(turn.hurry(clock.at(2)), Hurry::SetAlarm(clock.at(2)));
        assert_eq!(turn.hurry(clock.at(2)), Hurry::Needless);
        assert_eq!(turn.look(clock.at(2)), Look::Drive);
        assert_eq!(turn.hurry(clock.at(3)), Hurry::WakeDriver);
        turn.leave(clock.at(3), None);
        assert!(turn.arrive(ME));
        assert_eq!(turn.hurry(clock.at(4)), Hurry::WakeDriver);
    }

    #[test]
    fn an_alarm_that_goes_early_is_set_anew() {
        let (mut turn, clock) = handed_over();
        assert_eq!(turn.look(clock.at(1)), Look::Sleep(Some(clock.at(5))));
        assert_eq!(turn.hurry(clock.at(0)), Hurry::SetAlarm(clock.at(0)));
        assert!(turn.arrive(ME), "it was faster, and plans anew");
        assert_eq!(turn.look(clock.at(1)), Look::Sleep(None));
    }

    /// Every order of a few steps: the sockets are never left alone for more than a lease without an alarm.
    #[test]
    fn whatever_happens_somebody_drives_or_the_alarm_is_set_within_the_lease() {
        let clock = Clock(Instant::now());
        for order in 0..6_usize.pow(6) {
            let mut turn = Turn::default();
            let mut rest = order;
            for step in 0..6 {
                let now = clock.at(step * 2);
                match rest % 6 {
                    0 => drop(turn.arrive(ME)),
                    1 => drop(turn.arrive(OTHER)),
                    2 if !matches!(turn.driver, Driver::Nobody(_)) => {
                        turn.leave(now, None);
                    }
                    3 if !matches!(turn.driver, Driver::Nobody(_)) => {
                        turn.leave(now, Some(now + Duration::from_millis(1)));
                    }
                    4 => drop(turn.hurry(now + Duration::from_millis(1))),
                    5 => drop(turn.look(now)),
                    _ => {}
                }
                rest /= 6;
                if let Driver::Nobody(until) = turn.driver {
                    let alarm = turn.alarm.expect("an alarm");
                    assert!(alarm <= until && until <= now + LEASE);
                }
            }
        }
    }
}
