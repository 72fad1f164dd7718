//! Any chain of certificates through the verifier of TLS: it never panics, and believes no
//! certificate that a root has not signed as it is. What is believed are the certificates that were
//! made for the server, whatever else is sent with them.
//! `cargo +nightly fuzz run certificates`
#![no_main]

use certificate::{CertificateShape, MadeCertificate, SubjectName};
use libfuzzer_sys::fuzz_target;
use register::net::check_certificate;
use shared::bytes::Bytes;
use std::sync::LazyLock;

#[allow(dead_code)]
#[path = "../../src/bin/registrar/certificate.rs"]
mod certificate;

const NAME: &str = "sip.example.test";
/// 1 January 2026.
const NOW: u64 = 1_767_225_600;

struct World {
    /// Roots of the verifier.
    roots: Vec<MadeCertificate>,
    /// Signed by one of them for [`NAME`], or one of them.
    believed: Vec<MadeCertificate>,
    /// Signed by one of them, to sign others.
    between: MadeCertificate,
    /// Not to be believed.
    others: Vec<MadeCertificate>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let names = vec![SubjectName::Dns(NAME.to_owned())];
    let server = CertificateShape::of_server(NAME, names);
    let bare = CertificateShape::of_server(NAME, Vec::new());
    let version_1 = CertificateShape { version: 1, ..bare.clone() };
    let authority = CertificateShape { is_authority: Some(true), ..bare.clone() };
    let named = |name: &str| CertificateShape { common_name: name.to_owned(), ..authority.clone() };
    let root = named("Root").make([1; 32], None);
    let own = authority.make([2; 32], None);
    let between = named("Between").make([3; 32], Some(&root));
    let uri = vec![SubjectName::Uri(format!("sip:{NAME}"))];
    let believed = vec![
        server.make([4; 32], Some(&root)),
        version_1.make([5; 32], Some(&root)),
        CertificateShape::of_server("", uri).make([6; 32], Some(&root)),
        own.clone(),
    ];
    let unknown_root = named("Root").make([7; 32], None);
    let expired = CertificateShape { not_after: "20210101000000Z".to_owned(), ..server.clone() };
    let others = vec![
        server.make([8; 32], Some(&unknown_root)),
        version_1.make([9; 32], Some(&unknown_root)),
        expired.make([10; 32], Some(&root)),
        CertificateShape::of_server("other.test", Vec::new()).make([11; 32], Some(&root)),
        server.make([12; 32], None),
        unknown_root,
    ];
    World { roots: vec![root, own], believed, between, others }
});

fuzz_target!(|bytes: &[u8]| {
    let world = &*WORLD;
    let roots: Vec<&[u8]> = world.roots.iter().map(|root| &root.certificate[..]).collect();
    let check = |chain: &[&[u8]], name: &str| check_certificate(chain, &roots, name, NOW);
    let _ = check(&[bytes], NAME);

    let mut input = Bytes(bytes);
    let all: Vec<_> = world.believed.iter().chain(&world.others).collect();
    let leaf = all[input.below(all.len())];
    let is_believed = world.believed.iter().any(|one| one.certificate == leaf.certificate);
    let mut changed = leaf.certificate.clone();
    while input.once_in(2) {
        let at = (usize::from(input.byte()) << 8 | usize::from(input.byte())) % changed.len();
        match input.below(4) {
            0 => changed[at] ^= 1 << input.below(8),
            1 => changed[at] = input.byte(),
            2 => drop(changed.splice(at..at, input.slice(1).iter().copied())),
            _ => changed.truncate(at.max(1)),
        }
    }
    let more = input.slice(1);
    let chain = [&changed, &world.between.certificate[..], more, &world.roots[0].certificate];
    let verdict = check(&chain[..1 + input.below(chain.len())], NAME);
    let is_as_made = changed == leaf.certificate;
    assert_eq!(verdict.is_ok(), is_as_made && is_believed, "{verdict:?}");
    if let Err(error) = verdict {
        assert!(!error.to_string().contains(char::is_control), "{error}");
    }
    let name = input.text();
    if !name.eq_ignore_ascii_case(NAME) && !name.eq_ignore_ascii_case(&format!("{NAME}.")) {
        assert!(check(&[&leaf.certificate], &name).is_err(), "{name}");
    }
});
