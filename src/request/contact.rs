//! Our own Contact: its address and its `expires`.

use crate::request::Settings;
use crate::sip::{NameAddr, Uri, one_line, push_number, quote, search};
use crate::transport::Transport;
use std::net::{IpAddr, SocketAddr};

/// The host that stands for "not known yet" in built messages; programs search for it.
pub(crate) const NO_HOST: &str = "999.999.999.999";
/// The port that stands for "not known yet", with its colon.
const OPEN_PORT: &str = ":99999";
/// Both.
pub(crate) const NO_ADDRESS: &str = "999.999.999.999:99999";

/// Appends a host as it stands in a URI or Via: IPv6 in brackets.
fn push_host(text: &mut String, ip: IpAddr) {
    let IpAddr::V4(ip) = ip else { return text.extend(["[", &ip.to_string(), "]"]) };
    for (at, octet) in ip.octets().into_iter().enumerate() {
        if at > 0 {
            text.push('.');
        }
        push_number(text, octet.into());
    }
}

/// Host and port of a Contact or Via.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Address {
    /// `host:port`.
    text: String,
    host_end: usize,
    pub(crate) port: u16,
}

impl Address {
    /// `host` as it stands in a URI; a line end in it becomes a blank, as everywhere in a header
    /// line.
    pub(crate) fn new(host: &str, port: u16) -> Self {
        let mut text = String::with_capacity(host.len() + 6);
        text.push_str(&one_line(host));
        Address::with_host(text, port)
    }

    fn with_host(mut text: String, port: u16) -> Self {
        let host_end = text.len();
        text.push(':');
        push_number(&mut text, port.into());
        Address { text, host_end, port }
    }

    /// Our own address, at another port where the application has set one.
    pub(crate) fn ours(addr: SocketAddr, public_port: Option<u16>) -> Self {
        Address::from(SocketAddr::new(addr.ip(), public_port.unwrap_or(addr.port())))
    }

    pub(crate) fn is_v6(&self) -> bool {
        self.text.starts_with('[')
    }

    /// The host, an IPv6 address in brackets.
    pub(crate) fn host(&self) -> &str {
        &self.text[..self.host_end]
    }

    /// `host:port`.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `uri` has this host and port.
    pub(crate) fn is_of(&self, uri: &Uri<'_>) -> bool {
        let host = self.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        uri.host.eq_ignore_ascii_case(host) && uri.port.unwrap_or(uri.default_port()) == self.port
    }

    /// `:port`.
    fn colon_port(&self) -> &str {
        &self.text[self.host_end..]
    }
}

impl From<SocketAddr> for Address {
    fn from(addr: SocketAddr) -> Self {
        let mut host = String::with_capacity(21);
        push_host(&mut host, addr.ip());
        Address::with_host(host, addr.port())
    }
}

/// What an automatic Contact is made of.
pub(crate) struct Automatic<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) user: Option<&'a str>,
    /// It is for a dialog whose requests are to come over the flow (`ob`, RFC 5626 section 4.3).
    pub(crate) by_flow: bool,
    /// What tells the Contact of a registration from others of its user.
    pub(crate) line: Option<&'a str>,
    /// The value of the `transport` parameter.
    pub(crate) transport: Option<&'a str>,
    pub(crate) q: Option<&'a str>,
    pub(crate) instance: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    /// Header parameters behind the others.
    pub(crate) params: Option<&'a str>,
}

impl<'a> Automatic<'a> {
    /// That of a dialog.
    pub(crate) fn in_dialog(
        scheme: &'a str,
        user: Option<&'a str>,
        settings: &'a Settings,
    ) -> Self {
        Automatic {
            scheme,
            user,
            by_flow: settings.dialog_by_flow,
            line: None,
            transport: settings.transport.contact_param(),
            q: None,
            instance: settings.instance.as_deref(),
            name: settings.contact_name.as_deref(),
            params: settings.dialog_contact_params.as_deref(),
        }
    }

    /// Appends `"Name" <sip:user@999.999.999.999:99999;line=…>;q=…;+sip.instance="<urn>"`, still
    /// without address.
    pub(crate) fn push_to(&self, text: &mut String) {
        if let Some(name) = self.name {
            text.push_str(&quote(name));
            text.push(' ');
        }
        text.push('<');
        text.push_str(self.scheme);
        text.push(':');
        if let Some(user) = self.user {
            text.push_str(user);
            text.push('@');
        }
        text.push_str(NO_ADDRESS);
        if self.by_flow {
            text.push_str(";ob");
        }
        if let Some(transport) = self.transport {
            text.extend([";transport=", transport]);
        }
        if let Some(line) = self.line {
            text.push_str(";line=");
            text.push_str(line);
        }
        text.push('>');
        if let Some(q) = self.q.filter(|q| !q.is_empty()) {
            text.extend([";q=", q]);
        }
        if let Some(urn) = self.instance {
            text.extend([";+sip.instance=\"<", urn, ">\""]);
        }
        if let Some(params) = self.params.filter(|params| !params.is_empty()) {
            text.extend([";", params]);
        }
    }
}

