//! Commands to managed registrations.

use super::{Network, REGISTRATIONS};
use register::auth::ProgramAnswer;
use register::registration::policy::managed::{KeepAlive, ManagedOptions};
use shared::bytes::Bytes;
use std::time::Duration;

impl Network {
    /// Commands to managed registrations.
    pub(super) fn managed(&mut self, bytes: &mut Bytes<'_>) {
        let rid = 1 + bytes.below(REGISTRATIONS as usize) as i32;
        match bytes.below(8) {
            0 | 1 if self.rids < REGISTRATIONS => {
                let mut options = ManagedOptions::new("sip:alice@acme.test");
                options.registrar = bytes.one(&["sip:192.0.2.1", "sip:acme.test", ""]).to_owned();
                options.expires = bytes.one(&[600, 60, 1, u32::MAX]);
                options.keep_alive = bytes.one(&[KeepAlive::Crlf, KeepAlive::Stun, KeepAlive::Off]);
                options.redirects = bytes.once_in(2);
                options.retry_fatal = bytes.once_in(2);
                options.events = bytes.once_in(2);
                options.challenge_wait = Duration::from_secs(bytes.one(&[0, 30]));
                options.initial_authorization = bytes.once_in(2);
                options.username = "carol".into();
                options.reg_event = bytes.once_in(2);
                if bytes.once_in(4) {
                    options.aor = bytes.text();
                    options.contacts = vec![bytes.text()];
                }
                self.rids += 1;
                if self.agent.registerer_new(self.now, self.rids, options).is_ok() {
                    let _ = self.agent.registerer_register(self.now, self.rids);
                }
            }
            0..2 => drop(self.agent.registerer_register(self.now, rid)),
            2 => drop(self.agent.registerer_unregister(self.now, rid, bytes.once_in(4))),
            3 => drop(self.agent.registerer_dispose(self.now, rid)),
            4 => drop(self.agent.registerer_adopt(self.now, rid)),
            5 => {
                let _ = self.agent.registerer_explain(self.now, rid);
                let _ = self.agent.registerer_info(self.now, rid);
            }
            6 => {
                let answer = match bytes.below(3) {
                    0 => None,
                    1 => Some(ProgramAnswer::Token(bytes.text().into())),
                    _ => Some(ProgramAnswer::Resynchronize([1; 14])),
                };
                let number = 1 + u32::from(bytes.byte() % 4);
                let _ = self.agent.registerer_answer(self.now, rid, number, answer);
                let _ = self.agent.registerer_challenge(self.now, rid);
            }
            _ => {
                let rate = u32::from(bytes.byte());
                self.agent.registerer_limits(self.now, bytes.below(4), rate);
            }
        }
    }
}
