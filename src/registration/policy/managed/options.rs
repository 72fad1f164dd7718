//! The options of a managed registration, and the check that refuses them with a reason in words.

mod syntax;
mod uris;

use self::syntax::{are_params, is_qvalue, is_token, is_uuid};
use super::FailureClass;
use super::option_tags::OptionTagsField;
use crate::auth::{AccountLogin, Algorithm, ChallengePolicy};
use crate::request::expiry::LARGEST_MIN_EXPIRES;
use crate::request::{Masquerade, Refusal};
use crate::sip::{NameAddr, Uri, excerpt, split_list, well_formed};
use crate::transport::{TlsSettings, Transport, TransportSet};
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use uris::{Servable, domain, party, request_uri};

/// How a flow is kept open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepAlive {
    /// As the context's option 1 says.
    Context,
    /// Not by this registration.
    Off,
    /// CR LF CR LF.
    Crlf,
    /// STUN binding requests (RFC 5389); the mapped address of the responses is compared. A server
    /// that never answers one gets CR LF CR LF instead.
    Stun,
}

/// Push notifications (RFC 8599 section 4): parameters of our Contact URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// `pn-provider`.
    pub provider: String,
    /// `pn-prid`; empty: none.
    pub prid: String,
    /// `pn-param`; empty: none.
    pub param: String,
}

/// What `registerer_new` is given. [`ManagedOptions::new`] has the defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedOptions {
    /// To, and From where that is not given: a URI or name-addr.
    pub aor: String,
    /// The Request-URI; empty: the domain of the address-of-record.
    pub registrar: String,
    /// From of a third-party REGISTER: a URI or name-addr.
    pub from: Option<String>,
    /// Credentials of this account alone; none: those of the context.
    pub logins: Vec<AccountLogin>,
    /// The digest user that is named before any challenge came, with or without a secret.
    pub username: Box<str>,
    /// Its realm; empty: the domain of the registrar.
    pub realm: Box<str>,
    /// A REGISTER without an answer to a challenge names the user and the realm (TS 24.229 section
    /// 5.1.1.2).
    pub initial_authorization: bool,
    /// How long the program may take to answer a challenge; zero: it is not asked.
    pub challenge_wait: Duration,
    /// Flows to the registrar, 1 or 2 (RFC 5626 section 4.2); the second has the next reg-id.
    pub flows: u8,
    /// The preloaded Route of the second flow; empty: that of the first.
    pub second_route: Box<str>,
    /// The event `reg` is subscribed to once the binding is there (RFC 3680).
    pub reg_event: bool,
    /// Seconds to ask for, 1–4,294,967,295.
    pub expires: u32,
    /// When to refresh, percent of the granted time, 50–99.
    pub refresh: u8,
    /// … or up to this many percent earlier, 0–40; Retry-After is stretched by up to this much.
    pub jitter: u8,
    /// Further header fields; User-Agent takes the place of the context's.
    pub headers: Vec<(String, String)>,
    /// Further parameters of our Contacts, from their first `;`; may be empty.
    pub contact_params: String,
    /// Our Contacts; none: one made by us.
    pub contacts: Vec<String>,
    /// The `q` of a Contact made by us.
    pub q: Option<Box<str>>,
    /// A UUID; `None`: the context's.
    pub instance: Option<String>,
    /// RFC 5626; 0: none, and no outbound.
    pub reg_id: u32,
    /// Preloaded Route; may be empty.
    pub route: String,
    /// Challenges for a weaker algorithm are not answered.
    pub weakest_algorithm: Algorithm,
    /// Answers to challenges, and to 423, in a row.
    pub answers: u8,
    /// The least back-off after one failure; doubled with each, see [`super::back_off`].
    pub retry_base: Duration,
    /// The longest back-off.
    pub retry_max: Duration,
    /// Failures in a row after which it stops; 0: never.
    pub retry_limit: u32,
    /// Temporary failures are tried again.
    pub retry_temporary: bool,
    /// Fatal ones are tried again as temporary ones are.
    pub retry_fatal: bool,
    /// Else they, and 403 to any credentials, are tried again after 50–100 % of so many seconds; 0:
    /// never.
    pub fatal_retry: u32,
    /// Refused credentials too.
    pub retry_credentials: bool,
    /// The largest Min-Expires of a 423 that is followed, seconds.
    pub largest_min_expires: u32,
    /// Statuses that count as another class than usual.
    pub classes: Vec<(u16, FailureClass)>,
    /// An attempt without a final response ends after so many seconds; 0: with Timer F.
    pub attempt_timeout: u32,
    /// What is done with the address that the server sees us at.
    pub nat: Masquerade,
    /// See [`KeepAlive`].
    pub keep_alive: KeepAlive,
    /// Between keep-alives; zero: the context's option 1.
    pub keep_alive_period: Duration,
    /// Offer GRUU (RFC 5627).
    pub gruu: bool,
    /// Offer Path (RFC 3327).
    pub path: bool,
    /// Mechanisms for Security-Client (RFC 3329); empty: none.
    pub security: String,
    /// RFC 8599.
    pub push: Option<Box<Push>>,
    /// Redirections are followed.
    pub redirects: bool,
    /// The first REGISTER is sent at some moment within this time.
    pub spread: Duration,
    /// The events of the eXosip calls are made too.
    pub events: bool,
    /// A registration of the eXosip calls was taken over: its texts stay as they are.
    pub adopted: bool,
    /// The application's value; never looked at.
    pub tag: usize,
    /// The transport; `None`: as the URIs and the DNS say.
    pub transport: Option<Transport>,
    /// How TLS is used, where it is.
    pub tls: Arc<TlsSettings>,
}