/// Puts `address` where the placeholders are.
pub(crate) fn fill(value: &str, address: &Address) -> String {
    let mut text = String::with_capacity(value.len() + 16);
    push_filled(&mut text, value, || address);
    text
}

/// Appends `value` with `address` where the placeholders are. Whether there was a place for both
/// host and port.
pub(crate) fn push_filled<'a>(
    text: &mut String,
    value: &str,
    address: impl Fn() -> &'a Address,
) -> bool {
    let (mut copied, mut from, mut host, mut both) = (0, 0, false, false);
    // A host has a '.' behind its first digits, a port a ':' before it: both are rarer than digits.
    while let Some(at) = search::find2(&value.as_bytes()[from..], [b'.', b':']).map(|n| from + n) {
        from = at + 1;
        if let Some(start) = open_host(value, at).filter(|start| *start >= copied) {
            text.push_str(&value[copied..start]);
            copied = start + NO_HOST.len();
            host = true;
            if value[copied..].starts_with(OPEN_PORT) {
                text.push_str(&address().text);
                copied += OPEN_PORT.len();
                both = true;
            } else {
                text.push_str(address().host());
            }
            from = copied;
        } else if value[at..].starts_with(OPEN_PORT) {
            text.push_str(&value[copied..at]);
            text.push_str(address().colon_port());
            both |= host && at == copied;
            copied = at + OPEN_PORT.len();
            from = copied;
        }
    }
    text.push_str(&value[copied..]);
    both
}

/// Names `transport` in the automatic Contact that begins at `start` of `text`, before its `line`,
/// unless it names one.
pub(crate) fn insert_transport(text: &mut String, start: usize, transport: Transport) {
    let value = &text[start..];
    if let Some(line) = value.find(";line=").filter(|_| !value.contains(";transport=")) {
        let param = match transport {
            Transport::Udp => ";transport=udp",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
        };
        text.insert_str(start + line, param);
    }
}

/// Where the host that is still to be filled in begins, whose first '.' is at `dot`.
fn open_host(value: &str, dot: usize) -> Option<usize> {
    let start = dot.checked_sub(3)?;
    value.as_bytes()[start..].starts_with(NO_HOST.as_bytes()).then_some(start)
}

/// Whether the host is still to be filled in.
pub(crate) fn is_open(value: &str) -> bool {
    let mut from = 0;
    while let Some(dot) = search::find(&value.as_bytes()[from..], b'.').map(|n| from + n) {
        if open_host(value, dot).is_some() {
            return true;
        }
        from = dot + 1;
    }
    false
}

/// Appends a display name and the blank behind it.
pub(crate) fn push_display(text: &mut String, display: Option<&str>) {
    if let Some(display) = display {
        text.extend([display, " "]);
    }
}

/// `value` with another host and port in its URI; `None` when it is none, or has that address
/// already.
pub(crate) fn readdress(value: &str, address: &Address) -> Option<String> {
    let addr = NameAddr::parse(value).ok()?;
    let uri = Uri::parse(addr.uri).ok()?;
    let host = address.host();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if uri.host.is_empty() {
        // `tel:` and the like have no address.
        return None;
    }
    if address.is_of(&uri) {
        return None;
    }
    let mut text = String::with_capacity(value.len() + 24);
    push_display(&mut text, addr.display);
    text.push('<');
    Uri { host, port: Some(address.port), ..uri }.push_to(&mut text);
    text.push('>');
    text.push_str(addr.params.as_str());
    Some(text)
}

/// Whether two Contact values have the same URI, letter for letter.
pub(crate) fn same_uri(one: &str, other: &str) -> bool {
    let uri = |value| NameAddr::parse(value).map(|addr| addr.uri);
    matches!((uri(one), uri(other)), (Ok(one), Ok(other)) if one == other)
}

/// `value` with its `expires` parameter at `seconds`: added where there is none only for 0, which
/// removes the binding.
pub(crate) fn with_expires(value: &str, seconds: u32) -> String {
    let mut text = String::with_capacity(value.len() + 16);
    push_with_expires(&mut text, value, seconds);
    text
}

/// The same, appended.
pub(crate) fn push_with_expires(text: &mut String, value: &str, seconds: u32) {
    match NameAddr::parse(value) {
        Ok(addr)
            if value.trim() != "*" && (seconds == 0 || addr.params.get("expires").is_some()) =>
        {
            push_changed(text, &addr, &["expires"], seconds);
        }
        _ => text.push_str(value),
    }
}

