//! A scripted peer of calls.

use crate::common::{World, addr};
use register::agent::{ApplicationEvent, Cid, EventKind, InitialInvite, Refusal, Terminated, Tid};
use register::dialog::Dialog;
use register::request::tag_of;
use register::sip::{Draft, Message};

pub const PEER: &str = "192.0.2.50:5060";
pub const OFFER: &str = "v=0\r\no=peer 7 7 IN IP4 192.0.2.50\r\ns=offer\r\nc=IN IP4 192.0.2.50\r\n\
                         t=0 0\r\nm=audio 6000 RTP/AVP 0\r\n";
pub const ANSWER: &str = "v=0\r\no=us 1 1 IN IP4 192.0.2.99\r\ns=answer\r\nc=IN IP4 192.0.2.99\r\n\
                          t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/// Kind, did and tid of events.
pub fn kinds(events: &[ApplicationEvent]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}

pub fn starts(drafts: &[Draft]) -> Vec<&str> {
    drafts.iter().map(|draft| draft.start()).collect()
}

/// First words of requests and status of responses, with when.
pub fn timeline(sent: &[(u128, Draft)]) -> Vec<(u128, String)> {
    let word = |draft: &Draft| {
        let mut words = draft.start().split(' ');
        let first = words.next().unwrap().to_owned();
        if first == "SIP/2.0" { words.next().unwrap().to_owned() } else { first }
    };
    sent.iter().map(|(at, draft)| (*at, word(draft))).collect()
}

/// Our To or From tag in a message.
pub fn tag(draft: &Draft, name: &str) -> String {
    tag_of(draft.get(name).unwrap()).to_owned()
}

fn with_body(draft: &mut Draft, body: &str) {
    if !body.is_empty() {
        draft.push("Content-Type", "application/sdp");
        draft.body = body.as_bytes().to_vec();
    }
}

/// An INVITE of the peer outside of a dialog.
pub fn invite(branch: &str, extra: &[(&str, &str)], body: &str) -> Draft {
    let mut draft = Draft::request("INVITE", "sip:us@192.0.2.99:5070");
    draft.push("Via", format!("SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK{branch}"));
    draft.push("From", "<sip:peer@acme.test>;tag=pf1");
    draft.push("To", "<sip:us@acme.test>");
    draft.push("Call-ID", "pcall");
    draft.push("CSeq", "1 INVITE");
    if !extra.iter().any(|(name, _)| *name == "Contact") {
        draft.push("Contact", "<sip:peer@192.0.2.50:5060>");
    }
    for (name, value) in extra.iter().filter(|(_, value)| !value.is_empty()) {
        draft.push(name, value);
    }
    draft.push("Max-Forwards", "70");
    with_body(&mut draft, body);
    draft
}

/// A request of the peer in the dialog that `invite` and our `answer` have made.
pub fn in_dialog(
    method: &str,
    cseq: u32,
    (invite, answer): (&Draft, &Draft),
    branch: &str,
    body: &str,
) -> Draft {
    let mut draft = Draft::request(method, "sip:us@192.0.2.99:5070");
    draft.push("Via", format!("SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK{branch}"));
    draft.push("From", invite.get("From").unwrap());
    draft.push("To", answer.get("To").unwrap());
    draft.push("Call-ID", invite.get("Call-ID").unwrap());
    draft.push("CSeq", format!("{cseq} {method}"));
    if matches!(method, "INVITE" | "UPDATE") {
        draft.push("Contact", "<sip:peer@192.0.2.50:5060>");
    }
    draft.push("Max-Forwards", "70");
    with_body(&mut draft, body);
    draft
}

/// A request of the callee in the dialog that our `invite` and its response with this tag have
/// made.
pub fn by_callee(method: &str, cseq: u32, invite: &Draft, tag: &str, branch: &str) -> Draft {
    let mut draft = Draft::request(method, "sip:alice@192.0.2.99:5070");
    draft.push("Via", format!("SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK{branch}"));
    draft.push("From", format!("{};tag={tag}", invite.get("To").unwrap()));
    draft.push("To", invite.get("From").unwrap());
    draft.push("Call-ID", invite.get("Call-ID").unwrap());
    draft.push("CSeq", format!("{cseq} {method}"));
    draft.push("Max-Forwards", "70");
    draft
}

/// The ACK of a refusal, or of the CANCELled: the branch of the INVITE.
pub fn hop_by_hop(method: &str, invite: &Draft, to: &str) -> Draft {
    let mut draft = Draft::request(method, "sip:us@192.0.2.99:5070");
    for name in ["Via", "From"] {
        draft.push(name, invite.get(name).unwrap());
    }
    draft.push("To", to);
    draft.push("Call-ID", invite.get("Call-ID").unwrap());
    let cseq = invite.get("CSeq").unwrap().split(' ').next().unwrap();
    draft.push("CSeq", format!("{cseq} {method}"));
    draft
}

