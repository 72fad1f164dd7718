//! The table of what was counted, beside what is checked in.

use super::{GROWTH, MEMORY_GROWTH, RATIO};
use std::fmt::Write as _;
use std::{fs, io};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");
/// Columns of a name.
const NAME: usize = 48;
/// A step of few instructions may take so many more.
const FEW_INSTRUCTIONS: f64 = 20.0;

/// What something took.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) instructions: f64,
    /// Calls of malloc, calloc and realloc.
    pub(crate) mallocs: f64,
    /// Where it is measured.
    pub(crate) memory: Option<Memory>,
}

/// Bytes in RAM for each registration, when its transaction is over.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// Of the first thousand, with what the context needs besides.
    pub(crate) first: f64,
    /// Of those after them.
    pub(crate) more: f64,
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
        println!("{:<NAME$} {:>12} {:>9} {:>19}", "", "", "", "bytes at rest");
        println!(
            "{:<NAME$} {:>12} {:>9} {:>9} {:>9} {:>12}",
            "", "instructions", "mallocs", "of 1,000", "each more", "checked in"
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
        println!("{line:<91} {before:>12}{}", if grown { " GROWN" } else { "" });
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
        let first: Figure = |row| row.memory.map_or(0.0, |memory| memory.first);
        let more: Figure = |row| row.memory.map_or(0.0, |memory| memory.more);
        for (what, figure, growth) in [
            ("instructions", instructions, GROWTH),
            ("calls of malloc", mallocs, GROWTH),
            ("bytes for each of the first 1,000 at rest", first, MEMORY_GROWTH),
            ("bytes for each more at rest", more, MEMORY_GROWTH),
        ] {
            let worst = rows.iter().map(figure).fold(0.0, f64::max);
            let before = rows.iter().filter_map(|row| self.before(&row.name)).map(figure);
            let before = before.fold(0.0, f64::max);
            println!("   worst: {worst:.0} {what}; checked in: {before:.0}");
            self.fail_if(worst > before * growth, &format!("{title}: the worst takes more {what}"));
        }
        let worst = rows.iter().map(instructions).fold(0.0, f64::max);
        let times = worst / rows.iter().map(instructions).fold(f64::MAX, f64::min);
        let text = format!("{title}: one program takes {times:.2} x another, {RATIO} x at most");
        println!("   {text}");
        self.fail_if(times > RATIO, &text);
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
    let memory = row
        .memory
        .map_or(String::new(), |memory| format!(" {:>9.0} {:>9.0}", memory.first, memory.more));
    format!("{:<NAME$} {:>12.0} {:>9.1}{memory}", row.name, row.instructions, row.mallocs)
}

fn parse(line: &str) -> Option<Row> {
    let (name, numbers) = line.split_at_checked(NAME)?;
    let mut numbers = numbers.split_whitespace();
    let mut next = || numbers.next()?.parse::<f64>().ok();
    let (instructions, mallocs) = (next()?, next()?);
    let memory = next().zip(next()).map(|(first, more)| Memory { first, more });
    Some(Row { name: name.trim_end().to_owned(), instructions, mallocs, memory })
}
