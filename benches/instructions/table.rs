//! The table of what was counted, beside what is checked in.

use super::{GROWTH, RATIO, RATIO_IS_AN_ERROR};
use std::fmt::Write as _;
use std::{fs, io};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");
/// A step of few instructions may take so many more.
const FEW_INSTRUCTIONS: f64 = 20.0;

/// What something took.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) instructions: f64,
    /// Calls of malloc, calloc and realloc.
    pub(crate) mallocs: f64,
    /// Memory of each registration at rest, where it is measured.
    pub(crate) bytes: Option<f64>,
}

/// Prints rows as they come, and keeps what is to be checked in.
pub(crate) struct Table {
    checked_in: Vec<Row>,
    text: String,
    errors: Vec<String>,
}

impl Table {
    pub(crate) fn new() -> io::Result<Self> {
        let text = fs::read_to_string(FILE).unwrap_or_default();
        let checked_in = text.lines().filter_map(parse).collect();
        println!(
            "{:<44} {:>12} {:>9} {:>9} {:>12}",
            "", "instructions", "mallocs", "bytes", "checked in"
        );
        Ok(Self { checked_in, text: String::new(), errors: Vec::new() })
    }

    /// Prints a row; whether it has grown by more than is allowed, or was not there.
    pub(crate) fn add(&mut self, row: Row) -> bool {
        let before = self.before(&row.name).map(|row| row.instructions);
        let grown =
            before.is_none_or(|before| row.instructions > before * GROWTH + FEW_INSTRUCTIONS);
        let line = format(&row);
        let before = before.map_or("-".to_owned(), |before| format!("{before:.0}"));
        println!("{line:<77} {before:>12}{}", if grown { " GROWN" } else { "" });
        let _ = writeln!(self.text, "{}", line.trim_end());
        grown
    }

    fn before(&self, name: &str) -> Option<&Row> {
        self.checked_in.iter().find(|row| row.name == name)
    }

    /// Compares the worst of the programs with the worst that is checked in, and the worst with the
    /// best.
    pub(crate) fn compare_worst(&mut self, title: &str, rows: &[Row]) {
        type Figure = fn(&Row) -> f64;
        let instructions: Figure = |row| row.instructions;
        let mallocs: Figure = |row| row.mallocs;
        let bytes: Figure = |row| row.bytes.unwrap_or(0.0);
        for (what, figure) in
            [("instructions", instructions), ("calls of malloc", mallocs), ("bytes at rest", bytes)]
        {
            let worst = rows.iter().map(figure).fold(0.0, f64::max);
            let before = rows.iter().filter_map(|row| self.before(&row.name)).map(figure);
            let before = before.fold(0.0, f64::max);
            println!("   worst: {worst:.0} {what}; checked in: {before:.0}");
            self.fail_if(worst > before * GROWTH, &format!("{title}: the worst takes more {what}"));
        }
        let worst = rows.iter().map(instructions).fold(0.0, f64::max);
        let times = worst / rows.iter().map(instructions).fold(f64::MAX, f64::min);
        let text = format!("{title}: one program takes {times:.2} x another, {RATIO} x at most");
        println!("   {}{text}", if times > RATIO { "WARNING: " } else { "" });
        self.fail_if(times > RATIO && RATIO_IS_AN_ERROR, &text);
    }

    pub(crate) fn fail_if(&mut self, wrong: bool, text: &str) {
        if wrong {
            self.errors.push(text.to_owned());
        }
    }

    /// Writes what is to be checked in, where that is wanted; an error where something has grown.
    pub(crate) fn end(self) -> io::Result<()> {
        if std::env::var_os("REGISTER_BLESS").is_some() {
            return fs::write(FILE, self.text);
        }
        if self.errors.is_empty() { Ok(()) } else { Err(io::Error::other(self.errors.join("; "))) }
    }
}

fn format(row: &Row) -> String {
    let bytes = row.bytes.map_or("-".to_owned(), |bytes| format!("{bytes:.0}"));
    format!("{:<44} {:>12.0} {:>9.1} {bytes:>9}", row.name, row.instructions, row.mallocs)
}

fn parse(line: &str) -> Option<Row> {
    let (name, numbers) = line.split_at_checked(44)?;
    let mut numbers = numbers.split_whitespace();
    let mut next = || numbers.next()?.parse::<f64>().ok();
    let (instructions, mallocs) = (next()?, next()?);
    Some(Row { name: name.trim_end().to_owned(), instructions, mallocs, bytes: next() })
}
