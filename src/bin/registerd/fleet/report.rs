//! What can be asked of the accounts.

use super::{Cause, Fleet, Member, Source, Standing};
use crate::clock;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// In which order accounts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The worst first; of those that stand alike, the one that has done so for longest.
    Worst,
    Name,
}

/// Which accounts are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(crate) state: Option<Standing>,
    /// Of those that fail: the status.
    pub(crate) cause: Option<u16>,
    /// What is part of the name.
    pub(crate) part: String,
    pub(crate) order: Order,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// One account in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) aor: String,
    pub(crate) state: Standing,
    pub(crate) since_s: u64,
    /// Of the last response; 408: there was none, 0: no response yet.
    pub(crate) status: u16,
    pub(crate) reason: String,
    /// Until the binding ends.
    pub(crate) remaining_s: u64,
    /// Until the next REGISTER.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_s: Option<u64>,
    /// `file` or `control`.
    pub(crate) source: String,
    pub(crate) explain: String,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// How many accounts the filter lets through.
    pub(crate) total: usize,
    pub(crate) offset: usize,
    pub(crate) accounts: Vec<Row>,
}

/// How many accounts have one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CauseCount {
    pub(crate) accounts: usize,
    #[serde(flatten)]
    pub(crate) cause: Cause,
}

/// All counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Statistics {
    pub(crate) accounts: usize,
    pub(crate) states: BTreeMap<String, usize>,
    /// The most frequent first.
    pub(crate) causes: Vec<CauseCount>,
    /// Attempts that have ended, by status.
    pub(crate) attempts: BTreeMap<u16, u64>,
    pub(crate) in_flight: usize,
    pub(crate) queued: usize,
    pub(crate) uptime_s: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shard: Option<String>,
}

/// What orders a list, copied so that the table is free meanwhile.
struct Candidate {
    name: Arc<str>,
    standing: Standing,
    since: Instant,
}

impl Fleet {
    pub(crate) fn statistics(&self) -> Statistics {
        let (in_flight, queued) = self.engine.registerer_traffic().unwrap_or_default();
        let table = self.table();
        let count = |one: Standing| (one.name().to_owned(), table.tally.standing(one));
        Statistics {
            accounts: table.by_name.len(),
            states: Standing::ALL.into_iter().map(count).collect(),
            causes: table
                .tally
                .causes()
                .into_iter()
                .map(|(cause, accounts)| CauseCount { accounts, cause })
                .collect(),
            attempts: table.tally.attempts.clone(),
            in_flight,
            queued,
            uptime_s: clock::now().saturating_duration_since(self.begun).as_secs(),
            shard: self.shard.map(|shard| shard.to_string()),
        }
    }

    /// One line for a person.
    pub(crate) fn summary(&self) -> String {
        let table = self.table();
        let count = |one| table.tally.standing(one);
        let failing: usize =
            Standing::ALL.into_iter().filter(|one| one.has_failed()).map(count).sum();
        let registered = count(Standing::Registered);
        format!("{registered} of {} registered, {failing} failing", table.by_name.len())
    }

    /// The names of accounts that a filter lets through, in order.
    pub(crate) fn names(&self, query: &ListQuery) -> Vec<Arc<str>> {
        let mut found = self.candidates(query);
        match query.order {
            Order::Name => found.sort_unstable_by(|a, b| a.name.cmp(&b.name)),
            Order::Worst => found.sort_unstable_by(|a, b| {
                (b.standing, a.since, &a.name).cmp(&(a.standing, b.since, &b.name))
            }),
        }
        found.into_iter().map(|one| one.name).collect()
    }

    fn candidates(&self, query: &ListQuery) -> Vec<Candidate> {
        let table = self.table();
        let passes = |member: &&Member| {
            query.state.is_none_or(|state| member.standing == state)
                && query.cause.is_none_or(|status| {
                    table.tally.cause(member.cause).is_some_and(|cause| cause.status == status)
                })
                && (query.part.is_empty() || member.name.contains(&query.part))
        };
        let of = |member: &Member| Candidate {
            name: Arc::clone(&member.name),
            standing: member.standing,
            since: member.since,
        };
        table.by_name.values().map(Box::as_ref).filter(passes).map(of).collect()
    }

    pub(crate) fn list(&self, query: &ListQuery) -> Page {
        let names = self.names(query);
        let wanted = names.iter().skip(query.offset).take(query.limit);
        Page {
            total: names.len(),
            offset: query.offset,
            accounts: wanted.filter_map(|name| self.row(name)).collect(),
        }
    }

    /// Everything about one account.
    pub(crate) fn row(&self, name: &str) -> Option<Row> {
        let (rid, mut row) = {
            let table = self.table();
            let member = table.by_name.get(name)?;
            let row = Row {
                name: member.name.to_string(),
                aor: member.aor.as_deref().unwrap_or(&member.name).to_owned(),
                state: member.standing,
                since_s: clock::now().saturating_duration_since(member.since).as_secs(),
                status: 0,
                reason: String::new(),
                remaining_s: 0,
                next_s: None,
                source: match member.source {
                    Source::File => "file".to_owned(),
                    Source::Control => "control".to_owned(),
                },
                explain: String::new(),
            };
            (member.rid, row)
        };
        if let Ok(info) = self.engine.registerer_info(rid) {
            (row.status, row.reason) = (info.status, info.reason);
            row.remaining_s = info.remaining.as_secs();
            row.next_s = info.next.map(|next| next.as_secs());
        }
        row.explain = self.engine.registerer_explain(rid).unwrap_or_default();
        Some(row)
    }
}
