//! The steps of RFC 3263 over the answers that are there: the targets, or what has to be asked.

use super::TransportError;
use super::destination::{Destination, Host, TransportParam};
use super::locate::LocateError;
use super::name_cache::{Freshness, NameCache, is_service};
use super::penalties::Penalties;
use super::random::RandomSource;
use super::srv_order;
use super::target_queue::{RankedTarget, TargetQueue, TargetRank};
use super::{
    AddressFamilies, DnsError, NaptrRecord, RecordKind, Records, SrvRecord, Target, Transport,
    TransportSet,
};
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::sync::Arc;

/// How servers are located.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LocateSettings {
    /// The transports that may be used.
    pub(crate) transports: TransportSet,
    /// The one that is used whatever the URI says, as eXosip's functions have it.
    pub(crate) fixed: Option<Transport>,
    /// The families of addresses that may be used.
    pub(crate) families: AddressFamilies,
    /// Option 14: NAPTR and SRV records are asked for.
    pub(crate) has_services: bool,
    /// Option 18: answers are used again while they are fresh.
    pub(crate) is_reused: bool,
    /// A server has asked for the request: what led to it need not be asked for anew.
    pub(crate) takes_stale: bool,
}

/// A question that has no answer yet.
pub(crate) type Missing = (String, RecordKind);

/// Which answers are not waited for any more.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Patience<'a> {
    /// Where there are records past their TTL, they do.
    pub(crate) takes_stale: bool,
    /// NAPTR and SRV records that are not there will not come …
    pub(crate) are_services_over: bool,
    /// … and addresses neither.
    pub(crate) is_over: bool,
    /// Questions that could not be asked.
    pub(crate) refused: &'a [Missing],
}

/// One pass over the answers.
#[derive(Debug)]
pub(crate) struct Resolution<'a> {
    cache: &'a NameCache,
    penalties: &'a Penalties,
    freshness: Freshness,
    settings: LocateSettings,
    patience: Patience<'a>,
    missing: Vec<Missing>,
    /// Questions for which records past their TTL stand.
    outdated: Vec<Missing>,
    /// Why the first name had no addresses.
    failure: Option<(String, DnsError)>,
}

/// Servers of one transport.
struct Group {
    transport: Transport,
    records: Vec<SrvRecord>,
}

/// Where the servers of one transport are named.
enum Service {
    /// In SRV records at this name.
    Srv(Transport, String),
    /// At the addresses of this name.
    Host(Transport, String),
}

impl Service {
    fn transport(&self) -> Transport {
        match self {
            Service::Srv(transport, _) | Service::Host(transport, _) => *transport,
        }
    }
}

impl<'a> Resolution<'a> {
    /// A pass over `cache`.
    pub(crate) fn new(
        cache: &'a NameCache,
        penalties: &'a Penalties,
        freshness: Freshness,
        settings: LocateSettings,
    ) -> Self {
        Resolution {
            cache,
            penalties,
            freshness,
            settings,
            patience: Patience::default(),
            missing: Vec::new(),
            outdated: Vec::new(),
            failure: None,
        }
    }

    /// The same with less patience.
    pub(crate) fn with(self, patience: Patience<'a>) -> Self {
        Resolution { patience, ..self }
    }

    /// What has to be asked before there are targets.
    pub(crate) fn into_missing(self) -> Vec<Missing> {
        self.missing
    }

    /// What is to be asked though there is an answer, which is past its TTL.
    pub(crate) fn into_outdated(self) -> Vec<Missing> {
        self.outdated
    }

    /// The targets of `destination`, the best first, at least one. `None`: something is missing.
    pub(crate) fn targets(
        &mut self,
        destination: &Destination<'_>,
        random: &mut RandomSource<'_>,
    ) -> Option<Result<TargetQueue, LocateError>> {
        let given = match self.given_transport(destination) {
            Ok(given) => given,
            Err(error) => return Some(Err(error)),
        };
        let host = match &destination.host {
            Host::Address(ip) => return Some(self.literal(destination, given, *ip, 0)),
            Host::Zoned(text) => return self.zoned(destination, given, text),
            Host::Name(name) => name,
        };
        if let Some(ip) = self.cache.given(host) {
            let given = given.or_else(|| self.settings.transports.iter().next());
            return Some(self.literal(destination, given, ip, 0));
        }
        let groups = match self.groups(destination, host, given) {
            Ok(groups) if self.missing.is_empty() => groups,
            Ok(_) => return None,
            Err(error) => return Some(Err(error)),
        };
        for record in groups.iter().flat_map(|group| &group.records) {
            self.addresses(&record.target);
        }
        if !self.missing.is_empty() {
            return None;
        }
        let targets = self.ordered(destination, groups, random);
        Some(match self.failure.take() {
            Some((name, error)) if targets.is_empty() => Err(LocateError::Dns { name, error }),
            _ => Ok(targets.into()),
        })
    }

