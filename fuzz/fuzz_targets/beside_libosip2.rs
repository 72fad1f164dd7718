//! Well-formed texts in the hands of this library and of Debian's libosipparser2: the same codes,
//! the same printed text, or a difference whose class is in `CLASSES`.
//! `cargo +nightly fuzz run beside_libosip2`
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::bytes::Bytes;
use shared::osip::{Library, Outcome, TextWithOctetsBehind, ours, theirs};
use shared::sdp;
use std::ffi::CString;
use std::fmt::Write;
use std::sync::OnceLock;

static BOTH: OnceLock<(Library, Library)> = OnceLock::new();

/// A text that was read otherwise.
struct Difference<'a> {
    text: &'a str,
    ours: &'a Outcome,
    theirs: &'a Outcome,
}

/// What decides whether a difference is of one class.
type Holds = fn(&Difference<'_>) -> bool;

/// The differences that are known.
const CLASSES: [(&str, Holds); 2] = [
    ("a bracket in quotes behind an address without brackets is refused here", |difference| {
        let is_bare = |value: &str| value.starts_with("sip:") && value.contains("\"<");
        *difference.ours == Outcome::Refused(-5) && difference.values().any(is_bare)
    }),
    ("there each parameter of Authentication-Info is a header field of its own", |difference| {
        let others = |outcome: &Outcome| {
            let Outcome::Read { printed, copy } = outcome else { return None };
            let of = |text: &[u8]| {
                let text = String::from_utf8_lossy(text).into_owned();
                let lines =
                    text.split("\r\n").filter(|line| !line.starts_with("Authentication-Info:"));
                lines.map(str::to_owned).collect::<Vec<_>>()
            };
            Some((of(printed), of(copy)))
        };
        let has_it = difference.text.contains("\r\nAuthentication-Info:");
        has_it
            && others(difference.ours).is_some_and(|ours| others(difference.theirs) == Some(ours))
    }),
];

impl Difference<'_> {
    /// The value of each header field, or the text where it is one.
    fn values(&self) -> impl Iterator<Item = &str> {
        let lines = self.text.split("\r\n");
        lines.map(|line| line.split_once(": ").map_or(line, |(_, value)| value).trim_start())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (ours, theirs) = BOTH.get_or_init(|| (ours(), theirs()));
    let mut bytes = Bytes(bytes);
    if bytes.once_in(3) {
        let text = message(&mut bytes);
        let outcomes = [ours, theirs].map(|library| library.messages.examine(text.as_bytes()));
        compare("osip_message_parse", &text, &outcomes);
        return;
    }
    let number = bytes.below(ours.parts.len());
    let name = ours.parts[number].name;
    let text = value(name, &mut bytes);
    let c_text = CString::new(text.as_str()).expect("a text without NUL");
    let there = TextWithOctetsBehind::new(&c_text);
    let outcomes =
        [ours.parts[number].examine(&c_text), theirs.parts[number].examine(there.as_c_str())];
    compare(name, &text, &outcomes);
});

fn compare(name: &str, text: &str, [ours, theirs]: &[Outcome; 2]) {
    let difference = Difference { text, ours, theirs };
    if ours != theirs && !CLASSES.iter().any(|(_, holds)| holds(&difference)) {
        panic!("{name} of {text:?}:\nours   {}\ntheirs {}", shown(ours), shown(theirs));
    }
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Read { printed, copy } if printed == copy => printed.escape_ascii().to_string(),
        Outcome::Read { printed, copy } => {
            format!("{}\ncopied {}", printed.escape_ascii(), copy.escape_ascii())
        }
        refused => format!("{refused:?}"),
    }
}

