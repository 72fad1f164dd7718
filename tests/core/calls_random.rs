//! Calls of a program that does what no program should, with peers that send what they like: every
//! call ends once, and nothing is left of it.

use crate::calls::{ANSWER, ASK, OFFER};
use crate::common::{World, addr};
use crate::random::Random;
use register::agent::{ApplicationEvent, DescriptionOf, EventKind, WithinDialog};
use register::sip::Draft;
use std::collections::HashMap;

const SOURCES: [&str; 3] = ["192.0.2.50:5060", "198.51.100.7:4444", "[2001:db8::7]:5060"];
const METHODS: &str =
    "INVITE BYE ACK CANCEL INFO UPDATE PRACK REFER NOTIFY OPTIONS MESSAGE X-OTHER";
const STATUSES: &str =
    "100 180 183 199 200 200 202 299 302 401 407 408 422 481 486 487 491 503 600 699";
const CODES: [i32; 14] = [-1, 0, 100, 101, 180, 183, 200, 200, 202, 302, 401, 486, 603, i32::MAX];
const CSEQS: [u32; 8] = [0, 1, 2, 3, 21, 0x7fff_ffff, 0x8000_0000, u32::MAX];
/// Header lines that calls read, fit and unfit.
const LINES: [(&str, &str); 34] = [
    ("Contact", "<sip:peer@192.0.2.50:5060>"),
    ("Contact", "<sip:peer@192.0.2.50:5060;ob>"),
    ("Contact", "*"),
    ("Contact", "<sip:>, <tel:1>, sip:x@192.0.2.51"),
    ("Contact", "<sips:peer@192.0.2.50>"),
    ("Contact", "\"<"),
    ("Record-Route", "<sip:192.0.2.60;lr>"),
    ("Record-Route", "<sip:192.0.2.61>, <sip:192.0.2.62;lr>"),
    ("Record-Route", "<<>,;\""),
    ("RSeq", "1"),
    ("RSeq", "4294967296"),
    ("RAck", "1 1 INVITE"),
    ("RAck", "-"),
    ("Require", "100rel"),
    ("Supported", "timer, 100rel"),
    ("Session-Expires", "90;refresher=uac"),
    ("Session-Expires", "4294967295;refresher=uas"),
    ("Session-Expires", "99999999999999999999"),
    ("Session-Expires", "0"),
    ("Session-Expires", ";"),
    ("Min-SE", "4294967295"),
    ("Min-SE", "x"),
    ("Allow", "INVITE, UPDATE"),
    ("Replaces", ";;to-tag;from-tag="),
    ("Refer-To", "<sip:c@192.0.2.70?Replaces=%00%>"),
    ("Refer-Sub", "false"),
    ("Subscription-State", "active;expires=4294967295"),
    ("Subscription-State", "active;expires=599"),
    ("Subscription-State", "terminated"),
    ("Retry-After", "-1 (x;"),
    ("WWW-Authenticate", "Digest realm=\"acme\", nonce=\"n\", qop=\"auth\""),
    ("Proxy-Authenticate", "Digest realm=\"p\", nonce=\"n\", stale=true"),
    ("Diversion", "<sip:a@b>;reason=x"),
    ("Content-Type", "multipart/mixed;boundary=\"\""),
];

struct Driver {
    world: World,
    random: Random,
    /// What we have sent.
    requests: Vec<Draft>,
    responses: Vec<Draft>,
    /// What was sent to us.
    received: Vec<Vec<u8>>,
    invites: Vec<Draft>,
    /// Kinds of the events of each call.
    kinds: HashMap<i32, Vec<EventKind>>,
    cids: Vec<i32>,
    dids: Vec<i32>,
    tids: Vec<i32>,
    branches: usize,
}

impl Driver {
    fn new(seed: u64) -> Driver {
        let mut world = World::with_alice();
        world.agent.settings_mut().answers_bye = seed % 5 != 0;
        Driver {
            world,
            random: Random(seed.wrapping_mul(7919)),
            requests: Vec::new(),
            responses: Vec::new(),
            received: Vec::new(),
            invites: Vec::new(),
            kinds: HashMap::new(),
            cids: vec![0],
            dids: vec![0],
            tids: vec![0],
            branches: 0,
        }
    }

    fn note(&mut self) {
        for (_, bytes) in self.world.raw_sent() {
            let Ok(draft) = Draft::parse(&bytes) else { continue };
            if draft.start().starts_with("SIP/2.0") {
                self.responses.push(draft);
            } else {
                self.requests.push(draft);
            }
        }
        for event in self.world.events() {
            self.check(&event);
        }
    }

