//! Which binding of a 2xx is ours, and for how long it was granted.

use crate::sip::{Contact, Message, NameAddr, Params, Uri, delta_seconds, split_list, unquote};

/// By what our binding was known, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
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
pub(super) struct Mark<'a> {
    /// `urn:uuid:…`, if we have one.
    pub(super) instance: Option<&'a str>,
    /// 0: none.
    pub(super) reg_id: u32,
    pub(super) line: &'a str,
}

struct Listed<'a> {
    uri: Uri<'a>,
    params: Params<'a>,
    expires: Option<u32>,
}

/// The seconds that our binding is granted in `response` to `request`, which asked for `asked`.
pub(super) fn granted(
    response: &Message<'_>,
    request: &Message<'_>,
    mark: Mark<'_>,
    asked: u32,
) -> (u32, Known) {
    let ours: Vec<Listed<'_>> =
        listed(request.elements("Contact")).filter(|one| one.expires != Some(0)).collect();
    let theirs: Vec<Listed<'_>> = listed(response.elements("Contact")).collect();
    let is_ours = |one: &Listed<'_>| ours.iter().any(|our| our.uri.equivalent(&one.uri));
    type Fits<'f> = &'f dyn Fn(&Listed<'_>) -> bool;
    let tiers: [(Known, Fits<'_>); 4] = [
        (Known::Instance, &|one| same_instance(one.params, mark)),
        (Known::Line, &|one| one.uri.params.get("line") == Some(mark.line)),
        (Known::Uri, &is_ours),
        (Known::Alone, &|_| theirs.len() == 1),
    ];
    let otherwise = || match response.seconds("Expires") {
        Some(seconds) => (seconds, Known::Header),
        None => (asked, Known::Asked),
    };
    for (known, fits) in tiers {
        let found: Vec<&Listed<'_>> = theirs.iter().filter(|one| fits(one)).collect();
        if found.is_empty() {
            continue;
        }
        // Of several, those at the addresses of this request; the first to end decides. An old address may still be listed.
        let exact: Vec<&&Listed<'_>> = found.iter().filter(|one| is_ours(one)).collect();
        let expires = if exact.is_empty() {
            found.iter().map(|one| one.expires).max().flatten()
        } else {
            exact.iter().map(|one| one.expires).min().flatten()
        };
        return match expires {
            Some(seconds) => (seconds, known),
            None => (otherwise().0, known),
        };
    }
    otherwise()
}

fn listed<'a>(elements: impl Iterator<Item = &'a str>) -> impl Iterator<Item = Listed<'a>> {
    elements.filter_map(|text| {
        let Ok(Contact::Addr(NameAddr { uri, params, .. })) = Contact::parse(text) else { return None };
        let expires = params.get("expires").and_then(|value| delta_seconds(&unquote(value)));
        Some(Listed { uri: Uri::parse(uri).ok()?, params, expires })
    })
}

/// A Contact that names an instance is ours if it is this one; so is its flow, where both name one.
fn same_instance(params: Params<'_>, mark: Mark<'_>) -> bool {
    let Some(instance) = mark.instance else { return false };
    let theirs = params.get("+sip.instance").map(unquote);
    let same = theirs.is_some_and(|text| text.trim().trim_matches(['<', '>']).eq_ignore_ascii_case(instance));
    let flow = params.get("reg-id").and_then(delta_seconds);
    same && flow.is_none_or(|flow| mark.reg_id == 0 || flow == mark.reg_id)
}

/// All that a 2xx says besides, read when it is asked for.
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
    /// Reads the 2xx; `own` are our Contacts as sent, a list.
    pub(super) fn read(response: &Message<'_>, own: Option<&str>, mark: Mark<'_>) -> Facts {
        let all = |name: &'static str| response.elements(name).map(str::to_owned).collect::<Vec<_>>();
        let contacts = all("Contact");
        let sent: Vec<Listed<'_>> = own.map(|own| listed(split_list(own)).collect()).unwrap_or_default();
        let mut best: Option<(u8, &String)> = None;
        for text in &contacts {
            let Some(one) = listed(std::iter::once(text.as_str())).next() else { continue };
            let same_uri = sent.iter().any(|sent| sent.uri.equivalent(&one.uri));
            let rank = 4 * u8::from(same_instance(one.params, mark))
                + 2 * u8::from(one.uri.params.get("line") == Some(mark.line))
                + u8::from(same_uri);
            if rank > best.map_or(0, |best| best.0) {
                best = Some((rank, text));
            }
        }
        let own = best.map(|best| best.1.clone()).or_else(|| match contacts.as_slice() {
            [alone] => Some(alone.clone()),
            _ => None,
        });
        let gruu = |name: &str| {
            let addr = own.as_deref().and_then(|own| NameAddr::parse(own).ok())?;
            addr.params.get(name).map(|value| unquote(value).trim_matches(['<', '>']).to_owned())
        };
        Facts {
            service_route: all("Service-Route"),
            associated: all("P-Associated-URI"),
            path: all("Path"),
            public_gruu: gruu("pub-gruu"),
            temporary_gruu: gruu("temp-gruu"),
            contacts,
            own,
        }
    }
}