/// Why options were refused, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionsError(pub String);

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Refusal> for OptionsError {
    fn from(refusal: Refusal) -> Self {
        OptionsError(match refusal {
            Refusal::NoNetwork => "the context does not listen yet".to_owned(),
            Refusal::Syntax(what) => what.to_owned(),
            Refusal::NotFound => "there is no such registration".to_owned(),
            Refusal::WrongState => "a request is pending".to_owned(),
            _ => "not possible".to_owned(),
        })
    }
}

/// Header fields that the library writes.
const OURS: [&str; 20] = [
    "Via",
    "v",
    "From",
    "f",
    "To",
    "t",
    "Call-ID",
    "i",
    "CSeq",
    "Contact",
    "m",
    "Expires",
    "Content-Length",
    "l",
    "Authorization",
    "Proxy-Authorization",
    "Max-Forwards",
    "Route",
    "Security-Client",
    "Security-Verify",
];

/// What most registrations share.
static DEFAULT_TLS: LazyLock<Arc<TlsSettings>> =
    LazyLock::new(|| Arc::new(TlsSettings { alpn: true, ..TlsSettings::verified() }));

impl ManagedOptions {
    /// The defaults, for an address-of-record.
    pub fn new(aor: &str) -> Self {
        ManagedOptions {
            aor: aor.to_owned(),
            registrar: String::new(),
            from: None,
            logins: Vec::new(),
            username: Box::default(),
            realm: Box::default(),
            initial_authorization: false,
            challenge_wait: Duration::ZERO,
            flows: 1,
            second_route: Box::default(),
            reg_event: false,
            expires: 600,
            refresh: 90,
            jitter: 5,
            headers: Vec::new(),
            contact_params: String::new(),
            contacts: Vec::new(),
            q: None,
            instance: None,
            reg_id: 1,
            route: String::new(),
            weakest_algorithm: Algorithm::Md5,
            answers: 3,
            retry_base: Duration::from_secs(30),
            retry_max: Duration::from_secs(1800),
            retry_limit: 0,
            retry_temporary: true,
            retry_fatal: false,
            fatal_retry: 3600,
            retry_credentials: false,
            largest_min_expires: LARGEST_MIN_EXPIRES,
            attempt_timeout: 0,
            classes: Vec::new(),
            nat: Masquerade::Automatic,
            keep_alive: KeepAlive::Context,
            keep_alive_period: Duration::ZERO,
            gruu: true,
            path: true,
            security: String::new(),
            push: None,
            redirects: false,
            spread: Duration::ZERO,
            events: false,
            adopted: false,
            tag: 0,
            transport: None,
            tls: Arc::clone(&DEFAULT_TLS),
        }
    }

