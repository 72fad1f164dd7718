//! Which certificates are believed.

use super::*;

const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const SIP_DOMAIN: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 20];
const ANY: &[u8] = &[0x55, 0x1d, 37, 0];

/// The same over both versions.
fn handshake_result(
    settings: &TlsSettings,
    chain: &[&MadeCertificate],
    name: &str,
) -> Result<(), String> {
    let connector = TlsConnector::default();
    let both = [TLS12, TLS13].map(|version| {
        handshake(&connector, settings, &Server::new(chain, &[version]), name).map(|_| ())
    });
    let [tls12, tls13] = both;
    assert_eq!(tls12, tls13, "the versions differ");
    tls13
}

/// What becomes of a certificate of `shape` that a configured root has signed.
fn verdict(shape: &CertificateShape, name: &str, wildcards: bool) -> Result<(), String> {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let settings = TlsSettings { wildcards, ..verifying(&folder, &[&root]) };
    handshake_result(&settings, &[&shape.make([2; 32], Some(&root))], name)
}

fn error<T>(text: &str) -> Result<T, String> {
    Err(text.to_owned())
}

#[test]
fn names_are_matched_as_rfc_5922_says() {
    let no = |names: &str| error(&format!("certificate not valid for this name but for {names}"));
    let address = |text: &str| SubjectName::Ip(text.parse().unwrap());
    for (names, name, result) in [
        (vec![dns("SIP.example.test")], DOMAIN, Ok(())),
        (vec![dns("other.test"), dns(DOMAIN)], DOMAIN, Ok(())),
        (vec![dns("other.test")], DOMAIN, no("other.test")),
        (vec![dns("*.example.test")], DOMAIN, no("*.example.test")),
        (vec![uri("sip:sip.example.test")], DOMAIN, Ok(())),
        (vec![uri("sip:other.test"), dns(DOMAIN)], DOMAIN, no("sip:other.test")),
        (vec![uri("https://other.test"), dns(DOMAIN)], DOMAIN, Ok(())),
        (vec![address("192.0.2.1")], "192.0.2.1", Ok(())),
        (vec![address("2001:db8::1")], "[2001:db8::1]", Ok(())),
        (vec![address("fe80::1")], "fe80::1%eth0", Ok(())),
        (vec![address("192.0.2.1")], "192.0.2.2", no("192.0.2.1")),
        (vec![dns("192.0.2.1")], "192.0.2.1", no("192.0.2.1")),
    ] {
        assert_eq!(verdict(&server_shape(names.clone()), name, false), result, "{names:?} {name}");
    }
}

#[test]
fn wildcards_count_where_the_settings_say_so() {
    let shape = server_shape(vec![dns("*.example.test")]);
    assert_eq!(verdict(&shape, DOMAIN, true), Ok(()));
    assert!(verdict(&shape, "example.test", true).is_err());
    assert!(verdict(&shape, "a.sip.example.test", true).is_err());
}

#[test]
fn a_common_name_counts_where_there_is_no_other() {
    let named = |common, names| CertificateShape::of_server(common, names);
    assert_eq!(verdict(&named(DOMAIN, vec![]), DOMAIN, false), Ok(()));
    assert_eq!(verdict(&named("192.0.2.1", vec![]), "192.0.2.1", false), Ok(()));
    let only = "certificate not valid for this name but for other.test";
    assert_eq!(verdict(&named(DOMAIN, vec![dns("other.test")]), DOMAIN, false), error(only));
    let other = "certificate not valid for this name but for pbx.test";
    assert_eq!(verdict(&named("pbx.test", vec![]), DOMAIN, false), error(other));
    let none = "certificate not valid for this name, nor for any";
    assert_eq!(verdict(&named("", vec![]), DOMAIN, false), error(none));
}

#[test]
fn a_name_of_the_certificate_is_shown_without_control_characters() {
    let shape = CertificateShape::of_server("evil\x1b[2J\r\n", vec![]);
    let shown = "certificate not valid for this name but for evil?[2J??";
    assert_eq!(verdict(&shape, DOMAIN, false), error(shown));
}

#[test]
fn the_usage_of_a_key_has_to_include_servers() {
    for (usages, result) in [
        (vec![SERVER_AUTH], Ok(())),
        (vec![CLIENT_AUTH, SERVER_AUTH], Ok(())),
        (vec![SIP_DOMAIN], Ok(())),
        (vec![ANY], Ok(())),
        (vec![CLIENT_AUTH], error("certificate not meant for servers (wrong usage)")),
    ] {
        let shape = CertificateShape { usages: usages.clone(), ..server_shape(vec![dns(DOMAIN)]) };
        assert_eq!(verdict(&shape, DOMAIN, false), result, "{usages:?}");
    }
}

