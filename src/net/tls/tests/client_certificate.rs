//! What is shown to a server that asks for a certificate.

use super::*;

fn demanded(client: Option<CertificateFiles>, tls13: bool) -> Result<(), String> {
    let root = authority("Root", 1);
    let leaf = server_shape(vec![dns(DOMAIN)]).make([2; 32], Some(&root));
    let settings = TlsSettings { client, ..TlsSettings::unverified() };
    let server = Server::demanding(&[&leaf], &root, tls13);
    handshake(&TlsConnector::default(), &settings, &server, DOMAIN).map(|_| ())
}

fn files(certificate: &Path, key: &Path) -> Option<CertificateFiles> {
    Some(CertificateFiles { certificate: certificate.to_owned(), key: key.to_owned() })
}

fn ours() -> MadeCertificate {
    server_shape(vec![dns("client.test")]).make([5; 32], Some(&authority("Root", 1)))
}

#[test]
fn a_certificate_is_shown_from_pem_and_from_der() {
    let (folder, ours) = (Folder::new(), ours());
    let pem = folder.write("c.pem", ours.certificate_pem());
    let key = folder.write("k.pem", ours.key_pem());
    let der = folder.write("c.der", &ours.certificate);
    let key_der = folder.write("k.der", &ours.key);
    let both = folder.write("both.pem", ours.key_pem() + &ours.certificate_pem());
    for tls13 in [false, true] {
        assert_eq!(demanded(files(&pem, &key), tls13), Ok(()));
        assert_eq!(demanded(files(&der, &key_der), tls13), Ok(()));
        assert_eq!(demanded(files(&both, &both), tls13), Ok(()));
    }
}

#[test]
fn a_chain_is_shown_as_a_whole() {
    let (folder, between) = (Folder::new(), authority_under("B", 6, Some(&authority("Root", 1))));
    let ours = server_shape(vec![dns("client.test")]).make([5; 32], Some(&between));
    let chain = folder.write("c.pem", ours.certificate_pem() + &between.certificate_pem());
    let alone = folder.write("alone.pem", ours.certificate_pem());
    let key = folder.write("k.pem", ours.key_pem());
    assert_eq!(demanded(files(&chain, &key), true), Ok(()));
    let refused = "the server refuses our certificate (unknown_ca)";
    assert_eq!(demanded(files(&alone, &key), true), Err(refused.to_owned()));
    assert_eq!(demanded(files(&alone, &key), false), Err(refused.to_owned()));
}

#[test]
fn a_demand_without_a_certificate_is_named() {
    for tls13 in [false, true] {
        let text = "the server demands a certificate of ours";
        assert_eq!(demanded(None, tls13), Err(text.to_owned()), "TLS 1.3: {tls13}");
    }
}

#[test]
fn files_that_are_wrong_are_named_and_nothing_is_sent() {
    let (folder, ours) = (Folder::new(), ours());
    let certificate = folder.write("c.pem", ours.certificate_pem());
    let key = folder.write("k.pem", ours.key_pem());
    let other_key = folder.write("other.pem", authority("x", 8).key_pem());
    let missing = folder.0.join("missing.pem");
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----";
    let encrypted = folder.write("encrypted.pem", encrypted);
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n-----END RSA PRIVATE KEY-----";
    let old = folder.write("old.pem", old);
    let encrypted_der = folder.write("encrypted.der", [0x30, 4, 0x30, 2, 6, 0]);
    let is_encrypted = "the private key is encrypted; only one that is not can be used";
    let foreign = format!("the private key is not that of {}", certificate.display());
    for (certificate, key, wrong, reason) in [
        (&certificate, &missing, &missing, "No such file or directory"),
        (&missing, &key, &missing, "No such file or directory"),
        (&certificate, &folder.0, &folder.0, "not a file"),
        (&key, &key, &key, "there is no certificate in it"),
        (&certificate, &certificate, &certificate, "there is no private key in it"),
        (&certificate, &other_key, &other_key, foreign.as_str()),
        (&certificate, &encrypted, &encrypted, is_encrypted),
        (&certificate, &old, &old, is_encrypted),
        (&certificate, &encrypted_der, &encrypted_der, is_encrypted),
    ] {
        let text = format!("{}: {reason}", wrong.display());
        assert_eq!(demanded(files(certificate, key), true), Err(text));
    }
}

#[test]
fn files_are_read_anew_when_they_have_changed() {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let leaf = server_shape(vec![dns(DOMAIN)]).make([2; 32], Some(&root));
    let server = Server::new(&[&leaf], &[TLS13]);
    let settings = verifying(&folder, &[&authority("Another", 7)]);
    let connector = TlsConnector::default();
    assert!(handshake(&connector, &settings, &server, DOMAIN).is_err());
    verifying(&folder, &[&root]);
    assert!(handshake(&connector, &settings, &server, DOMAIN).is_ok());
    fs::remove_file(folder.0.join("roots.pem")).unwrap();
    assert!(handshake(&connector, &settings, &server, DOMAIN).is_err());
}
