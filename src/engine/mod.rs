//! One lock, one clock, one event queue. A thread that waits for an event drives the sockets; one
//! thread of the engine does while none waits.
//!
//! The law: mutate once, drain transmits, drain events, ask for the next timeout, release the lock,
//! wait.
//!
//! A command does all but the waiting in the caller's thread, so that its datagram is sent when it
//! returns. Whoever drives the sockets does the same for what arrives and for timers: a thread that
//! waits for an event, or else the network thread. Log lines, retained messages and wake-ups are
//! left for when the lock is free.
//!
//! What one command has to send goes out by one system call, which wakes the other end once. A
//! program that fetches one event after the other, and has more to fetch, comes back in a moment:
//! what it sends meanwhile is sent together too. It waits for 31 more datagrams at most, for the
//! last event, or for the end of a lease (see `driver`).

mod answers;
mod calls;
mod clock;
mod datagrams;
mod deferred;
mod driver;
mod endpoint;
mod events;
mod fetched_events;
mod listen;
mod listeners;
mod lock;
mod locked;
mod messages;
mod network;
mod refusal;
pub mod registerer;
mod services;
mod shared;
mod shutdown;
mod steps;
mod streams;
mod subscriptions;
mod thread;
mod thread_end;
mod waiters;
mod waits;

pub use self::deferred::{MessagePath, Tap, TappedMessage};
use self::events::Events;
pub(crate) use self::events::QueuedEvent;
pub use self::listen::Listen;
pub use self::listeners::{Callback, Listener, ListenerId};
use self::lock::AppLock;
use self::locked::Locked;
pub use self::refusal::Refusal;
pub use self::services::{ServicesLookup, ServicesQuestion, holds_until};
use self::shared::Shared;
pub(crate) use self::steps::RoundWait;
pub(crate) use self::waits::{EventWait, FetchWait, RegistererWait};
pub use crate::agent::{
    Action, AddressFamilies, ApplicationEvent, CertificateFiles, Cid, CipherList, CredentialText,
    DescriptionOf, Did, DomainService, DomainServices, EventIds, EventKind, InitialInvite,
    InitialPublish, InitialRefer, InitialRegister, InitialSubscribe, Masquerade, NaptrRecord,
    OutOfDialog, Refusal as CoreRefusal, Rid, Serials, ServicesError, Settings, Sid, Statistics,
    Terminated, Tid, TlsSettings, TransactionId, TransportSet, WithinDialog,
};
use crate::agent::{Agent, RecordKind, Records};
use crate::net::{self, Resolver};
pub(crate) use crate::net::{CancelGuard, Cancelability, Sleep};
use parking_lot::Mutex;
use std::net::IpAddr;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

/// The transports that this library speaks.
pub const TRANSPORTS: TransportSet =
    TransportSet { udp: true, tcp: true, tls: cfg!(feature = "tls") };

/// The engine of one context. Clones share it; when the last is dropped it ends as by
/// [`Engine::quit`].
#[derive(Clone)]
pub struct Engine {
    context: Arc<QuitOnDrop>,
}

/// Ends the context when no engine is left: the threads share the state, not this.
struct QuitOnDrop(Arc<Shared>);

