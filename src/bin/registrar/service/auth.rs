//! Challenges and their answers (RFC 7616), seen from the server.

use super::settings::Settings;
use register::auth::{Algorithm, parameters};
use register::sip::{Message, StartLine, Uri, quote, unescape};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Nonces remembered for `--nonce-once` and `--check-nc`; older ones are stale.
const MOST_NONCES: usize = 1 << 18;

/// What became of a request's credentials.
pub(crate) enum Verdict {
    /// They prove this user.
    Proven(String),
    /// A challenge: the log line's reason, whether `stale=true`, and the nonce to use again.
    Challenge { why: &'static str, stale: bool, nonce: Option<String> },
    /// A final refusal.
    Refused(u16, &'static str),
}

/// Makes nonces that need not be stored, and stores only what the settings ask for.
#[derive(Debug)]
pub(crate) struct Auth {
    key: String,
    opaque: String,
    serial: u64,
    /// The greatest count seen, by serial number of the nonce.
    used: HashMap<u64, u32>,
    order: VecDeque<u64>,
    /// Serial numbers up to this were forgotten.
    forgotten: u64,
}

/// The parameters of one Authorization line.
#[derive(Default)]
struct Credentials<'a> {
    username: &'a str,
    realm: &'a str,
    nonce: &'a str,
    uri: &'a str,
    response: &'a str,
    algorithm: Option<&'a str>,
    cnonce: &'a str,
    opaque: &'a str,
    qop: Option<&'a str>,
    nc: &'a str,
}

impl<'a> Credentials<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (scheme, rest) = line.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let mut c = Credentials::default();
        for (name, value) in parameters(rest) {
            match name.to_ascii_lowercase().as_str() {
                "username" => c.username = value,
                "realm" => c.realm = value,
                "nonce" => c.nonce = value,
                "uri" => c.uri = value,
                "response" => c.response = value,
                "algorithm" => c.algorithm = Some(value),
                "cnonce" => c.cnonce = value,
                "opaque" => c.opaque = value,
                "qop" => c.qop = Some(value),
                "nc" => c.nc = value,
                _ => {}
            }
        }
        Some(c)
    }
}

impl Auth {
    pub(crate) fn new(seed: u64) -> Self {
        let key = Algorithm::Sha256.hex(&[b"key", &seed.to_be_bytes()]);
        let opaque = Algorithm::Md5.hex(&[b"opaque", &seed.to_be_bytes()]);
        let (used, order) = (HashMap::new(), VecDeque::new());
        Auth { key, opaque, serial: 0, used, order, forgotten: 0 }
    }

    /// A nonce that holds the time and its number, with a message authentication code.
    pub(crate) fn nonce(&mut self, now: Duration) -> String {
        self.serial += 1;
        let plain = format!("{:012x}{:010x}", now.as_millis(), self.serial);
        let mac = self.mac(&plain);
        plain + &mac
    }

    fn mac(&self, plain: &str) -> String {
        let key = self.key.as_bytes();
        let mut mac = Algorithm::Sha256.hex(&[key, plain.as_bytes(), key]);
        mac.truncate(20);
        mac
    }

    /// When a nonce of ours was made, and its number.
    fn open(&self, nonce: &str) -> Option<(Duration, u64)> {
        let (plain, mac) = nonce.split_at_checked(22)?;
        let (time, serial) = plain.split_at_checked(12)?;
        if mac != self.mac(plain) {
            return None;
        }
        let time = Duration::from_millis(u64::from_str_radix(time, 16).ok()?);
        Some((time, u64::from_str_radix(serial, 16).ok()?))
    }

    /// One line for each algorithm.
    pub(crate) fn challenges(
        &self,
        settings: &Settings,
        nonce: &str,
        stale: bool,
    ) -> Vec<(&'static str, String)> {
        let name = if settings.proxy_auth { "Proxy-Authenticate" } else { "WWW-Authenticate" };
        let line = |algorithm: &Algorithm| {
            let qop = settings.qop.as_ref().map_or(String::new(), |qop| format!(", qop=\"{qop}\""));
            let stale = if stale { ", stale=true" } else { "" };
            let (realm, opaque, algorithm) =
                (quote(&settings.realm), &self.opaque, algorithm.name());
            format!(
                r#"Digest realm={realm}, nonce="{nonce}", opaque="{opaque}", algorithm={algorithm}{qop}{stale}"#
            )
        };
        settings.algorithms.iter().map(|a| (name, line(a))).collect()
    }

