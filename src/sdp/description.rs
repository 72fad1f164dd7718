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
