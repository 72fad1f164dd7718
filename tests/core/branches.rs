//! The branch of a REGISTER that the application edits, chooses or sends again.

use crate::common::World;
use register::agent::EventKind;
use register::sip::Draft;

fn branch(request: &Draft) -> String {
    let via = request.get("Via").unwrap();
    via.split(";branch=").nth(1).unwrap().split(';').next().unwrap().to_owned()
}

#[test]
fn an_edited_message_keeps_its_branch_and_all_that_was_not_edited() {
    let mut world = World::new();
    let (rid, text) = world.build(3600);
    let built = Draft::parse(&text).unwrap();
    let mut edited = built.clone();
    edited.push("X-Site", "cellar");
    world.send(rid, &edited.to_bytes());
    let sent = world.one();
    assert_eq!(branch(&sent), branch(&built));
    let kept = |draft: &Draft| {
        let lines = draft.headers().filter(|(name, _)| !matches!(*name, "Via" | "Contact"));
        lines.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>()
    };
    assert_eq!(kept(&sent), kept(&edited));
    world.grant(&sent, 3600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
}

#[test]
fn a_branch_that_the_application_chose_is_kept_and_answered_to() {
    for chosen in ["z9hG4bKmine", "old-style", "z9hG4bK-\u{e9}"] {
        let mut world = World::new();
        let (rid, text) = world.build(3600);
        let mut draft = Draft::parse(&text).unwrap();
        let via = draft.get("Via").unwrap().replace(&branch(&draft), chosen);
        draft.set("Via", via);
        world.send(rid, &draft.to_bytes());
        let sent = world.one();
        assert_eq!(branch(&sent), chosen);
        world.grant(&sent, 3600);
        assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    }
}

#[test]
fn a_message_sent_twice_is_another_transaction_the_second_time() {
    for later in [100, 60_000] {
        let mut world = World::new();
        let (rid, text) = world.build(3600);
        world.send(rid, &text);
        let first = world.one();
        world.grant(&first, 3600);
        world.run_to(later);
        world.send(rid, &text);
        assert_ne!(branch(&world.one()), branch(&first));
    }
}
