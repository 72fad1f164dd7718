//! What every request must have to be sent.

use crate::request::Refusal;
use crate::sip::Draft;

/// What every request must have to be sent (RFC 3261 section 8.1.1).
pub fn checked(draft: Draft) -> Result<Draft, Refusal> {
    if draft.get("Call-ID").is_none_or(str::is_empty) {
        return Err(Refusal::BadParameter);
    }
    if draft.start().starts_with("SIP/") {
        return Err(Refusal::Syntax("not a request"));
    }
    for (name, missing) in [("Via", "no Via"), ("From", "no From"), ("To", "no To"), ("CSeq", "no CSeq")] {
        if draft.get(name).is_none_or(str::is_empty) {
            return Err(Refusal::Syntax(missing));
        }
    }
    Ok(draft)
}
