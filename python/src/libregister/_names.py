# Generated from include/registerer.h by python/generate; do not edit.

from __future__ import annotations

import enum
import os
from typing import Optional, TypedDict, Union


class State(enum.IntEnum):
    # No response yet.
    INITIAL = 0
    # The server holds the binding.
    REGISTERED = 1
    # It does not.
    UNREGISTERED = 2
    # It was disposed of: nothing more is sent.
    TERMINATED = 3


class Algorithm(enum.IntEnum):
    # MD5, which is all that most servers ask for.
    MD5 = 0
    # SHA-256.
    SHA_256 = 1
    # SHA-512-256.
    SHA_512_256 = 2


class Keepalive(enum.IntEnum):
    # As the context does: `keepalive_interval` of its options, or EXOSIP_OPT_UDP_KEEP_ALIVE.
    CONTEXT = 0
    # Not for this registration.
    OFF = 1
    # CR LF CR LF.
    CRLF = 2
    # STUN; a changed public address registers anew.
    STUN = 3


class Nat(enum.IntEnum):
    # Nothing.
    OFF = 0
    # It replaces the one in a Contact that the library made.
    AUTOMATIC = 1
    # It replaces the one in every Contact.
    EVERY = 2


class Text(enum.IntEnum):
    # The reason phrase of the last answer, or why there was none.
    REASON = 0
    # Where the last REGISTER went, `address:port`.
    TARGET = 1
    # The address that the server last saw us at.
    SEEN = 2
    # `urn:uuid:…`: the one that was given, or that was made for want of it.
    INSTANCE = 3
    # Each binding of the address-of-record, as the server lists it.
    CONTACT = 4
    # Ours among them.
    OWN_CONTACT = 5
    # Each Service-Route, RFC 3608.
    SERVICE_ROUTE = 6
    # Each P-Associated-URI.
    ASSOCIATED_URI = 7
    # Each Path, RFC 3327.
    PATH = 8
    # The public GRUU, RFC 5627.
    PUBLIC_GRUU = 9
    # The temporary GRUU.
    TEMPORARY_GRUU = 10


class Transport(enum.IntEnum):
    # As the first Route says, else the registrar's URI, else DNS (RFC 3263). A literal address, or
    # a port, without another word is UDP; `sips:` is TLS.
    AUTOMATIC = 0
    # Datagrams.
    UDP = 1
    # Connections in the clear.
    TCP = 2
    # TLS over TCP.
    TLS = 3


class TraceLevel(enum.IntEnum):
    # What is wrong, and the program or its user should know.
    ERRORS = 2
    # What is unusual and was handled too.
    WARNINGS = 3
    # What happens too: one line for each message.
    LINES = 4
    # Whole messages too.
    MESSAGES = 6


class Retry(enum.IntFlag):
    # Bit of `retry_classes`: timeouts, 480, 500, 503 and the like are tried again.
    TEMPORARY = 1
    # Bit of `retry_classes`: what seems not to work by itself (400, 403, 404 and the like) is tried
    # again as temporary failures are. Without it that is done after half an hour to an hour, so
    # that one stray answer does not end the service of a device for ever.
    FATAL = 2
    # Bit of `retry_classes`: refused credentials are tried again. This may lock an account.
    CREDENTIALS = 4


