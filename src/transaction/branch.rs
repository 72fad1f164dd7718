//! The branch that the responses to a request are known by (RFC 3261 section 8.1.1.7).

use crate::sip::push_hex;

/// What a branch that is unique by itself begins with.
pub(super) const COOKIE: &str = "z9hG4bK";

/// The branch of a request of ours.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Branch {
    /// Drawn by this library: 32 hex digits behind the cookie, in whatever case a server sends
    /// them.
    Drawn(u128),
    /// Chosen by the application.
    Given(Box<str>),
}

impl Branch {
    /// The branch that is written so.
    pub fn parse(text: &str) -> Branch {
        match drawn(text.as_bytes()) {
            Some(number) => Branch::Drawn(number),
            None => Branch::Given(text.into()),
        }
    }

    /// The branch in a request of ours, of which only the beginning may have come back.
    pub fn find(request: &[u8]) -> Option<Branch> {
        const NAME: &[u8] = b"branch=";
        let head = &request[..request.len().min(2048)];
        let start = memchr::memmem::find(head, NAME)? + NAME.len();
        let rest = &head[start..];
        let end =
            rest.iter().position(|b| matches!(b, b';' | b',' | b' ' | b'\t' | b'\r' | b'\n'))?;
        std::str::from_utf8(&rest[..end]).ok().map(Branch::parse)
    }

    /// Appends it as it is written.
    pub fn push_to(&self, text: &mut String) {
        match self {
            Branch::Drawn(number) => {
                text.push_str(COOKIE);
                push_hex(text, *number);
            }
            Branch::Given(given) => text.push_str(given),
        }
    }
}

/// The number in a branch that this library has drawn.
fn drawn(text: &[u8]) -> Option<u128> {
    let (cookie, digits) = text.split_first_chunk::<7>()?;
    let (high, low) = digits.split_first_chunk::<16>()?;
    let number =
        u128::from(hex_number(high)?) << 64 | u128::from(hex_number(low.try_into().ok()?)?);
    cookie.eq_ignore_ascii_case(COOKIE.as_bytes()).then_some(number)
}

/// The number that these hex digits make; all of them are looked at, several at a time.
fn hex_number(digits: &[u8; 16]) -> Option<u64> {
    let values = digits.map(|digit| {
        let (number, letter) = (digit.wrapping_sub(b'0'), (digit | 0x20).wrapping_sub(b'a'));
        if number < 10 {
            number
        } else if letter < 6 {
            letter + 10
        } else {
            u8::MAX
        }
    });
    let mut bytes = [0; 8];
    for (byte, pair) in bytes.iter_mut().zip(values.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    let is_hex = values.iter().fold(0, |all, value| all | value) < 16;
    is_hex.then_some(u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(branch: &Branch) -> String {
        let mut text = String::new();
        branch.push_to(&mut text);
        text
    }

    #[test]
    fn a_drawn_branch_is_known_by_its_number_in_either_case() {
        for number in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210] {
            let text = written(&Branch::Drawn(number));
            assert_eq!(text, format!("z9hG4bK{number:032x}"));
            assert_eq!(Branch::parse(&text), Branch::Drawn(number));
            assert_eq!(Branch::parse(&text.to_uppercase()), Branch::Drawn(number));
        }
    }

    #[test]
    fn a_branch_that_was_not_drawn_is_kept_to_the_letter() {
        let text = written(&Branch::Drawn(7));
        for at in 0..text.len() {
            for odd in ["", "+", "x", " ", "é", "00"] {
                let mut other = text.clone();
                other.replace_range(at..=at, odd);
                assert_eq!(Branch::parse(&other), Branch::Given(other.as_str().into()), "{other}");
            }
        }
    }

    #[test]
    fn a_branch_is_found_in_the_beginning_of_a_request() {
        let request = "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=abc;rport\r\n";
        assert_eq!(Branch::find(request.as_bytes()), Some(Branch::Given("abc".into())));
        assert_eq!(Branch::find(&request.as_bytes()[..request.len() - 10]), None, "it may go on");
        assert_eq!(Branch::find(b"\r\n\r\n"), None);
    }
}
