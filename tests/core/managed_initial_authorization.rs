//! An Authorization before any challenge (TS 24.229 section 5.1.1.2): it names the user, and proves
//! nothing.

use crate::common::{World, param};
use register::auth::AccountLogin;
use register::registration::policy::managed::ManagedOptions as Options;

const CHALLENGE: &str = "WWW-Authenticate: Digest realm=\"ims.test\", nonce=\"n1\", qop=\"auth\"";

fn named(options: &mut Options) {
    options.initial_authorization = true;
    options.registrar = "sip:ims.test".into();
    options.route = "<sip:192.0.2.1;lr>".into();
    options.username = "alice@ims.test".into();
    options.logins = vec![AccountLogin {
        username: options.username.clone(),
        realm: "".into(),
        password: Some(b"secret".as_slice().into()),
        ha1: Vec::new(),
    }];
}

#[test]
fn the_first_register_names_user_and_home_domain_with_an_empty_nonce() {
    let mut world = World::new();
    let (_, request) = world.managed_register(named);
    assert_eq!(
        request.get("Authorization"),
        Some(
            "Digest username=\"alice@ims.test\", realm=\"ims.test\", nonce=\"\", \
             uri=\"sip:ims.test\", response=\"\""
        )
    );
    world.answer(&request, "401 Unauthorized", &[CHALLENGE]);
    let proven = world.one();
    let lines: Vec<_> = proven.headers().filter(|(name, _)| *name == "Authorization").collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(param(lines[0].1, "nonce").as_deref(), Some("n1"));
    world.grant(&proven, 600);
    let refresh = world.one_at(540_000);
    let line = refresh.get("Authorization").unwrap();
    assert_eq!(param(line, "nc").as_deref(), Some("00000002"));
}

#[test]
fn a_realm_of_the_options_is_named_in_place_of_the_domain() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        named(options);
        options.realm = "a \"b\"".into();
    });
    let line = request.get("Authorization").unwrap();
    assert!(line.contains("realm=\"a \\\"b\\\"\", nonce=\"\""), "{line}");
}

#[test]
fn after_a_register_without_response_the_user_is_named_again() {
    let mut world = World::new();
    let (_, request) = world.managed_register(named);
    world.answer(&request, "401 Unauthorized", &[CHALLENGE]);
    let proven = world.one();
    world.grant(&proven, 600);
    world.one_at(540_000);
    let sent = world.run_to(540_000 + 200_000);
    let (_, next) = sent.iter().rfind(|(at, _)| *at > 572_000).unwrap();
    let line = next.get("Authorization").unwrap();
    assert_eq!(param(line, "nonce").as_deref(), Some(""), "{line}");
}

#[test]
fn a_403_to_a_named_user_does_not_say_that_the_password_is_wrong() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        named(options);
        options.fatal_retry = 0;
    });
    world.answer(&request, "403 Forbidden", &[]);
    assert_eq!(
        world.explain(rid),
        "403 Forbidden from 192.0.2.1:5060: this user may not register there; \
         not trying again by itself"
    );
}

#[test]
fn other_credentials_are_named_from_then_on() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(named);
    world.grant(&request, 600);
    let login = AccountLogin {
        username: "bob".into(),
        realm: "".into(),
        password: Some(b"other".as_slice().into()),
        ha1: Vec::new(),
    };
    world.agent.registerer_set_logins(world.now(), rid, vec![login]).unwrap();
    let refresh = world.one_at(540_000);
    assert!(refresh.get("Authorization").unwrap().starts_with("Digest username=\"bob\", "));
}

#[test]
fn an_initial_authorization_without_a_user_is_refused() {
    let mut options = Options::new("sip:alice@ims.test");
    options.initial_authorization = true;
    let why = options.checked(register::transport::TransportSet::UDP).err().unwrap();
    assert_eq!(why.0, "an initial Authorization needs a user name");
}