    pub(crate) fn check(
        &mut self,
        settings: &Settings,
        now: Duration,
        request: &Message<'_>,
    ) -> Verdict {
        let again = |why| Verdict::Challenge { why, stale: false, nonce: None };
        let name = if settings.proxy_auth { "Proxy-Authorization" } else { "Authorization" };
        let realm = quote(&settings.realm);
        let ours = |c: &Credentials<'_>| c.realm == &realm[1..realm.len() - 1];
        let Some(c) = request.lines(name).filter_map(Credentials::parse).find(ours) else {
            return again("no credentials");
        };
        let StartLine::Request { method, uri } = request.start else {
            return Verdict::Refused(400, "no request");
        };
        let same = |a: &str, b: &str| matches!((Uri::parse(a), Uri::parse(b)), (Ok(a), Ok(b)) if a.equivalent(&b));
        if c.uri != uri && !same(c.uri, uri) {
            return Verdict::Refused(400, "digest uri is not the Request-URI");
        }
        let Some(algorithm) = Algorithm::parse(c.algorithm.unwrap_or("MD5"))
            .filter(|a| settings.algorithms.contains(a))
        else {
            return again("algorithm not offered");
        };
        let offered = settings.qop.as_deref().map(|offer| offer.split(',').map(str::trim));
        let qop_fits = match (offered, c.qop) {
            (Some(mut offered), Some(qop)) => offered.any(|o| o == qop),
            (None, None) => true,
            _ => false,
        };
        if !qop_fits {
            return again("qop not offered");
        }
        if c.opaque != self.opaque {
            return again("opaque not echoed");
        }
        let count = (c.nc.len() == 8 && !c.nc.bytes().any(|b| b.is_ascii_uppercase()))
            .then(|| u32::from_str_radix(c.nc, 16).ok())
            .flatten();
        if c.qop.is_some() && count.is_none() {
            return Verdict::Refused(400, "nc is not eight lower-case hex digits");
        }
        let Some((made, serial)) = self.open(c.nonce) else { return again("nonce is not ours") };
        let username = unescape(c.username);
        let known = settings.users.get(&*username).or(settings.any_user.as_ref());
        let right =
            |p: &&String| c.response == response(settings, &c, algorithm, p, method, request.body);
        if known.filter(right).is_none() {
            let why = if known.is_some() { "wrong answer" } else { "no such user" };
            if settings.forbid {
                return Verdict::Refused(403, why);
            }
            let nonce = settings.keep_nonce.then(|| c.nonce.to_string());
            return Verdict::Challenge { why, stale: false, nonce };
        }
        let stale = |why| Verdict::Challenge { why, stale: true, nonce: None };
        if now.saturating_sub(made) >= settings.nonce_life {
            return stale("nonce too old");
        }
        if (settings.nonce_once || settings.check_nc)
            && !self.first_use(settings, serial, count.unwrap_or(0))
        {
            return stale("nonce or nc used before");
        }
        Verdict::Proven(username.into_owned())
    }

    /// Notes that a nonce was used with this count; `false` when that is no longer allowed.
    fn first_use(&mut self, settings: &Settings, serial: u64, count: u32) -> bool {
        if serial <= self.forgotten {
            return false;
        }
        if let Some(last) = self.used.get_mut(&serial) {
            // Without qop there is no count, and a second use is allowed.
            let grows = count > *last || settings.qop.is_none();
            *last = count.max(*last);
            return grows && !settings.nonce_once;
        }
        if self.order.len() == MOST_NONCES {
            if let Some(oldest) = self.order.pop_front() {
                self.used.remove(&oldest);
                self.forgotten = self.forgotten.max(oldest);
            }
        }
        self.used.insert(serial, count);
        self.order.push_back(serial);
        true
    }
}

/// What the `response` parameter must be (RFC 7616 section 3.4.1).
fn response(
    settings: &Settings,
    c: &Credentials<'_>,
    algorithm: Algorithm,
    password: &str,
    method: &str,
    body: &[u8],
) -> String {
    let h = |text: &str| algorithm.hex(&[text.as_bytes()]);
    let mut a1 = h(&format!("{}:{}:{password}", unescape(c.username), settings.realm));
    let (nonce, cnonce) = (c.nonce, unescape(c.cnonce));
    if algorithm.is_session() {
        a1 = h(&format!("{a1}:{nonce}:{cnonce}"));
    }
    let uri = unescape(c.uri);
    let a2 = match c.qop {
        Some("auth-int") => h(&format!("{method}:{uri}:{}", algorithm.hex(&[body]))),
        _ => h(&format!("{method}:{uri}")),
    };
    match c.qop {
        Some(qop) => h(&format!("{a1}:{nonce}:{}:{cnonce}:{qop}:{a2}", c.nc)),
        None => h(&format!("{a1}:{nonce}:{a2}")),
    }
}
