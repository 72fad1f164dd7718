//! Subscriptions both ways: the commands of a program, and what the peers of their dialogs send.

use super::{Network, edited};
use register::agent::{InitialRefer, InitialSubscribe, Tid};
use register::sip::Draft;
use shared::bytes::Bytes;

const STATES: [&str; 8] = [
    "active;expires=60",
    "active",
    "pending;expires=0",
    "terminated;reason=noresource",
    "terminated;reason=probation;retry-after=5",
    "waiting",
    "active;expires=4294967295",
    "",
];

impl Network {
    /// A number that some event had, or another.
    fn id(&self, bytes: &mut Bytes<'_>) -> i32 {
        match self.ids.len() {
            0 => i32::from(bytes.byte()),
            len => self.ids[bytes.below(len)],
        }
    }

    /// Commands for subscriptions.
    pub(super) fn subscriptions(&mut self, bytes: &mut Bytes<'_>) {
        let (now, id) = (self.now, self.id(bytes));
        match bytes.below(10) {
            0 | 1 => self.subscribe(bytes),
            2 => {
                if let Ok(text) = self.agent.build_subscription_refresh(now, id) {
                    let Ok(mut draft) = Draft::parse(&edited(&text, bytes)) else { return };
                    if bytes.once_in(2) {
                        draft.push("Expires", bytes.one(&["0", "1", "600", "x", "-1"]));
                    }
                    let text = draft.to_bytes();
                    let _ = self.agent.send_subscription_refresh(now, id, &text);
                }
            }
            3 => drop(self.agent.remove_subscription(now, id)),
            4 | 5 => {
                let (status, reason) = (bytes.below(6) as i32 - 1, bytes.below(9) as i32 - 1);
                if let Ok(text) = self.agent.build_notify(now, id, status, reason) {
                    let text = edited(&text, bytes);
                    let _ = self.agent.send_notifier_request(now, id, &text);
                }
            }
            6 => {
                let method = bytes.one(&["NOTIFY", "MESSAGE", "", "A B", "SUBSCRIBE"]);
                if let Ok(text) = self.agent.build_notifier_request(now, id, method) {
                    let text = edited(&text, bytes);
                    let _ = self.agent.send_notifier_request(now, id, &text);
                }
            }
            7 => drop(self.agent.remove_notifier(id)),
            8 => {
                let (did, tid) = (self.id(bytes), self.tid.min(Tid::from(bytes.byte())));
                let _ = self.agent.describe_dialogs(now, (id, did), tid);
            }
            _ => {
                let status = bytes.one(&[401, 407, 423, 302]);
                let tid = self.tid.min(Tid::from(bytes.byte()));
                let _ = self.agent.default_action_for_subscription(now, (id, tid), status);
            }
        }
    }

    fn subscribe(&mut self, bytes: &mut Bytes<'_>) {
        let (to, from) = ("sip:bob@192.0.2.1", "sip:alice@acme.test");
        let route = bytes.one(&["", "<sip:192.0.2.2;lr>"]);
        let built = match bytes.once_in(4) {
            true => {
                let refer_to = bytes.one(&["sip:carol@acme.test", "<sip:c@h?Replaces=a>"]);
                self.agent.build_initial_refer(InitialRefer { to, from, route, refer_to })
            }
            false => {
                let event = bytes.one(&["presence", "dialog", "Catalog;id=1"]);
                let expires = bytes.one(&[600, 1, 0, -1, i32::MAX]);
                let ask = InitialSubscribe { to, from, route, event, expires };
                self.agent.build_initial_subscribe(ask)
            }
        };
        if let Ok(text) = built {
            let text = edited(&text, bytes);
            let _ = self.agent.send_initial_subscribe(self.now, &text);
        }
    }

    /// A request of a peer: the first, or one in a dialog that something sent has made.
    pub(super) fn of_a_dialog(&mut self, bytes: &mut Bytes<'_>) {
        const METHODS: [&str; 6] = ["NOTIFY", "SUBSCRIBE", "REFER", "PUBLISH", "BYE", "INVITE"];
        let method = bytes.one(&METHODS);
        let (cseq, branch) = (bytes.below(8), bytes.byte());
        let tag = bytes.one(&["server", "server", "fork", "b", "b"]);
        let number = bytes.below(4);
        let (mut from, mut to, mut call_id) = (
            format!("<sip:bob@acme.test>;tag={tag}"),
            "<sip:alice@acme.test>".to_owned(),
            number.to_string(),
        );
        let known = match bytes.below(3) {
            0 => None,
            1 => self.sent.get(bytes.below(self.sent.len().max(1))).map(|sent| (sent, true)),
            _ => self.answers.get(bytes.below(self.answers.len().max(1))).map(|one| (one, false)),
        };
        if let Some((known, is_ours)) = known {
            let [known_from, known_to, known_id] =
                ["From", "To", "Call-ID"].map(|name| known.get(name).unwrap_or("").to_owned());
            call_id = known_id;
            match is_ours {
                true => {
                    let peer = known_to.split(";tag=").next().unwrap_or("").to_owned();
                    (from, to) = (format!("{peer};tag={tag}"), known_from);
                }
                false => (from, to) = (known_from, known_to),
            }
        }
        let mut text = format!(
            "{method} sip:alice@192.0.2.99:5070 SIP/2.0\r\n\
             Via: SIP/2.0/UDP 203.0.113.9:4711;branch=z9hG4bKd{branch};rport\r\n\
             From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
        );
        if !bytes.once_in(8) {
            text += &format!("Subscription-State: {}\r\n", bytes.one(&STATES));
        }
        if !bytes.once_in(8) {
            text += &format!("Event: {}\r\n", bytes.one(&["presence", "dialog", "x;id=\"1"]));
        }
        if !bytes.once_in(8) {
            text += "Contact: <sip:b@203.0.113.9>\r\n";
        }
        let line = bytes.one(&[
            "Expires: 60\r\n",
            "",
            "Expires: 0\r\n",
            "Expires: 99999999999\r\n",
            "Refer-To: <sip:c@h>\r\nRefer-Sub: false\r\n",
            "Record-Route: <sip:p.test;lr>, <sip:q.test>\r\n",
        ]);
        text += line;
        let body = bytes.one(&["", "<presence/>"]);
        text += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let mut datagram = text.into_bytes();
        if bytes.once_in(16) {
            let at = bytes.number() as usize % datagram.len();
            datagram[at] = bytes.byte();
        }
        let from = self.sender(bytes);
        self.receive(from, &datagram);
    }
}
