//! Accounts as TOML: a table `[defaults]` for all, and a table `[[account]]` for each.

use super::file::Reading;
use super::{Values, wipe};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

pub(super) fn read(text: &str, reading: &mut Reading<'_>) {
    let places = Places::new(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = error.span().map_or(0, |span| places.line(span.start));
        reading.refuse(line, error.message().replace('\n', ", "));
    }
    if !errors.is_empty() {
        // What was read around a mistake says nothing about the rest.
        return;
    }
    if table.get_ref().get("account").is_none() {
        // An empty file is rather one that was not written than one that removes all accounts.
        reading.refuse(0, "there is no [[account]]; where none is meant: account = []");
    }
    let mut accounts = Vec::new();
    for (name, value) in table.into_inner() {
        let line = places.line(name.span().start);
        match (name.get_ref().as_ref(), value.into_inner()) {
            ("defaults", DeValue::Table(table)) => {
                for (line, name, value) in texts(table, &places, reading) {
                    reading.default(line, &name, &value);
                }
            }
            ("account", DeValue::Array(all)) => accounts.extend(all),
            ("account", _) => reading.refuse(line, "an account is written [[account]]"),
            (name, _) => {
                let name = register::engine::registerer::excerpt(name);
                reading.refuse(line, format!("there is no table [{name}]"));
            }
        }
    }
    for account in accounts {
        let line = places.line(account.span().start);
        let DeValue::Table(table) = account.into_inner() else {
            reading.refuse(line, "an account is written [[account]]");
            continue;
        };
        let mut values = Values::default();
        let mut good = true;
        for (line, name, value) in texts(table, &places, reading) {
            if let Err(reason) = values.set(&name, &value) {
                reading.refuse(line, reason);
                good = false;
            }
        }
        if good {
            reading.account(line, values);
        }
    }
}

/// The line, key and text of each value of a table; those that are no text are refused.
fn texts(
    table: DeTable<'_>,
    places: &Places,
    reading: &mut Reading<'_>,
) -> Vec<(usize, String, Zeroizing<String>)> {
    let mut found = Vec::with_capacity(table.len());
    for (name, value) in table {
        let line = places.line(name.span().start);
        let name = name.into_inner().into_owned();
        match text_of(&name, value) {
            Some(text) => found.push((line, name, text)),
            None => reading.refuse(line, format!("{name} is no text, number, yes or no")),
        }
    }
    found
}

fn text_of(name: &str, value: Spanned<DeValue<'_>>) -> Option<Zeroizing<String>> {
    Some(Zeroizing::new(match value.into_inner() {
        DeValue::String(text) => {
            let copy = text.as_ref().to_owned();
            wipe(text);
            copy
        }
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Array(all) => {
            let between = if name == "headers" { "\n" } else { ", " };
            let all: Option<Vec<_>> = all.into_iter().map(|one| text_of(name, one)).collect();
            let all = all?;
            all.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(between)
        }
        _ => return None,
    }))
}

/// Where the lines of a text begin.
struct Places(Vec<usize>);

impl Places {
    fn new(text: &str) -> Places {
        let ends = text.bytes().enumerate().filter(|(_, octet)| *octet == b'\n');
        Places(ends.map(|(at, _)| at + 1).collect())
    }

    /// The number of the line, from 1, of the octet at `place`.
    fn line(&self, place: usize) -> usize {
        1 + self.0.partition_point(|begin| *begin <= place)
    }
}
