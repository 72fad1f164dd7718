//! Answers that are right, cut, changed and hostile.

use super::*;

const QUESTION: &[u8] = b"\x04_sip\x04_udp\x04acme\x04test\0\0\x21\0\x01";
const ONE: &[u8] = b"\xc0\x0c\0\x21\0\x01\0\0\0\x3c\0\x10\0\x0a\0\x05\x13\xc5\x03one\x04acme\0";
const TWO: &[u8] = b"\xc0\x0c\0\x21\0\x01\0\0\0\x1e\0\x0c\0\x14\0\0\x13\xc4\x03two\xc0\x16";

/// An answer to one question, with so many records in its answer section.
fn answer(records: &[&[u8]]) -> Vec<u8> {
    let mut message = vec![0, 1, 0x81, 0x80, 0, 1, 0, records.len() as u8, 0, 0, 0, 0];
    message.extend(QUESTION);
    message.extend(records.concat());
    message
}

fn srv(priority: u16, weight: u16, port: u16, target: &str) -> SrvRecord {
    SrvRecord { priority, weight, port, target: target.to_owned() }
}

fn why(message: &[u8]) -> String {
    parse(message, RecordKind::Srv).unwrap_err().to_string()
}

#[test]
fn servers_are_read_with_compressed_names_and_the_least_ttl() {
    let records = vec![srv(10, 5, 5061, "one.acme"), srv(20, 0, 5060, "two.acme.test")];
    let expected = Records::Srv { ttl: Duration::from_secs(30), records };
    assert_eq!(parse(&answer(&[ONE, TWO]), RecordKind::Srv), Ok(expected));
}

#[test]
fn an_alias_before_the_records_is_passed_over() {
    let alias = b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03any\xc0\x16";
    let expected =
        Records::Srv { ttl: Duration::from_secs(60), records: vec![srv(10, 5, 5061, "one.acme")] };
    assert_eq!(parse(&answer(&[alias, ONE]), RecordKind::Srv), Ok(expected));
}

#[test]
fn transports_of_a_domain_are_read() {
    let record =
        b"\xc0\x16\0\x23\0\x01\0\0\x0e\x10\0\x1b\0\x32\0\x05\x01s\x07SIP+D2U\0\x04_sip\x04_udp\xc0\x16";
    let expected = NaptrRecord {
        order: 50,
        preference: 5,
        flags: "s".into(),
        services: "SIP+D2U".into(),
        regexp: String::new(),
        replacement: "_sip._udp.acme.test".into(),
    };
    let records = Records::Naptr { ttl: Duration::from_secs(3600), records: vec![expected] };
    assert_eq!(parse(&answer(&[record]), RecordKind::Naptr), Ok(records));
}

#[test]
fn addresses_are_read_where_their_length_is_right() {
    let v4 = b"\xc0\x16\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01";
    let v6 = b"\xc0\x16\0\x1c\0\x01\0\0\0\x3c\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01";
    let read = |kind| match parse(&answer(&[v4, v6]), kind) {
        Ok(Records::Addresses { addresses, .. }) => addresses,
        other => panic!("{other:?}"),
    };
    assert_eq!(read(RecordKind::A), ["192.0.2.1".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(read(RecordKind::Aaaa), ["2001:db8::1".parse::<std::net::IpAddr>().unwrap()]);
    let short = b"\xc0\x16\0\x01\0\x01\0\0\0\x3c\0\x03\xc0\0\x02";
    assert!(parse(&answer(&[short]), RecordKind::A).is_err());
}

#[test]
fn the_code_of_an_answer_without_records_says_why() {
    let with = |code: u8| {
        let mut message = answer(&[]);
        message[3] |= code;
        parse(&message, RecordKind::Srv).unwrap_err()
    };
    assert_eq!(with(0), DnsError::NoData);
    assert_eq!(with(2), DnsError::ServerFailure);
    assert_eq!(with(3), DnsError::NotFound);
    assert_eq!(with(5), DnsError::Refused(5));
}

#[test]
fn a_domain_may_say_that_it_has_no_such_service() {
    let none = b"\xc0\x0c\0\x21\0\x01\0\0\0\x3c\0\x07\0\0\0\0\0\0\0";
    assert_eq!(parse(&answer(&[none]), RecordKind::Srv), Err(DnsError::NotOffered));
}

#[test]
fn a_cut_answer_is_an_error_at_every_length() {
    let whole = answer(&[ONE, TWO]);
    for length in 0..whole.len() {
        assert!(parse(&whole[..length], RecordKind::Srv).is_err(), "{length}");
    }
}

#[test]
fn a_changed_octet_never_hangs_or_panics() {
    let whole = answer(&[ONE, TWO]);
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            for kind in [RecordKind::Srv, RecordKind::Naptr, RecordKind::A, RecordKind::Aaaa] {
                let _ = parse(&changed, kind);
            }
        }
    }
}

#[test]
fn names_that_loop_are_refused() {
    let mut itself = vec![0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0];
    itself.extend(b"\xc0\x0c\0\x21\0\x01");
    assert_eq!(why(&itself), "malformed DNS answer: a name points ahead");
    let mut through_a_label = vec![0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0];
    through_a_label.extend(b"\x01a\xc0\x0c\0\x21\0\x01");
    assert_eq!(why(&through_a_label), "malformed DNS answer: a name is too long");
    let mut there_and_back = vec![0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0];
    there_and_back.extend(b"\xc0\x0e\xc0\x0c\0\x21\0\x01");
    assert!(parse(&there_and_back, RecordKind::Srv).is_err());
}

#[test]
fn a_count_of_records_that_are_not_there_is_an_error() {
    let mut message = answer(&[ONE]);
    message[6..8].copy_from_slice(&[0xff, 0xff]);
    assert_eq!(why(&message), "malformed DNS answer: it ends early");
    message[4..6].copy_from_slice(&[0xff, 0xff]);
    assert!(parse(&message, RecordKind::Srv).is_err());
}

#[test]
fn of_many_records_sixteen_are_taken() {
    let Ok(Records::Srv { records, .. }) = parse(&answer(&[ONE; 100]), RecordKind::Srv) else {
        panic!("no records")
    };
    assert_eq!(records.len(), RECORDS);
}

#[test]
fn names_with_hostile_octets_are_refused() {
    for label in [b"\x03a\0b", b"\x03a.b", b"\x03a\x1bb", b"\x03a\xffb"] {
        let mut record = b"\xc0\x0c\0\x21\0\x01\0\0\0\x3c\0\x0b\0\x0a\0\x05\x13\xc5".to_vec();
        record.extend(label);
        record.push(0);
        assert!(why(&answer(&[&record])).starts_with("malformed DNS answer: a "));
    }
}

#[test]
fn a_ttl_is_at_most_a_week_and_a_negative_one_zero() {
    let with = |ttl: [u8; 4]| {
        let mut record = ONE.to_vec();
        record[6..10].copy_from_slice(&ttl);
        parse(&answer(&[&record]), RecordKind::Srv).unwrap().ttl()
    };
    assert_eq!(with([0x7f, 0xff, 0xff, 0xff]), Duration::from_secs(604_800));
    assert_eq!(with([0x80, 0, 0, 1]), Duration::ZERO);
}
