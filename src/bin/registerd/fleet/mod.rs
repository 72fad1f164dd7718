//! The accounts that are kept registered.

mod ending;
mod observe;
mod reload;
mod report;
mod tally;

pub(crate) use ending::Ended;
pub(crate) use reload::Reloaded;
pub(crate) use report::{CauseCount, ListQuery, Order, Page, Row, Statistics};
pub(crate) use tally::{Cause, Standing};

use crate::accounts::{Account, Fingerprint, Shard, Values};
use crate::clock;
use crate::log::{LogPriority, say};
use crate::secrets::without_values;
use register::engine::registerer::TlsSettings;
use register::engine::{Engine, Rid};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tally::{CauseId, Tally};

/// Who has named an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    File,
    Control,
}

/// One account, and its registration in the engine.
struct Member {
    name: Arc<str>,
    /// Where it is not the name.
    aor: Option<Box<str>>,
    rid: Rid,
    fingerprint: Fingerprint,
    source: Source,
    standing: Standing,
    cause: CauseId,
    since: Instant,
    /// Another REGISTER is to follow the one under way, which was made before a change.
    again: bool,
    /// What takes its place once it has ended.
    next: Option<Box<(Account, Source)>>,
}

struct Table {
    by_name: HashMap<Arc<str>, Box<Member>>,
    by_rid: HashMap<Rid, Arc<str>>,
    tally: Tally,
    /// Settings of TLS that accounts share.
    tls: Vec<Arc<TlsSettings>>,
    /// What the last file says of keys that an account lacks.
    defaults: Arc<Values>,
    /// What has become of the bindings, once the end has begun.
    ended: Option<Ended>,
}

/// All accounts of the process.
pub(crate) struct Fleet {
    engine: Engine,
    shard: Option<Shard>,
    begun: Instant,
    table: Mutex<Table>,
}

impl Fleet {
    pub(crate) fn new(engine: Engine, shard: Option<Shard>) -> Fleet {
        Fleet {
            engine,
            shard,
            begun: clock::now(),
            table: Mutex::new(Table {
                by_name: HashMap::new(),
                by_rid: HashMap::new(),
                tally: Tally::new(),
                tls: Vec::new(),
                defaults: Arc::default(),
                ended: None,
            }),
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Nothing panics while it is held, but a broken count must not end the registrations.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn defaults(&self) -> Arc<Values> {
        Arc::clone(&self.table().defaults)
    }

    /// Adds one account that the control socket names. Errors: why not.
    pub(crate) fn add(&self, account: Account) -> Result<(), String> {
        if let Some(shard) = self.shard.filter(|shard| !shard.has(account.aor())) {
            let count = shard.count();
            let number = Shard::number_of(account.aor(), count);
            return Err(format!("it belongs to shard {number}/{count}, and this is {shard}"));
        }
        let mut table = self.table();
        match table.by_name.get_mut(account.name()) {
            Some(member) if member.standing == Standing::Ending => {
                member.next = Some(Box::new((account, Source::Control)));
                Ok(())
            }
            Some(_) => Err("there is one of this name".to_owned()),
            None => self.start(&mut table, &account, Source::Control),
        }
    }

    /// Removes an account and its binding. Errors: there is none.
    pub(crate) fn remove(&self, name: &str) -> Result<(), String> {
        let mut table = self.table();
        let member = table.by_name.get_mut(name).ok_or("there is no such account")?;
        member.next = None;
        self.end(&mut table, name);
        Ok(())
    }

    /// Sends a REGISTER of an account now. Errors: why not.
    pub(crate) fn force(&self, name: &str) -> Result<(), String> {
        let rid = self.table().by_name.get(name).ok_or("there is no such account")?.rid;
        self.engine.registerer_register(rid).map_err(|refusal| match refusal {
            register::engine::Refusal::Core(register::engine::CoreRefusal::WrongState) => {
                "a REGISTER is under way or planned for a moment".to_owned()
            }
            other => format!("{other:?}"),
        })
    }

    /// Makes the registration of an account, and begins it.
    fn start(&self, table: &mut Table, account: &Account, source: Source) -> Result<(), String> {
        let mut options = account.options()?;
        table.share_tls(&mut options.tls);
        let made = self.engine.registerer_new(options).map_err(|refusal| format!("{refusal:?}"))?;
        let rid = made.map_err(|wrong| without_values(&wrong.0))?;
        let name: Arc<str> = Arc::from(account.name());
        let aor = (account.aor() != account.name()).then(|| account.aor().into());
        table.by_rid.insert(rid, Arc::clone(&name));
        table.tally.add(Standing::Starting, 0);
        let member = Member {
            name: Arc::clone(&name),
            aor,
            rid,
            fingerprint: account.fingerprint(),
            source,
            standing: Standing::Starting,
            cause: 0,
            since: clock::now(),
            again: false,
            next: None,
        };
        table.by_name.insert(name, Box::new(member));
        self.engine.registerer_register(rid).map_err(|refusal| format!("{refusal:?}"))
    }

    /// Has an account end; it goes from the table when its binding is gone.
    fn end(&self, table: &mut Table, name: &str) {
        let Some(member) = table.by_name.get_mut(name) else { return };
        let (rid, before) = (member.rid, (member.standing, member.cause));
        if before.0 != Standing::Ending {
            (member.standing, member.cause, member.since) = (Standing::Ending, 0, clock::now());
            table.tally.take(before.0, before.1);
            table.tally.add(Standing::Ending, 0);
        }
        if let Err(refusal) = self.engine.registerer_dispose(rid) {
            say(LogPriority::Warning, &format!("{name}: it cannot be removed: {refusal:?}"));
        }
    }
}

impl Table {
    /// Has equal settings of TLS kept once.
    fn share_tls(&mut self, tls: &mut Arc<TlsSettings>) {
        match self.tls.iter().find(|known| *known == tls) {
            Some(known) => *tls = Arc::clone(known),
            None => self.tls.push(Arc::clone(tls)),
        }
    }
}
