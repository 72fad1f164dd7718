//! Accounts as a table (RFC 4180): the first line names the keys; an empty value is none. Lines
//! that are empty or begin with `#` are passed over.

use super::file::Reading;
use super::{KEYS, Values};
use csv_core::{ReadRecordResult, Reader};
use zeroize::Zeroizing;

/// The longest line, with what its quotes hold.
const LONGEST: usize = 64 << 10;
/// A line may have more values than there are keys, so that it can be refused for that.
const MOST_VALUES: usize = 256;

pub(super) fn read(text: &str, reading: &mut Reading<'_>) {
    let mut lines = Lines::new(text);
    let Some(first) = lines.next_record() else {
        return reading.refuse(1, "the first line has to name the keys");
    };
    let (line, names) = match first {
        (line, Ok(record)) => (line, record.to_vec()),
        (line, Err(why)) => return reading.refuse(line, why),
    };
    if !names.iter().any(|name| name == "aor") {
        // Without it this is hardly the line of the keys, but one of an account and its password.
        return reading.refuse(line, "it has to name the keys, and aor among them");
    }
    let mut known = true;
    for (at, name) in names.iter().enumerate() {
        if !KEYS.iter().any(|key| key.name == name.as_str()) {
            let column = at + 1;
            reading.refuse(line, format!("the name of column {column} is no key"));
            known = false;
        } else if names.iter().take(at).any(|before| before == name) {
            reading.refuse(line, format!("{} is named twice", name.as_str()));
            known = false;
        }
    }
    while let Some((line, record)) = lines.next_record().filter(|_| known) {
        let record = match record {
            Ok(record) => record,
            Err(why) => {
                reading.refuse(line, why);
                continue;
            }
        };
        let count = record.clone().count();
        if count != names.len() {
            let wanted = names.len();
            let reason = format!("it has {count} values, and the first line names {wanted}");
            reading.refuse(line, reason);
            continue;
        }
        let mut values = Values::default();
        let given = names.iter().zip(record).filter(|(_, value)| !value.is_empty());
        let set = given.map(|(name, value)| values.set(name, value)).find(Result::is_err);
        match set {
            Some(Err(reason)) => reading.refuse(line, reason),
            _ => reading.account(line, values),
        }
    }
}

const TOO_LONG: &str = "it is longer than 64 KiB: is a quote not closed?";

/// Whether the quotes of a record are those of RFC 4180 section 2: around whole values, and doubled
/// in them. Errors: what is wrong. The reader of records takes any.
fn check_quotes(record: &str) -> Result<(), &'static str> {
    #[derive(Clone, Copy)]
    enum Place {
        Begin,
        Plain,
        Quoted,
        /// After a quote in a quoted value: it ends the value, unless another follows.
        Quote,
    }
    let mut place = Place::Begin;
    if memchr::memchr(b'"', record.as_bytes()).is_none() {
        return Ok(());
    }
    for octet in record.bytes() {
        place = match (place, octet) {
            (Place::Begin | Place::Quote, b'"') => Place::Quoted,
            (Place::Plain, b'"') => return Err("a quote stands in a value without quotes"),
            (Place::Quoted, b'"') => Place::Quote,
            (Place::Quoted, _) => Place::Quoted,
            (_, b',' | b'\r' | b'\n') => Place::Begin,
            (Place::Quote, _) => return Err("something follows the quote that ends a value"),
            (Place::Begin | Place::Plain, _) => Place::Plain,
        };
    }
    match place {
        Place::Quoted => Err("a quote is not closed"),
        _ => Ok(()),
    }
}

/// Cuts a text into records, whose values lie in a buffer that is wiped.
struct Lines<'a> {
    rest: &'a str,
    line: usize,
    reader: Reader,
    buffer: Zeroizing<Vec<u8>>,
    ends: Vec<usize>,
}

/// The values of one record.
#[derive(Clone)]
struct Record<'a> {
    values: &'a str,
    start: usize,
    ends: std::slice::Iter<'a, usize>,
}

impl<'a> Iterator for Record<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let end = *self.ends.next()?;
        let value = self.values.get(self.start..end)?;
        self.start = end;
        Some(value)
    }
}

impl Record<'_> {
    fn to_vec(&self) -> Vec<String> {
        self.clone().map(str::to_owned).collect()
    }
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Lines<'a> {
        Lines {
            rest: text,
            line: 1,
            reader: Reader::new(),
            buffer: Zeroizing::new(vec![0; LONGEST]),
            ends: vec![0; MOST_VALUES],
        }
    }

    /// The line where the next record begins, and its values, or why it has none.
    fn next_record(&mut self) -> Option<(usize, Result<Record<'_>, &'static str>)> {
        while let Some(end) = self.rest.find('\n').or(Some(self.rest.len())) {
            let line = self.rest.get(..end).unwrap_or("");
            if self.rest.is_empty() {
                return None;
            }
            if !line.trim().is_empty() && !line.starts_with('#') {
                break;
            }
            self.rest = self.rest.get(end + 1..).unwrap_or("");
            self.line += 1;
        }
        let (begins, whole) = (self.line, self.rest);
        let (mut filled, mut count) = (0, 0);
        loop {
            let input = self.rest.as_bytes();
            let (result, taken, written, ended) = self.reader.read_record(
                input,
                self.buffer.get_mut(filled..).unwrap_or_default(),
                self.ends.get_mut(count..).unwrap_or_default(),
            );
            let consumed = self.rest.get(..taken).unwrap_or(self.rest);
            self.line += consumed.bytes().filter(|octet| *octet == b'\n').count();
            self.rest = self.rest.get(taken..).unwrap_or("");
            filled += written;
            count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    self.rest = "";
                    return Some((begins, Err(TOO_LONG)));
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return None,
            }
        }
        let written = whole.get(..whole.len() - self.rest.len()).unwrap_or(whole);
        if let Err(why) = check_quotes(written) {
            return Some((begins, Err(why)));
        }
        // The end of a line may be two octets, of which the reader has taken one.
        if let Some(rest) = self.rest.strip_prefix('\n') {
            (self.rest, self.line) = (rest, self.line + 1);
        }
        let values = self.buffer.get(..filled).unwrap_or_default();
        let values = std::str::from_utf8(values).unwrap_or("");
        let ends = self.ends.get(..count).unwrap_or_default().iter();
        Some((begins, Ok(Record { values, start: 0, ends })))
    }
}
