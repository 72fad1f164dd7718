//! What is counted besides registrations: calls and subscriptions, with the other user agent in the
//! same thread.

use super::calls::Calls;
use super::context::Context;
use super::counting;
use super::measure;
use super::subscriptions::{ReceivedNotifies, SentNotifies, Subscriptions, SubscriptionsToUs};
use std::io;
use std::time::Duration;

/// How many before anything is counted.
const WARM_UP: usize = 50;
/// Until every transaction of what stands is over: 64·T1 and a little (RFC 6026 section 8).
const TO_REST: Duration = Duration::from_millis(33_000);

/// Something that a program does with its peer, again and again.
pub(crate) trait Exchange {
    /// Begins one that stands from then on.
    fn begin(&mut self) -> io::Result<()>;

    /// The whole of one.
    fn whole(&mut self) -> io::Result<()> {
        self.begin()
    }

    /// Takes the events that come later.
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The context of the program.
    fn context(&self) -> &Context;
}

/// A row of the table.
pub(crate) struct Counted {
    pub(crate) name: &'static str,
    /// It takes at most so many registrations as built.
    pub(crate) most_registrations: f64,
    /// What it takes while it stands, if it does.
    pub(crate) standing: Option<Standing>,
    make: fn() -> io::Result<Box<dyn Exchange>>,
}

/// What each more that stands takes at most, once its transactions are over.
pub(crate) struct Standing {
    /// Up to so many.
    pub(crate) count: usize,
    /// In RAM. What is freed between what stays is not given back to the system: where all begin at
    /// once, their transactions, and messages of C that are kept as long as those.
    pub(crate) resident: f64,
    /// Of malloc's.
    pub(crate) allocated: f64,
}

const CALL: Option<Standing> =
    Some(Standing { count: 11_000, resident: 6.0 * 1024.0, allocated: 4.0 * 1024.0 });
const SUBSCRIPTION: Option<Standing> =
    Some(Standing { count: 11_000, resident: 8.0 * 1024.0, allocated: 3.0 * 1024.0 });
/// One source may begin 2,048 within the time of a transaction.
const SUBSCRIPTION_TO_US: Option<Standing> =
    Some(Standing { count: 2_000, resident: 8.0 * 1024.0, allocated: 3.0 * 1024.0 });

/// All of them.
pub(crate) const COUNTED: [Counted; 8] = [
    Counted {
        name: "a call made",
        most_registrations: 4.0,
        standing: CALL,
        make: || Ok(Box::new(Calls::made()?)),
    },
    Counted {
        name: "a call taken",
        most_registrations: 4.0,
        standing: CALL,
        make: || Ok(Box::new(Calls::taken()?)),
    },
    Counted {
        name: "a SUBSCRIBE sent",
        most_registrations: 1.5,
        standing: None,
        make: || Ok(Box::new(Subscriptions::new(false)?)),
    },
    Counted {
        name: "a NOTIFY received",
        most_registrations: 1.5,
        standing: None,
        make: || Ok(Box::new(ReceivedNotifies::new()?)),
    },
    Counted {
        name: "a subscription, with its first NOTIFY",
        most_registrations: 2.75,
        standing: SUBSCRIPTION,
        make: || Ok(Box::new(Subscriptions::new(true)?)),
    },
    Counted {
        name: "a SUBSCRIBE received",
        most_registrations: 1.5,
        standing: None,
        make: || Ok(Box::new(SubscriptionsToUs::new(false)?)),
    },
    Counted {
        name: "a NOTIFY sent",
        most_registrations: 1.5,
        standing: None,
        make: || Ok(Box::new(SentNotifies::new()?)),
    },
    Counted {
        name: "a subscription to us, with its first NOTIFY",
        most_registrations: 2.75,
        standing: SUBSCRIPTION_TO_US,
        make: || Ok(Box::new(SubscriptionsToUs::new(true)?)),
    },
];

/// Does this `count` times from beginning to end, and prints the calls of malloc meanwhile.
pub(crate) fn run_whole(counted: &Counted, count: usize) -> io::Result<()> {
    let mut exchange = (counted.make)()?;
    for _ in 0..WARM_UP {
        exchange.whole()?;
    }
    counting::always();
    for _ in 0..count {
        exchange.whole()?;
    }
    exchange.end()?;
    println!("{}", counting::calls());
    // What the end of the context takes is not counted.
    Box::leak(exchange);
    Ok(())
}

/// Lets `count` of it stand until their transactions are over. Prints the memory in RAM before the
/// first of them and at the end, and in a second line that of malloc.
pub(crate) fn run_standing(counted: &Counted, count: usize) -> io::Result<()> {
    let mut exchange = (counted.make)()?;
    exchange.whole()?;
    let before = (measure::resident(), measure::allocated());
    for _ in 0..count {
        exchange.begin()?;
    }
    measure::pause(TO_REST);
    exchange.context().automatic_action();
    println!("{} {}", before.0, measure::resident());
    println!("{} {}", before.1, measure::allocated());
    Ok(())
}