    /// The transport that is used whatever the domain offers (RFC 3263 section 4.1).
    fn given_transport(
        &self,
        destination: &Destination<'_>,
    ) -> Result<Option<Transport>, LocateError> {
        let LocateSettings { transports, fixed, .. } = self.settings;
        if fixed.is_some() {
            return Ok(fixed);
        }
        let wanted = match destination.transport {
            TransportParam::Unknown => return Err(LocateError::UnsupportedTransport),
            TransportParam::Known(Transport::Udp) if destination.is_secure => {
                return Err(LocateError::SipsNeedsTls);
            }
            _ if destination.is_secure => Some(Transport::Tls),
            TransportParam::Known(named) => Some(named),
            TransportParam::Absent => None,
        };
        match wanted {
            Some(wanted) if transports.has(wanted) => Ok(Some(wanted)),
            Some(_) if destination.is_secure => Err(LocateError::SipsNeedsTls),
            Some(_) => Err(LocateError::UnsupportedTransport),
            None => {
                let mut all = transports.iter();
                let first = all.next();
                let has_choice = all.next().is_some();
                let is_named =
                    destination.port.is_some() || !matches!(destination.host, Host::Name(_));
                Ok(first.filter(|_| !has_choice || is_named || !self.settings.has_services))
            }
        }
    }

    fn literal(
        &self,
        destination: &Destination<'_>,
        given: Option<Transport>,
        ip: IpAddr,
        zone: u32,
    ) -> Result<TargetQueue, LocateError> {
        let families = self.settings.families;
        let ip = if families == AddressFamilies::V6 { ip } else { ip.to_canonical() };
        if !families.has(ip) {
            return Err(LocateError::Unreachable(TransportError::WrongFamily(ip)));
        }
        let transport = given.ok_or(LocateError::UnsupportedTransport)?;
        let remote = socket_address(ip, port(destination, transport), zone);
        Ok(TargetQueue::one(target(destination, transport, remote)))
    }

    /// The address `text` with its zone, whose number the system knows.
    fn zoned(
        &mut self,
        destination: &Destination<'_>,
        given: Option<Transport>,
        text: &str,
    ) -> Option<Result<TargetQueue, LocateError>> {
        let failed = |error| Err(LocateError::Dns { name: text.to_owned(), error });
        Some(match self.answer(text, RecordKind::Aaaa)? {
            Ok(Records::Addresses { addresses, zone, .. }) => match addresses.first() {
                Some(ip) => self.literal(destination, given, *ip, *zone),
                None => failed(DnsError::NoData),
            },
            Ok(_) => failed(DnsError::NoData),
            Err(error) => failed(error),
        })
    }

    /// The names of the servers, with those of one transport together.
    fn groups(
        &mut self,
        destination: &Destination<'_>,
        host: &str,
        given: Option<Transport>,
    ) -> Result<Vec<Group>, LocateError> {
        let mut groups = Vec::new();
        let (mut is_not_offered, mut best) = (false, None);
        if destination.port.is_none() && self.settings.has_services {
            for service in self.services(host, given)? {
                best = best.or(Some(service.transport()));
                match service {
                    Service::Host(transport, name) => {
                        groups.push(one_host(transport, name, transport.default_port()));
                    }
                    Service::Srv(transport, name) => match self.answer(&name, RecordKind::Srv) {
                        Some(Ok(Records::Srv { records, .. })) => {
                            let records: Vec<_> =
                                records.iter().filter(|one| is_there(one)).cloned().collect();
                            is_not_offered |= records.is_empty();
                            groups.push(Group { transport, records });
                        }
                        Some(Err(DnsError::NotOffered)) => is_not_offered = true,
                        _ => {}
                    },
                }
            }
        }
        groups.retain(|group| !group.records.is_empty());
        if !self.missing.is_empty() || !groups.is_empty() {
            return Ok(groups);
        }
        if is_not_offered {
            return Err(LocateError::NotOffered(host.to_owned()));
        }
        // By the transport that the domain prefers, where it names no server for it.
        let transport = given.or(best).or_else(|| self.settings.transports.iter().next());
        let transport = transport.ok_or(LocateError::UnsupportedTransport)?;
        Ok(vec![one_host(transport, host.to_owned(), port(destination, transport))])
    }