    fn check(&mut self, event: &ApplicationEvent) {
        let ids = event.ids;
        if ids.tid > 0 {
            self.tids.push(ids.tid);
        }
        if ids.cid == 0 {
            return;
        }
        let kinds = self.kinds.entry(ids.cid).or_default();
        assert!(!kinds.contains(&EventKind::CallReleased), "{kinds:?} {event:?}");
        assert!(
            event.kind != EventKind::CallClosed || !kinds.contains(&EventKind::CallClosed),
            "{kinds:?} {event:?}"
        );
        kinds.push(event.kind);
        self.cids.push(ids.cid);
        if ids.did > 0 {
            self.dids.push(ids.did);
        }
    }

    fn id(&mut self, of: fn(&Driver) -> &Vec<i32>) -> i32 {
        match self.random.below(40) {
            0 => [-1, 0, i32::MAX, i32::MIN, 1][self.random.index(5)],
            _ => {
                let ids = of(self).clone();
                *self.random.recent(&ids).unwrap()
            }
        }
    }

    fn tid(&mut self) -> i32 {
        self.id(|driver| &driver.tids)
    }

    fn did(&mut self) -> i32 {
        self.id(|driver| &driver.dids)
    }

    fn cid(&mut self) -> i32 {
        self.id(|driver| &driver.cids)
    }

    fn dress(&mut self, draft: &mut Draft) {
        for _ in 0..self.random.below(5) {
            let (name, value) = LINES[self.random.index(LINES.len())];
            draft.push(name, value);
        }
        if self.random.one_in(2) {
            if self.random.one_in(2) {
                draft.push("Content-Type", "application/sdp");
            }
            draft.body = self.random.of(&[OFFER, ANSWER, "v=0", "--\r\n--\r\n\r\n"]).into();
        }
    }

    fn receive(&mut self, draft: &Draft) {
        let mut bytes = draft.to_bytes();
        if self.random.one_in(30) {
            let at = self.random.index(bytes.len());
            bytes[at] = self.random.below(256) as u8;
        }
        let copies = if self.random.one_in(5) { 2 } else { 1 };
        for _ in 0..copies {
            self.receive_bytes(&bytes);
        }
        self.received.push(bytes);
    }

    fn receive_bytes(&mut self, bytes: &[u8]) {
        let source = if self.random.one_in(6) { self.random.of(&SOURCES) } else { SOURCES[0] };
        self.world.receive_from(addr(source), bytes);
        self.note();
    }

    fn via(&mut self) -> String {
        self.branches += 1;
        format!("SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKr{}", self.branches)
    }

    fn peer_invites(&mut self) {
        let mut invite = Draft::request("INVITE", "sip:us@192.0.2.99:5070");
        invite.push("Via", self.via());
        invite.push("From", format!("<sip:peer@acme.test>;tag=p{}", self.random.below(8)));
        invite.push("To", "<sip:us@acme.test>");
        invite.push("Call-ID", format!("c{}", self.random.below(30)));
        let cseq = if self.random.one_in(9) { CSEQS[self.random.index(CSEQS.len())] } else { 1 };
        invite.push("CSeq", format!("{cseq} INVITE"));
        self.dress(&mut invite);
        self.receive(&invite);
        self.invites.push(invite);
    }

    /// CANCEL or ACK by the branch of an INVITE.
    fn peer_goes_on(&mut self, method: &str) {
        let Some(invite) = self.random.recent(&self.invites).cloned() else { return };
        let mut draft = Draft::request(method, "sip:us@192.0.2.99:5070");
        for name in ["Via", "From", "To", "Call-ID"] {
            draft.push(name, invite.get(name).unwrap());
        }
        let number = invite.get("CSeq").unwrap().split(' ').next().unwrap().to_owned();
        draft.push("CSeq", format!("{number} {method}"));
        self.receive(&draft);
    }

    fn peer_asks(&mut self) {
        let of_ours = self.random.one_in(2);
        let known = if of_ours { &self.requests } else { &self.responses };
        let Some(known) = self.random.recent(known).cloned() else { return };
        let (mut ours, mut theirs) = ("From", "To");
        if !of_ours {
            (ours, theirs) = (theirs, ours);
        }
        let (Some(ours), Some(theirs)) = (known.get(ours), known.get(theirs)) else { return };
        let mut theirs = theirs.to_owned();
        if !theirs.contains(";tag=") || self.random.one_in(12) {
            theirs.push_str(self.random.of(&[";tag=b1", ";tag=b2", "", ";tag=pf"]));
        }
        let method = self.random.word(METHODS);
        let mut draft = Draft::request(method, "sip:us@192.0.2.99:5070");
        draft.push("Via", self.via());
        draft.push("From", theirs);
        draft.push("To", ours);
        draft.push("Call-ID", known.get("Call-ID").unwrap_or("x"));
        let cseq = match self.random.below(10) {
            0 => CSEQS[self.random.index(CSEQS.len())] as usize,
            1 => 1,
            _ => self.branches + 1,
        };
        draft.push("CSeq", format!("{cseq} {method}"));
        self.dress(&mut draft);
        self.receive(&draft);
        if method == "INVITE" {
            self.invites.push(draft);
        }
    }

