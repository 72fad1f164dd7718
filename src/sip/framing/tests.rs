use super::*;

const OK: &str = "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\n";

/// What came: messages, and keep-alives.
type Came = Vec<Vec<u8>>;

/// Gives a framer the pieces, one after the other.
fn framed<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> (Came, Result<bool, FramingError>) {
    let mut framer = Framer::default();
    let mut came = Vec::new();
    for piece in pieces {
        framer.push(piece);
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message { bytes, .. } | Frame::KeepAlive(bytes))) => {
                    came.push(bytes.to_vec());
                }
                Ok(None) => break,
                Err(error) => return (came, Err(error)),
            }
        }
    }
    (came, Ok(framer.is_within_message()))
}

fn whole(bytes: &[u8]) -> (Came, Result<bool, FramingError>) {
    framed([bytes])
}

fn messages(came: &Came) -> Vec<&[u8]> {
    let all = came.iter().map(|bytes| &bytes[..]);
    all.filter(|bytes| bytes.iter().any(|byte| !matches!(byte, b'\r' | b'\n'))).collect()
}

/// These are one message, in one piece, at every position in two, and byte by byte.
fn is_one_message(message: &[u8]) {
    let one = (vec![message.to_vec()], Ok(false));
    assert_eq!(whole(message), one);
    for at in 0..=message.len() {
        let (first, second) = message.split_at(at);
        assert_eq!(framed([first, second]), one, "cut at {at}");
    }
    assert_eq!(framed(message.chunks(1)), one);
}

/// These are refused, and so they are at every position in two, and byte by byte.
fn is_refused(bytes: &[u8], error: FramingError) {
    assert_eq!(whole(bytes), (vec![], Err(error)));
    for at in 0..=bytes.len() {
        let (first, second) = bytes.split_at(at);
        assert_eq!(framed([first, second]).1, Err(error), "cut at {at}");
    }
    assert_eq!(framed(bytes.chunks(1)).1, Err(error));
}

#[test]
fn a_message_ends_where_its_content_length_says() {
    for field in [
        "Content-Length: 5",
        "content-LENGTH:5",
        "l: 5",
        "L \t: 5 ",
        "Content-Length :\r\n 5",
        "Content-Length:\r\n\t005\r\n ",
        "Content-Length: 5\r\nl: 05",
        "Subject: one\r\n Content-Length: 9\r\nl: 5",
    ] {
        is_one_message(format!("{OK}{field}\r\n\r\n\r\n\r\n!").as_bytes());
    }
    is_one_message(b"OPTIONS sip:a@b SIP/2.0\r\nl: 2\r\n\r\nab");
    is_one_message(b"sip/2.0 200 OK\r\n\r\n");
}

#[test]
fn without_a_content_length_there_is_no_body() {
    let message = format!("{OK}\r\n");
    is_one_message(message.as_bytes());
    let mut framer = Framer::default();
    framer.push(message.as_bytes());
    let frame = Frame::Message { bytes: message.as_bytes(), has_length: false };
    assert_eq!(framer.next_frame(), Ok(Some(frame)));
    framer.push(b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n");
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Message { has_length: true, .. }))));
}

#[test]
fn several_messages_in_one_piece_are_parted() {
    let one = format!("{OK}l: 3\r\n\r\nabc");
    let two = "BYE sip:a SIP/2.0\r\n\r\n".to_owned();
    let all = [&one[..], "\r\n\r\n", &two, "\r\n", &one].concat();
    let expected: Came =
        [&one[..], "\r\n\r\n", &two, "\r\n", &one].map(|text| text.as_bytes().to_vec()).into();
    assert_eq!(whole(all.as_bytes()), (expected, Ok(false)));
    for at in 0..=all.len() {
        let (first, second) = all.as_bytes().split_at(at);
        let (came, end) = framed([first, second]);
        assert_eq!(end, Ok(false));
        let expected = [&one, &two, &one].map(|text| text.as_bytes());
        assert_eq!(messages(&came), expected, "cut at {at}");
    }
}

#[test]
fn line_ends_before_a_message_are_keep_alives() {
    let keep_alives = |bytes: &[u8]| whole(bytes).0.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(keep_alives(b"\r\n"), [2]);
    assert_eq!(keep_alives(b"\r\n\r\n"), [4]);
    assert_eq!(keep_alives(b"\r\n\r\n\r\n"), [4, 2]);
    assert_eq!(keep_alives(b"\r"), [0; 0]);
    assert_eq!(keep_alives(b"\n\n\r\r"), [0; 0]);
    assert_eq!(framed([&b"\r"[..], b"\n"]).0, [b"\r\n"]);
    assert_eq!(framed([&b"\r\n\r"[..], b"\n"]).0, [b"\r\n", b"\r\n"]);
    let message = format!("{OK}\r\n");
    for before in ["\r\n", "\r\n\r\n\r\n", "\n", "\r", "\r\r\n"] {
        let all = format!("{before}{message}");
        for at in 0..=all.len() {
            let (first, second) = all.as_bytes().split_at(at);
            let (came, end) = framed([first, second]);
            assert_eq!((messages(&came), end), (vec![message.as_bytes()], Ok(false)), "{before:?}");
        }
    }
}