    /// Where servers of the domain are named, in the order in which it wants them tried.
    fn services(
        &mut self,
        domain: &str,
        given: Option<Transport>,
    ) -> Result<Vec<Service>, LocateError> {
        let transports = self.settings.transports;
        let usual = |transport| Service::Srv(transport, srv_name(transport, domain));
        if let Some(given) = given {
            return Ok(vec![usual(given)]);
        }
        match self.answer(domain, RecordKind::Naptr) {
            None => Ok(Vec::new()),
            Some(Ok(Records::Naptr { records, .. })) => {
                let mut offered: Vec<_> = records.iter().filter_map(offer).collect();
                offered.sort_unstable_by_key(|(record, _)| (record.order, record.preference));
                let ours = offered.iter().filter(|(_, transport)| transports.has(*transport));
                let services: Vec<_> = ours.map(|(record, by)| service(record, *by)).collect();
                let is_secure_only = offered.iter().all(|(_, by)| *by == Transport::Tls);
                if services.is_empty() && !offered.is_empty() && is_secure_only {
                    return Err(LocateError::OffersTlsOnly(domain.to_owned()));
                }
                if services.is_empty() {
                    return Ok(transports.iter().map(usual).collect());
                }
                Ok(services)
            }
            Some(_) => Ok(transports.iter().map(usual).collect()),
        }
    }

    /// The answer to a question, which else is missing.
    fn answer(&mut self, name: &str, kind: RecordKind) -> Option<Result<&'a Records, DnsError>> {
        if let Some(answer) = self.cache.get(name, kind, self.freshness) {
            return Some(answer.map_err(DnsError::clone));
        }
        let Patience { takes_stale, are_services_over, is_over, refused } = self.patience;
        let question = || (name.to_owned(), kind);
        if takes_stale {
            if let Some(answer) = self.cache.stale(name, kind, self.freshness) {
                self.outdated.push(question());
                return Some(answer.map_err(DnsError::clone));
            }
        }
        if refused.iter().any(|(refused, of)| refused == name && *of == kind) {
            return Some(Err(DnsError::Busy));
        }
        if is_over || (are_services_over && is_service(kind)) {
            return Some(Err(DnsError::Timeout));
        }
        if !self.missing.contains(&question()) {
            self.missing.push(question());
        }
        None
    }

    /// The addresses of a server, as far as they are there.
    fn addresses(&mut self, name: &str) -> Vec<(IpAddr, u32)> {
        let families = self.settings.families;
        if let Some(ip) = name.parse().ok().or_else(|| self.cache.given(name)) {
            return vec![(ip, 0)].into_iter().filter(|(ip, _)| families.has(*ip)).collect();
        }
        let (mut found, mut failure) = (Vec::new(), None);
        for kind in kinds(families) {
            match self.answer(name, *kind) {
                Some(Ok(Records::Addresses { addresses, zone, .. })) => {
                    let reached = addresses.iter().filter(|ip| families.has(**ip));
                    found.extend(reached.map(|ip| (*ip, *zone)));
                }
                Some(Err(error)) if failure.as_ref().is_none_or(|it| *it == DnsError::NoData) => {
                    // Another failure says more than that there is no address of one family.
                    failure = Some(error);
                }
                _ => {}
            }
        }
        if found.is_empty() && self.failure.is_none() {
            let error = failure.unwrap_or(DnsError::NoData);
            self.failure = Some((name.to_owned(), error));
        }
        found
    }

    /// Each server's addresses in the order of RFC 2782, with those that failed lately behind the
    /// others.
    fn ordered(
        &mut self,
        destination: &Destination<'_>,
        groups: Vec<Group>,
        random: &mut RandomSource<'_>,
    ) -> Vec<RankedTarget> {
        let mut targets: Vec<RankedTarget> = Vec::new();
        let mut server = 0;
        for (group, Group { transport, mut records }) in (0..).zip(groups) {
            srv_order::order(&mut records, || random() as u32);
            for record in records {
                server += 1;
                for (ip, zone) in self.addresses(&record.target) {
                    let remote = socket_address(ip, record.port, zone);
                    let is_known = |one: &RankedTarget| {
                        one.target.transport == transport && one.target.remote == remote
                    };
                    if targets.iter().any(is_known) {
                        continue;
                    }
                    let has_failed = self.penalties.has(self.freshness.now, (transport, remote));
                    let rank = TargetRank { has_failed, group, priority: record.priority };
                    let target = target(destination, transport, remote);
                    targets.push(RankedTarget { rank, server, target });
                }
            }
        }
        let (failed, mut targets): (Vec<_>, Vec<_>) =
            targets.into_iter().partition(|one| one.rank.has_failed);
        targets.extend(failed);
        targets
    }
}

