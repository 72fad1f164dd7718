//! Runs this program under callgrind and reads what it counted; and without it, for the memory.

use super::exchanges::COUNTED;
use super::table::Memory;
use super::{EXCHANGES, FEW, KINDS, MANY, REGISTRATIONS};
use std::process::{Child, Command, Output, Stdio};
use std::{env, fs, io};

/// First arguments of this program as a child: what it does.
pub(crate) const STEP: &str = "--step";
pub(crate) const PROGRAM: &str = "--program";
pub(crate) const TO_REST: &str = "--to-rest";
pub(crate) const WHOLE: &str = "--whole";
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

/// The same of one call or subscription more.
pub(crate) fn count_exchange(which: usize) -> io::Result<(f64, f64)> {
    count_one_more(&[WHOLE, &which.to_string()], EXCHANGES)
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
    let all = memory(&kinds.iter().map(|kind| command(kind)).collect::<Vec<_>>())?;
    Ok(all.into_iter().flatten().collect())
}

/// Memory for each call or subscription that stands, in their order: in RAM, and of malloc's.
pub(crate) fn memory_of_standing() -> io::Result<Vec<[Memory; 2]>> {
    let numbers = (0..COUNTED.len()).map(|which| which.to_string()).collect::<Vec<_>>();
    let mut commands = Vec::new();
    for (which, counted) in numbers.iter().zip(&COUNTED) {
        if let Some(standing) = &counted.standing {
            commands.push((vec![STANDING, which], standing.count));
        }
    }
    let measured = memory(&commands)?;
    measured.into_iter().map(|all| <[Memory; 2]>::try_from(all).map_err(|_| failed())).collect()
}

/// The children run at the same time: each with few, and with as many as stands beside it. One
/// figure for each line that they print.
fn memory(commands: &[(Vec<&str>, usize)]) -> io::Result<Vec<Vec<Memory>>> {
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
        let few = bytes(&few.wait_with_output()?)?;
        let many = bytes(&many.wait_with_output()?)?;
        let of_one = |((start, few), (_, many)): ((f64, f64), (f64, f64))| Memory {
            first: (few - start) / FEW as f64,
            more: (many - few) / (most - FEW) as f64,
        };
        all.push(few.into_iter().zip(many).map(of_one).collect());
    }
    Ok(all)
}

/// Bytes before the first, and at rest, on each line.
fn bytes(output: &Output) -> io::Result<Vec<(f64, f64)>> {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |line: &str| {
        let (start, rest) = line.split_once(' ').filter(|_| output.status.success())?;
        Some((start.parse().ok()?, rest.parse().ok()?))
    };
    text.lines().map(|one| line(one).ok_or_else(failed)).collect()
}

fn failed() -> io::Error {
    io::Error::other("a program failed before it was at rest")
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
