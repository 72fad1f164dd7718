//! A reader of DER (ITU-T X.690), as far as certificates and keys need it. It never copies, never
//! panics, and refuses what is not DER.

/// BOOLEAN.
pub(super) const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(super) const OID: u8 = 0x06;
/// SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// SET.
pub(super) const SET: u8 = 0x31;
/// UTCTime.
pub(super) const UTC_TIME: u8 = 0x17;
/// GeneralizedTime.
pub(super) const GENERALIZED_TIME: u8 = 0x18;

/// One value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DerValue<'a> {
    /// Class, form and number in one octet.
    pub(super) tag: u8,
    /// The octets of the value.
    pub(super) content: &'a [u8],
    /// Tag, length and value.
    pub(super) whole: &'a [u8],
}

/// Values one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct DerReader<'a>(&'a [u8]);

impl<'a> DerReader<'a> {
    /// Reads the values in `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        DerReader(bytes)
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The next value, whatever it is; `None`: there is none, or it is no DER.
    pub(super) fn value(&mut self) -> Option<DerValue<'a>> {
        let bytes = self.0;
        let (&tag, rest) = bytes.split_first()?;
        // Tags above 30 stand in no certificate.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            // Neither indefinite nor longer than any certificate, and in the shortest form.
            if !(1..=4).contains(&digits.len()) || digits[0] == 0 {
                return None;
            }
            let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            if length < 0x80 {
                return None;
            }
            (length, rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(DerValue { tag, content, whole: &bytes[..bytes.len() - rest.len()] })
    }

    /// The next value if it has this tag, otherwise `None`, and nothing is read.
    pub(super) fn optional(&mut self, tag: u8) -> Option<DerValue<'a>> {
        let mut ahead = *self;
        let value = ahead.value().filter(|value| value.tag == tag)?;
        *self = ahead;
        Some(value)
    }

    /// The content of the next value, which must have this tag.
    pub(super) fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.optional(tag).map(|value| value.content)
    }

    /// The values one after the other, as far as they are DER.
    pub(super) fn values(mut self) -> impl Iterator<Item = DerValue<'a>> {
        std::iter::from_fn(move || self.value())
    }

    /// The values in the next one, which must have this tag.
    pub(super) fn inside(&mut self, tag: u8) -> Option<DerReader<'a>> {
        self.content(tag).map(DerReader)
    }
}

/// A moment in seconds since 1970, of a UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5).
/// One before 1970 counts as 1970.
pub(super) fn seconds(value: DerValue<'_>) -> Option<u64> {
    let text = std::str::from_utf8(value.content).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match (value.tag, text.len()) {
        (UTC_TIME, 12) => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: u64 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (GENERALIZED_TIME, 14) => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<u64>().ok();
    let (month, day) = (part(0)?, part(2)?);
    let (hour, minute, second) = (part(4)?, part(6)?, part(8)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Years begin with March, so that leap days fall at their end.
    let year = if month < 3 { year.checked_sub(1)? } else { year };
    let month = (month + 9) % 12;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let days = days.saturating_sub(719_468);
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_in_their_shortest_form_alone() {
        let read = |bytes: &[u8]| DerReader::new(bytes).value().map(|value| value.content.len());
        assert_eq!(read(&[4, 0]), Some(0));
        assert_eq!(read(&[4, 1, 9]), Some(1));
        let mut long = vec![4, 0x81, 0x80];
        long.extend([0; 128]);
        assert_eq!(read(&long), Some(128));
        for wrong in [
            &[4, 0x81, 1, 0][..],
            &[4, 0x82, 0, 1, 0],
            &[4, 0x80, 0, 0],
            &[4, 2, 0],
            &[4],
            &[],
            &[0x1f, 1, 0],
            &[4, 0x85, 1, 1, 1, 1, 1],
            &[4, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn times_of_both_forms_are_seconds() {
        let time = |tag, content: &'static str| {
            seconds(DerValue { tag, content: content.as_bytes(), whole: &[] })
        };
        assert_eq!(time(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(time(UTC_TIME, "210101000000Z"), Some(1_609_459_200));
        assert_eq!(time(GENERALIZED_TIME, "20210101000000Z"), Some(1_609_459_200));
        assert_eq!(time(GENERALIZED_TIME, "20000229120000Z"), Some(951_825_600));
        assert_eq!(time(GENERALIZED_TIME, "00000101000000Z"), None);
        assert_eq!(time(GENERALIZED_TIME, "99991231235959Z"), Some(253_402_300_799));
        for wrong in ["2101010000Z", "210101000000", "211301000000Z", "21010100000xZ", "é"] {
            assert_eq!(time(UTC_TIME, wrong), None, "{wrong}");
        }
    }
}
