//! C programs against `include/` and the library just built: prototypes, layout, return codes, and
//! registrations with a registrar that follows a script.

use crate::c::{build, program, run};
use crate::registrar::Registrar;
use crate::registrar_program::RegistrarProgram;
use std::fs;

#[test]
fn the_prototypes_are_those_of_exosip_5_3() {
    let list = fs::read_to_string(crate::support::root().join("abi/eXosip-5.3-names.txt")).unwrap();
    let mut source = String::from("#include <eXosip2/eXosip.h>\n");
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (name, prototype) = line.split_once('\t').unwrap();
        if prototype != "-" {
            source += &format!(
                "_Static_assert(__builtin_types_compatible_p(__typeof__({name}), __typeof__({prototype})), \"{name}\");\n"
            );
        }
    }
    source += "int main(void) { return 0; }\n";
    let file = crate::support::folder("c-prototypes").join("exosip_prototypes.c");
    fs::write(&file, source).unwrap();
    build(&file);
}

#[test]
fn the_layout_is_that_of_exosip_5_3() {
    program("exosip_layout.c");
}

#[test]
fn a_password_is_hashed_byte_by_byte() {
    run(&program("exosip_latin1.c"), &[]);
}

#[test]
fn bad_input_gets_the_documented_codes() {
    run(&program("exosip_codes.c"), &[]);
}

#[test]
fn each_function_for_calls_has_the_codes_that_programs_know() {
    run(&program("calls_codes.c"), &[]);
}

#[test]
fn two_contexts_call_each_other_from_the_invite_to_the_release() {
    run(&program("calls_life.c"), &[]);
}

#[test]
fn a_camera_is_called_and_a_caller_goes_by_its_proxy() {
    run(&program("calls_habits.c"), &[]);
}

#[test]
fn the_dns_helpers_find_the_servers_of_a_domain_and_do_not_spin() {
    run(&program("dns_helpers.c"), &[]);
}

#[test]
fn event_state_is_published_changed_refreshed_and_removed() {
    run(&program("publish_codes.c"), &[]);
}

#[test]
fn bad_input_to_subscriptions_gets_the_documented_codes() {
    run(&program("subscribe_codes.c"), &[]);
}

#[test]
fn null_in_any_pointer_changes_nothing() {
    run(&program("null_pointers.c"), &[]);
}

#[test]
fn two_contexts_subscribe_notify_refresh_and_end() {
    run(&program("subscribe_two.c"), &[]);
}

#[test]
fn a_watcher_sees_a_call_ring_stand_and_end() {
    run(&program("dialog_info.c"), &[]);
}

#[test]
fn the_description_of_a_message_is_read_and_its_streams_are_found() {
    run(&program("exosip_sdp.c"), &[]);
}

#[test]
fn descriptions_that_are_cut_huge_or_broken_are_read_or_refused() {
    run(&program("sdp_hostile.c"), &[]);
}

#[test]
fn a_program_registers_refreshes_and_unregisters() {
    let program = program("exosip_register.c");
    let registrar = Registrar::start();
    run(&program, &[registrar.port().to_string(), "udp".into()]);
    let registrar = Registrar::start_over_tcp();
    run(&program, &[registrar.port().to_string(), "tcp".into()]);
    let requests = registrar.requests();
    assert!(requests.iter().all(|request| request.contains("\r\nVia: SIP/2.0/TCP 127.0.0.1:")));
}

#[test]
fn connections_have_their_codes_and_a_child_leaves_them_alone() {
    run(&program("exosip_tcp.c"), &[]);
}

#[test]
fn a_program_registers_over_tls_where_the_certificate_is_believed() {
    if !cfg!(feature = "tls") {
        run(&program("exosip_tls.c"), &[]);
        return;
    }
    let roots = crate::support::folder("c-tls-roots").join("root.pem");
    let roots = roots.to_str().unwrap();
    let registrar =
        RegistrarProgram::start(&["--transport", "tls", "--quiet", "--certificate-file", roots]);
    let program = program("exosip_tls.c");
    let timed = crate::c::timed(&program, &[registrar.address.clone(), roots.to_owned()]);
    crate::c::succeeded(&crate::c::follow_no_ciphers(timed).output().unwrap());
    registrar.end();
}

/// `REGISTER_SECONDS` makes it longer.
#[test]
fn eight_threads_may_call_everything_at_once() {
    let registrar = Registrar::start();
    let seconds = std::env::var("REGISTER_SECONDS").unwrap_or_else(|_| "1".into());
    run(&program("exosip_threads.c"), &[registrar.port().to_string(), seconds]);
}
