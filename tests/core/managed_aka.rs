//! Digest AKA (RFC 3310, RFC 4169) by a program that asks a SIM card. The numbers of the card are
//! those of 3GPP TS 35.208 test set 1; the responses were computed by Python's hashlib and hmac.

use crate::common::{World, param};
use register::agent::{Refusal, RegistererEventKind as Kind};
use register::auth::{AkaResponse, Algorithm, ProgramAnswer, ProgramScheme};
use register::registration::policy::managed::{
    ManagedOptions as Options, PendingChallenge, RegistererState as State,
};
use register::sip::Draft;
use std::time::Duration;

/// The bytes 0 to 31, and what the server adds.
const NONCE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9zZXJ2ZXI=";
const RES: [u8; 8] = [0xa5, 0x42, 0x11, 0xd5, 0xe3, 0xba, 0x50, 0xbf];
const IK: u128 = 0xf769_bcd7_5104_4604_1276_7271_1c6d_3441;
const CK: u128 = 0xb40b_a9a3_c58b_2a05_bbf0_d987_b21b_f8cb;
const V1: &str = "9f908638e8d4187e4fbe46a00ec7e73a";
const V2: &str = "56b3ef4c98e75975f5e29c60c0707272";
const EMPTY: &str = "f6872af36149b7925fb058d581904ba0";

fn challenge(algorithm: &str, nonce: &str) -> String {
    format!("WWW-Authenticate: Digest realm=\"ims.test\", nonce=\"{nonce}\", algorithm={algorithm}")
}

fn asks(options: &mut Options) {
    options.challenge_wait = Duration::from_secs(10);
    options.username = "alice@ims.test".into();
}

fn card() -> AkaResponse {
    AkaResponse {
        res: RES.to_vec().into(),
        ik: Some(IK.to_be_bytes().into()),
        ck: Some(CK.to_be_bytes().into()),
    }
}

fn pending(world: &World, rid: i32) -> PendingChallenge {
    world.agent.registerer_challenge(world.now(), rid).unwrap().0
}

fn answer(world: &mut World, rid: i32, answer: ProgramAnswer) -> Draft {
    let number = pending(world, rid).number;
    world.agent.registerer_answer(world.now(), rid, number, Some(answer)).unwrap();
    world.one()
}

fn challenged(line: &str) -> (World, i32) {
    let mut world = World::new();
    let (rid, request) = world.managed_register(asks);
    world.answer(&request, "401 Unauthorized", &[line]);
    assert!(world.sent().is_empty());
    assert_eq!(world.registerer_events(rid), [Kind::Challenged(1)]);
    (world, rid)
}

#[test]
fn the_program_gets_rand_and_autn_and_res_is_the_password() {
    let (mut world, rid) = challenged(&challenge("AKAv1-MD5", NONCE));
    let asked = pending(&world, rid).challenge;
    assert_eq!((asked.scheme, &*asked.realm), (ProgramScheme::AkaV1Md5, "ims.test"));
    assert_eq!(asked.rand, std::array::from_fn(|at| at as u8));
    assert_eq!(asked.autn, std::array::from_fn(|at| at as u8 + 16));
    let proven = answer(&mut world, rid, ProgramAnswer::Aka(card()));
    assert_eq!(
        proven.get("Authorization"),
        Some(&*format!(
            "Digest username=\"alice@ims.test\", realm=\"ims.test\", nonce=\"{NONCE}\", \
             uri=\"sip:192.0.2.1\", response=\"{V1}\", algorithm=AKAv1-MD5"
        ))
    );
    world.grant(&proven, 600);
    assert_eq!(world.state(rid), State::Registered);
    let refresh = world.one_at(540_000);
    let line = refresh.get("Authorization").unwrap();
    assert_eq!(param(line, "response").as_deref(), Some(V1), "the nonce is used again");
}

#[test]
fn akav2_makes_the_password_of_res_ik_and_ck() {
    let (mut world, rid) = challenged(&challenge("AKAv2-MD5", NONCE));
    assert_eq!(pending(&world, rid).challenge.scheme, ProgramScheme::AkaV2Md5);
    let now = world.now();
    let without = ProgramAnswer::Aka(AkaResponse { ik: None, ..card() });
    let refused = world.agent.registerer_answer(now, rid, 1, Some(without));
    assert_eq!(refused, Err(Refusal::BadParameter));
    let proven = answer(&mut world, rid, ProgramAnswer::Aka(card()));
    let line = proven.get("Authorization").unwrap();
    assert_eq!(param(line, "response").as_deref(), Some(V2));
    assert_eq!(param(line, "algorithm").as_deref(), Some("AKAv2-MD5"));
}

