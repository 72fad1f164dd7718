//! Runs this program under callgrind and reads what it counted; and without it, for the memory.

use super::table::Memory;
use super::{CALLS, FEW, KINDS, MANY, MANY_CALLS, REGISTRATIONS};
use std::process::{Child, Command, Output, Stdio};
use std::{env, fs, io};

/// First arguments of this program as a child: what it does.
pub(crate) const STEP: &str = "--step";
pub(crate) const PROGRAM: &str = "--program";
pub(crate) const TO_REST: &str = "--to-rest";
pub(crate) const TELEPHONE: &str = "--calls";
pub(crate) const STANDING: &str = "--standing";

pub(crate) fn installed() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Instructions and calls of malloc of one `step`: what happens within the function of that name.
pub(crate) fn count_step(step: &str, count: usize) -> io::Result<(f64, f64)> {
    let mut options = vec![format!("--toggle-collect={step}")];
    if cfg!(target_arch = "x86_64") && step == "counted_rest" {
        options.push("--instr-atstart=no".to_owned());
    }
    let totals = run(&options, &[STEP, step, &count.to_string()])?;
    Ok((totals.instructions as f64 / count as f64, totals.mallocs as f64 / count as f64))
}

/// Instructions and calls of malloc of one registration more by a program.
pub(crate) fn count_program(kind: usize, challenge: bool) -> io::Result<(f64, f64)> {
    count_one_more(&[PROGRAM, &kind.to_string(), flag(challenge)], REGISTRATIONS)
}

/// The same of one call more.
pub(crate) fn count_call(direction: usize) -> io::Result<(f64, f64)> {
    count_one_more(&[TELEPHONE, &direction.to_string()], CALLS)
}

/// Those of twice as many, less those of once as many.
fn count_one_more(arguments: &[&str], number: usize) -> io::Result<(f64, f64)> {
    let totals = |count: usize| run(&[], &[arguments, &[&count.to_string()]].concat());
    let (once, twice) = (totals(number)?, totals(2 * number)?);
    let each = |twice: u64, once: u64| twice.saturating_sub(once) as f64 / number as f64;
    Ok((each(twice.instructions, once.instructions), each(twice.mallocs, once.mallocs)))
}

/// Memory for each registration at rest, for each of the programs. They run at the same time, since
/// they sleep most of it.
pub(crate) fn memory_at_rest(challenge: bool) -> io::Result<Vec<Memory>> {
    let kinds = (0..KINDS.len()).map(|kind| kind.to_string()).collect::<Vec<_>>();
    let command = |kind| (vec![TO_REST, kind, flag(challenge)], MANY);
    memory(&kinds.iter().map(|kind| command(kind)).collect::<Vec<_>>())
}

/// Memory for each call that stands, in each direction.
pub(crate) fn memory_of_calls() -> io::Result<Vec<Memory>> {
    memory(&[(vec![STANDING, "0"], MANY_CALLS), (vec![STANDING, "1"], MANY_CALLS)])
}

/// The children run at the same time: each with few, and with as many as stands beside it.
fn memory(commands: &[(Vec<&str>, usize)]) -> io::Result<Vec<Memory>> {
    let spawn = |arguments: &[&str], count: usize| -> io::Result<Child> {
        Command::new(env::current_exe()?)
            .args(arguments)
            .arg(count.to_string())
            .stdout(Stdio::piped())
            .spawn()
    };
    let mut children = Vec::new();
    for (arguments, most) in commands {
        children.push((spawn(arguments, FEW)?, spawn(arguments, *most)?, *most));
    }
    let mut all = Vec::new();
    for (few, many, most) in children {
        let (start, few) = resident(&few.wait_with_output()?)?;
        let (_, many) = resident(&many.wait_with_output()?)?;
        all.push(Memory {
            first: (few - start) / FEW as f64,
            more: (many - few) / (most - FEW) as f64,
        });
    }
    Ok(all)
}

/// Bytes before the first registration, and at rest.
fn resident(output: &Output) -> io::Result<(f64, f64)> {
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers = text.trim().split_once(' ').filter(|_| output.status.success());
    let numbers = numbers.and_then(|(start, rest)| Some((start.parse().ok()?, rest.parse().ok()?)));
    numbers.ok_or_else(|| io::Error::other("a program failed before it was at rest"))
}

fn flag(challenge: bool) -> &'static str {
    if challenge { "1" } else { "0" }
}

struct Totals {
    instructions: u64,
    mallocs: u64,
}

fn run(options: &[String], arguments: &[&str]) -> io::Result<Totals> {
    let name = format!("register-{}-{}.callgrind", arguments.join("-"), std::process::id());
    let file = env::temp_dir().join(name);
    let output = Command::new("valgrind")
        // By default valgrind may keep the thread of the registrar waiting for seconds.
        .args(["--tool=callgrind", "--quiet", "--fair-sched=try"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .args(options)
        .arg(env::current_exe()?)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()?;
    let profile = fs::read_to_string(&file);
    let _ = fs::remove_file(&file);
    if !output.status.success() {
        return Err(io::Error::other(format!("{arguments:?} failed under valgrind")));
    }
    let profile = profile?;
    let sum = profile.lines().find_map(|line| line.strip_prefix("totals: "));
    let number = |text: &str| text.trim().parse::<u64>().map_err(io::Error::other);
    Ok(Totals {
        instructions: number(sum.unwrap_or_default())?,
        mallocs: number(&String::from_utf8_lossy(&output.stdout))?,
    })
}

/// Begins to count, where callgrind waits for this: what came before ran at valgrind's
/// full speed.
///
/// A request to valgrind is a sequence of rotations that does nothing without it.
pub(crate) fn begin() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the rotations add up to none; valgrind reads the six words and writes rdx.
    unsafe {
        let start: u64 = (u64::from(b'C') << 24 | u64::from(b'T') << 16) + 4;
        let words = [start, 0, 0, 0, 0, 0];
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") words.as_ptr(),
            inout("rdx") 0_u64 => _,
            inout("rdi") 0_u64 => _,
        );
    }
}
