//! Which binding in a 2xx is ours, and for how long it was granted.

use crate::sip::{Contact, Message, NameAddr, Params, Uri, delta_seconds, split_list, unquote};

/// By what our binding was found in a 2xx, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// `+sip.instance` and `reg-id` (RFC 5626).
    Instance,
    /// The `line` of our Contact URI.
    Line,
    /// The URI (RFC 3261 section 19.1.4).
    Uri,
    /// It is the only one listed.
    Alone,
    /// It was not found: the Expires header counts.
    Header,
    /// There is no Expires header either: what was asked counts.
    Asked,
}

/// What our Contact looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnContact<'a> {
    /// `urn:uuid:…`, if we have one.
    pub(super) instance: Option<&'a str>,
    /// 0: none.
    pub(super) reg_id: u32,
    pub(super) line: &'a str,
    /// Our Contacts as they were sent, a comma list.
    pub(super) sent: &'a str,
}

/// Our binding among those of a 2xx.
#[derive(Debug, Clone, Copy)]
pub(super) struct FoundContact<'a> {
    /// The Contact as it is listed.
    pub(super) contact: &'a str,
    /// By what it was found.
    pub(super) known: KnownBy,
    /// Its `expires`, if it has one that can be read.
    pub(super) expires: Option<u32>,
    uri: &'a str,
}

impl OwnContact<'_> {
    /// Finds our binding among the Contacts that a 2xx lists.
    ///
    /// Of several that are known by the same, those with a URI that we sent count, and of these
    /// the first to end: an old address may still be listed.
    pub(super) fn find<'a>(
        &self,
        listed: impl Iterator<Item = &'a str>,
    ) -> Option<FoundContact<'a>> {
        let mut best: Option<FoundContact<'a>> = None;
        let mut number = 0;
        for found in listed.filter_map(|contact| self.read(contact)) {
            number += 1;
            if best.as_ref().is_none_or(|best| self.is_better(&found, best)) {
                best = Some(found);
            }
        }
        best.filter(|best| best.known != KnownBy::Alone || number == 1)
    }

    fn is_better(&self, found: &FoundContact<'_>, best: &FoundContact<'_>) -> bool {
        if found.known != best.known {
            return (found.known as u8) < best.known as u8;
        }
        match (self.has_sent(found.uri), self.has_sent(best.uri)) {
            (true, true) => found.expires < best.expires,
            (false, false) => found.expires > best.expires,
            (is_as_sent, _) => is_as_sent,
        }
    }

    fn read<'a>(&self, contact: &'a str) -> Option<FoundContact<'a>> {
        let Ok(Contact::Addr(addr)) = Contact::parse(contact) else { return None };
        let uri = Uri::parse(addr.uri).ok()?;
        let known = if self.is_instance(addr.params) {
            KnownBy::Instance
        } else if uri.params.get("line") == Some(self.line) {
            KnownBy::Line
        } else if self.has_sent(addr.uri) {
            KnownBy::Uri
        } else {
            KnownBy::Alone
        };
        Some(FoundContact { contact, known, expires: expires_of(addr.params), uri: addr.uri })
    }

    /// Whether `uri` is that of our Contact, by its `line` or as it was sent.
    pub(super) fn is_uri(&self, uri: &str) -> bool {
        let line = |uri: Uri<'_>| uri.params.get("line") == Some(self.line);
        Uri::parse(uri).is_ok_and(line) || self.has_sent(uri)
    }

    /// Whether one of the Contacts that we sent has this URI, and does not remove it.
    fn has_sent(&self, uri: &str) -> bool {
        let parsed = Uri::parse(uri);
        split_list(self.sent).filter_map(|own| NameAddr::parse(own).ok()).any(|own| {
            let same = || matches!((&parsed, Uri::parse(own.uri)), (Ok(uri), Ok(own)) if own.equivalent(uri));
            (own.uri == uri || same()) && expires_of(own.params) != Some(0)
        })
    }

    /// Whether the Contact with these parameters names our instance, and no other flow of it.
    fn is_instance(&self, params: Params<'_>) -> bool {
        let Some(instance) = self.instance else { return false };
        let theirs = params.get("+sip.instance").map(unquote);
        let same = theirs.is_some_and(|text| {
            text.trim().trim_matches(['<', '>']).eq_ignore_ascii_case(instance)
        });
        let flow = params.get("reg-id").and_then(delta_seconds);
        same && flow.is_none_or(|flow| self.reg_id == 0 || flow == self.reg_id)
    }
}

fn expires_of(params: Params<'_>) -> Option<u32> {
    params.get("expires").and_then(|value| delta_seconds(&unquote(value)))
}