#[test]
fn with_qop_the_count_goes_on_in_a_refresh() {
    let line = challenge("AKAv1-MD5", NONCE) + ", qop=\"auth,auth-int\", opaque=\"o\"";
    let (mut world, rid) = challenged(&line);
    let proven = answer(&mut world, rid, ProgramAnswer::Aka(card()));
    world.grant(&proven, 600);
    let refresh = world.one_at(540_000);
    for (request, nc) in [(&proven, "00000001"), (&refresh, "00000002")] {
        let line = request.get("Authorization").unwrap();
        let field = |name: &str| param(line, name).unwrap();
        assert_eq!((&*field("nc"), &*field("qop"), &*field("opaque")), (nc, "auth", "o"));
        let ha1 = Algorithm::Md5.hex(&[b"alice@ims.test:ims.test:", &RES]);
        let ha2 = Algorithm::Md5.hex(&[b"REGISTER:sip:192.0.2.1"]);
        let text = format!("{ha1}:{NONCE}:{nc}:{}:auth:{ha2}", field("cnonce"));
        assert_eq!(field("response"), Algorithm::Md5.hex(&[text.as_bytes()]));
    }
}

#[test]
fn a_card_that_is_out_of_step_says_auts_with_an_empty_password() {
    let (mut world, rid) = challenged(&challenge("AKAv1-MD5", NONCE));
    let auts = std::array::from_fn(|at| 0xa0 + at as u8);
    let answered = answer(&mut world, rid, ProgramAnswer::Resynchronize(auts));
    let line = answered.get("Authorization").unwrap();
    assert_eq!(param(line, "auts").as_deref(), Some("oKGio6SlpqeoqaqrrK0="));
    assert_eq!(param(line, "response").as_deref(), Some(EMPTY));
    // The server makes another challenge, from the number that the card has named.
    let next = NONCE.replacen("AAEC", "AQEC", 1);
    world.answer(&answered, "401 Unauthorized", &[&challenge("AKAv1-MD5", &next)]);
    let asked = pending(&world, rid);
    assert_eq!((asked.number, asked.challenge.rand[0]), (2, 1));
    let proven = answer(&mut world, rid, ProgramAnswer::Aka(card()));
    let line = proven.get("Authorization").unwrap();
    assert_eq!((param(line, "nonce"), param(line, "auts")), (Some(next), None));
    world.grant(&proven, 600);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_403_to_what_the_card_said_asks_it_anew_when_the_program_registers() {
    let (mut world, rid) = challenged(&challenge("AKAv1-MD5", NONCE));
    let proven = answer(&mut world, rid, ProgramAnswer::Aka(card()));
    world.answer(&proven, "403 Forbidden", &[]);
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert_eq!(world.one().get("Authorization"), None);
}

#[test]
fn aka_is_no_stronger_than_its_hash() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        asks(options);
        options.weakest_algorithm = Algorithm::Sha256;
    });
    world.answer(&request, "401 Unauthorized", &[&challenge("AKAv1-MD5", NONCE)]);
    assert!(world.agent.registerer_challenge(world.now(), rid).is_err());
    assert_eq!(world.state(rid), State::Unregistered);
}

#[test]
fn a_password_never_answers_an_aka_challenge() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "401 Unauthorized", &[&challenge("AKAv1-MD5", NONCE)]);
    assert!(world.sent().is_empty());
    assert!(world.explain(rid).contains("the algorithm AKAv1-MD5 is unknown"));
}

#[test]
fn the_user_is_named_before_the_first_challenge_of_a_card() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        asks(options);
        (options.initial_authorization, options.realm) = (true, "ims.test".into());
    });
    let line = request.get("Authorization").unwrap();
    assert_eq!(param(line, "username").as_deref(), Some("alice@ims.test"));
    world.answer(&request, "401 Unauthorized", &[&challenge("AKAv1-MD5", NONCE)]);
    assert!(!pending(&world, rid).challenge.is_repeated);
    let proven = answer(&mut world, rid, ProgramAnswer::Aka(card()));
    let lines: Vec<_> = proven.headers().filter(|(name, _)| *name == "Authorization").collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(param(lines[0].1, "response").as_deref(), Some(V1));
}