#[test]
fn a_keep_alive_within_a_body_is_body() {
    is_one_message(format!("{OK}l: 4\r\n\r\n\r\n\r\n").as_bytes());
}

#[test]
fn a_line_feed_alone_ends_no_head() {
    let text = b"SIP/2.0 200 OK\nl: 0\n\n";
    assert_eq!(whole(text), (vec![], Ok(true)));
    let all = [&text[..], b"SIP/2.0 200 OK\r\n\r\n"].concat();
    is_one_message(&all);
}

#[test]
fn a_length_that_cannot_be_known_is_refused() {
    let of = |fields: &str| format!("{OK}{fields}\r\n\r\n").into_bytes();
    for field in ["l: -1", "l: x", "l:", "l: 1 2", "l: 1\r\n 2", "l: 1, 1", "l: 0x5", "l: +1"] {
        is_refused(&of(field), FramingError::LengthMalformed);
    }
    is_refused(&of("l: 1\r\nContent-Length: 2"), FramingError::LengthsDiffer);
    for length in ["262145", "4294967296", "99999999999999999999999999"] {
        is_refused(&of(&format!("l: {length}")), FramingError::BodyTooLong);
    }
}

#[test]
fn a_first_line_that_is_not_of_sip_is_refused() {
    for line in [
        "HTTP/1.1 400 Bad Request",
        "GET / HTTP/1.1",
        "SIP/2.0",
        "SIP/2.01 200 OK",
        "REGISTER sip:a SIP/3.0",
        "x",
        "\u{16}\u{3}\u{1}",
    ] {
        is_refused(format!("{line}\r\n").as_bytes(), FramingError::NotSip);
    }
}

#[test]
fn a_head_of_64_kib_is_taken_and_a_longer_one_refused() {
    let of = |length: usize| {
        let head = "SIP/2.0 200 OK\r\nSubject: ";
        format!("{head}{}\r\n\r\n", "x".repeat(length - head.len() - 4)).into_bytes()
    };
    assert_eq!(whole(&of(MAX_HEAD)).0, [of(MAX_HEAD)]);
    assert_eq!(framed(of(MAX_HEAD).chunks(999)).0, [of(MAX_HEAD)]);
    let too_long = of(MAX_HEAD + 1);
    assert_eq!(whole(&too_long), (vec![], Err(FramingError::HeadTooLong)));
    assert_eq!(framed(too_long.chunks(999)).1, Err(FramingError::HeadTooLong));
    let endless = framed(std::iter::repeat_n(&b"SIP/2.0 "[..], 10_000));
    assert_eq!(endless, (vec![], Err(FramingError::HeadTooLong)));
}

#[test]
fn a_body_of_256_kib_is_taken() {
    let message =
        [format!("{OK}l: {MAX_BODY}\r\n\r\n").into_bytes(), vec![b'\n'; MAX_BODY]].concat();
    assert_eq!(whole(&message), (vec![message.clone()], Ok(false)));
    assert_eq!(framed(message.chunks(65_536)), (vec![message.clone()], Ok(false)));
}

#[test]
fn after_an_error_there_is_only_that_error() {
    let mut framer = Framer::default();
    framer.push(b"nothing\r\n");
    assert_eq!(framer.next_frame(), Err(FramingError::NotSip));
    framer.push(b"SIP/2.0 200 OK\r\n\r\n");
    assert_eq!(framer.next_frame(), Err(FramingError::NotSip));
    assert_eq!(FramingError::NotSip.to_string(), "what came is no SIP message");
    let text = "a message with a body of more than 256 KiB came";
    assert_eq!(FramingError::BodyTooLong.to_string(), text);
}

#[test]
fn between_messages_no_memory_is_held() {
    let mut framer = Framer::default();
    framer.push(b"SIP/2.0 200 OK\r\n\r\n");
    while framer.next_frame().unwrap().is_some() {}
    assert_eq!(framer.buffer.capacity(), 0);
    assert!(!framer.is_within_message());
    framer.push(b"SIP");
    assert_eq!(framer.next_frame(), Ok(None));
    assert!(framer.is_within_message());
}