impl Drop for QuitOnDrop {
    fn drop(&mut self) {
        self.0.quit();
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine that does not listen yet. Errors: `Undefined`, the system has no entropy.
    pub fn new() -> Result<Engine, Refusal> {
        Engine::with_events(Events::default())
    }

    fn with_events(events: Events) -> Result<Engine, Refusal> {
        clock::count_sleep();
        let mut agent = Agent::new(clock::seed().ok_or(CoreRefusal::Undefined)?);
        agent.set_serials(SERIALS.clone());
        agent.set_transports(TRANSPORTS);
        let shared = Arc::new_cyclic(|weak: &Weak<Shared>| {
            let weak = Weak::clone(weak);
            let deliver = move |query, answer| {
                if let Some(shared) = weak.upgrade() {
                    shared.on_records(query, answer);
                }
            };
            let names = Resolver::new(Arc::new(deliver));
            Shared {
                process: net::generation(),
                since: clock::now(),
                app: AppLock::default(),
                core: Mutex::new(Some(Locked::new(agent, names))),
                events,
                broken: AtomicBool::new(false),
                network_thread: AtomicUsize::new(0),
            }
        });
        Ok(Engine { context: Arc::new(QuitOnDrop(shared)) })
    }

    /// Ends it: removes the bindings of managed registrations, for as long as no two seconds pass
    /// without one that is gone, and for five seconds and 2 ms for each at most, never more than
    /// twenty; then wakes every waiter, joins the threads, closes the socket, frees everything.
    /// Repeated calls do nothing. In a process forked from the one that made it, nothing is
    /// touched.
    pub fn quit(&self) {
        self.shared().quit();
    }

    /// The first part of [`Engine::quit`]: removes the bindings of managed registrations, within
    /// its bound; the listeners are not called any more then.
    pub fn unregister_all(&self) {
        if self.shared().in_creating_process() {
            self.shared().unregister_all();
        }
    }

    /// Takes the application's lock (recursive). After [`Engine::quit`] it does nothing.
    pub fn lock(&self) {
        if self.shared().in_creating_process() {
            self.shared().app.lock();
        }
    }

    /// Releases the application's lock; does nothing for a thread that does not hold it.
    pub fn unlock(&self) {
        if self.shared().in_creating_process() {
            self.shared().app.unlock();
        }
    }

    /// A panic was caught: every later call answers [`Refusal::Broken`].
    pub fn mark_broken(&self) {
        if self.shared().in_creating_process() {
            self.shared().mark_broken();
        }
    }

    /// Reads or changes the settings. `f` runs under the lock and must not call the engine.
    pub fn settings<R>(&self, f: impl FnOnce(&mut Settings) -> R) -> Result<R, Refusal> {
        self.shared().command(|core, now, _| {
            let before = core.agent.settings().keep_alive;
            let result = f(core.agent.settings_mut());
            if core.agent.settings().keep_alive != before {
                core.agent.replan_keep_alives(now);
            }
            Ok::<_, CoreRefusal>(result)
        })
    }

    /// See [`crate::agent::Agent::give_address`].
    pub fn give_address(&self, host: &str, ip: IpAddr) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| core.agent.give_address(host, ip))
    }

    /// See [`crate::agent::Agent::take_back_address`].
    pub fn take_back_address(&self, host: &str) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| core.agent.take_back_address(host))
    }

    /// The address that was given for the name `host`, else its first one of these families, which
    /// is given from now on. Takes as long as the look-up takes, without any lock.
    /// Error: `BadParameter`, it has none.
    pub fn find_address(&self, host: &str, families: AddressFamilies) -> Result<IpAddr, Refusal> {
        if let Ok(literal) = host.parse() {
            return Ok(literal);
        }
        let known = self
            .shared()
            .command(|core, _, _| Ok::<_, CoreRefusal>(core.agent.given_address(host)))?;
        if let Some(known) = known {
            return Ok(known);
        }
        let kinds = [RecordKind::A, RecordKind::Aaaa].into_iter();
        let mut found = kinds.filter_map(|kind| match net::dns::query(host, kind) {
            Ok(Records::Addresses { addresses, .. }) => {
                addresses.into_iter().find(|ip| families.has(*ip))
            }
            _ => None,
        });
        let found = found.next().ok_or(CoreRefusal::BadParameter)?;
        self.give_address(host, found)?;
        Ok(found)
    }

    /// See [`crate::agent::Agent::build_initial_register`]; takes the next rid of the process, also
    /// when it is refused for its syntax.
    pub fn build_initial_register(
        &self,
        ask: InitialRegister<'_>,
    ) -> Result<(Rid, Vec<u8>), Refusal> {
        self.shared().command(|core, _, _| {
            if ask.from.is_empty() || ask.proxy.is_empty() {
                return Err(CoreRefusal::BadParameter);
            }
            let rid = next_rid(&RIDS);
            core.agent.build_initial_register(rid, ask).map(|text| (rid, text))
        })
    }

    /// See [`crate::agent::Agent::build_register`].
    pub fn build_register(&self, rid: Rid, expires: i32) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, _, _| core.agent.build_register(rid, expires))
    }

    /// See [`crate::agent::Agent::send_register`] and, for `message`, `Engine::send`; it is kept for
    /// the last 1,024 REGISTERs.
    pub fn send_register<M: Send + 'static>(
        &self,
        rid: Rid,
        text: Option<&[u8]>,
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.shared().command(|core, now, deferred| {
            let transaction = core.agent.send_register(now, rid, text)?;
            if let Some(message) = message.take() {
                core.retain_register(transaction, Box::new(message), deferred);
            }
            Ok::<_, CoreRefusal>(())
        })
    }

    /// See [`crate::agent::Agent::remove`].
    pub fn remove(&self, rid: Rid) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| core.agent.remove(rid))
    }

    /// See [`crate::agent::Agent::automatic_action`]. The thread need not be protected from
    /// cancelation: what may come to a cancelation point protects itself.
    pub fn automatic_action(&self) -> Result<(), Refusal> {
        let shared = self.shared();
        // Most calls find nothing due: they neither wait for the application's lock nor change
        // anything.
        if shared.in_creating_process()
            && !shared.locked(|core, now| core.is_due(now, &shared.events))?
        {
            return Ok(());
        }
        let _uncancelled = CancelGuard::begin();
        shared.command(|core, now, _| {
            core.agent.automatic_action(now);
            Ok::<_, CoreRefusal>(())
        })
    }

    /// See [`crate::agent::Agent::default_action`].
    pub fn default_action(&self, rid: Rid, status: u16) -> Result<Action, Refusal> {
        self.shared().command(|core, now, _| core.agent.default_action(now, rid, status))
    }

    /// See [`crate::agent::Agent::add_credential`].
    pub fn add_credential(&self, credential: CredentialText<'_>) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| core.agent.add_credential(credential))
    }

    /// See [`crate::agent::Agent::remove_credential`].
    pub fn remove_credential(&self, username: &str, realm: &str) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| core.agent.remove_credential(username, realm))
    }

    /// See [`crate::agent::Agent::clear_credentials`].
    pub fn clear_credentials(&self) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| {
            core.agent.clear_credentials();
            Ok::<_, CoreRefusal>(())
        })
    }

    /// See [`crate::agent::Agent::set_weakest_algorithm`].
    pub fn set_weakest_algorithm(&self, algorithm: registerer::Algorithm) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| {
            core.agent.set_weakest_algorithm(algorithm);
            Ok::<_, CoreRefusal>(())
        })
    }

    /// See [`crate::agent::Agent::statistics`].
    pub fn statistics(&self) -> Result<Statistics, Refusal> {
        self.shared().command(|core, _, _| Ok::<_, CoreRefusal>(core.agent.statistics()))
    }

    /// How long ago it was made.
    pub fn age(&self) -> Duration {
        clock::now().saturating_duration_since(self.shared().since)
    }

    /// The next event; drives the sockets while it waits. `None` after `timeout` (`None`: no
    /// limit), when woken by [`Engine::wake_waiters`] or by `quit`. Never waits for the
    /// application's lock.
    pub fn event_wait(&self, timeout: Option<Duration>) -> Option<ApplicationEvent> {
        let mut wait = self.begin_event_wait(timeout);
        let QueuedEvent { event, message } = waits::to_the_end(|sleep| wait.step(sleep))?;
        if let Some(message) = message {
            self.keep_for_a_while(message);
        }
        Some(event)
    }

    /// A descriptor that is readable while events are queued; owned by the engine, closed by
    /// `quit`. -1 when there is none.
    pub fn event_fd(&self) -> RawFd {
        let shared = self.shared();
        if shared.in_creating_process() { shared.events.fd() } else { -1 }
    }

    /// Makes one waiting `event_wait` (or the next one) return early, and the event descriptor
    /// readable.
    pub fn wake_waiters(&self) {
        if self.shared().in_creating_process() {
            self.shared().events.wake();
        }
    }

    /// The port bound, once listening.
    pub fn port(&self) -> Option<u16> {
        if !self.shared().in_creating_process() {
            return None;
        }
        let core = self.shared().core.lock();
        core.as_ref()?.port()
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.context.0
    }
}