/// What takes the binding of `value` away beside another: without its `reg-id`, which only one
/// Contact of a request may have (RFC 5626 section 6).
pub(crate) fn removal(value: &str) -> String {
    let Ok(addr) = NameAddr::parse(value) else { return value.to_owned() };
    let mut text = String::with_capacity(value.len() + 24);
    push_changed(&mut text, &addr, &["expires", "reg-id"], 0);
    text
}

/// Appends `addr` without some of its parameters, with `expires`.
fn push_changed(text: &mut String, addr: &NameAddr<'_>, without: &[&str], seconds: u32) {
    push_display(text, addr.display);
    text.extend(["<", addr.uri, ">"]);
    let gone = |name: &str| without.iter().any(|one| one.eq_ignore_ascii_case(name));
    for (name, param) in addr.params.iter().filter(|(name, _)| !gone(name)) {
        text.push(';');
        text.push_str(name);
        if let Some(param) = param {
            text.push('=');
            text.push_str(param);
        }
    }
    text.push_str(";expires=");
    push_number(text, seconds);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_automatic_contact_has_line_q_and_instance() {
        let parts = Automatic {
            scheme: "sip",
            user: Some("alice"),
            by_flow: false,
            line: Some("f202d69f8a5beda"),
            transport: None,
            q: Some("0.5"),
            instance: Some("urn:uuid:1"),
            name: Some("A \"B\""),
            params: None,
        };
        let mut text = String::new();
        parts.push_to(&mut text);
        let text = fill(&text, &Address::new("127.0.0.1", 5070));
        assert_eq!(
            text,
            r#""A \"B\"" <sip:alice@127.0.0.1:5070;line=f202d69f8a5beda>;q=0.5;+sip.instance="<urn:uuid:1>""#
        );
        let uri = Uri::parse(NameAddr::parse(&text).unwrap().uri).unwrap();
        assert_eq!(uri.params.get("line"), Some("f202d69f8a5beda"));
    }

    /// Letter by letter, as a reader would.
    fn filled(value: &str, host: &str, port: &str) -> (String, bool) {
        let (mut text, mut rest, mut hosts, mut adjoining, mut both) =
            (String::new(), value, 0, true, false);
        while let Some(c) = rest.chars().next() {
            if let Some(behind) = rest.strip_prefix(NO_HOST) {
                text.push_str(host);
                (rest, hosts, adjoining) = (behind, hosts + 1, true);
            } else if let Some(behind) = rest.strip_prefix(OPEN_PORT) {
                text.extend([":", port]);
                both |= hosts > 0 && adjoining;
                (rest, adjoining) = (behind, true);
            } else {
                text.push(c);
                (rest, adjoining) = (&rest[c.len_utf8()..], false);
            }
        }
        (text, both)
    }

    #[test]
    fn addresses_are_filled_in_wherever_placeholders_stand() {
        let pieces = [
            "999.999.999.999",
            ":99999",
            "9",
            ".",
            "999.",
            ":",
            "é",
            "<sip:a@",
            "9999.999.999",
            ";",
        ];
        let address = Address::new("10.0.0.1", 5070);
        let mut random = crate::request::Entropy::new([7; 32]);
        for _ in 0..20_000 {
            let (mut value, mut draw) = (String::new(), random.bits());
            for _ in 0..draw % 9 {
                draw /= 9;
                value.push_str(pieces[(draw % 10) as usize]);
                draw /= 10;
            }
            let mut text = String::new();
            let both = push_filled(&mut text, &value, || &address);
            assert_eq!((text, both), filled(&value, "10.0.0.1", "5070"), "{value}");
            assert_eq!(is_open(&value), value.contains(NO_HOST), "{value}");
        }
    }

    #[test]
    fn the_address_not_known_yet_is_its_host_and_port() {
        assert_eq!(NO_ADDRESS, format!("{NO_HOST}{OPEN_PORT}"));
    }

    #[test]
    fn another_address_leaves_the_rest_alone() {
        let to = Address::new("[2001:db8::1]", 7);
        let moved = readdress("\"A\" <sip:a@10.0.0.1:5060;line=x>;q=1", &to).unwrap();
        assert_eq!(moved, "\"A\" <sip:a@[2001:db8::1]:7;line=x>;q=1");
        assert_eq!(readdress(&moved, &to), None);
    }

    #[test]
    fn expires_is_added_only_to_remove() {
        assert_eq!(with_expires("<sip:a@b>;q=1", 60), "<sip:a@b>;q=1");
        assert_eq!(with_expires("<sip:a@b>;q=1", 0), "<sip:a@b>;q=1;expires=0");
        assert_eq!(with_expires("<sip:a@b>;expires=0;q=1", 60), "<sip:a@b>;q=1;expires=60");
        assert_eq!(with_expires("*", 0), "*");
    }
}
