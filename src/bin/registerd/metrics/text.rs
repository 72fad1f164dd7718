//! The text of the metrics (OpenMetrics 1.0). No name of an account is in it: a label for each of
//! a hundred thousand would be too much for whoever collects them, and `list` has them.

use crate::fleet::Statistics;
use crate::packets::HepCounts;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How the file was read.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Reloads {
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    /// Seconds since 1970 of the last that succeeded.
    pub(crate) last: f64,
}

/// Everything, up to its `# EOF`.
pub(crate) fn exposition(
    statistics: &Statistics,
    reloads: Reloads,
    hep: Option<&HepCounts>,
) -> String {
    let mut text = Exposition(String::with_capacity(4096));
    text.family("registerd_build", "info", "The program.");
    text.value("registerd_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    text.family("registerd_accounts", "gauge", "Accounts in each state.");
    for (state, count) in &statistics.states {
        text.value("registerd_accounts", &[("state", state)], count);
    }
    text.family(
        "registerd_failing_accounts",
        "gauge",
        "Accounts whose last attempt has failed, by status; 408 is also for no response.",
    );
    let mut by_status: BTreeMap<u16, usize> = BTreeMap::new();
    for one in &statistics.causes {
        *by_status.entry(one.cause.status).or_default() += one.accounts;
    }
    for (status, count) in by_status {
        text.value("registerd_failing_accounts", &[("status", &status.to_string())], count);
    }
    text.family("registerd_attempts", "counter", "Attempts that have ended, by status.");
    for (status, count) in &statistics.attempts {
        text.value("registerd_attempts_total", &[("status", &status.to_string())], count);
    }
    text.family("registerd_attempts_in_flight", "gauge", "Attempts that await an answer.");
    text.value("registerd_attempts_in_flight", &[], statistics.in_flight);
    text.family("registerd_attempts_queued", "gauge", "Accounts that wait for the limits.");
    text.value("registerd_attempts_queued", &[], statistics.queued);
    text.family("registerd_reloads", "counter", "How often the file was read.");
    text.value("registerd_reloads_total", &[("result", "ok")], reloads.succeeded);
    text.value("registerd_reloads_total", &[("result", "error")], reloads.failed);
    text.family("registerd_reload_time_seconds", "gauge", "When it was last read without error.");
    text.unit("registerd_reload_time_seconds", "seconds");
    text.value("registerd_reload_time_seconds", &[], reloads.last);
    if let Some((sent, dropped)) = hep.map(HepCounts::get) {
        text.family("registerd_hep_packets", "counter", "Packets for the collector.");
        text.value("registerd_hep_packets_total", &[("result", "sent")], sent);
        text.value("registerd_hep_packets_total", &[("result", "dropped")], dropped);
    }
    process(&mut text);
    text.0.push_str("# EOF\n");
    text.0
}

/// What the kernel says of this process.
fn process(text: &mut Exposition) {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/self/{name}"));
    // Behind the name of the program, which may have any character: from the third value on.
    let stat = read("stat").unwrap_or_default();
    let values: Vec<u64> = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().map(|one| one.parse().unwrap_or(0)).collect())
        .unwrap_or_default();
    let value = |number: usize| values.get(number - 3).copied().unwrap_or(0);
    // The kernel gives these in hundredths of a second on every machine (USER_HZ).
    let cpu = (value(14) + value(15)) as f64 / 100.0;
    text.family("process_cpu_seconds", "counter", "Time of the processor.");
    text.unit("process_cpu_seconds", "seconds");
    text.value("process_cpu_seconds_total", &[], cpu);
    let resident = read("status").unwrap_or_default();
    let resident = resident.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = resident.and_then(|size| size.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    text.family("process_resident_memory_bytes", "gauge", "Memory in use.");
    text.unit("process_resident_memory_bytes", "bytes");
    text.value("process_resident_memory_bytes", &[], kib.unwrap_or(0) * 1024);
    let open = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    text.family("process_open_fds", "gauge", "Open descriptors.");
    text.value("process_open_fds", &[], open);
}

struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into a String does not fail.
        let _ = writeln!(self.0, "# TYPE {name} {kind}\n# HELP {name} {help}");
    }

    fn unit(&mut self, name: &str, unit: &str) {
        let _ = writeln!(self.0, "# UNIT {name} {unit}");
    }

    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (number, (label, value)) in labels.iter().enumerate() {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let before = if number == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{value}\"");
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{after} {value}");
    }
}
