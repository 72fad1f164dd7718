//! Managed registrations, for many threads at once.

pub use super::TRANSPORTS;
pub use super::fetched_events::Fetched;
use super::listeners::{Listener, ListenerId};
use super::shutdown::SHUTDOWN_STEP_LIMIT;
use super::{CoreRefusal, Engine, Refusal, clock, next_rid, waits};
use crate::agent::Rid;
pub use crate::agent::{
    AccountLogin, AkaResponse, Algorithm, CertificateFiles, FailureClass, KeepAlive, KnownBy,
    LeftBinding, ManagedOptions, OptionsChange, OptionsError, PendingChallenge, ProgramAnswer,
    ProgramChallenge, ProgramScheme, Push, RegistererState, TlsSettings, Transport, excerpt,
};
pub use crate::agent::{Info, RegistererCounts, RegistererEvent, RegistererEventKind};
use std::os::fd::RawFd;
use std::time::Duration;

impl Engine {
    /// See [`crate::agent::Agent::registerer_new`]; takes the next rid of the process. The inner
    /// error says which option is wrong.
    pub fn registerer_new(
        &self,
        options: ManagedOptions,
    ) -> Result<Result<Rid, OptionsError>, Refusal> {
        if options.asks_for_tls() {
            self.prepare_tls(Some(&options.tls))?;
        }
        self.shared().command(|core, now, _| {
            let options = match options.checked(TRANSPORTS) {
                Ok(options) => options,
                Err(wrong) => return Ok::<_, CoreRefusal>(Err(wrong)),
            };
            let rid = next_rid(&super::RIDS);
            Ok(core.agent.registerer_new(now, rid, options).map(|()| rid))
        })
    }

    /// See [`crate::agent::Agent::registerer_adopt`].
    pub fn registerer_adopt(&self, rid: Rid) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_adopt(now, rid))
    }

    /// See [`crate::agent::Agent::registerer_register`].
    pub fn registerer_register(&self, rid: Rid) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_register(now, rid))
    }

    /// See [`crate::agent::Agent::registerer_unregister`].
    pub fn registerer_unregister(&self, rid: Rid, all: bool) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_unregister(now, rid, all))
    }

    /// See [`crate::agent::Agent::registerer_dispose`].
    pub fn registerer_dispose(&self, rid: Rid) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_dispose(now, rid))
    }

    /// See [`crate::agent::Agent::registerer_set_logins`].
    pub fn registerer_set_logins(
        &self,
        rid: Rid,
        logins: Vec<AccountLogin>,
    ) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_set_logins(now, rid, logins))
    }

    /// See [`crate::agent::Agent::registerer_challenge`].
    pub fn registerer_challenge(&self, rid: Rid) -> Result<(PendingChallenge, Duration), Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_challenge(now, rid))
    }

    /// See [`crate::agent::Agent::registerer_answer`].
    pub fn registerer_answer(
        &self,
        rid: Rid,
        number: u32,
        answer: Option<ProgramAnswer>,
    ) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_answer(now, rid, number, answer))
    }

    /// See [`crate::agent::Agent::registerer_change`].
    pub fn registerer_change(
        &self,
        rid: Rid,
        options: ManagedOptions,
    ) -> Result<Result<OptionsChange, OptionsError>, Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_change(now, rid, options))
    }

    /// See [`crate::agent::Agent::registerer_limits`].
    pub fn registerer_limits(&self, in_flight: usize, rate: u32) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| {
            core.agent.registerer_limits(now, in_flight, rate);
            Ok::<_, CoreRefusal>(())
        })
    }

    /// See [`crate::agent::Agent::registerer_state`].
    pub fn registerer_state(&self, rid: Rid) -> Result<RegistererState, Refusal> {
        self.shared().command(|core, _, _| core.agent.registerer_state(rid))
    }

    /// See [`crate::agent::Agent::registerer_tag`].
    pub fn registerer_tag(&self, rid: Rid) -> Result<usize, Refusal> {
        self.shared().command(|core, _, _| core.agent.registerer_tag(rid))
    }

    /// See [`crate::agent::Agent::registerer_info`].
    pub fn registerer_info(&self, rid: Rid) -> Result<Info, Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_info(now, rid))
    }

    /// See [`crate::agent::Agent::registerer_explain`].
    pub fn registerer_explain(&self, rid: Rid) -> Result<String, Refusal> {
        self.shared().command(|core, now, _| core.agent.registerer_explain(now, rid))
    }

    /// See [`crate::agent::Agent::registerer_traffic`].
    pub fn registerer_traffic(&self) -> Result<(usize, usize), Refusal> {
        self.shared().command(|core, _, _| Ok::<_, CoreRefusal>(core.agent.registerer_traffic()))
    }

    /// See [`crate::agent::Agent::registerer_counts`].
    pub fn registerer_counts(&self) -> Result<RegistererCounts, Refusal> {
        self.shared().command(|core, _, _| Ok::<_, CoreRefusal>(core.agent.registerer_counts()))
    }

    /// A descriptor that is readable while there is an event to fetch; -1 when there is none to be
    /// had. From now on events are kept. Errors: `Forked`, `Ended`, `Broken`.
    pub fn registerer_fd(&self) -> Result<RawFd, Refusal> {
        if !self.shared().in_creating_process() {
            return Err(Refusal::Forked);
        }
        self.shared().check_alive()?;
        Ok(self.shared().events.program_fd())
    }

    /// Has events of managed registrations kept from now on, to be fetched.
    pub fn keep_registerer_events(&self) {
        if self.shared().in_creating_process() {
            self.shared().events.fetched.want();
        }
    }

    /// Events that were dropped because nobody fetched them.
    pub fn registerer_events_lost(&self) -> u64 {
        if self.shared().in_creating_process() {
            self.shared().events.fetched.lost_ever()
        } else {
            0
        }
    }

    /// Adds a listener: it is called without any lock of ours, from one thread of the context, and
    /// may make any call. Errors: `Forked`, `Undefined` when no thread can be started.
    pub fn listen(&self, listener: Listener) -> Result<ListenerId, Refusal> {
        if !self.shared().in_creating_process() {
            return Err(Refusal::Forked);
        }
        self.shared().events.listeners.add(listener).map_err(|_| CoreRefusal::Undefined.into())
    }

    /// Removes a listener: once this returns it is not called any more, unless this is called from
    /// it, or its call lasts longer than two seconds. Whether it was there.
    pub fn unlisten(&self, id: ListenerId) -> bool {
        let deadline = clock::now().checked_add(SHUTDOWN_STEP_LIMIT);
        self.shared().in_creating_process() && self.shared().events.listeners.remove(id, deadline)
    }

    /// Waits until `rid` is, or since the call was, in `state`, at most `timeout` (`None`: no
    /// limit). Takes no lock while it waits. Errors: `WrongState` when the time is over or the
    /// state cannot be reached any more; as for [`Engine::registerer_state`].
    pub fn registerer_wait(
        &self,
        rid: Rid,
        state: RegistererState,
        timeout: Option<Duration>,
    ) -> Result<(), Refusal> {
        let mut wait = self.begin_registerer_wait(rid, state, timeout)?;
        waits::to_the_end(|sleep| wait.step(sleep))
    }
}
