//! From text to values.

use super::description::{SessionDescription, TimeDescription};
use super::line::{self, TypedLine};
use std::fmt;

/// Why a text is no session description: it has no `v=` or no `o=`, or two of one, or a line whose
/// words are missing though media depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableDescription {
    /// The letter of the line that is missing, stands there twice or lacks words.
    pub letter: char,
}

impl fmt::Display for UnreadableDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}= is missing, stands there twice or lacks words", self.letter)
    }
}

impl std::error::Error for UnreadableDescription {}

impl<'a> SessionDescription<'a> {
    /// Reads a description. Of what may stand once, the first one counts; lines of no meaning are
    /// skipped. Error: `v=` and `o=` do not stand there exactly once, or an `o=`, `c=` or `m=`
    /// lacks words: what follows an `m=` that is left out would belong to another stream.
    pub fn parse(text: &'a [u8]) -> Result<Self, UnreadableDescription> {
        let mut reader = Reader::default();
        for line in line::lines(text) {
            let letter = char::from(line.letter);
            reader.read(line).ok_or(UnreadableDescription { letter })?;
        }
        let missing = |letter| UnreadableDescription { letter };
        let mut description = reader.description;
        description.version = reader.version.ok_or(missing('v'))?;
        if !reader.has_origin {
            return Err(missing('o'));
        }
        Ok(description)
    }
}

#[derive(Default)]
struct Reader<'a> {
    version: Option<&'a [u8]>,
    has_origin: bool,
    description: SessionDescription<'a>,
}

impl<'a> Reader<'a> {
    /// Takes a line; `None` where the text is no description.
    fn read(&mut self, line: TypedLine<'a>) -> Option<()> {
        let value = line.value;
        let session = &mut self.description;
        let stream = session.media.last_mut();
        match line.letter {
            // Devices leave the name empty; where words must be, `None` comes of it.
            letter if value.is_empty() && !matches!(letter, b's' | b'o' | b'c' | b'm') => {}
            b'v' => return self.version.replace(value).is_none().then_some(()),
            b'o' => {
                session.origin = line::origin(value)?;
                return (!std::mem::replace(&mut self.has_origin, true)).then_some(());
            }
            b's' => first(&mut session.name, Some(value)),
            b'i' => match stream {
                Some(stream) => first(&mut stream.information, Some(value)),
                None => first(&mut session.information, Some(value)),
            },
            b'u' => first(&mut session.uri, Some(value)),
            b'e' => session.emails.push(value),
            b'p' => session.phones.push(value),
            b'c' => match stream {
                Some(stream) => stream.connections.push(line::connection(value)?),
                None => first(&mut session.connection, Some(line::connection(value)?)),
            },
            b'b' => match stream {
                Some(stream) => stream.bandwidths.extend(line::bandwidth(value)),
                None => session.bandwidths.extend(line::bandwidth(value)),
            },
            b't' => session.times.extend(line::times(value).map(|[start, stop]| TimeDescription {
                start,
                stop,
                repeats: Vec::new(),
            })),
            b'r' => {
                if let Some(time) = session.times.last_mut() {
                    time.repeats.push(value);
                }
            }
            b'z' => first(&mut session.time_zones, Some(value)),
            b'k' => match stream {
                Some(stream) => first(&mut stream.key, line::key(value)),
                None => first(&mut session.key, line::key(value)),
            },
            b'a' => match stream {
                Some(stream) => stream.attributes.extend(line::attribute(value)),
                None => session.attributes.extend(line::attribute(value)),
            },
            b'm' => session.media.push(line::media(value)?),
            _ => {}
        }
        Some(())
    }
}

fn first<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}
