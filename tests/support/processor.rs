//! Time that other work of the machine kept programs from running. A limit of a program does not count that.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// For how long each thread of a process was ready to run while no processor was free, since it began.
#[derive(Clone, Debug, Default)]
pub struct Waits(BTreeMap<String, Duration>);

impl Waits {
    /// Those of the process `id`; none where the machine does not tell (Linux, `Documentation/scheduler/sched-stats`).
    #[must_use]
    pub fn of(id: u32) -> Self {
        let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
        let waits = threads.filter_map(|thread| {
            let told = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            let waited = told.split_whitespace().nth(1)?.parse().ok()?;
            Some((thread.file_name().into_string().ok()?, Duration::from_nanos(waited)))
        });
        Self(waits.collect())
    }

    /// The longest that one thread has waited since `before`.
    #[must_use]
    pub fn longest_since(&self, before: &Self) -> Duration {
        let waited = self
            .0
            .iter()
            .map(|(thread, waited)| waited.saturating_sub(before.0.get(thread).copied().unwrap_or_default()));
        waited.max().unwrap_or_default()
    }
}
