//! The session timer of a call (RFC 4028): refreshes, and the end of a session that is not
//! refreshed.

use super::Call;
use super::machine::CallState;
use super::own_invite::InvitePurpose;
use super::session_timer::SessionTimer;
use super::within::WithinDialog;
use super::{CallContext, negotiated::Sender};
use crate::sip::{Draft, Message};
use std::time::{Duration, Instant};

/// A refresh that could not be sent, or was refused, is tried again after this.
const RETRY: Duration = Duration::from_secs(5);

/// The session timer of a dialog as it runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct SessionClock {
    timer: SessionTimer,
    began: Instant,
    /// When it was last tried to refresh the session.
    tried_at: Option<Instant>,
}

impl SessionClock {
    fn expires_at(&self) -> Instant {
        self.timer.expires_at(self.began)
    }

    /// When the session is to be refreshed, or has expired.
    fn due_at(&self) -> Instant {
        let expires = self.expires_at();
        let refresh = match self.tried_at {
            Some(tried_at) => tried_at + RETRY,
            None => self.timer.refresh_at(self.began),
        };
        if self.timer.we_refresh() { refresh.min(expires) } else { expires }
    }
}

/// Session timers.
impl Call {
    /// Our 2xx `draft` to an INVITE or UPDATE of the peer, which came as `request`, begins the
    /// session timer anew, or ends it.
    pub(super) fn offer_session(
        &mut self,
        now: Instant,
        request: Option<&[u8]>,
        draft: &mut Draft,
    ) {
        let timer = request.and_then(|text| {
            Call::read(text, |request| SessionTimer::of_our_2xx(request, draft)).flatten()
        });
        self.set_session(now, timer);
    }

    /// A 2xx to an INVITE or UPDATE of ours, which was sent as `request`, begins the session timer
    /// anew, or ends it.
    pub(super) fn begin_session(
        &mut self,
        context: &CallContext<'_>,
        request: &[u8],
        response: &Message<'_>,
    ) {
        if response.header("Session-Expires").is_none() {
            return self.set_session(context.now, None);
        }
        let is_forced = context.settings.force_session_timer;
        let timer = Call::read(request, |request| {
            // Where we have not asked for one, the peer may do so for us.
            let is_asked = request.header("Session-Expires").is_some();
            let asking = if is_asked || !is_forced { request } else { response };
            SessionTimer::of_their_2xx(asking, response)
        });
        self.set_session(context.now, timer.flatten());
    }

    fn set_session(&mut self, now: Instant, timer: Option<SessionTimer>) {
        if let Some(live) = self.live_mut() {
            live.set_session(timer.map(|timer| SessionClock { timer, began: now, tried_at: None }));
        }
    }

    /// When the session is to be refreshed, or has expired.
    pub(super) fn session_due(&self) -> Option<Instant> {
        let CallState::Established(live) = &self.state else { return None };
        live.session().map(|session| session.due_at())
    }

    /// The session is refreshed, or ends.
    pub(super) fn on_session_due(&mut self, context: &mut CallContext<'_>) {
        let now = context.now;
        let Some(live) = self.live_mut() else { return };
        let Some(session) = live.session() else { return };
        if session.expires_at() <= now {
            live.set_session(None);
            return self.hang_up(context);
        }
        live.set_session(Some(SessionClock { tried_at: Some(now), ..session }));
        let timer = session.timer;
        let method = if self.peer_allows_update { "UPDATE" } else { "INVITE" };
        let Ok(mut draft) = self.build_request(context, WithinDialog::plain(method)) else {
            return;
        };
        timer.put_on(&mut draft);
        if method == "INVITE" {
            if let Some(description) = self.described.last_local() {
                draft.push("Content-Type", "application/sdp");
                draft.body = description.to_vec();
            }
            self.authorize(context, &mut draft);
            self.send_invite(context, InvitePurpose::Refresh, draft);
        } else {
            self.authorize(context, &mut draft);
            let text = draft.to_bytes();
            let tid = self.send(context, method, draft);
            self.describe(tid, Sender::Us, &text);
        }
    }
}
