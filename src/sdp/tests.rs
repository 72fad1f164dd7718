use super::SessionDescription;

const HEAD: &str = "v=0\r\no=- 1 2 IN IP4 h\r\n";

fn parsed(text: &str) -> SessionDescription<'_> {
    SessionDescription::parse(text.as_bytes()).unwrap()
}

fn printed(text: &str) -> String {
    let mut out = Vec::new();
    parsed(text).write(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn what_is_written_in_order_is_printed_as_it_was() {
    let text = "v=0\r\no=jdoe 1 2 IN IP4 h\r\ns=SDP Seminar\r\ni=about\r\nu=http://h/\r\n\
                e=j@h (J)\r\ne=k@h\r\np=+1\r\nc=IN IP4 233.252.0.1/127/3\r\nb=CT:1\r\nb=X-YZ:2\r\n\
                t=1 2\r\nr=7d 1h 0 25h\r\nt=3 4\r\nz=1 -1h\r\nk=prompt\r\na=recvonly\r\na=x::y\r\n\
                m=audio 49170/2 RTP/AVP 0 8\r\ni=left\r\nc=IN IP6 FF15::101/3\r\nc=IN IP4 h\r\n\
                b=AS:64\r\nk=clear:x\r\na=rtpmap:0 PCMU/8000\r\nm=video 0 RTP/AVP\r\n";
    assert_eq!(printed(text), text);
}

#[test]
fn the_lines_of_gb_28181_and_other_letters_are_skipped() {
    let text = format!("{HEAD}s=Play\r\nt=0 0\r\nm=video 6000 TCP/RTP/AVP 96\r\n");
    assert_eq!(printed(&format!("{text}y=0100000001\r\nf=v/2/5\r\nX=1\r\njunk\r\n")), text);
}

#[test]
fn any_line_end_will_do_and_the_last_line_needs_none() {
    for end in ["\r\n", "\n", "\r", "\r\n\r\n"] {
        let text = ["v=0", "o=- 1 2 IN IP4 h", "s=-", "t=0 0", "m=audio 1 RTP/AVP 0"].join(end);
        assert_eq!(printed(&text), format!("{HEAD}s=-\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\n"));
    }
}

#[test]
fn a_line_behind_an_m_line_belongs_to_that_stream() {
    let text = format!("{HEAD}a=x\r\nm=audio 1 p 0\r\na=y\r\nt=1 2\r\nm=video 2 p 1\r\nb=AS:1\r\n");
    let description = parsed(&text);
    let names =
        |of: &[super::Attribute<'_>]| of.iter().map(|it| it.name.to_vec()).collect::<Vec<_>>();
    assert_eq!(names(&description.attributes), [b"x"]);
    assert_eq!(names(&description.media[0].attributes), [b"y"]);
    assert_eq!(description.media[1].bandwidths.len(), 1);
    assert_eq!((description.times.len(), description.bandwidths.len()), (1, 0));
}

#[test]
fn what_may_stand_once_is_the_first_of_its_kind() {
    let text = format!("{HEAD}s=a\r\ns=b\r\nc=IN IP4 x\r\nc=IN IP4 y\r\nk=p\r\nk=q\r\n");
    assert_eq!(printed(&text), format!("{HEAD}s=a\r\nc=IN IP4 x\r\nk=p\r\n"));
}

#[test]
fn blanks_before_the_numbers_of_an_address_do_not_count() {
    for (written, read) in [
        ("h /", "h"),
        ("h h /1", "h h/1"),
        ("h/1 /", "h/1"),
        ("h/1\t/3", "h/1/3"),
        ("h/ /3", "h"),
        ("h//3", "h"),
        ("h/ 1/ 3 ", "h/ 1/ 3"),
    ] {
        let printed_once = printed(&format!("{HEAD}s=-\r\nc=IN IP4 {written}\r\n"));
        assert_eq!(printed_once, format!("{HEAD}s=-\r\nc=IN IP4 {read}\r\n"), "{written}");
        assert_eq!(printed(&printed_once), printed_once, "{written}");
    }
}

#[test]
fn what_is_no_description_names_the_line() {
    let letter = |text: &str| SessionDescription::parse(text.as_bytes()).unwrap_err().letter;
    assert_eq!(letter(""), 'v');
    assert_eq!(letter("hello\r\n"), 'v');
    assert_eq!(letter("v=0\r\n"), 'o');
    assert_eq!(letter("v=0\r\nv=0\r\no=- 1 2 IN IP4 h\r\n"), 'v');
    for line in
        ["o=- 1 2 IN IP4", "o=", "c=IN IP4", "c=IN IP4 /1", "m=audio 1", "m=audio /2 p", "m="]
    {
        let text = format!("v=0\r\n{line}\r\no=- 1 2 IN IP4 h\r\n");
        assert_eq!(letter(&text), char::from(line.as_bytes()[0]), "{line}");
    }
    let refused = SessionDescription::parse(b"v=0\r\nm=audio\r\n").unwrap_err();
    assert_eq!(refused.to_string(), "m= is missing, stands there twice or lacks words");
}

#[test]
fn a_text_ends_at_its_first_nul() {
    assert_eq!(printed(&format!("{HEAD}s=a\0b\r\nm=\r\n")), format!("{HEAD}s=a\r\n"));
}

#[test]
fn a_description_that_is_cut_anywhere_is_read_or_refused() {
    let text = format!("{HEAD}s=-\r\nc=IN IP4 h/1/2\r\nt=0 0\r\nm=audio 1/2 p 0\r\na=x:y\r\n");
    for end in 0..text.len() {
        let Ok(description) = SessionDescription::parse(&text.as_bytes()[..end]) else { continue };
        let mut out = Vec::new();
        description.write(&mut out);
        assert_eq!(SessionDescription::parse(&out), Ok(description));
    }
}