/// A whole message.
fn message(bytes: &mut Bytes<'_>) -> String {
    const OTHERS: [&str; 12] = [
        "Subject: hello",
        "User-Agent: x/1 (y)",
        "Max-Forwards: 70",
        "Expires: 3600",
        "Date: Sat, 13 Nov 2010 23:29:00 GMT",
        "Supported: path, outbound",
        "Allow: INVITE, ACK, BYE",
        "Retry-After: 18 (in a meeting);duration=3600",
        "X-Other: a, b;c=\"d\"",
        "Min-Expires: 60",
        "Accept: application/sdp",
        "Require: gruu",
    ];
    const STRUCTS: [(&str, &str); 12] = [
        ("Contact", "osip_contact_parse"),
        ("m", "osip_contact_parse"),
        ("Route", "osip_route_parse"),
        ("Record-Route", "osip_record_route_parse"),
        ("WWW-Authenticate", "osip_www_authenticate_parse"),
        ("Proxy-Authenticate", "osip_www_authenticate_parse"),
        ("Authorization", "osip_authorization_parse"),
        ("Proxy-Authorization", "osip_authorization_parse"),
        ("Authentication-Info", "osip_authentication_info_parse"),
        ("Call-Info", "osip_call_info_parse"),
        ("Accept-Encoding", "osip_accept_encoding_parse"),
        ("Via", "osip_via_parse"),
    ];
    let mut text = if bytes.once_in(2) {
        let status = bytes.one(&[100_u16, 200, 302, 401, 404, 423, 503, 600]);
        format!("SIP/2.0 {status} {}\r\n", bytes.one(&["OK", "Not Found", "Nicht gefunden"]))
    } else {
        format!("{} {} SIP/2.0\r\n", method(bytes), uri(bytes))
    };
    for (name, parser) in [
        (bytes.one(&["Via", "v", "VIA"]), "osip_via_parse"),
        (bytes.one(&["From", "f", "from"]), "osip_from_parse"),
        (bytes.one(&["To", "t"]), "osip_to_parse"),
        (bytes.one(&["Call-ID", "i"]), "osip_call_id_parse"),
        ("CSeq", "osip_cseq_parse"),
    ] {
        let _ = write!(text, "{name}: {}\r\n", value(parser, bytes));
    }
    for _ in 0..bytes.below(6) {
        if bytes.once_in(2) {
            let _ = write!(text, "{}\r\n", bytes.one(&OTHERS));
        } else {
            let (name, parser) = bytes.one(&STRUCTS);
            let value = value(parser, bytes);
            let fold = if bytes.once_in(8) { "\r\n " } else { "" };
            let _ = write!(text, "{name}: {fold}{value}\r\n");
        }
    }
    let body = bytes.one(&["", "hello", "v=0\r\n"]);
    if !body.is_empty() {
        text += "Content-Type: text/plain\r\n";
    }
    let _ = write!(text, "{}: {}\r\n\r\n{body}", bytes.one(&["Content-Length", "l"]), body.len());
    text
}

/// A well-formed value for this parser.
fn value(parser: &str, bytes: &mut Bytes<'_>) -> String {
    match parser {
        "osip_accept_encoding_parse" => {
            let coding = bytes.one(&["gzip", "identity", "*"]);
            format!("{coding}{}", params(bytes, &[";q=0.5", ";q=1.0"]))
        }
        "osip_authentication_info_parse" => comma_list(
            bytes,
            "nextnonce=\"47364c23432d2e131a5fb210812c\"",
            &[
                "qop=auth",
                "rspauth=\"6629fae49393a05397450978507c4ef1\"",
                "cnonce=\"0a4f113b\"",
                "nc=00000001",
            ],
        ),
        "osip_authorization_parse" => comma_list(
            bytes,
            "Digest username=\"bob\", realm=\"biloxi.example.com\"",
            &[
                "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
                "uri=\"sip:bob@biloxi.example.com\"",
                "response=\"6629fae49393a05397450978507c4ef1\"",
                "algorithm=MD5",
                "cnonce=\"0a4f113b\"",
                "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
                "qop=auth",
                "nc=00000001",
            ],
        ),
        "osip_www_authenticate_parse" => comma_list(
            bytes,
            "Digest realm=\"a, b\"",
            &[
                "domain=\"sip:ss1.example.com\"",
                "nonce=\"f84f1cec41e6cbe5aea9c8e88d359\"",
                "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
                "stale=FALSE",
                "algorithm=MD5",
                "algorithm=SHA-256",
                "qop=\"auth,auth-int\"",
                "qop=\"auth\"",
            ],
        ),
        "osip_call_id_parse" => {
            let host = if bytes.once_in(2) { "" } else { "@pc33.example.com" };
            format!(
                "{}{host}",
                bytes.one(&["f81d4fae-7dec-11d0-a765", "1j9FpLxk3uxtm8tn", "(\"x\")"])
            )
        }
        "osip_call_info_parse" => {
            format!(
                "<http://www.example.com/alice/photo.jpg> {}",
                params(bytes, &[";purpose=icon"])
            )
        }
        "osip_content_disposition_parse" => {
            format!(
                "{}{}",
                bytes.one(&["session", "render"]),
                params(bytes, &[";handling=optional"])
            )
        }
        "osip_content_length_parse" => bytes.one(&["0", "3", "65535", "00"]).to_owned(),
        "osip_content_type_parse" => {
            let media = bytes.one(&["application/sdp", "text/plain", "multipart/mixed"]);
            format!("{media}{}", params(bytes, &[";charset=UTF-8", "; boundary=\"a b\""]))
        }
        "osip_cseq_parse" => {
            format!("{} {}", bytes.one(&["1", "4711", "2147483647", "007"]), method(bytes))
        }
        "osip_uri_parse" => uri(bytes),
        "sdp_message_parse" => sdp::text(bytes),
        "osip_via_parse" => {
            let transport = bytes.one(&["UDP", "TCP", "TLS", "udp", "SCTP"]);
            let port = bytes.one(&["", ":5060", ":65535"]);
            let comment = if bytes.once_in(10) { " (a comment)" } else { "" };
            let params = params(
                bytes,
                &[
                    ";branch=z9hG4bK776asdhds",
                    ";rport",
                    ";rport=5061",
                    ";received=192.0.2.101",
                    ";ttl=16",
                    ";maddr=224.2.0.1",
                    " ;x=\"y;z\"",
                ],
            );
            format!("SIP/2.0/{transport} {}{port}{params}{comment}", host(bytes))
        }
        "osip_contact_parse" if bytes.once_in(12) => "*".to_owned(),
        _ => name_addr(bytes),
    }
}