/// The records to ask for: IPv6 first, as RFC 6724 has it. Where no IPv6 address of ours leads
/// there, opening the flow says so at once.
fn kinds(families: AddressFamilies) -> &'static [RecordKind] {
    match families {
        AddressFamilies::V4 => &[RecordKind::A],
        AddressFamilies::V6 => &[RecordKind::Aaaa],
        AddressFamilies::Both => &[RecordKind::Aaaa, RecordKind::A],
    }
}

/// The name that SRV records are asked at (RFC 3263 section 4.1).
fn srv_name(transport: Transport, domain: &str) -> String {
    let service = match transport {
        Transport::Udp => "_sip._udp.",
        Transport::Tcp => "_sip._tcp.",
        Transport::Tls => "_sips._tcp.",
    };
    [service, domain].concat()
}

/// The transport that a NAPTR record offers, if it is one of SIP without a regular expression.
fn offer(record: &NaptrRecord) -> Option<(&NaptrRecord, Transport)> {
    let services =
        [("SIP+D2U", Transport::Udp), ("SIP+D2T", Transport::Tcp), ("SIPS+D2T", Transport::Tls)];
    let is_named = |(name, _): &&(&str, Transport)| record.services.eq_ignore_ascii_case(name);
    let (_, transport) = services.iter().find(is_named)?;
    let is_terminal = ["s", "a"].iter().any(|flag| record.flags.eq_ignore_ascii_case(flag));
    let is_usable = is_terminal && !record.replacement.is_empty() && record.regexp.is_empty();
    is_usable.then_some((record, *transport))
}

fn service(record: &NaptrRecord, transport: Transport) -> Service {
    let name = record.replacement.clone();
    if record.flags.eq_ignore_ascii_case("a") {
        return Service::Host(transport, name);
    }
    Service::Srv(transport, name)
}

/// Whether an SRV record names a server: a target of "." says that there is none.
fn is_there(record: &SrvRecord) -> bool {
    !matches!(&*record.target, "" | ".")
}

/// The zone belongs to addresses of one link alone.
fn socket_address(ip: IpAddr, port: u16, zone: u32) -> SocketAddr {
    match ip {
        IpAddr::V6(ip) if ip.segments()[0] & 0xffc0 == 0xfe80 => {
            SocketAddrV6::new(ip, port, 0, zone).into()
        }
        _ => SocketAddr::new(ip, port),
    }
}

fn one_host(transport: Transport, target: String, port: u16) -> Group {
    let record = SrvRecord { priority: 0, weight: 0, port, target };
    Group { transport, records: vec![record] }
}

fn port(destination: &Destination<'_>, transport: Transport) -> u16 {
    let default = if destination.is_secure { Transport::Tls } else { transport };
    destination.port.unwrap_or(default.default_port())
}

/// A server of `destination`, whose name a certificate has to be for (RFC 5922 section 4).
fn target(destination: &Destination<'_>, transport: Transport, remote: SocketAddr) -> Target {
    let tls_name = (transport == Transport::Tls).then(|| Arc::from(destination.host.to_string()));
    Target { tls_name, ..Target::new(transport, remote) }
}
