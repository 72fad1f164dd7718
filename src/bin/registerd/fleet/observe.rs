//! What the engine says of its registrations.

use super::ending::left_in_words;
use super::{Fleet, Member, Standing};
use crate::clock;
use crate::log::{self, LogPriority, say};
use register::engine::registerer::{RegistererEvent, RegistererEventKind, RegistererState};
use std::sync::Arc;

impl Fleet {
    /// Something has happened to a registration.
    pub(crate) fn on_event(&self, event: &RegistererEvent) {
        use RegistererEventKind::{
            Accepted, Challenged, Progress, Redirected, Rejected, State, Trying,
        };
        match event.what {
            Trying | Progress | Challenged(_) => {}
            State(RegistererState::Terminated) => self.on_end(event),
            State(RegistererState::Initial) => {}
            State(RegistererState::Registered) => self.on_standing(event, Standing::Registered),
            State(RegistererState::Unregistered) => self.on_attempt(event),
            Accepted | Rejected | Redirected => {
                self.count(event);
                self.on_attempt(event);
            }
        }
    }

    fn count(&self, event: &RegistererEvent) {
        *self.table().tally.attempts.entry(event.status).or_default() += 1;
    }

    /// An attempt of one of its flows is over, or it has no binding any more: the engine knows how
    /// the whole stands.
    fn on_attempt(&self, event: &RegistererEvent) {
        let Ok(info) = self.engine().registerer_info(event.rid) else { return };
        let standing = match info.state {
            RegistererState::Registered if info.status / 100 == 2 => Standing::Registered,
            RegistererState::Registered => Standing::Renewing,
            _ if info.pending || info.next.is_some() => Standing::Failing,
            _ => Standing::Stopped,
        };
        self.on_standing(event, standing);
    }

    fn on_standing(&self, event: &RegistererEvent, standing: Standing) {
        let mut table = self.table();
        let table = &mut *table;
        let Some(name) = table.by_rid.get(&event.rid) else { return };
        let Some(member) = table.by_name.get_mut(name) else { return };
        if member.standing == Standing::Ending || member.rid != event.rid {
            return;
        }
        if std::mem::take(&mut member.again) && self.engine.registerer_register(event.rid).is_err()
        {
            member.again = true;
        }
        let cause = match standing.has_failed() {
            true => table.tally.id(event.status, &event.reason),
            false => 0,
        };
        let before = (member.standing, member.cause);
        if before == (standing, cause) {
            return;
        }
        table.tally.take(before.0, before.1);
        table.tally.add(standing, cause);
        (member.standing, member.cause) = (standing, cause);
        if before.0 != standing {
            member.since = clock::now();
        }
        let name = Arc::clone(&member.name);
        if standing.has_failed() {
            let why = self.engine.registerer_explain(event.rid).unwrap_or_default();
            let kind = format!("{} {}", event.status, event.reason);
            log::ACCOUNTS.say(LogPriority::Warning, kind, || format!("{name}: {why}"));
        } else if before.0.has_failed() {
            let line = || format!("{name}: registered again");
            log::ACCOUNTS.say(LogPriority::Info, "registered again".to_owned(), line);
        }
    }

    /// A registration is over: it goes, and what is to take its place comes.
    fn on_end(&self, event: &RegistererEvent) {
        let mut table = self.table();
        let Some(name) = table.by_rid.remove(&event.rid) else { return };
        let Some(member) = table.by_name.remove(&name) else { return };
        let Member { standing, cause, next, .. } = *member;
        table.tally.take(standing, cause);
        match &mut table.ended {
            Some(ended) => ended.note(&name, event.left, event.status),
            None => {
                if let Some(left) = event.left {
                    let what = left_in_words(left);
                    let why = format!("{} {}", event.status, event.reason);
                    let line = || format!("{name}: {what}: {why}");
                    log::ACCOUNTS.say(LogPriority::Warning, what.to_owned(), line);
                }
            }
        }
        if let Some((account, source)) = next.map(|next| *next) {
            if let Err(why) = self.start(&mut table, &account, source) {
                say(LogPriority::Error, &format!("{name}: {why}"));
            }
        }
    }
}