/// The rid handed out next.
static RIDS: AtomicI32 = AtomicI32::new(1);
/// Numbers of calls, dialogs and subscriptions of the process.
static SERIALS: LazyLock<Arc<Serials>> = LazyLock::new(Arc::default);

/// Takes a rid: from 1, and from 1 again after the last.
fn next_rid(rids: &AtomicI32) -> Rid {
    let next = |rid: Rid| Some(rid.checked_add(1).unwrap_or(1));
    rids.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or_else(|rid| rid)
}

/// The local address the kernel uses towards `gateway` (no packet is sent), or that of the first
/// running interface. `None` when there is none but loopback.
pub fn guess_local_ip(ipv6: bool, gateway: Option<&str>) -> Option<IpAddr> {
    net::guess_local_ip(ipv6, gateway)
}

/// A port that can be bound with its successor (even/odd pair), for UDP, or for TCP where
/// `is_stream`: from `port` in 8 tries; 0: the kernel chooses, preferably even.
pub fn find_free_port(port: u16, is_stream: bool) -> Option<u16> {
    net::find_free_port(port, is_stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_an_own_thread_breaks_the_context() {
        let engine = Engine::new().unwrap();
        assert_eq!(engine.shared().guarded(|| panic!("on purpose")), None::<()>);
        assert_eq!(engine.statistics(), Err(Refusal::Broken));
    }

    #[test]
    fn waits_for_a_state_end_when_the_context_breaks() {
        let engine = Engine::new().unwrap();
        let options = registerer::ManagedOptions::new("sip:alice@acme.test");
        let rid = engine.registerer_new(options).unwrap().unwrap();
        let (sender, ended) = std::sync::mpsc::channel();
        let waiting = engine.clone();
        std::thread::spawn(move || {
            let _ = sender.send(waiting.registerer_wait(
                rid,
                registerer::RegistererState::Registered,
                None,
            ));
        });
        assert!(ended.recv_timeout(Duration::from_millis(50)).is_err());
        engine.mark_broken();
        assert_eq!(ended.recv_timeout(Duration::from_secs(5)), Ok(Err(Refusal::Broken)));
    }

    #[test]
    fn rids_count_from_1_and_start_again_after_the_last() {
        let rids = AtomicI32::new(1);
        assert_eq!((next_rid(&rids), next_rid(&rids)), (1, 2));
        let rids = AtomicI32::new(i32::MAX);
        assert_eq!((next_rid(&rids), next_rid(&rids)), (i32::MAX, 1));
    }
}