#[test]
fn a_certificate_counts_between_its_dates() {
    let dated = |not_before: &str, not_after: &str| CertificateShape {
        not_before: not_before.to_owned(),
        not_after: not_after.to_owned(),
        ..server_shape(vec![dns(DOMAIN)])
    };
    let expired = dated("20200101000000Z", "20210101000000Z");
    assert_eq!(verdict(&expired, DOMAIN, false), error("certificate expired on 2021-01-01"));
    let early = dated("21000301000000Z", "21200101000000Z");
    assert_eq!(verdict(&early, DOMAIN, false), error("certificate not valid before 2100-03-01"));
}

#[test]
fn a_chain_has_to_lead_to_a_root() {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let between = authority_under("Between", 3, Some(&root));
    let leaf = server_shape(vec![dns(DOMAIN)]).make([2; 32], Some(&between));
    let settings = verifying(&folder, &[&root]);
    assert_eq!(handshake_result(&settings, &[&leaf, &between], DOMAIN), Ok(()));
    let unknown = error("certificate of an unknown issuer, \"Between\"");
    assert_eq!(handshake_result(&settings, &[&leaf], DOMAIN), unknown);
    let settings = verifying(&folder, &[&between]);
    assert_eq!(
        handshake_result(&settings, &[&leaf], DOMAIN),
        Ok(()),
        "an intermediate may be a root"
    );
    let settings = verifying(&folder, &[&authority("Root", 4)]);
    assert!(
        handshake_result(&settings, &[&leaf, &between], DOMAIN).is_err(),
        "a root of the same name"
    );
}

#[test]
fn a_self_signed_certificate_counts_where_it_is_a_root() {
    let folder = Folder::new();
    let unknown = error("certificate of an unknown issuer, \"sip.example.test\"");
    for (version, is_authority) in [(3, None), (3, Some(false)), (3, Some(true)), (1, None)] {
        let shape = CertificateShape {
            version,
            is_authority,
            ..CertificateShape::of_server(DOMAIN, vec![])
        };
        let own = shape.make([2; 32], None);
        let own_as_root = verifying(&folder, &[&own]);
        assert_eq!(
            handshake_result(&own_as_root, &[&own], DOMAIN),
            Ok(()),
            "{version} {is_authority:?}"
        );
        assert!(
            handshake_result(&own_as_root, &[&own], "other.test").is_err(),
            "the name is checked"
        );
        let another = verifying(&folder, &[&authority("Root", 1)]);
        assert_eq!(
            handshake_result(&another, &[&own], DOMAIN),
            unknown,
            "{version} {is_authority:?}"
        );
        let expired = CertificateShape { not_after: "20210101000000Z".to_owned(), ..shape };
        let expired = expired.make([2; 32], None);
        let as_root = verifying(&folder, &[&expired]);
        let text = error("certificate expired on 2021-01-01");
        assert_eq!(
            handshake_result(&as_root, &[&expired], DOMAIN),
            text,
            "{version} {is_authority:?}"
        );
    }
}

#[test]
fn a_version_1_certificate_counts_directly_under_a_root() {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let shape = CertificateShape { version: 1, ..CertificateShape::of_server(DOMAIN, vec![]) };
    let leaf = shape.make([2; 32], Some(&root));
    let settings = verifying(&folder, &[&root]);
    assert_eq!(handshake_result(&settings, &[&leaf], DOMAIN), Ok(()));
    assert!(handshake_result(&settings, &[&leaf], "other.test").is_err(), "the name is checked");
    let impostor = shape.make([2; 32], Some(&authority("Root", 4)));
    assert_eq!(
        handshake_result(&settings, &[&impostor], DOMAIN),
        error("wrong signature, or by a key that is too short")
    );
    let between = authority_under("Between", 3, Some(&root));
    let leaf = shape.make([2; 32], Some(&between));
    let unknown = error("certificate of an unknown issuer, \"Between\"");
    assert_eq!(handshake_result(&settings, &[&leaf, &between], DOMAIN), unknown);
    let expired = CertificateShape { not_after: "20210101000000Z".to_owned(), ..shape };
    let expired = expired.make([2; 32], Some(&root));
    assert_eq!(
        handshake_result(&settings, &[&expired], DOMAIN),
        error("certificate expired on 2021-01-01")
    );
}