    /// The options of a registration of the eXosip calls that is taken over; `nat`: as the context
    /// treats Contacts.
    pub(crate) fn adopted(expires: Option<u32>, nat: Masquerade) -> Self {
        let keep = ManagedOptions {
            events: true,
            adopted: true,
            reg_id: 0,
            nat,
            ..ManagedOptions::new("")
        };
        ManagedOptions {
            expires: expires.unwrap_or(keep.expires),
            gruu: false,
            path: false,
            ..keep
        }
    }

    /// Whether TLS is asked for by name. It may be used where it is not, as the DNS says.
    pub(crate) fn asks_for_tls(&self) -> bool {
        let named = |text: &str| {
            let text = text.to_ascii_lowercase();
            text.contains("sips:") || text.contains("transport=tls")
        };
        self.transport == Some(Transport::Tls)
            || [&self.aor, &self.registrar, &self.route, &*self.second_route].into_iter().any(named)
    }

    /// The settings of TLS that are its own; `None`: those of the context count, as for any
    /// registration of the eXosip calls.
    pub(crate) fn tls_settings(&self) -> Option<Arc<TlsSettings>> {
        (!self.adopted).then(|| Arc::clone(&self.tls))
    }

    /// Which challenges are answered. One that was taken over keeps the credentials that the eXosip
    /// calls find for it.
    pub(crate) fn challenge_policy(&self) -> ChallengePolicy {
        ChallengePolicy {
            weakest_algorithm: self.weakest_algorithm,
            own_credentials_only: !self.adopted,
            new_nonce_is_refusal: true,
        }
    }

    /// The options as they are used, where there are `transports`: the registrar filled in. Errors:
    /// why they cannot be, in words.
    pub fn checked(mut self, transports: TransportSet) -> Result<Self, OptionsError> {
        let servable = Servable { transports, transport: self.transport };
        self.check_parties(servable)?;
        self.check_binding()?;
        self.check_headers()?;
        self.check_contacts()?;
        self.check_route(servable)?;
        self.check_flows()?;
        if self.answers == 0 {
            return wrong("answers to challenges must be at least 1");
        }
        if self.retry_base < Duration::from_secs(1) || self.retry_max < self.retry_base {
            return wrong("the back-off must begin at 1 s or more and end no lower");
        }
        AccountLogin::check(&self.logins).map_err(OptionsError)?;
        self.check_user()?;
        if let Some(pin) = self.tls.pin.as_ref().filter(|pin| !TlsSettings::is_pin(pin)) {
            let pin = excerpt(pin);
            return wrong(format!("the pin \"{pin}\" is not sha256// with 44 digits of base64"));
        }
        self.check_push()?;
        self.security = self.security.trim().to_owned();
        if self.security.chars().any(char::is_control) {
            return wrong("the security mechanisms are not one line");
        }
        Ok(self)
    }

    /// Who registers, and with whom.
    fn check_parties(&mut self, servable: Servable) -> Result<(), OptionsError> {
        let given = std::mem::take(&mut self.aor);
        self.aor = well_formed(&given, true);
        self.from = self.from.take().map(|from| well_formed(&from, true));
        self.contacts.iter_mut().for_each(|contact| *contact = well_formed(contact, false));
        let aor = party("the address-of-record", &self.aor)?;
        servable.check_choice()?;
        servable.check("the address-of-record", &given, &aor.uri)?;
        if self.registrar.trim().is_empty() {
            self.registrar = domain(&aor, &given)
                .ok_or(OptionsError("the address-of-record has no domain".into()))?;
        }
        self.registrar = request_uri(&self.registrar, servable)?;
        if let Some(from) = &self.from {
            party("From", from)?;
        }
        Ok(())
    }

    /// Who is named without a challenge.
    fn check_user(&self) -> Result<(), OptionsError> {
        if self.initial_authorization && self.username.is_empty() {
            return wrong("an initial Authorization needs a user name");
        }
        if [&self.username, &self.realm].iter().any(|text| text.chars().any(char::is_control)) {
            return wrong("the user name or its realm is not one line");
        }
        Ok(())
    }

