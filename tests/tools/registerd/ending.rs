//! The end: what is removed, and what is said of the rest.

use crate::plain;
use crate::rig::{Daemon, Folder, Registrar, wait_for};

#[test]
fn bindings_are_left_where_that_is_asked_for() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 4));
    let daemon = Daemon::start(&folder, "a.csv", &["--keep"]);
    daemon.await_registered(4);
    daemon.end();
    assert_eq!(registrar.requests().len(), 8, "nothing was sent at the end");
}

#[test]
fn a_registrar_that_is_silent_does_not_hold_up_the_end() {
    let (folder, registrar) =
        (Folder::new(), Registrar::start(&["--any-user", "pw", "--silent", "100000"]));
    folder.write("a.csv", &plain(&registrar, 4));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    assert_eq!(daemon.ask("stats")["states"]["starting"], 4);
    wait_for("the REGISTERs", || daemon.ask("stats")["in_flight"] == 4);
    let log = daemon.end();
    let line = log.lines().find(|line| line.starts_with("4 accounts: REGISTER not answered, "));
    let names = line.unwrap_or_else(|| panic!("{log}")).matches("sip:user").count();
    assert_eq!(names, 4, "{log}");
    assert!(log.contains("ended: 0 bindings removed, not all"), "{log}");
}

#[test]
fn the_end_says_which_bindings_are_left() {
    let folder = Folder::new();
    let registrar = Registrar::start(&["--any-user", "pw"]);
    folder.write("a.csv", &plain(&registrar, 12));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(12);
    assert_eq!(daemon.ask("remove sip:user11@rig.test")["ok"], true);
    wait_for("its end", || daemon.ask("stats")["accounts"] == 11);
    drop(registrar);
    let log = daemon.end();
    let line = "11 accounts: removal not confirmed, the binding ends as it expires: sip:user";
    assert!(log.contains(line) && log.contains(" and 1 more"), "{log}");
    assert!(log.contains("ended: 0 bindings removed, not all"), "{log}");
}

#[test]
fn a_second_signal_ends_at_once_and_what_is_left_is_said() {
    let folder = Folder::new();
    let registrar = Registrar::start(&["--any-user", "pw"]);
    folder.write("a.csv", &plain(&registrar, 3));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(3);
    registrar.stop();
    daemon.signal("TERM");
    // The removals are sent, and nobody answers.
    wait_for("the end to begin", || !daemon.has_control());
    daemon.signal("TERM");
    daemon.await_end();
    assert!(daemon.log().contains("3 accounts: removal not confirmed"), "{}", daemon.log());
    registrar.go_on();
}

#[test]
fn an_account_that_goes_without_its_binding_is_named() {
    let folder = Folder::new();
    let registrar = Registrar::start(&["--any-user", "pw"]);
    folder.write("a.csv", &plain(&registrar, 2));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(2);
    drop(registrar);
    assert_eq!(daemon.ask("remove sip:user1@rig.test")["ok"], true);
    let line = "sip:user1@rig.test: removal not confirmed, the binding ends as it expires: 408";
    wait_for("the log", || daemon.log().contains(line));
    daemon.end();
}
