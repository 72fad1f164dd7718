//! `sipreg` over TLS.

use crate::packets::captures;
use crate::registrar_program::RegistrarProgram;
use crate::support::{ends_with, folder, registrar, run_alice, text};

/// A registrar over TLS, and the file with its certificate.
fn over_tls(name: &str) -> (RegistrarProgram, String) {
    let file = folder(name).join("root.pem").to_str().unwrap().to_owned();
    (registrar(&["--transport", "tls", "--certificate-file", &file]), file)
}

#[test]
fn tls_is_used_with_the_roots_that_are_given() {
    let (registrar, roots) = over_tls("roots");
    for more in [
        &["--tls", &roots][..],
        &["--transport", "tls", "--tls-roots", &roots],
        &["--transport=tls", "--tls-no-verify"],
    ] {
        let output = run_alice(&registrar, &[more, &["--password", "secret", "--once"]].concat());
        ends_with(&output, 0);
    }
    let proxy = format!("sip:{};transport=tls", registrar.address);
    let more = ["--proxy", &proxy, "--tls-roots", &roots, "--password", "secret", "--once"];
    ends_with(&run_alice(&registrar, &more), 0);
    registrar.end();
}

#[test]
fn a_server_that_cannot_be_trusted_is_a_failure_of_the_network() {
    let (registrar, roots) = over_tls("refused");
    let wrong_pin = format!("sha256//{}=", "A".repeat(43));
    for more in
        [&["--tls", ""][..], &["--transport", "tls"], &["--tls", &roots, "--tls-pin", &wrong_pin]]
    {
        let output = run_alice(&registrar, &[more, &["--password", "secret"]].concat());
        ends_with(&output, 4);
        let words = text(&output.stdout);
        assert!(words.contains("cannot be reached: "), "{more:?}: {words}");
    }
    for wrong in [
        &["--tls", &roots, "--tls-pin", "sha256//no"][..],
        &["--tls", &roots, "--tls-pin", "garbage"],
        &["--tls", "/no/such/file"],
        &["--tls-roots", "/no/such/file"],
        &["--tls", &roots, "--tls-cert", &roots, "--tls-key", &roots],
    ] {
        ends_with(&run_alice(&registrar, &[wrong, &["--password", "secret"]].concat()), 1);
    }
    registrar.end();
}

#[test]
fn pcap_shows_what_tls_hides() {
    let (registrar, roots) = over_tls("pcap-root");
    let datagrams = captures(&registrar, "pcap-tls", &["--tls", &roots]);
    assert!(text(&datagrams[0].payload).contains("\r\nVia: SIP/2.0/TLS "));
    registrar.end();
}