fn name_addr(bytes: &mut Bytes<'_>) -> String {
    let name =
        bytes.one(&["", "Alice ", "\"A. G. Bell\" ", "\"a, \\\"b\\\" <c>\" ", "\"Müller\" "]);
    let params = params(
        bytes,
        &[
            ";tag=1928301774",
            ";expires=60",
            ";q=0.7",
            ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"",
            ";reg-id=1",
            " ; lr",
            ";x=\"a;b\"",
        ],
    );
    if name.is_empty() && bytes.once_in(4) {
        // RFC 3261 section 20.10: a URI with a comma, question mark or semicolon needs brackets.
        let user = bytes.one(&["", "alice@", "alice:secret@", "a%40b@"]);
        return format!("sip:{user}{}{params}", host(bytes));
    }
    format!("{name}<{}>{params}", uri(bytes))
}

fn uri(bytes: &mut Bytes<'_>) -> String {
    if bytes.once_in(12) {
        return bytes.one(&["tel:+1-201-555-0123", "urn:service:sos", "mailto:a@b"]).to_owned();
    }
    let scheme = bytes.one(&["sip", "sips", "SIP"]);
    let port = bytes.one(&["", "", ":5060", ":5061"]);
    let params = params(
        bytes,
        &[";transport=udp", ";lr", ";user=phone", ";maddr=239.255.255.1", ";ttl=15", ";x=%41"],
    );
    let headers = bytes.one(&["", "", "", "?subject=a%20b", "?a=1&b=2"]);
    format!("{scheme}:{}{}{port}{params}{headers}", user(bytes), host(bytes))
}

fn user(bytes: &mut Bytes<'_>) -> &'static str {
    const USERS: [&str; 8] = [
        "",
        "alice@",
        "alice:secret@",
        "+1-212-555-1212@",
        "a%40b@",
        "j%40s0n@",
        "-_.!~*'()&=+$,;?/@",
        "alice;day=tuesday@",
    ];
    bytes.one(&USERS)
}

/// None of one letter: libosip2 reads no URI as short as that.
fn host(bytes: &mut Bytes<'_>) -> &'static str {
    bytes.one(&["example.com", "192.0.2.4", "[2001:db8::9:1]", "a.test", "example.com."])
}

fn method(bytes: &mut Bytes<'_>) -> &'static str {
    bytes.one(&["REGISTER", "OPTIONS", "INVITE", "MESSAGE", "X-OTHER"])
}

/// Some of `choices`, each as often as it comes.
fn params(bytes: &mut Bytes<'_>, choices: &[&str]) -> String {
    (0..bytes.below(4)).map(|_| bytes.one(choices)).collect()
}

/// `first` and some of `choices`.
fn comma_list(bytes: &mut Bytes<'_>, first: &str, choices: &[&str]) -> String {
    let separator = bytes.one(&[", ", ",", " , ", ",\t"]);
    let some = (0..bytes.below(8)).map(|_| format!("{separator}{}", bytes.one(choices)));
    format!("{first}{}", some.collect::<String>())
}
