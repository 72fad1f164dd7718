//! How a dialog begins and what responses make of it (RFC 3261 sections 12.1, 12.2.1.2, 13.2.2).

use super::{Dialog, RouteSet, target_of};
use crate::request::tag_of;
use crate::request::target::request_uri;
use crate::sip::{Message, NameAddr, StartLine, Uri};

/// The first request of ours in a dialog that the peer has begun gets the number behind this.
const BEFORE_FIRST_CSEQ: u32 = 1;

impl Dialog {
    /// The dialog that `response`, 101 to 299, makes of `request`, which is ours (RFC 3261 section
    /// 12.1.2). Its To tag may be missing still. `None`: they make none.
    pub fn of_response(request: &Message<'_>, response: &Message<'_>) -> Option<Dialog> {
        let StartLine::Request { uri, .. } = request.start else { return None };
        let status = response.status().filter(|status| (101..300).contains(status))?;
        let (local, remote) = (request.header("From")?, response.header("To")?);
        NameAddr::parse(local).ok()?;
        NameAddr::parse(remote).ok()?;
        let asked = Uri::parse(uri).ok()?;
        Some(Dialog {
            call_id: request.call_id()?.into(),
            local: local.into(),
            remote: remote.into(),
            local_cseq: request.cseq()?.number,
            remote_cseq: None,
            route_set: RouteSet::of_response(response),
            // Without a Contact it is reached as it was at first.
            target: target_of(response).unwrap_or_else(|| request_uri(&asked).into()),
            is_caller: true,
            is_confirmed: status >= 200,
            is_secure: asked.is_secure(),
        })
    }

    /// The early dialog that `request` of the peer, which is in none, makes with a tag of ours (RFC
    /// 3261 section 12.1.1). `None`: it is in one already, its addresses cannot be read, or it
    /// names more routers than it can have passed.
    pub fn of_request(request: &Message<'_>, local_tag: &str) -> Option<Dialog> {
        let StartLine::Request { uri, .. } = request.start else { return None };
        let (to, from) = (request.header("To")?, request.header("From")?);
        NameAddr::parse(to).ok().filter(|to| to.params.get("tag").is_none())?;
        let caller = NameAddr::parse(from).ok()?;
        // Without a Contact the caller is reached at the address that it gives as its own.
        let target = target_of(request).or_else(|| {
            Uri::parse(caller.uri).ok().map(|uri| request_uri(&uri).into_boxed_str())
        })?;
        let local = format!("{to};tag={local_tag}");
        // A quoted string that never closes would hold the tag.
        if tag_of(&local) != local_tag {
            return None;
        }
        Some(Dialog {
            call_id: request.call_id()?.into(),
            local: local.into(),
            remote: from.into(),
            local_cseq: BEFORE_FIRST_CSEQ,
            remote_cseq: Some(request.cseq()?.number),
            route_set: RouteSet::of_request(request)?,
            target,
            is_caller: false,
            is_confirmed: false,
            is_secure: Uri::parse(uri).is_ok_and(|uri| uri.is_secure()),
        })
    }

    /// The dialog of another branch of our INVITE `request` that answers with 2xx as well; its
    /// requests are counted on from ours.
    pub fn of_other_branch(&self, request: &Message<'_>, response: &Message<'_>) -> Option<Dialog> {
        let mut other = Dialog::of_response(request, response)?;
        other.local_cseq = other.local_cseq.max(self.local_cseq);
        Some(other)
    }

    /// A response to an INVITE or UPDATE of ours in it has come, 101 to 299. Each response of an
    /// early dialog may move its target, a 2xx always does (RFC 3261 section 12.2.1.2); a 2xx
    /// confirms it and sets its route set again (section 13.2.2.4). An early dialog becomes that of
    /// the branch that has answered last, and goes on counting; a confirmed one remains what it is,
    /// see [`Dialog::of_other_branch`].
    pub fn on_response(&mut self, request: &Message<'_>, response: &Message<'_>) {
        let Some(status) = response.status().filter(|status| (101..300).contains(status)) else {
            return;
        };
        let tag = response.header("To").map_or("", tag_of);
        let is_known = tag.is_empty() || tag == self.remote_tag();
        let makes_dialogs = request.method() == Some("INVITE") && !self.is_confirmed;
        if makes_dialogs && self.is_caller && !is_known {
            let branch = self.of_other_branch(request, response);
            if let Some(branch) = branch {
                let before = std::mem::replace(self, branch);
                if before.remote_tag().is_empty() {
                    // The same branch, which has a tag now.
                    self.keep_from(before, response);
                }
            }
            return;
        }
        if !is_known || !matches!(request.method(), Some("INVITE" | "UPDATE")) {
            return;
        }
        if makes_dialogs || status >= 200 {
            if let Some(target) = target_of(response) {
                self.target = target;
            }
        }
        if makes_dialogs && self.is_caller {
            let recorded = RouteSet::of_response(response);
            if status >= 200 || self.route_set.is_empty() {
                self.route_set = recorded;
            }
            self.is_confirmed |= status >= 200;
        }
    }

    /// What a provisional response with the first tag leaves of the dialog `before` it.
    fn keep_from(&mut self, before: Dialog, response: &Message<'_>) {
        if target_of(response).is_none() {
            self.target = before.target;
        }
        if !self.is_confirmed && self.route_set.is_empty() {
            self.route_set = before.route_set;
        }
        self.remote_cseq = before.remote_cseq;
    }

    /// The early dialog becomes that of the branch that `request` came from, whose 1xx did not
    /// reach us: its tag, its Contact.
    pub fn take_branch(&mut self, request: &Message<'_>) {
        let Some(from) = request.header("From").filter(|from| NameAddr::parse(from).is_ok()) else {
            return;
        };
        let Some(route_set) = RouteSet::of_request(request) else { return };
        self.remote = from.into();
        self.remote_cseq = None;
        self.route_set = route_set;
        if let Some(target) = target_of(request) {
            self.target = target;
        }
    }
}