/// A response of the peer to a request of ours.
pub fn response(request: &Draft, status: &str, tag: &str, extra: &[(&str, &str)]) -> Draft {
    let mut draft = Draft::new(&format!("SIP/2.0 {status}"));
    draft.push("Via", request.get("Via").unwrap());
    draft.push("From", request.get("From").unwrap());
    let to = request.get("To").unwrap();
    let is_tagged = tag.is_empty() || !tag_of(to).is_empty();
    draft.push("To", if is_tagged { to.to_owned() } else { format!("{to};tag={tag}") });
    draft.push("Call-ID", request.get("Call-ID").unwrap());
    draft.push("CSeq", request.get("CSeq").unwrap());
    for (name, value) in extra {
        draft.push(name, value);
    }
    draft
}

impl World {
    pub fn peer_sends(&mut self, draft: &Draft) {
        self.receive_from(addr(PEER), &draft.to_bytes());
    }

    /// The peer calls; the number of its INVITE. What we have sent is dropped.
    pub fn invited(&mut self, invite: &Draft) -> ApplicationEvent {
        self.peer_sends(invite);
        self.sent();
        let event = self.event();
        assert_eq!(event.kind, EventKind::CallInvite);
        event
    }

    /// The application answers without a text of its own.
    pub fn answer_plainly(&mut self, tid: Tid, status: i32) -> Vec<Draft> {
        let now = self.now();
        self.agent.send_call_answer(now, tid, status, None).unwrap();
        self.sent()
    }

    /// The application accepts with a session description; what is sent.
    pub fn accept(&mut self, tid: Tid) -> Draft {
        self.accept_with(tid, ANSWER)
    }

    pub fn accept_with(&mut self, tid: Tid, body: &str) -> Draft {
        let now = self.now();
        let mut answer =
            Draft::parse(&self.agent.build_call_answer(now, tid, 200).unwrap()).unwrap();
        with_body(&mut answer, body);
        self.agent.send_call_answer(now, tid, 200, Some(&answer.to_bytes())).unwrap();
        self.one()
    }

    /// A call of the peer that stands: INVITE, our 200, the event of the INVITE.
    pub fn established(&mut self) -> (Draft, Draft, ApplicationEvent) {
        let invite = invite("i1", &[], OFFER);
        let event = self.invited(&invite);
        let answer = self.accept(event.ids.tid);
        self.peer_sends(&in_dialog("ACK", 1, (&invite, &answer), "a1", ""));
        assert_eq!(self.event().kind, EventKind::CallAck);
        (invite, answer, event)
    }
}

/// The dialog as the peer has it.
pub fn dialog_of(invite: &Draft, answer: &Draft) -> Dialog {
    let (invite, answer) = (invite.to_bytes(), answer.to_bytes());
    Dialog::of_response(&Message::parse(&invite).unwrap(), &Message::parse(&answer).unwrap())
        .unwrap()
}

pub const ASK: InitialInvite<'_> =
    InitialInvite { to: "sip:bob@192.0.2.50", from: "sip:alice@acme.test", route: "", subject: "" };
pub const CONTACT: (&str, &str) = ("Contact", "<sip:bob@192.0.2.50:5060>");

impl World {
    /// Calls bob: the call, and the INVITE as it went out.
    pub fn call_bob(&mut self) -> (Cid, Draft) {
        let now = self.now();
        let mut invite = Draft::parse(&self.agent.build_initial_invite(ASK).unwrap()).unwrap();
        invite.push("Content-Type", "application/sdp");
        invite.body = OFFER.as_bytes().to_vec();
        let (cid, _) = self.agent.send_initial_invite(now, &invite.to_bytes()).unwrap();
        (cid, self.one())
    }

    pub fn responds(&mut self, request: &Draft, status: &str, tag: &str) {
        let extra: &[_] =
            if status.starts_with('1') || status.starts_with('2') { &[CONTACT] } else { &[] };
        self.peer_sends(&response(request, status, tag, extra));
    }

    pub fn accepts(&mut self, request: &Draft, tag: &str) -> Draft {
        let mut accepted = response(request, "200 OK", tag, &[CONTACT]);
        accepted.push("Content-Type", "application/sdp");
        accepted.body = ANSWER.as_bytes().to_vec();
        self.peer_sends(&accepted);
        accepted
    }

    pub fn acks(&mut self, id: i32) -> Draft {
        let now = self.now();
        self.agent.send_ack(now, id, None).unwrap();
        self.one()
    }

    /// A call of ours that stands: the call, the INVITE, the did and tid of it.
    pub fn established_call(&mut self) -> (Cid, Draft, i32, Tid) {
        let (cid, invite) = self.call_bob();
        self.accepts(&invite, "b1");
        let event = self.event();
        self.acks(event.ids.tid);
        (cid, invite, event.ids.did, event.ids.tid)
    }

    pub fn ends(&mut self, cid: Cid, did: i32) -> Result<Terminated, Refusal> {
        let now = self.now();
        self.agent.terminate_call(now, cid, did, None)
    }
}
