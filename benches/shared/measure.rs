//! Clock, CPU time, memory and cores.

use std::time::{Duration, Instant};
use std::{fs, mem};

/// The one clock of this program.
#[allow(clippy::disallowed_methods)]
pub(crate) fn clock() -> Instant {
    Instant::now()
}

/// What some registrations took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) count: usize,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
}

impl Cost {
    /// CPU time for each, in microseconds.
    pub(crate) fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.count.max(1) as f64
    }
}

/// A measurement under way.
pub(crate) struct Watch {
    wall: Instant,
    cpu: Duration,
}

impl Watch {
    pub(crate) fn start() -> Self {
        Self { cpu: cpu(), wall: clock() }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        clock().duration_since(self.wall)
    }

    pub(crate) fn stop(self, count: usize) -> Cost {
        Cost { count, wall: self.elapsed(), cpu: cpu().saturating_sub(self.cpu) }
    }
}

/// User and system time of this process, all threads.
pub(crate) fn cpu() -> Duration {
    // SAFETY: a struct of integers; getrusage fills it in.
    let usage = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

/// Memory of this process that is in RAM, in bytes.
pub(crate) fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// How often the threads beside `main` were put to sleep or woken since they began, and how long
/// they ran, in nanoseconds. A thread that did not run in between made no system call.
pub(crate) fn activity(main: &str) -> (u64, u64) {
    let (mut switches, mut ran) = (0, 0);
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        if task.file_name().to_str() == Some(main) {
            continue;
        }
        let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
        let number =
            |line: &str| line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok());
        switches +=
            status.lines().filter(|l| l.contains("ctxt_switches")).filter_map(number).sum::<u64>();
        let times = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        ran += times.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    }
    (switches, ran)
}

/// Bytes that malloc has given out.
pub(crate) fn allocated() -> u64 {
    // SAFETY: no pointers.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as u64
}

/// Lets time pass.
#[allow(clippy::disallowed_methods)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// The middle and the 99th of a hundred, in microseconds.
pub(crate) fn percentiles(mut nanos: Vec<u64>) -> (f64, f64) {
    nanos.sort_unstable();
    let at = |part: usize| nanos.get((nanos.len() * part / 100).min(nanos.len().saturating_sub(1)));
    let micros = |value: Option<&u64>| value.map_or(0.0, |nanos| *nanos as f64 / 1000.0);
    (micros(at(50)), micros(at(99)))
}

/// Keeps this process off the last core, which is the registrar's; false with a single core.
pub(crate) fn leave_last_core() -> bool {
    let cores = cores();
    cores > 1 && run_on(0..cores - 1)
}

/// Keeps this process on the last core.
pub(crate) fn take_last_core() {
    let cores = cores();
    run_on(cores - 1..cores);
}

fn cores() -> usize {
    // Not available_parallelism: a child must count what its parent has left out.
    // SAFETY: no pointers.
    let online = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    usize::try_from(online).unwrap_or(1).max(1)
}

fn run_on(cores: std::ops::Range<usize>) -> bool {
    // SAFETY: a bit set of the kernel's size, which the call reads.
    unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        for core in cores {
            libc::CPU_SET(core, &mut set);
        }
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set) == 0
    }
}
