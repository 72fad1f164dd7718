//! How many accounts are in each state, and why those that fail do.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// How an account stands; the later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Standing {
    /// It is being removed.
    Ending,
    /// The registrar holds its binding, and the last attempt was accepted.
    Registered,
    /// No attempt has ended yet.
    Starting,
    /// The registrar holds its binding still, but the last attempt has failed.
    Renewing,
    /// There is no binding; it is tried again.
    Failing,
    /// There is no binding, and nothing is sent by itself any more.
    Stopped,
}

impl Standing {
    pub(crate) const ALL: [Standing; 6] = [
        Standing::Ending,
        Standing::Registered,
        Standing::Starting,
        Standing::Renewing,
        Standing::Failing,
        Standing::Stopped,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Standing::Ending => "ending",
            Standing::Registered => "registered",
            Standing::Starting => "starting",
            Standing::Renewing => "renewing",
            Standing::Failing => "failing",
            Standing::Stopped => "stopped",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|one| one.name() == name)
    }

    pub(crate) fn has_failed(self) -> bool {
        matches!(self, Standing::Renewing | Standing::Failing | Standing::Stopped)
    }
}

/// Names a cause in a [`Tally`]; 0: none.
pub(super) type CauseId = u16;

/// More different reasons than this are counted as one of their status.
const MOST_CAUSES: usize = 1000;

/// The status of a response, 408 where there was none, and its reason phrase or why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Cause {
    pub(crate) status: u16,
    pub(crate) reason: String,
}

/// Counts that are kept as accounts change.
pub(super) struct Tally {
    standings: [usize; Standing::ALL.len()],
    /// With how many accounts have them.
    causes: Vec<(Cause, usize)>,
    ids: HashMap<Cause, CauseId>,
    /// Attempts that have ended, by status.
    pub(super) attempts: BTreeMap<u16, u64>,
}

impl Tally {
    pub(super) fn new() -> Tally {
        let none = Cause { status: 0, reason: String::new() };
        Tally {
            standings: [0; Standing::ALL.len()],
            causes: vec![(none, 0)],
            ids: HashMap::new(),
            attempts: BTreeMap::new(),
        }
    }

    /// The number of a cause.
    pub(super) fn id(&mut self, status: u16, reason: &str) -> CauseId {
        let reason = register::engine::registerer::excerpt(reason);
        let mut cause = Cause { status, reason };
        if let Some(id) = self.ids.get(&cause) {
            return *id;
        }
        if self.causes.len() >= MOST_CAUSES {
            cause.reason = "various reasons".to_owned();
            if let Some(id) = self.ids.get(&cause) {
                return *id;
            }
        }
        let Ok(id) = CauseId::try_from(self.causes.len()) else { return 0 };
        self.ids.insert(cause.clone(), id);
        self.causes.push((cause, 0));
        id
    }

    pub(super) fn add(&mut self, standing: Standing, cause: CauseId) {
        self.count(standing, cause, |count| *count += 1);
    }

    pub(super) fn take(&mut self, standing: Standing, cause: CauseId) {
        self.count(standing, cause, |count| *count = count.saturating_sub(1));
    }

    fn count(&mut self, standing: Standing, cause: CauseId, change: impl Fn(&mut usize)) {
        self.standings.get_mut(standing as usize).into_iter().for_each(&change);
        let cause = self.causes.get_mut(usize::from(cause)).map(|(_, count)| count);
        cause.into_iter().for_each(&change);
    }

    pub(super) fn cause(&self, id: CauseId) -> Option<&Cause> {
        self.causes.get(usize::from(id)).map(|(cause, _)| cause)
    }

    pub(super) fn standing(&self, standing: Standing) -> usize {
        self.standings.get(standing as usize).copied().unwrap_or(0)
    }

    /// The causes that accounts have, with how many; the most frequent first.
    pub(super) fn causes(&self) -> Vec<(Cause, usize)> {
        let mut found: Vec<_> =
            self.causes.iter().skip(1).filter(|(_, count)| *count > 0).cloned().collect();
        found.sort_by(|a, b| (b.1, a.0.status, &a.0.reason).cmp(&(a.1, b.0.status, &b.0.reason)));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_counted_and_the_most_frequent_comes_first() {
        let mut tally = Tally::new();
        let (busy, gone) = (tally.id(503, "Busy"), tally.id(404, "Not Found"));
        assert_eq!(tally.id(503, "Busy"), busy);
        tally.add(Standing::Failing, busy);
        tally.add(Standing::Stopped, gone);
        tally.add(Standing::Failing, busy);
        assert_eq!(tally.standing(Standing::Failing), 2);
        let of = |tally: &Tally| -> Vec<_> {
            tally.causes().into_iter().map(|(cause, count)| (cause.status, count)).collect()
        };
        assert_eq!(of(&tally), [(503, 2), (404, 1)]);
        tally.take(Standing::Failing, busy);
        tally.take(Standing::Failing, busy);
        assert_eq!(of(&tally), [(404, 1)]);
    }

    #[test]
    fn a_server_with_ever_new_reasons_does_not_take_the_memory() {
        let mut tally = Tally::new();
        for number in 0..5000 {
            let id = tally.id(500, &format!("error {number}"));
            tally.add(Standing::Failing, id);
        }
        assert!(tally.causes.len() <= MOST_CAUSES + 1);
        assert_eq!(tally.causes()[0].0.reason, "various reasons");
    }
}
