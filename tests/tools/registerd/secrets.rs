//! Passwords: how they are used, and where they are not shown.

use crate::rig::{Daemon, Folder, Registrar, wait_for};
use crate::{plain, table};

/// What was typed may be a password, whichever option or key it stands behind.
#[test]
fn what_is_wrong_is_said_without_the_value() {
    let folder = Folder::new();
    folder.write("good.csv", "aor\n");
    for wrong in [
        &["good.csv", "hunter2"][..],
        &["good.csv", "-xhunter2"],
        &["good.csv", "--passwort=hunter2"],
        &["--rate", "hunter2", "good.csv"],
        &["--rate", "-7654321", "good.csv"],
        &["--shard", "hunter2", "good.csv"],
        &["--listen", "hunter2", "good.csv"],
        &["--socket-mode", "hunter2", "good.csv"],
        &["--metrics", "hunter2", "good.csv"],
        &["--format", "hunter2", "good.csv"],
        &["--log", "hunter2", "good.csv"],
        &["--instance", "hunter2", "good.csv"],
        &["--set", "hunter2", "good.csv"],
        &["--set", "hunter2=hunter2", "good.csv"],
        &["--set", "expires=hunter2", "good.csv"],
        &["--check=hunter2", "good.csv"],
        &["top", "hunter2"],
        &["help", "hunter2"],
        &["top", "--interval", "hunter2"],
    ] {
        let (status, said) = Daemon::fails(&folder, wrong);
        assert!(!said.contains("hunter2") && !said.contains("7654321"), "{wrong:?}: {said}");
        assert_eq!(status, Some(2), "{wrong:?}: {said}");
    }
    for (number, wrong) in [
        "aor\nsip:alice:hunter2@rig.test\n",
        "aor,registrar\nsip:alice@rig.test,sip:alice:hunter2@rig.test\n",
        "aor,route\nsip:alice@rig.test,<sip:alice:hunter2@rig.test>\n",
        "aor,password_file\nsip:alice@rig.test,hunter2\n",
        "aor,headers\nsip:alice@rig.test,Authorization: hunter2\n",
        "aor\nhunter2\n",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{number}.csv");
        folder.write(&name, wrong);
        let (status, said) = Daemon::fails(&folder, &[&name]);
        assert!(status == Some(78) && !said.contains("hunter2"), "{wrong:?}: {said}");
    }
    let daemon = Daemon::start(&folder, "good.csv", &["--log", "debug"]);
    for wrong in [
        "hunter2",
        "list hunter2",
        "list state=hunter2",
        "{\"aor\":\"sip:a@h\",\"password\":\"hunter2\"}",
        "add {\"aor\":\"sip:a@h\",\"expires\":\"hunter2\"}",
        "add {\"aor\":\"sip:a@h\",\"password\":\"hunter2\"",
        "add {\"aor\":\"sip:a:hunter2@h\"}",
    ] {
        let reply = daemon.ask(wrong);
        assert!(reply["ok"] == false && !reply.to_string().contains("hunter2"), "{wrong}: {reply}");
    }
    assert!(!daemon.end().contains("hunter2"));
}

#[test]
fn the_longest_log_shows_no_password_and_no_proof_of_one() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "hunter2"]));
    folder.write("a.csv", &table(&registrar, |n| ["hunter2", "hunter3"][n % 2].to_owned(), 4));
    let daemon = Daemon::start(&folder, "a.csv", &["--log", "debug"]);
    wait_for("four outcomes", || daemon.ask("stats")["states"]["stopped"] == 2);
    daemon.await_registered(2);
    let log = daemon.end();
    assert!(log.contains("REGISTER sip:"), "messages are in it: {log}");
    assert!(!log.contains("hunter") && !log.contains("response="), "{log}");
}

#[test]
fn a_password_that_is_put_right_registers_at_once() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &table(&registrar, |_| "wrong".to_owned(), 2));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    wait_for("two refusals", || daemon.ask("stats")["states"]["stopped"] == 2);
    folder.write("a.csv", &plain(&registrar, 2));
    assert_eq!(daemon.ask("reload")["changed"], 2);
    daemon.await_registered(2);
    daemon.end();
}

/// One that is cut would be refused.
#[test]
fn a_long_password_is_used_as_a_whole() {
    let password = "0123456789".repeat(30);
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", &password]));
    let address = &registrar.address;
    let account = |user: &str, secret: &str| {
        format!(
            "[[account]]\naor = \"sip:{user}@rig.test\"\nregistrar = \"sip:{address}\"\n{secret}\n"
        )
    };
    let cut = &password[..299];
    folder.write("password", &format!("{password}\n"));
    folder.write(
        "a.toml",
        &[
            account("whole", &format!("password = \"{password}\"")),
            account("file", "password_file = \"password\""),
            account("cut", &format!("password = \"{cut}\"")),
        ]
        .concat(),
    );
    let daemon = Daemon::start(&folder, "a.toml", &[]);
    daemon.await_registered(2);
    wait_for("a refusal", || daemon.ask("stats")["states"]["stopped"] == 1);
    assert_eq!(daemon.ask("list state=stopped")["accounts"][0]["name"], "sip:cut@rig.test");
    daemon.end();
}
