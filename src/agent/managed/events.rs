//! The events of managed registrations, for their listeners.

use super::{flow_name, is_second_flow, registration_of_flow};
use crate::agent::{Agent, Event, LogLevel, Rid};
use crate::registration::LeftBinding;
use crate::registration::policy::managed::{ManagedPolicy, RegistererState};
use crate::sip::{Message, excerpt};

/// What happened to a managed registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistererEventKind {
    /// It went to this state.
    State(RegistererState),
    /// 100 came.
    Trying,
    /// Another provisional answer came.
    Progress,
    /// A REGISTER was accepted.
    Accepted,
    /// An attempt failed: a final answer, or none (408).
    Rejected,
    /// A redirection that is not followed.
    Redirected,
    /// The program is to answer the challenge with this number.
    Challenged(u32),
}

/// An event of a managed registration, for its listeners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistererEvent {
    /// The registration.
    pub rid: Rid,
    /// What happened.
    pub what: RegistererEventKind,
    /// The status of the last response; 408: there was none, 0: no response yet.
    pub status: u16,
    /// Its reason phrase, or why there was none.
    pub reason: String,
    /// The application's value, see [`ManagedOptions::tag`].
    ///
    /// [`ManagedOptions::tag`]: crate::registration::policy::managed::ManagedOptions::tag
    pub tag: usize,
    /// Of one that is over: what the server may hold of it.
    pub left: Option<LeftBinding>,
}

impl RegistererEvent {
    /// What has just happened to `rid`, with the status and the reason that `policy` knows.
    pub(super) fn new(rid: Rid, what: RegistererEventKind, policy: &ManagedPolicy) -> Self {
        let (rid, last, tag) = (registration_of_flow(rid), policy.last(), policy.options().tag);
        RegistererEvent { rid, what, status: last.status(), reason: last.reason(), tag, left: None }
    }
}

impl Agent {
    /// Reports the states that `rid` went to, with the last response of the flow that they are of.
    pub(super) fn report_states(&mut self, rid: Rid, states: Vec<RegistererState>) {
        let Some(state) = states.last() else { return };
        let Some(managed) = self.managed(self.leading_flow(rid)) else { return };
        let last = managed.policy.last();
        let (name, status, reason) = (flow_name(rid), last.status(), last.reason());
        let last = RegistererEvent::new(rid, RegistererEventKind::State(*state), &managed.policy);
        self.log(LogLevel::Info, format!("{name} is {state:?}: {status} {reason}"));
        if is_second_flow(rid) {
            return;
        }
        let left = self.left_binding(rid);
        for state in states {
            let what = RegistererEventKind::State(state);
            let left = left.filter(|_| state == RegistererState::Terminated);
            self.events.push_back(Event::Registerer(RegistererEvent {
                what,
                left,
                ..last.clone()
            }));
        }
    }

    pub(super) fn report_managed(&mut self, rid: Rid, what: RegistererEventKind) {
        let Some(managed) = self.managed(rid) else { return };
        let event = RegistererEvent::new(rid, what, &managed.policy);
        self.events.push_back(Event::Registerer(event));
    }

    /// A provisional response came.
    pub(in crate::agent) fn managed_progress(&mut self, rid: Rid, message: &Message<'_>) {
        if let Some(managed) = self.managed(rid) {
            let tag = managed.policy.options().tag;
            let status = message.status().unwrap_or(100);
            let what = if status == 100 {
                RegistererEventKind::Trying
            } else {
                RegistererEventKind::Progress
            };
            let (rid, reason) = (registration_of_flow(rid), excerpt(message.reason()));
            let event = RegistererEvent { rid, what, status, reason, tag, left: None };
            self.events.push_back(Event::Registerer(event));
        }
    }
}
