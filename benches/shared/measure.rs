//! Clock, CPU time and cores.

use std::mem;
use std::time::{Duration, Instant};

/// The one clock of this program.
#[allow(clippy::disallowed_methods)]
pub(crate) fn clock() -> Instant {
    Instant::now()
}

/// What some registrations took.
pub(crate) struct Cost {
    count: usize,
    wall: Duration,
    cpu: Duration,
}

impl Cost {
    pub(crate) fn per_second(&self) -> f64 {
        self.count as f64 / self.wall.as_secs_f64()
    }

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
fn cpu() -> Duration {
    // SAFETY: a struct of integers; getrusage fills it in.
    let usage = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
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