    /// How long it lasts, and what it is known by.
    fn check_binding(&mut self) -> Result<(), OptionsError> {
        if self.expires == 0 {
            return wrong("expires is 0: a registration lasts at least 1 s");
        }
        if !(50..=99).contains(&self.refresh) {
            return wrong(format!(
                "the refresh frequency is {} %, it must be 50 to 99",
                self.refresh
            ));
        }
        if self.jitter > 40 {
            return wrong(format!("the jitter is {} %, it must be 0 to 40", self.jitter));
        }
        if let Some(uuid) = &mut self.instance {
            let bare = uuid.strip_prefix("urn:uuid:").unwrap_or(uuid).to_ascii_lowercase();
            if !is_uuid(&bare) {
                return wrong(format!("the instance id \"{}\" is no UUID", excerpt(uuid)));
            }
            *uuid = bare;
        }
        if self.reg_id > 0x7fff_ffff {
            return wrong(format!("the reg-id {} is out of 1 to 2147483647", self.reg_id));
        }
        Ok(())
    }

    fn check_headers(&self) -> Result<(), OptionsError> {
        for (name, value) in &self.headers {
            let token = !name.is_empty() && name.bytes().all(is_token);
            if !token || value.chars().any(char::is_control) {
                return wrong(format!(
                    "the header \"{}\" is not one line of name and value",
                    excerpt(name)
                ));
            }
            if OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
                return wrong(format!("the header {name} is made by the library"));
            }
            let is_tag = |tag: &str| !tag.is_empty() && tag.bytes().all(is_token);
            if OptionTagsField::named(name).is_some() && !split_list(value).all(is_tag) {
                return wrong(format!("the header {name} is no list of option tags"));
            }
        }
        Ok(())
    }

    fn check_route(&mut self, servable: Servable) -> Result<(), OptionsError> {
        for one in split_list(&self.route).chain(split_list(&self.second_route)) {
            let route = party("the Route", one)?;
            servable.check("the Route", one, &route.uri)?;
        }
        if split_list(&self.route).next().is_none() {
            self.route.clear();
        }
        if split_list(&self.second_route).next().is_none() {
            self.second_route = Box::default();
        }
        Ok(())
    }

    fn check_push(&self) -> Result<(), OptionsError> {
        let Some(push) = &self.push else { return Ok(()) };
        let plain = |text: &str| text.bytes().all(|b| is_token(b) || b"[]/:&+$%".contains(&b));
        if push.provider.is_empty()
            || ![&push.provider, &push.prid, &push.param].iter().all(|t| plain(t))
        {
            return wrong("push needs a provider, and texts that fit into a URI parameter");
        }
        Ok(())
    }

    fn check_contacts(&mut self) -> Result<(), OptionsError> {
        let params = self.contact_params.trim().to_owned();
        self.contact_params = if params.is_empty() || params.starts_with(';') {
            params
        } else {
            format!(";{params}")
        };
        if !are_params(&self.contact_params) {
            return Err(OptionsError(
                "the Contact parameters are not of the form name=value;…".into(),
            ));
        }
        for text in &self.contacts {
            if text.trim() == "*" {
                return Err(OptionsError(
                    "Contact * only removes bindings: use registerer_unregister".into(),
                ));
            }
            party("the Contact", text)?;
            let addr = NameAddr::parse(text).ok();
            let uri = addr.and_then(|addr| Uri::parse(addr.uri).ok());
            if uri.is_some_and(|uri| uri.params.get("gr").is_some()) {
                return Err(OptionsError(
                    "a GRUU must not be registered as a Contact (RFC 5627)".into(),
                ));
            }
        }
        match &self.q {
            Some(q) if !is_qvalue(q) => {
                Err(OptionsError(format!("q is \"{}\", it must be 0 to 1", excerpt(q))))
            }
            _ => Ok(()),
        }
    }

    /// The class of a failed response.
    pub(super) fn class(&self, status: u16, authenticated: bool) -> FailureClass {
        self.named_class(status).unwrap_or_else(|| FailureClass::of(status, authenticated))
    }

    /// The class that the options name for a status.
    pub(super) fn named_class(&self, status: u16) -> Option<FailureClass> {
        self.classes.iter().find(|(code, _)| *code == status).map(|(_, class)| *class)
    }
}

pub(super) fn wrong<T>(text: impl Into<String>) -> Result<T, OptionsError> {
    Err(OptionsError(text.into()))
}

#[cfg(test)]
mod tests;
