//! Conditions of a measurement, and the processor's part of its figures.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Cores and kind of the processor, and the operating system.
#[must_use]
pub fn describe() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(format!(" ({})", line.split_once(": ")?.1))
    });
    let (system, kind) = (std::env::consts::OS, std::env::consts::ARCH);
    format!(
        "Measured on {cores} cores of {kind}{}, {system}, client and server together.",
        model.unwrap_or_default()
    )
}

/// The time within which so many percent of the times are; nothing where there are none.
#[must_use]
pub fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(at).copied().unwrap_or_default()
}

/// The processor time that a process has used so far, in all threads that it still has; `None` where the system does
/// not tell (Linux does, in `/proc/PID/task/TID/schedstat`).
#[must_use]
pub fn processor_time(process: u32) -> Option<Duration> {
    let tasks = fs::read_dir(Path::new("/proc").join(process.to_string()).join("task")).ok()?;
    let nanoseconds = tasks.flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    let used = Duration::from_nanos(nanoseconds.sum());
    (!used.is_zero()).then_some(used)
}
