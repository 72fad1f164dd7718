//! The parts of a session description.

/// A session description (RFC 8866 section 5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionDescription<'a> {
    /// `v=`
    pub version: &'a [u8],
    /// `o=`
    pub origin: Origin<'a>,
    /// `s=`
    pub name: Option<&'a [u8]>,
    /// `i=`
    pub information: Option<&'a [u8]>,
    /// `u=`
    pub uri: Option<&'a [u8]>,
    /// `e=`
    pub emails: Vec<&'a [u8]>,
    /// `p=`
    pub phones: Vec<&'a [u8]>,
    /// `c=`, for all media that have none of their own.
    pub connection: Option<Connection<'a>>,
    /// `b=`
    pub bandwidths: Vec<Bandwidth<'a>>,
    /// `t=`, each with the `r=` behind it.
    pub times: Vec<TimeDescription<'a>>,
    /// `z=`
    pub time_zones: Option<&'a [u8]>,
    /// `k=`
    pub key: Option<Key<'a>>,
    /// `a=`
    pub attributes: Vec<Attribute<'a>>,
    /// `m=`, each with the lines behind it.
    pub media: Vec<MediaDescription<'a>>,
}

/// Who made the session, and which version of it this is (RFC 8866 section 5.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The user, or `-`.
    pub username: &'a [u8],
    /// The session's id.
    pub session_id: &'a [u8],
    /// Grows with each change.
    pub session_version: &'a [u8],
    /// `IN`
    pub network_type: &'a [u8],
    /// `IP4` or `IP6`
    pub address_type: &'a [u8],
    /// The host.
    pub address: &'a [u8],
}

/// Where media go (RFC 8866 section 5.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection<'a> {
    /// `IN`
    pub network_type: &'a [u8],
    /// `IP4` or `IP6`
    pub address_type: &'a [u8],
    /// The host, or the first multicast address.
    pub address: &'a [u8],
    /// The first number behind the address: for IPv4 the TTL.
    pub ttl: Option<&'a [u8]>,
    /// The second number behind the address: for IPv4 how many addresses.
    pub count: Option<&'a [u8]>,
}

/// A bandwidth (RFC 8866 section 5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bandwidth<'a> {
    /// `AS`, `CT` …
    pub kind: &'a [u8],
    /// The number.
    pub value: &'a [u8],
}

/// When the session is active (RFC 8866 sections 5.9 and 5.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeDescription<'a> {
    /// From; 0 for always.
    pub start: &'a [u8],
    /// Until; 0 for ever.
    pub stop: &'a [u8],
    /// `r=`
    pub repeats: Vec<&'a [u8]>,
}

/// A key (RFC 4566 section 5.12), which RFC 8866 does not use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// How to get at the key.
    pub method: &'a [u8],
    /// The key, or where it is.
    pub data: Option<&'a [u8]>,
}

/// An attribute (RFC 8866 section 5.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// What stands behind the first colon.
    pub value: Option<&'a [u8]>,
}

/// One stream of media (RFC 8866 section 5.14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaDescription<'a> {
    /// `audio`, `video` …
    pub kind: &'a [u8],
    /// The port; 0 refuses the stream (RFC 3264 section 6).
    pub port: &'a [u8],
    /// How many ports, where more than one are named.
    pub port_count: Option<&'a [u8]>,
    /// `RTP/AVP` …
    pub protocol: &'a [u8],
    /// Payload types.
    pub formats: Vec<&'a [u8]>,
    /// `i=`
    pub information: Option<&'a [u8]>,
    /// `c=`
    pub connections: Vec<Connection<'a>>,
    /// `b=`
    pub bandwidths: Vec<Bandwidth<'a>>,
    /// `k=`
    pub key: Option<Key<'a>>,
    /// `a=`
    pub attributes: Vec<Attribute<'a>>,
}

/// Which way media of a stream flow, seen from who wrote the description (RFC 8866 section 6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ways; what holds where nothing is said.
    SendRecv,
    /// Away only: hold.
    SendOnly,
    /// Towards it only.
    RecvOnly,
    /// None.
    Inactive,
}

impl Direction {
    fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"sendrecv" => Some(Self::SendRecv),
            b"sendonly" => Some(Self::SendOnly),
            b"recvonly" => Some(Self::RecvOnly),
            b"inactive" => Some(Self::Inactive),
            _ => None,
        }
    }

    fn among(attributes: &[Attribute<'_>]) -> Option<Self> {
        attributes.iter().find_map(|attribute| Self::named(attribute.name))
    }
}

impl SessionDescription<'_> {
    /// The direction of one of its streams, or what is said for all of them.
    pub fn direction(&self, media: &MediaDescription<'_>) -> Direction {
        Direction::among(&media.attributes)
            .or_else(|| Direction::among(&self.attributes))
            .unwrap_or(Direction::SendRecv)
    }

    /// Where the media of one of its streams go.
    pub fn connection_of<'d>(
        &'d self,
        media: &'d MediaDescription<'_>,
    ) -> Option<&'d Connection<'d>> {
        media.connections.first().or(self.connection.as_ref())
    }
}

impl MediaDescription<'_> {
    /// The port as a number.
    pub fn port_number(&self) -> Option<u16> {
        std::str::from_utf8(self.port).ok()?.parse().ok()
    }

    /// Whether the stream is refused or switched off (RFC 3264 sections 6 and 8.2).
    pub fn is_refused(&self) -> bool {
        self.port_number() == Some(0)
    }
}