class ContextOptions(TypedDict, total=False):
    # The User-Agent of requests; none: the name and the version of the library.
    user_agent: Optional[str]
    # A UUID for the registrations that have no `instance_id` of their own; none: made at random.
    instance_id: Optional[str]
    # What Contacts show in place of our own address; none: our own.
    public_address: Optional[str]
    # The port that goes with it; 0: that which we listen on (0).
    public_port: int
    # Where registerer_context_listen is given no address: 0 is IPv4, 1 is IPv6, 2 is both (0).
    ipv6: int
    # The DSCP value of what is sent, 0 to 63 (26).
    dscp: int
    # Seconds between keep-alives; 0: none (17).
    keepalive_interval: int
    # Whether connections of others are accepted, where TCP or TLS is listened on (0). With TLS a
    # certificate is needed for that.
    accept_connections: bool
    # TLS, for what belongs to no registration: whether certificates are checked (1). What a
    # registration wants of it is in its own options.
    tls_verify: bool
    # A file of root certificates in PEM, or a folder of such files; none: those of the system.
    tls_ca_file: Union[str, os.PathLike[str], None]
    # What is shown to those who connect to us, and to a server that asks for a certificate: PEM,
    # with its issuers after it, or DER; and …
    tls_certificate_file: Union[str, os.PathLike[str], None]
    # … its private key: PEM or DER, not encrypted.
    tls_key_file: Union[str, os.PathLike[str], None]


