//! Bindings of addresses-of-record to Contacts (RFC 3261 section 10.3, steps 6 to 8).

use super::settings::Settings;
use register::sip::{Contact, Message, Params, Uri, delta_seconds, unquote};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

/// More Contacts than this for one address-of-record are refused.
const MOST_CONTACTS: usize = 64;
/// More addresses-of-record than this are refused.
const MOST_RECORDS: usize = 1 << 20;

#[derive(Debug, Clone)]
struct Binding {
    uri: String,
    /// The header parameters as given, without `expires`.
    params: String,
    until: Duration,
    call_id: String,
    cseq: u32,
    /// Where the REGISTER came from.
    source: SocketAddr,
    /// Instance and reg-id, where they count.
    flow: Option<InstanceFlow>,
}

/// What a binding of RFC 5626 section 6 is known by: the instance, and the number of the flow.
type InstanceFlow = (String, u32);

/// A status other than 200, why, and what Min-Expires says.
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) why: &'static str,
}

fn refused<T>(status: u16, why: &'static str) -> Result<T, Refused> {
    Err(Refused { status, why })
}

/// One Contact of a request with the lifetime it gets, seconds; 0 removes.
struct Wanted<'a> {
    text: &'a str,
    uri: Uri<'a>,
    params: String,
    expires: u32,
    flow: Option<InstanceFlow>,
}

/// All bindings, by address-of-record.
#[derive(Debug, Default)]
pub(crate) struct Bindings(HashMap<String, Vec<Binding>>);

impl Bindings {
    /// What a REGISTER asks for: all of it, or nothing and why.
    pub(crate) fn update(
        &mut self,
        settings: &Settings,
        now: Duration,
        source: SocketAddr,
        aor: &str,
        request: &Message<'_>,
    ) -> Result<(), Refused> {
        let (call_id, cseq) =
            (request.call_id().unwrap_or(""), request.cseq().map_or(0, |c| c.number));
        let wanted = wanted(settings, request)?;
        let old = self.0.get(aor).map_or(&[][..], Vec::as_slice);
        let out_of_order = |b: &Binding| b.until > now && b.call_id == call_id && b.cseq >= cseq;
        let Some(wanted) = wanted else {
            if old.iter().any(out_of_order) {
                return refused(400, "CSeq is not above that of a binding");
            }
            self.0.remove(aor);
            return Ok(());
        };
        if wanted.is_empty() {
            return Ok(());
        }
        let same = |binding: &Binding, wanted: &Wanted<'_>| match &wanted.flow {
            Some(flow) => binding.flow.as_ref() == Some(flow),
            None => Uri::parse(&binding.uri).is_ok_and(|uri| uri.equivalent(&wanted.uri)),
        };
        if old.iter().filter(|b| out_of_order(b)).any(|b| wanted.iter().any(|w| same(b, w))) {
            return refused(400, "CSeq is not above that of the binding");
        }
        let mut bindings: Vec<_> = old.iter().filter(|b| b.until > now).cloned().collect();
        for wanted in wanted {
            let place = bindings.iter().position(|b| same(b, &wanted));
            let Wanted { text, params, expires, flow, .. } = wanted;
            let until = now + Duration::from_secs(expires.into());
            let (uri, call_id) = (text.into(), call_id.into());
            let new = Binding { uri, params, until, call_id, cseq, source, flow };
            match place {
                Some(at) if expires == 0 => drop(bindings.remove(at)),
                Some(at) => bindings[at] = new,
                None if expires == 0 => {}
                None if bindings.len() == MOST_CONTACTS => {
                    return refused(403, "too many contacts");
                }
                None => bindings.push(new),
            }
        }
        if bindings.is_empty() {
            self.0.remove(aor);
            return Ok(());
        }
        if self.0.len() >= MOST_RECORDS && !self.0.contains_key(aor) {
            self.0.retain(|_, bindings| bindings.iter().any(|b| b.until > now));
            if self.0.len() >= MOST_RECORDS {
                return refused(503, "too many addresses-of-record");
            }
        }
        self.0.insert(aor.into(), bindings);
        Ok(())
    }

    /// The Contact of the address-of-record that was registered last, and where that came from.
    /// `any_domain`: the user part is enough.
    pub(crate) fn newest(
        &self,
        uri: &Uri<'_>,
        any_domain: bool,
        now: Duration,
    ) -> Option<(&str, SocketAddr)> {
        let live = |bindings: &'_ [Binding]| bindings.iter().any(|b| b.until > now);
        let user = format!("{}@", uri.user?);
        let record =
            self.0.get(&super::aor(uri)).filter(|bindings| live(bindings)).or_else(|| {
                let mut all = self.0.iter().filter(|_| any_domain);
                let found = all.find(|(aor, bindings)| aor.starts_with(&user) && live(bindings));
                found.map(|(_, bindings)| bindings)
            })?;
        let newest = record.iter().max_by_key(|binding| binding.until)?;
        Some((&newest.uri, newest.source))
    }

    /// Where the REGISTER came from that has bound this Contact.
    pub(crate) fn source(&self, contact: &Uri<'_>, now: Duration) -> Option<SocketAddr> {
        let same = |b: &&Binding| Uri::parse(&b.uri).is_ok_and(|uri| uri.equivalent(contact));
        let mut live = self.0.values().flatten().filter(|binding| binding.until > now);
        live.find(same).map(|binding| binding.source)
    }

    /// URI, parameters and seconds left, rounded up, of each binding.
    pub(crate) fn of(&self, aor: &str, now: Duration) -> impl Iterator<Item = (&str, &str, u64)> {
        self.0.get(aor).into_iter().flatten().filter_map(move |b| {
            let left = b.until.checked_sub(now).filter(|left| !left.is_zero())?;
            Some((b.uri.as_str(), b.params.as_str(), left.as_millis().div_ceil(1000) as u64))
        })
    }
}