    fn peer_responds(&mut self) {
        let Some(request) = self.random.recent(&self.requests).cloned() else { return };
        let status = self.random.word(STATUSES);
        let mut draft = Draft::new(&format!("SIP/2.0 {status} As it is"));
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            let mut value = request.get(name).unwrap_or("").to_owned();
            if name == "To" && !value.contains(";tag=") {
                value.push_str(self.random.of(&[";tag=b1", ";tag=b1", ";tag=b2", ""]));
            }
            if self.random.one_in(60) {
                value.insert(0, 'x');
            }
            draft.push(name, value);
        }
        self.dress(&mut draft);
        self.receive(&draft);
    }

    fn replay(&mut self) {
        if let Some(bytes) = self.random.recent(&self.received).cloned() {
            self.receive_bytes(&bytes);
        }
    }

    fn calls(&mut self) {
        let now = self.world.now();
        let mut invite =
            Draft::parse(&self.world.agent.build_initial_invite(ASK).unwrap()).unwrap();
        self.dress(&mut invite);
        for header in ["Contact", "Record-Route"] {
            invite.remove(header);
        }
        if self.random.one_in(10) {
            invite.set("CSeq", format!("{} INVITE", CSEQS[self.random.index(CSEQS.len())]));
        }
        let copies = if self.random.one_in(10) { 2 } else { 1 };
        for _ in 0..copies {
            if let Ok((cid, _)) = self.world.agent.send_initial_invite(now, &invite.to_bytes()) {
                self.kinds.entry(cid).or_default();
                self.cids.push(cid);
            }
        }
    }

    fn answers(&mut self) {
        let (now, tid) = (self.world.now(), self.tid());
        let status = CODES[self.random.index(CODES.len())];
        let built = self.world.agent.build_call_answer(now, tid, status);
        let mut text = built.ok();
        if let Some(built) = &mut text {
            let mut draft = Draft::parse(built).unwrap();
            self.dress(&mut draft);
            *built = draft.to_bytes();
        }
        if self.random.one_in(4) {
            text = None;
        }
        let _ = self.world.agent.send_call_answer(now, tid, status, text.as_deref());
    }

    fn asks(&mut self) {
        let (now, did) = (self.world.now(), self.did());
        let method = self.random.word(METHODS);
        let ask = WithinDialog {
            method,
            refer_to: (method == "REFER").then_some("sip:c@192.0.2.70"),
            subscription_status: (method == "NOTIFY").then(|| self.random.below(5) as i32),
        };
        let Ok(text) = self.world.agent.build_dialog_request(now, did, ask) else { return };
        let mut draft = Draft::parse(&text).unwrap();
        self.dress(&mut draft);
        if self.random.one_in(9) {
            draft.set("CSeq", format!("{} {method}", CSEQS[self.random.index(CSEQS.len())]));
        }
        let did = if self.random.one_in(9) { self.did() } else { did };
        let _ = self.world.agent.send_dialog_request(now, did, &draft.to_bytes());
    }

    fn acknowledges(&mut self) {
        let now = self.world.now();
        let id = if self.random.one_in(2) { self.tid() } else { self.did() };
        let text = self.world.agent.build_ack(now, id).ok().filter(|_| self.random.one_in(2));
        let id = if self.random.one_in(9) { self.tid() } else { id };
        let _ = self.world.agent.send_ack(now, id, text.as_deref());
    }

    fn confirms(&mut self) {
        let (now, tid) = (self.world.now(), self.tid());
        let response = self.random.recent(&self.received).cloned();
        let response = response.filter(|_| self.random.one_in(4));
        let built = self.world.agent.build_prack(now, tid, response.as_deref());
        if let Ok(text) = built {
            let tid = if self.random.one_in(9) { self.tid() } else { tid };
            let _ = self.world.agent.send_prack(now, tid, &text);
        }
    }

    fn reads(&mut self) {
        let (did, tid) = (self.did(), self.tid());
        let agent = &mut self.world.agent;
        for of in [
            DescriptionOf::Local(did),
            DescriptionOf::Remote(did),
            DescriptionOf::PreviousLocal(did),
            DescriptionOf::LocalOf(tid),
            DescriptionOf::RemoteOf(tid),
        ] {
            let _ = agent.call_description(of);
        }
        if let Ok(text) = agent.refer_to(did) {
            let _ = agent.find_by_replaces(&text);
        }
        let _ = agent.set_call_reference(did, 7);
    }

    fn ends(&mut self) {
        let (now, cid, did) = (self.world.now(), self.cid(), self.did());
        let (cid, did) = if self.random.one_in(2) { (cid, 0) } else { (0, did) };
        let header = self.random.one_in(3).then_some(("Reason", "SIP;cause=1\r\nX: y"));
        let _ = self.world.agent.terminate_call(now, cid, did, header);
    }

    fn acts(&mut self) {
        let now = self.world.now();
        match self.random.below(9) {
            0 => self.world.agent.automatic_action(now),
            1 => {
                let tid = self.tid();
                let status = [401, 407, 302, 200, 422][self.random.index(5)];
                let _ = self.world.agent.default_action_for_call(now, tid, status);
            }
            2 => self.reads(),
            3 => self.confirms(),
            4 => self.acknowledges(),
            5 => self.calls(),
            6 => self.ends(),
            7 => self.asks(),
            _ => self.answers(),
        }
        self.note();
    }

    fn wait(&mut self) {
        let now = self.world.millis() as u64;
        let longest = [100, 3000, 40_000, 200_000][self.random.index(4)];
        let to = now + self.random.below(longest);
        if self.random.one_in(3) {
            // The thread was late: timers fire long after they were due.
            self.world.at_once(to);
            self.world.tick();
        } else {
            while let Some(next) = self.world.agent.poll_timeout() {
                let at = (next.saturating_duration_since(self.world.now()).as_nanos())
                    .div_ceil(1_000_000) as u64;
                let at = self.world.millis() as u64 + at;
                if at > to {
                    break;
                }
                self.world.at(at);
                self.note();
            }
            self.world.at(to);
        }
        self.note();
    }

    fn step(&mut self) {
        match self.random.below(30) {
            0..=2 => self.peer_invites(),
            3 => self.peer_goes_on("CANCEL"),
            4 => self.peer_goes_on("ACK"),
            5..=9 => self.peer_asks(),
            10..=15 => self.peer_responds(),
            16 => self.replay(),
            17..=18 => self.wait(),
            _ => self.acts(),
        }
    }

    /// The program ends what it knows of and waits; nothing may be left.
    fn finish(&mut self, seed: u64) {
        for (n, cid) in self.cids.clone().into_iter().enumerate() {
            let now = self.world.now();
            let _ = self.world.agent.terminate_call(now, cid, 0, None);
            if n % 100 == 0 {
                self.note();
            }
        }
        self.note();
        let end = self.world.millis() as u64 + 2_000_000;
        while let Some(next) = self.world.agent.poll_timeout() {
            let at = (next.saturating_duration_since(self.world.now()).as_nanos())
                .div_ceil(1_000_000) as u64;
            self.world.at(self.world.millis() as u64 + at);
            self.note();
            assert!(self.world.millis() < end.into(), "seed {seed}: it never ends");
        }
        for (cid, kinds) in &self.kinds {
            let released = kinds.iter().filter(|kind| **kind == EventKind::CallReleased).count();
            assert_eq!(released, 1, "seed {seed}, call {cid}: {kinds:?}");
        }
        assert_eq!(self.world.agent.calls(), 0, "seed {seed}");
        assert_eq!(self.world.agent.statistics().transactions, 0, "seed {seed}");
        let agent = format!("{:?}", self.world.agent);
        let users = agent.match_indices(" users: ").filter(|(at, it)| {
            agent[at + it.len()..].starts_with(|digit: char| ('1'..='9').contains(&digit))
        });
        assert_eq!(users.count(), 0, "seed {seed}: a flow is used still");
        for (room, tables) in [
            (
                "transactions: Transactions {",
                &["clients", "branches", "cancel_branches", "servers", "server_keys"][..],
            ),
            ("calls: CallTable {", &["calls", "dids", "tids", "ours", "theirs"]),
        ] {
            let text = &agent[agent.find(room).unwrap() + room.len()..];
            for table in tables {
                let rest = &text[text.find(&format!(" {table}: ")).unwrap()..];
                let is_empty = rest.starts_with(&format!(" {table}: {{}}"));
                let excerpt: String = rest.chars().take(400).collect();
                assert!(is_empty, "seed {seed}: {excerpt}");
            }
        }
    }
}

fn run(seed: u64, steps: usize) {
    let mut driver = Driver::new(seed);
    for _ in 0..steps {
        driver.step();
    }
    driver.finish(seed);
}

#[test]
fn calls_end_once_and_leave_nothing_whatever_both_sides_do() {
    for seed in 0..60 {
        run(seed, 400);
    }
}
