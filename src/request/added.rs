//! What the application adds to a message that was built for it.

use super::contact::is_open;
use crate::sip::Draft;

/// What the application has added to `draft` holds, and stands once: the last Event, Expires and
/// Subscription-State that say something; a Contact of its own takes the place of ours.
pub fn keep_added(draft: &mut Draft) {
    for (name, compact) in [("Event", "o"), ("Expires", ""), ("Subscription-State", "")] {
        let values = || draft.headers().filter(|(one, _)| is_named(one, name, compact));
        let last = values().rfind(|(_, value)| !value.is_empty());
        if let Some((_, last)) = last.filter(|_| values().count() > 1) {
            let last = last.to_owned();
            draft.set(name, last);
        }
    }
    let contacts = |draft: &Draft, open: bool| {
        let contacts = draft.headers().filter(|(name, _)| is_named(name, "Contact", "m"));
        contacts.filter(|(_, value)| is_open(value) == open).count()
    };
    if contacts(draft, false) > 0 && contacts(draft, true) > 0 {
        draft.retain(|name, value| !is_named(name, "Contact", "m") || !is_open(value));
    }
}

fn is_named(name: &str, full: &str, compact: &str) -> bool {
    name.eq_ignore_ascii_case(full) || name.eq_ignore_ascii_case(compact)
}