class RegistrationOptions(TypedDict, total=False):
    # The URI of the registrar; none: the domain of the address-of-record. A `transport` but udp,
    # tcp and tls is refused, here, in `aor` and in `route`; so are tls and sips: by a library
    # without TLS.
    registrar: Optional[str]
    # The digest user; none: those of eXosip_add_authentication_info for the user of the
    # address-of-record, if there are. Those of another user are not used, whatever the realm.
    username: Optional[str]
    # Its realm; none: any.
    realm: Optional[str]
    # In place of a password: H(user:realm:password) in hex for MD5 …
    ha1_md5: Optional[str]
    # … for SHA-256 …
    ha1_sha256: Optional[str]
    # … for SHA-512-256.
    ha1_sha512_256: Optional[str]
    # Seconds to ask for, at least 1 (600).
    expires: int
    # When to refresh, percent of the granted time, 50 to 99 (90).
    refresh_frequency: int
    # Up to this many percent earlier, at random, 0 to 40 (5).
    refresh_jitter: int
    # Further header fields, `Name: value`, one on a line; none that the library makes but
    # User-Agent, and Supported, Require and Proxy-Require, whose option tags are added to ours.
    extra_headers: Optional[str]
    # Further parameters of our Contact: `;name=value;…`, values with commas or brackets in quotes.
    contact_params: Optional[str]
    # Our Contact, or several with commas; none: the library makes one.
    contacts: Optional[str]
    # The `q` of a Contact that the library makes, "0" to "1".
    q: Optional[str]
    # A UUID, with or without `urn:uuid:`; none: made at random for the context. RFC 5626 section
    # 4.1 wants it to be the same each time that the program starts, or servers list a dead binding
    # beside the new one: read it after registerer_new by registerer_get_text with
    # REGISTERER_TEXT_INSTANCE, store it, and give it here from then on.
    instance_id: Optional[str]
    # RFC 5626 (1); 0: no outbound.
    reg_id: int
    # From, where another registers than the address-of-record: a URI or `"Name" <uri>`.
    from_: Optional[str]
    # Preloaded Route, comma list.
    route: Optional[str]
    # Challenges answered in a row, and 423 (3).
    max_answers: int
    # Least wait after a first failure, seconds (30): one to two times as long, at random, and twice
    # as long with each further failure …
    retry_base: int
    # … up to this (1800), of which it is 50 to 100 % (RFC 5626 section 4.5). Retry-After wins, up
    # to a day.
    retry_max: int
    # Failures in a row after which it stops; 0: never (0).
    retry_limit: int
    # Bits REGISTERER_RETRY_* (REGISTERER_RETRY_TEMPORARY).
    retry_classes: Retry
    # Statuses that count otherwise: "404=temporary 480=fatal 403=credentials".
    status_classes: Optional[str]
    # One of enum registerer_nat (REGISTERER_NAT_AUTOMATIC).
    nat: Nat
    # One of enum registerer_keepalive (REGISTERER_KEEPALIVE_CONTEXT).
    keepalive: Keepalive
    # Seconds between keep-alives; 0: as the context says (0).
    keepalive_interval: int
    # Whether GRUU is offered, RFC 5627 (1).
    gruu: bool
    # Whether Path is offered, RFC 3327 (1).
    path: bool
    # Mechanisms for Security-Client, RFC 3329, such as "digest;d-alg=md5"; a server that makes no
    # agreements refuses them (420). With the parameter `mediasec` ("sdes-srtp;mediasec") they are
    # for the media plane, TS 24.229 section 5.1.1.2: the option tag is `mediasec` then. What the
    # server lists in Security-Server is repeated in Security-Verify. None: no agreement.
    security_client: Optional[str]
    # RFC 8599: `pn-provider` …
    push_provider: Optional[str]
    # … `pn-prid` …
    push_prid: Optional[str]
    # … `pn-param`.
    push_param: Optional[str]
    # Whether redirections are followed (0).
    follow_redirects: bool
    # The first REGISTER goes out at some moment within these seconds (0).
    start_spread: int
    # One of enum registerer_algorithm: a challenge for a weaker one is not answered
    # (REGISTERER_MD5). That of the context counts too, whichever is stronger.
    weakest_algorithm: Algorithm
    # After how many seconds at most a final refusal (403, 404, 6xx) is tried again, the first at
    # half of them; 0: never (3600).
    fatal_retry: int
    # The most seconds that a Min-Expires (423) is followed to (31536000).
    largest_min_expires: int
    # One of enum registerer_transport (REGISTERER_TRANSPORT_AUTOMATIC).
    transport: Transport
    # Whether the server's certificate is checked, where TLS is used (1). 0: whoever is between us
    # and the server may be it, unless there is a pin.
    tls_verify: bool
    # A file of root certificates in PEM, or a folder of such files; none: those of the system.
    tls_ca_file: Union[str, os.PathLike[str], None]
    # What is shown to a server that asks for a certificate: PEM, with its issuers after it, or DER;
    # and …
    tls_certificate_file: Union[str, os.PathLike[str], None]
    # … its private key: PEM or DER, not encrypted. Files are read when a connection is made, and
    # again when they have changed.
    tls_key_file: Union[str, os.PathLike[str], None]
    # The key that the server's certificate has to have: `sha256//` and the base64 of the SHA-256 of
    # its SubjectPublicKeyInfo, several with `;`, or the name of a file that has the
    # SubjectPublicKeyInfo in DER or PEM.
    tls_pin: Optional[str]
    # Seconds that an attempt may take, from its first REGISTER through challenges and further
    # servers to the final answer; it then counts as unanswered, and the next follows after the
    # usual wait. 0: as long as the transactions last, 32 s for each server that is silent (0).
    attempt_timeout: int
    # Whether a REGISTER that answers no challenge has an Authorization all the same, which names
    # `username` and `realm` (none: the domain of the registrar) with an empty nonce and response,
    # as networks of TS 24.229 section 5.1.1.2 want it (0).
    initial_authorization: bool
    # Whether the event `reg` is subscribed to once the binding is there, RFC 3680 (0). A binding
    # that the registrar has deactivated is registered anew at once, one on probation when it says,
    # one that it rejected or somebody removed not before registerer_register; the listeners get
    # REGISTERER_UNREGISTERED, and registerer_explain says why. A shortened one is refreshed in
    # time. The SUBSCRIBE follows Service-Route; its challenges are answered by the password.
    reg_event: bool
    # Flows to the registrar, RFC 5626 section 4.2: 1, or 2 (1; 0 is 1 too). The second has the
    # reg-id after `reg_id`, a Call-ID and a connection of its own; over UDP it goes to another
    # server of the domain, or there is none. `instance_id` and `reg_id` are needed for it, and one
    # Contact at most. The registration is REGISTERED while either flow has a binding; events of
    # requests are those of both, and a second flow that cannot be is one that fails (408). A
    # registrar that does no outbound gets one flow.
    flows: int
    # Preloaded Route of the second flow, comma list; none: `route`.
    second_route: Optional[str]
