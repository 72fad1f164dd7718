//! The habits of programs written for eXosip2, one C program for each kind, with the library just
//! built.

use crate::c::{compiler, program, run, succeeded, timed};
use std::path::Path;

fn habit(name: &str) {
    run(&program(name), &[]);
}

#[test]
fn a_register_may_be_changed_before_it_is_sent_and_read_afterwards() {
    habit("habit_surgery.c");
}

#[test]
fn a_challenge_may_be_answered_by_any_of_four_ways_and_by_all_at_once() {
    habit("habit_challenge.c");
}

#[test]
fn locks_may_be_forgotten_doubled_and_leaked() {
    habit("habit_lock.c");
}

#[test]
fn a_wait_survives_signals_forks_cancellation_and_callbacks() {
    habit("habit_wait.c");
}

#[test]
fn a_cancelled_thread_ends_where_it_waits_and_never_inside_a_call() {
    run(&program("habit_cancel.c"), &[if is_slow() { "30" } else { "500" }.into()]);
}

#[test]
fn a_cancelled_thread_ends_where_it_waits_in_the_api_of_libosip2() {
    habit("osip_cancel.c");
}

#[test]
fn a_program_that_sleeps_on_the_event_socket_refreshes_in_time() {
    habit("habit_socket.c");
}

#[test]
fn contexts_and_registrations_come_and_go() {
    habit("habit_life.c");
}

/// A habit that makes the library complain of nothing.
fn quiet_habit(name: &str) {
    let out = timed(&program(name), &[]).output().unwrap();
    succeeded(&out);
    let printed = String::from_utf8(out.stderr).unwrap();
    assert!(!printed.contains("libregister"), "{printed}");
}

#[test]
fn requests_from_outside_are_events_and_answered() {
    quiet_habit("habit_incoming.c");
}

#[test]
fn invites_from_outside_are_refused_rung_taken_and_cancelled() {
    quiet_habit("habit_invites.c");
}

#[test]
fn requests_of_our_own_are_challenged_refused_and_answered() {
    quiet_habit("habit_requests.c");
}

/// valgrind has a malloc of its own, and diagnoses these itself.
#[test]
fn what_is_freed_twice_ends_the_process_with_a_message() {
    if std::env::var_os("REGISTER_VALGRIND").is_none() {
        habit("habit_free.c");
    }
}

#[test]
fn a_cpp_program_takes_the_address_of_a_function() {
    habit("habit_cpp.cpp");
}

#[test]
fn the_bodies_of_our_messages_are_parsed_and_printed() {
    habit("both_sdp.c");
}

/// Where Debian's libosipparser2 is installed: a program that links it too, in either order.
#[test]
fn the_other_library_parses_the_bodies_of_our_messages() {
    if !Path::new("/usr/include/osipparser2/sdp_message.h").exists() {
        return;
    }
    let source = crate::support::root().join("tests/c/both_sdp.c");
    for libraries in [["-lregister", "-losipparser2"], ["-losipparser2", "-lregister"]] {
        let folder = crate::support::library_folder(&format!("c-both-sdp{}", libraries[0]));
        let program = folder.join("both_sdp");
        succeeded(
            &compiler(&source, &program).arg("-L").arg(&folder).args(libraries).output().unwrap(),
        );
        run(&program, &[]);
    }
}

#[test]
fn a_flood_of_requests_costs_a_bounded_amount_of_memory() {
    run(&program("habit_flood.c"), &[if is_slow() { "200" } else { "50000" }.into()]);
}

/// Whether valgrind or a sanitizer looks on, or another machine is emulated.
fn is_slow() -> bool {
    crate::c::are_slow() || std::env::var_os("REGISTER_SANITIZE").is_some()
}