/// The seconds that our binding is granted in `response` to a request for `asked` seconds.
pub(super) fn granted(response: &Message<'_>, own: &OwnContact<'_>, asked: u32) -> (u32, KnownBy) {
    let found = own.find(response.elements("Contact"));
    let (seconds, otherwise) = match response.seconds("Expires") {
        Some(seconds) => (seconds, KnownBy::Header),
        None => (asked, KnownBy::Asked),
    };
    match found {
        Some(found) => (found.expires.unwrap_or(seconds), found.known),
        None => (seconds, otherwise),
    }
}

/// What a 2xx says about the bindings of the address-of-record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Every binding, as the server listed it.
    pub contacts: Vec<String>,
    /// Ours among them.
    pub own: Option<String>,
    /// Service-Route (RFC 3608), in order.
    pub service_route: Vec<String>,
    /// P-Associated-URI (RFC 7315), in order.
    pub associated: Vec<String>,
    /// Path (RFC 3327), in order.
    pub path: Vec<String>,
    /// `pub-gruu` of our binding.
    pub public_gruu: Option<String>,
    /// `temp-gruu` of our binding.
    pub temporary_gruu: Option<String>,
}

impl Facts {
    /// Reads a 2xx.
    pub(super) fn read(response: &Message<'_>, own: &OwnContact<'_>) -> Facts {
        let all =
            |name: &'static str| response.elements(name).map(str::to_owned).collect::<Vec<_>>();
        let found = own.find(response.elements("Contact")).map(|found| found.contact);
        let gruu = |name: &str| {
            let addr = found.and_then(|own| NameAddr::parse(own).ok())?;
            addr.params.get(name).map(|value| unquote(value).trim_matches(['<', '>']).to_owned())
        };
        Facts {
            contacts: all("Contact"),
            own: found.map(str::to_owned),
            service_route: all("Service-Route"),
            associated: all("P-Associated-URI"),
            path: all("Path"),
            public_gruu: gruu("pub-gruu"),
            temporary_gruu: gruu("temp-gruu"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: OwnContact<'_> = OwnContact {
        instance: Some("urn:uuid:7"),
        reg_id: 1,
        line: "12ab",
        sent: "<sip:a@h:5070;line=12ab>, <sip:b@h>;expires=0",
    };

    fn found(contacts: &str) -> Option<(KnownBy, Option<u32>)> {
        OWN.find(split_list(contacts)).map(|found| (found.known, found.expires))
    }

    #[test]
    fn our_contact_is_found_by_instance_then_line_then_uri() {
        for (contacts, known, expires) in [
            ("<sip:a@h:5070;line=12ab>;expires=60", KnownBy::Line, Some(60)),
            ("<sip:x@y>;+sip.instance=\"<URN:UUID:7>\";expires=60", KnownBy::Instance, Some(60)),
            ("<sip:a@nat:1;line=12ab>;expires=\"60\"", KnownBy::Line, Some(60)),
            ("<sip:a@h:5070>;expires=x", KnownBy::Uri, None),
            ("<sip:b@h>;expires=9", KnownBy::Alone, Some(9)),
            (
                "<sip:a@h:5070;line=12ab>;expires=9, <sip:x@y>;+sip.instance=\"<urn:uuid:7>\"",
                KnownBy::Instance,
                None,
            ),
            (
                "<sip:c@h>, <sip:a@nat;line=12ab>;expires=9, <sip:a@h:5070>;expires=8",
                KnownBy::Line,
                Some(9),
            ),
        ] {
            assert_eq!(found(contacts), Some((known, expires)), "{contacts}");
        }
        for contacts in ["", "*", "<sip:c@h>, <sip:d@h>", "<sip:c@h:x>;expires=7"] {
            assert_eq!(found(contacts), None, "{contacts}");
        }
        let other_flow = "<sip:c@h>;+sip.instance=\"<urn:uuid:7>\";reg-id=2, <sip:d@h>";
        assert_eq!(found(other_flow), None);
    }

    #[test]
    fn of_several_the_first_to_end_at_our_address_counts() {
        let old = "<sip:a@old;line=12ab>;expires=500";
        let own = "<sip:a@h:5070;line=12ab>;expires=";
        for contacts in [format!("{old}, {own}60, {own}70"), format!("{own}70, {own}60, {old}")] {
            assert_eq!(found(&contacts), Some((KnownBy::Line, Some(60))), "{contacts}");
        }
        let elsewhere = "<sip:a@x;line=12ab>;expires=5, <sip:a@y;line=12ab>;expires=7";
        assert_eq!(found(elsewhere), Some((KnownBy::Line, Some(7))), "the last to end");
    }
}