/// Instance and reg-id of a Contact with these parameters, if it has both.
fn instance_flow(params: Params<'_>) -> Option<InstanceFlow> {
    let reg_id = params.get("reg-id").and_then(delta_seconds)?;
    Some((unquote(params.get("+sip.instance")?).to_ascii_lowercase(), reg_id))
}

/// Whether a binding that `request` asks for is one of RFC 5626.
pub(crate) fn asks_for_outbound(request: &Message<'_>) -> bool {
    let addresses = request.elements("Contact").filter_map(|one| Contact::parse(one).ok());
    addresses.into_iter().any(|contact| {
        matches!(contact, Contact::Addr(address) if instance_flow(address.params).is_some())
    })
}

/// The Contacts with their lifetimes; `None` for `*`.
fn wanted<'a>(
    settings: &Settings,
    request: &Message<'a>,
) -> Result<Option<Vec<Wanted<'a>>>, Refused> {
    let header = request
        .header("Expires")
        .map(|text| delta_seconds(text).unwrap_or(settings.default_expires));
    let mut wanted = Vec::new();
    let mut star = false;
    for element in request.elements("Contact") {
        let Ok(contact) = Contact::parse(element) else {
            return refused(400, "a Contact is broken");
        };
        let Contact::Addr(address) = contact else {
            star = true;
            continue;
        };
        let Ok(uri) = Uri::parse(address.uri) else {
            return refused(400, "a Contact URI is broken");
        };
        let mut expires = header.unwrap_or(settings.default_expires);
        let mut params = String::new();
        for (name, value) in address.params.iter() {
            if name.eq_ignore_ascii_case("expires") {
                expires = value.and_then(delta_seconds).unwrap_or(settings.default_expires);
            } else {
                params.extend([";", name]);
                params.extend(value.into_iter().flat_map(|value| ["=", value]));
            }
        }
        if expires > 0 && expires < settings.min_expires {
            return refused(423, "the interval is below the minimum");
        }
        if wanted.len() == MOST_CONTACTS {
            return refused(403, "too many contacts");
        }
        wanted.push(Wanted {
            text: address.uri,
            uri,
            flow: instance_flow(address.params).filter(|_| settings.outbound),
            params,
            expires: expires.min(settings.max_expires),
        });
    }
    match star {
        true if !wanted.is_empty() => refused(400, "Contact * beside others"),
        true if header != Some(0) => refused(400, "Contact * without Expires: 0"),
        true => Ok(None),
        false => Ok(Some(wanted)),
    }
}
