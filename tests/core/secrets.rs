//! Secrets are wiped when they are given up: no copy is left in the memory of the process.

use crate::common::World;
use register::agent::CredentialText;
use register::auth::{AccountLogin, Algorithm};
use std::fs;
use std::io::{Read, Seek, SeekFrom};

/// A text that is nowhere in memory but where it is used: its letters, each one too high.
struct Pattern([u8; 24]);

impl Pattern {
    fn new(mark: u8) -> Self {
        Pattern(std::array::from_fn(|at| b'B' + (at as u8 * 7 + mark * 3) % 23))
    }

    /// Calls `with` with the text, of which nothing is left afterwards.
    fn reveal<T>(&self, with: impl FnOnce(&[u8]) -> T) -> T {
        let mut text: Box<[u8]> = self.0.iter().map(|letter| letter - 1).collect();
        let result = with(&text);
        text.iter_mut().for_each(|letter| *letter = 0);
        std::hint::black_box(&text);
        result
    }

    /// How often the text stands in the writable memory of this process.
    fn count(&self) -> usize {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let mut memory = fs::File::open("/proc/self/mem").unwrap();
        let mut count = 0;
        // One buffer of its own, which is left out by being wiped before the next is read.
        let mut buffer = vec![0; 1 << 20];
        for line in maps.lines().filter(|line| line.contains(" rw") && !line.contains("[v")) {
            let (start, rest) = line.split_once('-').unwrap();
            let end = rest.split(' ').next().unwrap();
            let parse = |text: &str| u64::from_str_radix(text, 16).unwrap();
            let (mut at, end) = (parse(start), parse(end));
            while at < end {
                let length = buffer.len().min((end - at) as usize);
                let own = buffer.as_ptr() as u64..buffer.as_ptr() as u64 + buffer.len() as u64;
                let read = memory
                    .seek(SeekFrom::Start(at))
                    .and_then(|_| memory.read(&mut buffer[..length]));
                let Ok(length) = read else { break };
                let found = buffer[..length].windows(24).enumerate();
                let found = found.filter(|(_, window)| {
                    window.iter().zip(&self.0).all(|(letter, own)| *letter == own.wrapping_sub(1))
                });
                count += found.filter(|(offset, _)| !own.contains(&(at + *offset as u64))).count();
                if length == 0 {
                    break;
                }
                // What stands across the end of a buffer is found in the next.
                at += if length > 64 { length as u64 - 32 } else { length as u64 };
                if at + 32 >= end {
                    break;
                }
            }
            buffer.fill(0);
        }
        count
    }
}

const CHALLENGE: &str = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\"";

fn add(world: &mut World, user: &str, password: &[u8], ha1: &str) {
    let text = CredentialText { username: user, userid: user, password, ha1, realm: "" };
    world.agent.add_credential(text).unwrap();
}

#[test]
fn passwords_and_ha1s_that_are_given_up_leave_no_copy() {
    let patterns: [Pattern; 5] = std::array::from_fn(|n| Pattern::new(n as u8));
    let [removed, replaced, cleared, own, kept] = &patterns;
    let mut world = World::new();
    kept.reveal(|text| add(&mut world, "kept", text, ""));
    removed.reveal(|text| add(&mut world, "alice", text, ""));
    assert!(removed.count() > 0 && kept.count() > 0, "the scan finds what is there");
    let (_, request) = world.register(3600);
    world.answer(&request, "401 Unauthorized", &[CHALLENGE]);
    assert!(world.automatic_one().get("Authorization").is_some());
    // Many others, so that the tables grow.
    for n in 0..1000 {
        add(&mut world, &format!("user{n}"), b"x", "");
    }
    world.agent.remove_credential("alice", "").unwrap();
    replaced.reveal(|text| add(&mut world, "alice", b"", std::str::from_utf8(text).unwrap()));
    add(&mut world, "alice", b"y", "");
    let rid = own.reveal(|text| {
        world.managed(|options| {
            let password = Some(text.into());
            let ha1 = vec![(Algorithm::Md5, "0".repeat(32).into())];
            let (username, realm) = ("alice".into(), "".into());
            options.logins = vec![AccountLogin { username, realm, password, ha1 }];
        })
    });
    assert!(own.count() > 0);
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = world.one();
    world.answer(&request, "401 Unauthorized", &[CHALLENGE]);
    assert!(world.one().get("Authorization").is_some());
    world.agent.registerer_set_logins(world.now(), rid, Vec::new()).unwrap();
    cleared.reveal(|text| add(&mut world, "bob", text, ""));
    assert_eq!([removed, replaced, own].map(Pattern::count), [0, 0, 0]);
    assert!(cleared.count() > 0);
    world.agent.clear_credentials();
    assert_eq!([cleared, kept].map(Pattern::count), [0, 0]);
}
