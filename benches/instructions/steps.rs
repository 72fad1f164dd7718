//! What is counted. The work of a step is done in the function that it is named after,
//! `counted_...`; a whole registration is counted in all threads.

use super::agent::AgentAlone;
use super::api::{self, Event};
use super::context::{Taken, expect};
use super::counting;
use super::measure;
use super::programs::{Kind, Program};
use libc::{c_int, c_void};
use std::io;
use std::time::Duration;

/// Registrations in the row about a context at rest.
const AT_REST: usize = 10_000;
/// Passwords that the program with one for each account has added before it is counted.
const PASSWORDS: usize = 1000;
/// Until every transaction is over: longer than Timer K of RFC 3261 section 17.1.2.2, 5 s.
const TO_REST: Duration = Duration::from_millis(5600);

/// Does the work of `step`, `count` times, and prints the calls of malloc meanwhile. Callgrind's
/// profile has the instructions.
pub(crate) fn run_step(step: &str, count: usize) -> io::Result<()> {
    let as_built = || Program::new(Kind::AsBuilt, false, 0);
    match step {
        "counted_build_and_send" => build_and_send(as_built()?, count)?,
        "counted_event" => events(as_built()?, count)?,
        "counted_rest" => rest(as_built()?, count)?,
        "counted_registrar" => register(as_built()?, count)?,
        "counted_200" => AgentAlone::new().accepted(count)?,
        "counted_401" => AgentAlone::new().challenged(count)?,
        _ => return Err(io::Error::other(format!("no such step: {step}"))),
    }
    println!("{}", counting::calls());
    Ok(())
}

/// Registers `count` accounts from beginning to end, and prints the calls of malloc meanwhile.
pub(crate) fn run_program(kind: Kind, challenge: bool, count: usize) -> io::Result<()> {
    let program = Program::new(kind, challenge, PASSWORDS)?;
    counting::always();
    register(program, count)?;
    println!("{}", counting::calls());
    Ok(())
}

/// Registers `count` accounts and lets all transactions end. Prints the memory in RAM before the
/// first of them and at the end.
pub(crate) fn run_to_rest(kind: Kind, challenge: bool, count: usize) -> io::Result<()> {
    let mut program = Program::new(kind, challenge, count)?;
    for _ in 0..count {
        program.register()?;
    }
    measure::pause(TO_REST);
    program.context.automatic_action();
    println!("{} {}", program.resident_at_start, measure::resident());
    Ok(())
}

fn register(mut program: Program, count: usize) -> io::Result<()> {
    (0..count).try_for_each(|_| program.register())
}

/// Builds and sends the first REGISTER of so many accounts.
fn build_and_send(mut program: Program, count: usize) -> io::Result<()> {
    for _ in 0..count {
        program.next_account()?;
        if counted_build_and_send(&program) != 0 {
            return Err(io::Error::other("not sent"));
        }
        program.answer_request()?;
        expect(program.take_event(), api::SUCCESS)?;
    }
    Ok(())
}

/// Takes and frees the events of so many answers.
fn events(mut program: Program, count: usize) -> io::Result<()> {
    for _ in 0..count {
        program.send_next()?;
        program.answer_request()?;
        // SAFETY: the descriptor of a live context; poll reads and writes one struct.
        unsafe {
            let fd = api::eXosip_event_geteventsocket(program.context.as_ptr());
            let mut waiting = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
            libc::poll(&mut waiting, 1, 20_000);
        }
        // SAFETY: a live context.
        let kind = unsafe { counted_event(program.context.as_ptr()) };
        expect(Taken { kind, ..Taken::NONE }, api::SUCCESS)?;
    }
    Ok(())
}

/// Calls eXosip_automatic_action among many registrations at rest.
fn rest(mut program: Program, count: usize) -> io::Result<()> {
    for _ in 0..AT_REST {
        program.register()?;
    }
    super::valgrind::begin();
    (0..count).for_each(|_| counted_rest(&program));
    Ok(())
}

#[inline(never)]
#[unsafe(no_mangle)]
fn counted_build_and_send(program: &Program) -> c_int {
    counting::counted(|| program.build_and_send())
}

#[inline(never)]
#[unsafe(no_mangle)]
unsafe extern "C" fn counted_event(context: *mut c_void) -> c_int {
    // SAFETY: a live context; what event_wait returns is NULL or an event, which is freed once.
    counting::counted(|| unsafe {
        let event: *mut Event = api::eXosip_event_wait(context, 20, 0);
        let kind = event.as_ref().map_or(-1, |event| event.kind);
        api::eXosip_event_free(event);
        kind
    })
}

#[inline(never)]
#[unsafe(no_mangle)]
fn counted_rest(program: &Program) {
    counting::counted(|| program.context.automatic_action());
}