#[test]
fn an_authority_under_a_root_is_no_server() {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let names = vec![dns(DOMAIN)];
    let shape = CertificateShape { is_authority: Some(true), ..server_shape(names) };
    let leaf = shape.make([2; 32], Some(&root));
    let text = "certificate refused: it is that of a certificate authority, not of a server";
    assert_eq!(handshake_result(&verifying(&folder, &[&root]), &[&leaf], DOMAIN), error(text));
}

#[test]
fn nothing_is_checked_but_the_handshake_where_verification_is_off() {
    let settings = TlsSettings::unverified();
    let shape = CertificateShape {
        version: 1,
        not_after: "20210101000000Z".to_owned(),
        ..CertificateShape::of_server("any", vec![])
    };
    let own = shape.make([2; 32], None);
    assert_eq!(handshake_result(&settings, &[&own], DOMAIN), Ok(()));
    assert_eq!(handshake_result(&settings, &[&own], "no domain at all"), Ok(()));
    // The server has another key than its certificate.
    let mut without_its_key = own;
    without_its_key.key = authority("x", 9).key;
    assert_eq!(
        handshake_result(&settings, &[&without_its_key], DOMAIN),
        error("wrong signature, or by a key that is too short")
    );
}

#[test]
fn a_pin_decides_with_and_without_verification() {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let leaf = server_shape(vec![dns(DOMAIN)]).make([2; 32], Some(&root));
    let hash = "sha256//2vnJSvw4Ug0iRqVVWFHQ6VNuClDDGUKE2NCBfdQ1mdQ=";
    let right = folder.write("right.der", leaf.public_key()).display().to_string();
    let wrong = folder.write("wrong.der", root.public_key()).display().to_string();
    let missing = folder.0.join("missing.der").display().to_string();
    let differs = error("the key of the certificate is not the pinned one");
    let no_file = error(&format!("{missing}: No such file or directory"));
    for base in [verifying(&folder, &[&root]), TlsSettings::unverified()] {
        for (pin, result) in [
            (&right, Ok(())),
            (&wrong, differs.clone()),
            (&missing, no_file.clone()),
            (&hash.to_owned(), differs.clone()),
            (&format!("sha256//AAAA; {}", hash_of(&leaf)), Ok(())),
        ] {
            let settings = TlsSettings { pin: Some(pin.clone()), ..base.clone() };
            assert_eq!(handshake_result(&settings, &[&leaf], DOMAIN), result, "{pin}");
        }
    }
    let elsewhere = TlsSettings { pin: Some(right), ..verifying(&folder, &[&authority("R", 7)]) };
    assert!(
        handshake_result(&elsewhere, &[&leaf], DOMAIN).is_err(),
        "a pin does not replace the roots"
    );
}

fn hash_of(certificate: &MadeCertificate) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(certificate.public_key());
    format!("sha256//{}", crate::sip::base64(&hash))
}

#[test]
fn roots_that_cannot_be_read_are_named() {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let leaf = server_shape(vec![dns(DOMAIN)]).make([2; 32], Some(&root));
    let with = |path: PathBuf| TlsSettings { roots: Some(path), ..TlsSettings::verified() };
    let report = |path: &Path| handshake_result(&with(path.to_owned()), &[&leaf], DOMAIN);
    let missing = folder.0.join("missing.pem");
    let text = format!("{}: No such file or directory", missing.display());
    assert_eq!(report(&missing), error(&text));
    let empty = folder.write("empty.pem", "nothing");
    let text = format!("{}: there is no root certificate in it", empty.display());
    assert_eq!(report(&empty), error(&text));
    let der = folder.write("root.der", &root.certificate);
    assert_eq!(report(&der), Ok(()));
    let none = TlsSettings { system_roots: false, ..TlsSettings::verified() };
    let text = "there are no root certificates to verify with";
    assert_eq!(handshake_result(&none, &[&leaf], DOMAIN), error(text));
    let system = error("certificate of an unknown issuer, \"Root\"");
    assert_eq!(handshake_result(&TlsSettings::verified(), &[&leaf], DOMAIN), system);
}

#[test]
fn a_folder_of_roots_is_read_whatever_its_files_are_called() {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let leaf = server_shape(vec![dns(DOMAIN)]).make([2; 32], Some(&root));
    folder.write("notes.txt", "nothing");
    folder.write("ours.anything", root.certificate_pem());
    let settings = TlsSettings { roots: Some(folder.0.clone()), ..TlsSettings::verified() };
    assert_eq!(handshake_result(&settings, &[&leaf], DOMAIN), Ok(()));
}
