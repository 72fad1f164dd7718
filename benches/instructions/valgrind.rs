//! Runs this program under callgrind and reads what it counted.

use std::process::{Command, Stdio};
use std::{env, fs, io};

/// What one repetition took.
pub(crate) struct Counted {
    pub(crate) instructions: f64,
    pub(crate) mallocs: f64,
}

pub(crate) fn installed() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Counts `row`: what happens within the function of that name, or, where there is none, what a repetition more costs.
pub(crate) fn count(row: &str, count: usize) -> io::Result<Counted> {
    let (least, most) = match row {
        "counted_whole" => (run(row, count, false)?, run(row, 2 * count, false)?),
        _ => (Totals::default(), run(row, count, true)?),
    };
    let each = |most: u64, least: u64| most.saturating_sub(least) as f64 / count as f64;
    Ok(Counted {
        instructions: each(most.instructions, least.instructions),
        mallocs: each(most.mallocs, least.mallocs),
    })
}

#[derive(Default)]
struct Totals {
    instructions: u64,
    mallocs: u64,
}

fn run(row: &str, count: usize, within: bool) -> io::Result<Totals> {
    let file = env::temp_dir().join(format!("register-{row}-{}.callgrind", std::process::id()));
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--quiet"]).arg(format!("--callgrind-out-file={}", file.display()));
    if within {
        command.arg(format!("--toggle-collect={row}"));
        if cfg!(target_arch = "x86_64") && row == "counted_rest" {
            command.arg("--instr-atstart=no");
        }
    }
    let program = env::current_exe()?;
    let output = command
        .arg(program)
        .args([super::DRIVE, row, &count.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    let profile = fs::read_to_string(&file);
    let _ = fs::remove_file(&file);
    if !output.status.success() {
        return Err(io::Error::other(format!("{row} failed under valgrind")));
    }
    let profile = profile?;
    let sum = profile.lines().find_map(|line| line.strip_prefix("totals: "));
    let number = |text: &str| text.trim().parse::<u64>().map_err(io::Error::other);
    Ok(Totals {
        instructions: number(sum.unwrap_or_default())?,
        mallocs: number(&String::from_utf8_lossy(&output.stdout))?,
    })
}

/// Begins to count, where callgrind was told to wait for this: what came before ran at valgrind's full speed.
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
