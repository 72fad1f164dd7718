//! Another version of the file: what differs is changed, and nothing else is sent.

use super::{Fleet, Source, Standing, Table};
use crate::accounts::{Account, Accounts};
use crate::log::{LogPriority, say};
use crate::secrets::without_values;
use register::engine::registerer::OptionsChange;
use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;

/// What a reload has done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Reloaded {
    pub(crate) added: usize,
    pub(crate) removed: usize,
    /// Its registration goes on with another value.
    pub(crate) changed: usize,
    /// Another registration takes its place.
    pub(crate) replaced: usize,
    pub(crate) unchanged: usize,
    /// The engine has refused it; the log says why.
    pub(crate) refused: usize,
}

impl Fleet {
    /// Makes the accounts of the file those that are kept. What the control socket has added stays,
    /// unless the file names it too.
    pub(crate) fn apply(&self, file: Accounts) -> Reloaded {
        let Accounts { accounts, defaults } = file;
        self.table().defaults = defaults;
        let mut done = Reloaded::default();
        self.remove_missing(&accounts, &mut done);
        for account in accounts {
            self.apply_one(account, &mut done);
        }
        done
    }

    fn remove_missing(&self, accounts: &[Account], done: &mut Reloaded) {
        let wanted: HashSet<&str> = accounts.iter().map(Account::name).collect();
        let gone: Vec<Arc<str>> = {
            let mut table = self.table();
            let missing =
                table.by_name.values_mut().filter(|member| !wanted.contains(&*member.name));
            missing
                .filter_map(|member| {
                    member.next.take_if(|next| next.1 == Source::File);
                    let goes = member.source == Source::File && member.standing != Standing::Ending;
                    goes.then(|| Arc::clone(&member.name))
                })
                .collect()
        };
        for name in gone {
            self.end(&mut self.table(), &name);
            done.removed += 1;
        }
    }

    /// The table is free between two accounts, so that whoever observes them is not held up.
    fn apply_one(&self, account: Account, done: &mut Reloaded) {
        let mut table = self.table();
        let wanted = account.fingerprint();
        let Some(member) = table.by_name.get_mut(account.name()) else {
            match self.start(&mut table, &account, Source::File) {
                Ok(()) => done.added += 1,
                Err(why) => done.refuse(account.name(), &why),
            }
            return;
        };
        member.source = Source::File;
        if member.standing == Standing::Ending {
            member.next = Some(Box::new((account, Source::File)));
            done.added += 1;
        } else if member.fingerprint == wanted {
            done.unchanged += 1;
        } else if member.fingerprint.fixed != wanted.fixed {
            member.next = Some(Box::new((account, Source::File)));
            let name = Arc::clone(&member.name);
            self.end(&mut table, &name);
            done.replaced += 1;
        } else {
            match self.change(&mut table, &account) {
                Ok(()) => done.changed += 1,
                Err(why) => done.refuse(account.name(), &why),
            }
        }
    }

    fn change(&self, table: &mut Table, account: &Account) -> Result<(), String> {
        let mut options = account.options()?;
        table.share_tls(&mut options.tls);
        let member = table.by_name.get_mut(account.name()).ok_or("it is gone")?;
        let changed = self.engine.registerer_change(member.rid, options);
        let changed = changed.map_err(|refusal| format!("{refusal:?}"))?;
        member.again =
            changed.map_err(|wrong| without_values(&wrong.0))? == OptionsChange::UnderWay;
        member.fingerprint = account.fingerprint();
        Ok(())
    }
}

impl Reloaded {
    fn refuse(&mut self, name: &str, why: &str) {
        self.refused += 1;
        say(LogPriority::Error, &format!("{name}: {why}"));
    }
}

impl std::fmt::Display for Reloaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Reloaded { added, removed, changed, replaced, unchanged, refused } = self;
        write!(f, "{added} added, {removed} removed, {changed} changed, {replaced} replaced, ")?;
        write!(f, "{unchanged} unchanged")?;
        if *refused > 0 { write!(f, ", {refused} refused") } else { Ok(()) }
    }
}
