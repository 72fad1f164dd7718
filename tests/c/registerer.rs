//! The C programs of the modern face, against `include/registerer.h` and the library just built.

use std::process::Command;

fn succeeded(command: &mut Command) {
    let out = command.output().unwrap();
    let output = [&out.stdout[..], &out.stderr[..]].concat();
    assert!(out.status.success(), "{}: {}", out.status, String::from_utf8_lossy(&output));
}

/// Compiles a program of `tests/c`; the command that runs it.
fn program(name: &str) -> Command {
    crate::c::timed(&crate::c::program(&format!("{name}.c")), &[])
}

#[test]
fn a_program_registers_listens_explains_and_disposes() {
    let registrar = crate::registrar::Registrar::start();
    succeeded(program("registerer_life").arg(registrar.port().to_string()));
}

#[test]
fn the_header_alone_serves_a_program_in_c99_c11_and_cpp() {
    for (language, standard) in [("c", "c99"), ("c", "c11"), ("c++", "c++98"), ("c++", "c++17")] {
        let registrar = crate::registrar::Registrar::start();
        let alone = crate::support::root().join("tests/c/registerer_alone.c");
        let program =
            crate::c::build_as(&format!("c-alone-{standard}"), &alone, language, standard);
        let port = registrar.port().to_string();
        succeeded(&mut crate::c::timed(&program, &[port]));
        let requests = registrar.requests();
        assert!(requests.iter().all(|one| one.contains("\r\nUser-Agent: alone/1\r\n")));
        assert!(requests.last().unwrap().contains("\r\nExpires: 0\r\n"), "it unregisters");
    }
}

#[test]
fn events_are_fetched_by_a_descriptor_that_is_readable_while_there_are_some() {
    let registrar = crate::registrar::Registrar::start();
    succeeded(program("registerer_events").arg(registrar.port().to_string()));
}

#[test]
fn a_context_without_a_thread_works_by_the_steps_of_the_program() {
    let registrar = crate::registrar::Registrar::start();
    let other = crate::registrar::Registrar::start_over_tcp();
    let ports = [registrar.port(), other.port()].map(|port| port.to_string());
    succeeded(program("registerer_steps").args(ports));
    let requests = registrar.requests();
    let removals = requests.iter().filter(|one| one.contains("\r\nExpires: 0\r\n"));
    assert_eq!(removals.count(), 5, "what is bound is removed, at the latest with the context");
}

#[test]
fn an_hour_in_which_the_machine_sleeps_counts_when_it_wakes() {
    let registrar = crate::registrar::Registrar::start();
    succeeded(program("registerer_sleep").arg(registrar.port().to_string()));
}

#[test]
fn every_option_takes_every_text_or_says_what_is_wrong_with_it() {
    succeeded(&mut program("registerer_edges"));
}

#[test]
fn a_registration_has_the_extensions_that_its_options_ask_for() {
    let out = program("registerer_extensions").env("REGISTER_TRACE", "7").output().unwrap();
    let trace = [&out.stdout[..], &out.stderr[..]].concat();
    let trace = String::from_utf8_lossy(&trace);
    assert!(out.status.success(), "{}: {trace}", out.status);
    // Every message is there, but no token.
    assert!(trace.contains("Authorization: Bearer (hidden)"), "{trace}");
    assert!(!trace.contains("secret-token"), "{trace}");
}

#[test]
fn a_registration_with_two_flows_is_registered_while_either_is_bound() {
    succeeded(&mut program("registerer_flows"));
}

#[test]
fn a_missing_transport_is_refused_and_not_replaced_by_clear_text() {
    succeeded(&mut program("missing_transport"));
}

#[test]
fn sipreg_says_which_option_a_uri_needs() {
    let source = crate::support::root().join("c-examples/sipreg.c");
    let sipreg = crate::c::build(&source);
    for uri in ["sips:127.0.0.1:9", "sip:127.0.0.1:9;transport=tls", "sip:127.0.0.1:9;transport=ws"]
    {
        let named = format!("\"Alice\" <{uri}>");
        for (proxy, from) in
            [(uri, "sip:alice@127.0.0.1"), ("sip:127.0.0.1:9", uri), ("sip:127.0.0.1:9", &named)]
        {
            let arguments = ["--proxy", proxy, "--from", from].map(str::to_owned);
            let out = crate::c::timed(&sipreg, &arguments).output().unwrap();
            let words = String::from_utf8(out.stderr).unwrap();
            assert_eq!(out.status.code(), Some(1), "{proxy} {from}: {words}");
            assert!(words.contains("--tls"), "{words}");
        }
    }
}

#[test]
fn a_challenge_weaker_than_the_weakest_algorithm_is_not_answered() {
    let registrar = crate::registrar::Registrar::start();
    succeeded(program("registerer_weakest").arg(registrar.port().to_string()));
    let requests = registrar.requests();
    let registers = requests.iter().filter(|request| !request.contains("\r\nExpires: 0\r\n"));
    let answered = registers.filter(|request| request.contains("\r\nAuthorization: "));
    let users: Vec<_> =
        answered.map(|request| &request[request.find("<sip:").unwrap()..][..9]).collect();
    assert_eq!(users, ["<sip:anna", "<sip:anna"], "the rest asks for more than MD5");
}

#[test]
fn requests_from_elsewhere_are_dropped_where_the_program_says_so() {
    succeeded(&mut program("registerer_only"));
}

#[test]
fn a_port_is_shared_or_exclusive_as_the_program_says() {
    succeeded(&mut program("registerer_port"));
}
