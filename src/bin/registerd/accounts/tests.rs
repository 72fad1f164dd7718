use super::*;
use register::engine::registerer::{Algorithm, Transport};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file that goes with this.
struct Written(PathBuf);

impl Written {
    fn new(ending: &str, text: &str) -> Written {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("registerd-{}-{number}.{ending}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Written(path)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn read(written: &Written, shard: Option<Shard>) -> Result<Vec<Account>, Vec<String>> {
    let path = written.0.clone();
    let format = AccountFile::format_of(&path).unwrap();
    let file = AccountFile { path, format, shard, defaults: Vec::new() };
    let lines = |wrong: Vec<BadLine>| wrong.iter().map(BadLine::to_string).collect();
    file.read().map(|file| file.accounts).map_err(lines)
}

fn accounts(ending: &str, text: &str) -> Vec<Account> {
    read(&Written::new(ending, text), None).unwrap()
}

fn wrong(ending: &str, text: &str) -> Vec<String> {
    read(&Written::new(ending, text), None).err().unwrap()
}

fn options(account: &Account) -> ManagedOptions {
    account.options().unwrap()
}

#[test]
fn a_table_is_read_with_its_quotes_comments_and_gaps() {
    let text = "aor,password,expires\r\n# none\r\n\r\nsip:a@h.test,\"p,\"\"w\",300\r\n\
                sip:b@h.test,pw,\r\n";
    let found = accounts("csv", text);
    assert_eq!(
        found.iter().map(Account::aor).collect::<Vec<_>>(),
        ["sip:a@h.test", "sip:b@h.test"]
    );
    let first = options(&found[0]);
    assert_eq!(first.logins[0].password.as_deref(), Some(&b"p,\"w"[..]));
    assert_eq!((&*first.logins[0].username, first.expires), ("a", 300));
    assert_eq!(options(&found[1]).expires, ManagedOptions::new("").expires);
}

#[test]
fn a_toml_file_has_defaults_and_accounts() {
    let text = r#"
[defaults]
registrar = "sip:r.test"
transport = "tcp"
[[account]]
aor = "sip:a@h.test"
password = "p\u0077"
headers = ["X-A: 1", "X-B: 2"]
[[account]]
aor = "sip:a@h.test"
name = "second"
username = "u"
ha1_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
registrar = "sip:other.test"
gruu = false
"#;
    let found = accounts("toml", text);
    let (first, second) = (options(&found[0]), options(&found[1]));
    assert_eq!((first.registrar.as_str(), first.transport), ("sip:r.test", Some(Transport::Tcp)));
    assert_eq!(first.logins[0].password.as_deref(), Some(&b"pw"[..]));
    assert_eq!(first.headers, [("X-A".into(), "1".into()), ("X-B".into(), "2".into())]);
    assert_eq!((found[1].name(), second.registrar.as_str()), ("second", "sip:other.test"));
    assert_eq!(second.logins[0].ha1[0].0, Algorithm::Sha256);
    assert!(!second.gruu);
}

#[test]
fn every_wrong_line_of_a_table_is_named_with_its_reason() {
    let text = "aor,password,expires\nsip:a@h.test,secret1,x\nsip:b@h.test,secret2\n\
                tel:1,secret3,\nsip:c@h.test,secret4,60\nsip:c@h.test,secret5,60\n";
    let lines = wrong("csv", text);
    let begins = [
        "line 2: expires is no number",
        "line 3: it has 2",
        "line 4: ",
        "line 6: its aor is in line 5",
    ];
    assert_eq!(lines.len(), begins.len(), "{lines:?}");
    for (line, begin) in lines.iter().zip(begins) {
        assert!(line.starts_with(begin) && !line.contains("secret"), "{line}");
    }
}

#[test]
fn every_wrong_line_of_a_toml_file_is_named_with_its_reason() {
    let text = "[[account]]\naor = \"sip:a@h.test\"\ncolour = 1\n[[account]]\nexpires = 1\n\
                [[account]]\naor = \"sip:b@h.test\"\npassword = [1, {}]\n[others]\n";
    let lines = wrong("toml", text);
    let begins = [
        "line 3: there is no key \"colour\"",
        "line 4: there is no aor",
        "line 8: ",
        "line 9: there is no table [others]",
    ];
    assert_eq!(lines.len(), begins.len(), "{lines:?}");
    for (line, begin) in lines.iter().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
    let broken = wrong("toml", "[[account]]\naor = \"sip:a@h.test\n[[account]]\naor = \n");
    let begins = ["line 2: invalid basic string", "line 4: "];
    assert!(broken.iter().zip(begins).all(|(line, begin)| line.starts_with(begin)), "{broken:?}");
    assert_eq!(broken.len(), 2);
}

#[test]
fn a_table_says_in_its_first_line_what_it_has() {
    assert_eq!(wrong("csv", ""), ["line 1: the first line has to name the keys"]);
    assert_eq!(wrong("csv", "aor,aor\n"), ["line 1: aor is named twice"]);
    let unnamed = ["line 1: it has to name the keys, and aor among them"];
    for text in ["user,password\nx,y\n", "sip:a@h.test,hunter2\n", "password=hunter2\n"] {
        assert_eq!(wrong("csv", text), unnamed);
    }
    assert_eq!(wrong("csv", "aor,hunter2\n"), ["line 1: the name of column 2 is no key"]);
    let open = wrong("csv", "aor,password\nsip:a@h.test,\"open\nsip:b@h.test,pw\n");
    assert_eq!(open, ["line 2: a quote is not closed"]);
}

#[test]
fn quotes_stand_around_whole_values_of_a_table() {
    let refused = |value: &str| {
        let text = format!("aor,password,realm\nsip:a@h.test,{value},r\nsip:b@h.test,pw,r\n");
        wrong("csv", &text)
    };
    for (value, why) in [
        ("\"sec\"ret", "something follows the quote that ends a value"),
        ("\"sec\" ", "something follows the quote that ends a value"),
        ("sec\"ret", "a quote stands in a value without quotes"),
        (" \"sec\"", "a quote stands in a value without quotes"),
        ("\"secret", "a quote is not closed"),
        ("\"secret\"\"", "a quote is not closed"),
    ] {
        assert_eq!(refused(value), [format!("line 2: {why}")], "{value}");
    }
    let password = |value: &str| {
        let found = accounts("csv", &format!("aor,password\r\nsip:a@h.test,{value}"));
        options(&found[0]).logins[0].password.as_deref().map(<[u8]>::to_vec)
    };
    assert_eq!(password("\"a\"\"b,c\""), Some(b"a\"b,c".to_vec()));
    assert_eq!(password("\"\"\"\"\r\n"), Some(b"\"".to_vec()));
}

#[test]
fn blanks_at_an_end_are_of_a_password_alone() {
    assert_eq!(wrong("csv", "aor, password\n"), ["line 1: the name of column 2 is no key"]);
    let lines = wrong("csv", "aor,realm\nsip:a@h.test ,r\nsip:b@h.test, r\n");
    assert_eq!(lines, ["line 2: aor has a blank at an end", "line 3: realm has a blank at an end"]);
    let lines = wrong("toml", "[[account]]\naor = \" sip:a@h.test\"\n");
    assert_eq!(lines[0], "line 2: aor has a blank at an end");
    let found = accounts("csv", "aor,password\nsip:a@h.test, pw \n");
    assert_eq!(options(&found[0]).logins[0].password.as_deref(), Some(&b" pw "[..]));
}

#[test]
fn a_password_may_be_in_a_file_of_its_own() {
    let password = Written::new("pw", "geheim\n");
    let name = password.0.file_name().unwrap().to_str().unwrap();
    let found = accounts("csv", &format!("aor,password_file\nsip:a@h.test,{name}\n"));
    assert_eq!(options(&found[0]).logins[0].password.as_deref(), Some(&b"geheim"[..]));
    let before = found[0].fingerprint();
    std::fs::write(&password.0, "anders").unwrap();
    let found = accounts("csv", &format!("aor,password_file\nsip:a@h.test,{name}\n"));
    assert_ne!(found[0].fingerprint().changing, before.changing);
    let lines = wrong("csv", "aor,password_file\nsip:a@h.test,not-there\n");
    assert!(lines[0].starts_with("line 2: password_file: No such file"), "{lines:?}");
}

#[test]
fn no_value_is_shown_in_whatever_column_a_password_stands() {
    let mut shown = 0;
    for key in &KEYS {
        for value in ["hun ter2", "hun\"ter2\"<", "<hun;ter2", "sip:hunter2"] {
            let mut values = Values::default();
            let set = match key.name {
                "aor" => values.set("aor", value),
                name => values.set("aor", "sip:a@h.test").and_then(|()| values.set(name, value)),
            };
            let made = set.and_then(|()| values.read_files(Path::new(".")));
            let made = made.and_then(|()| Account::new(values, &Arc::default()));
            if let Err(why) = made {
                assert!(!why.contains("hun") && !why.contains("ter2"), "{}: {why}", key.name);
                shown += 1;
            }
            if let Err(why) = Values::check_default(key.name, value) {
                assert!(!why.contains("hun"), "{}: {why}", key.name);
            }
        }
    }
    assert!(shown > 100, "{shown}");
    let twice = "aor,name\nsip:a@h.test,hunter2\nsip:b@h.test,hunter2\n";
    assert!(wrong("csv", twice)[0].starts_with("line 3: its name is in line 2 already"));
    let unknown = Values::check_default("foo", "hunter2");
    assert_eq!(unknown.unwrap_err(), "there is no key \"foo\"");
}

#[test]
fn the_files_of_tls_are_looked_at_beside_the_file() {
    assert_eq!(KEYS[TLS_VERIFY].name, "tls_verify");
    let names = ["tls_ca_file", "tls_certificate_file", "tls_key_file", "tls_pin"];
    assert_eq!(TLS_FILES.map(|(place, _)| KEYS[place].name), names);
    let roots = Written::new("pem", "-----BEGIN CERTIFICATE-----\nAA==\n");
    let name = roots.0.file_name().unwrap().to_str().unwrap();
    let found = accounts("csv", &format!("aor,tls_ca_file\nsip:a@h.test,{name}\n"));
    assert_eq!(options(&found[0]).tls.roots.as_deref(), Some(&*roots.0));
    let refused = |keys: &str, values: &str| {
        wrong("csv", &format!("aor,{keys}\nsip:a@h.test,{values}\n")).remove(0)
    };
    let none = "line 2: tls_ca_file: No such file or directory (os error 2)";
    assert_eq!(refused("tls_ca_file", "not-there"), none);
    assert!(refused("tls_pin", "garbage").starts_with("line 2: tls_pin: No such file"));
    assert!(refused("tls_pin", "sha256//x").starts_with("line 2: the pin is not sha256//"));
    let pair = "tls_certificate_file,tls_key_file";
    let lacks = "line 2: tls_key_file: there is no private key in it";
    assert_eq!(refused(pair, &format!("{name},{name}")), lacks);
    accounts("csv", "aor,tls_verify,tls_ca_file\nsip:a@h.test,no,not-there\n");
}

#[test]
fn a_fingerprint_tells_what_a_change_makes_necessary() {
    let of = |line: &str| {
        let text = format!("aor,password,registrar,expires,name\n{line}\n");
        accounts("csv", &text)[0].fingerprint()
    };
    let first = of("sip:a@h.test,pw,,,");
    assert_eq!(first, of("sip:a@h.test,pw,,,other"));
    for changing in ["sip:a@h.test,other,,,", "sip:a@h.test,pw,,60,"] {
        assert_eq!(of(changing).fixed, first.fixed);
        assert_ne!(of(changing).changing, first.changing);
    }
    assert_ne!(of("sip:a@h.test,pw,sip:r.test,,").fixed, first.fixed);
    assert_ne!(of("sip:b@h.test,pw,,,").fixed, first.fixed);
}

#[test]
fn shards_are_disjoint_complete_and_stay_as_they_are() {
    let mut text = "aor\n".to_owned();
    (0..1000).for_each(|number| text.push_str(&format!("sip:user{number}@h.test\n")));
    let file = Written::new("csv", &text);
    let mut found = Vec::new();
    for number in 1..=16 {
        let shard = format!("{number}/16").parse().unwrap();
        let part = read(&file, Some(shard)).unwrap();
        assert!((30..100).contains(&part.len()), "shard {number} has {}", part.len());
        found.extend(part.iter().map(|account| account.aor().to_owned()));
    }
    assert_eq!(found.len(), 1000);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 1000);
    // printf %s sip:alice@example.org | sha256sum begins with b0d74a55 ….
    let digits = 0xb0d7_4a55;
    assert_eq!(Shard::number_of("sip:alice@example.org", u64::MAX) >> 32, digits);
    for wrong in ["0/16", "17/16", "3", "a/b", "1/0"] {
        assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
    }
}

#[test]
fn an_object_of_the_control_socket_is_an_account() {
    let values = Values::from_json(r#"{"aor":"sip:a@h.test","password":"pw","expires":60}"#);
    let account = Account::new(values.unwrap(), &Arc::default()).unwrap();
    assert_eq!(options(&account).expires, 60);
    for wrong in ["{", "[]", r#"{"aor":["x"]}"#, r#"{"x":"y"}"#] {
        assert!(Values::from_json(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_key_is_applied_to_the_options() {
    let given = [
        ("aor", "sip:a@h.test"),
        ("name", "n"),
        ("password", "p"),
        ("registrar", "sip:r.test"),
        ("username", "u"),
        ("realm", "r"),
        ("expires", "61"),
        ("refresh", "80"),
        ("jitter", "7"),
        ("spread", "3"),
        ("from", "sip:f@h.test"),
        ("contact", "sip:c@127.0.0.1"),
        ("contact_params", ";x=1"),
        ("q", "0.5"),
        ("instance", "00000000-0000-4000-8000-000000000001"),
        ("reg_id", "2"),
        ("route", "<sip:p.test;lr>"),
        ("headers", "X-A: 1"),
        ("transport", "tls"),
        ("keepalive", "stun"),
        ("keepalive_interval", "20"),
        ("nat", "off"),
        ("weakest_algorithm", "sha-256"),
        ("retry_base", "2"),
        ("retry_max", "4"),
        ("retry_limit", "5"),
        ("attempt_timeout", "8"),
        ("fatal_retry", "6"),
        ("gruu", "no"),
        ("path", "no"),
        ("redirects", "yes"),
        ("security", "digest"),
        ("push_provider", "acme"),
        ("push_prid", "1"),
        ("push_param", "2"),
        ("tls_verify", "no"),
        ("tls_ca_file", "/ca"),
        ("tls_certificate_file", "/cert"),
        ("tls_key_file", "/key"),
    ];
    let mut values = Values::default();
    given.iter().for_each(|(name, value)| values.set(name, value).unwrap());
    let all = options(&Account::new(values, &Arc::default()).unwrap());
    let plain = ManagedOptions::new("sip:a@h.test");
    assert_ne!(all.expires, plain.expires);
    assert_eq!((all.refresh, all.jitter, all.reg_id, all.retry_limit), (80, 7, 2, 5));
    assert_eq!((all.from.as_deref(), all.q.as_deref()), (Some("sip:f@h.test"), Some("0.5")));
    assert_eq!((all.contacts.len(), all.attempt_timeout, all.fatal_retry), (1, 8, 6));
    assert_eq!((all.gruu, all.path, all.redirects, all.tls.verify), (false, false, true, false));
    assert_eq!(all.push.unwrap().prid, "1");
    assert!(all.tls.client.is_some() && all.tls.roots.is_some());
}

#[test]
fn files_of_windows_are_read_and_empty_ones_are_refused() {
    let found = accounts("csv", "\u{feff}aor,password\r\nsip:a@h.test,pw\r\n");
    assert_eq!(found[0].aor(), "sip:a@h.test");
    let found = accounts("toml", "\u{feff}[[account]]\r\naor = \"sip:a@h.test\"\r\n");
    assert_eq!(found[0].aor(), "sip:a@h.test");
    assert_eq!(wrong("csv", ""), ["line 1: the first line has to name the keys"]);
    for empty in ["", "\n", "# nothing\n", "[defaults]\nexpires = 60\n"] {
        assert!(wrong("toml", empty)[0].contains("there is no [[account]]"), "{empty:?}");
    }
    assert!(accounts("toml", "account = []\n").is_empty());
    assert!(accounts("csv", "aor\n").is_empty());
}
