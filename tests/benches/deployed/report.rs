//! The figures and the budgets as Markdown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::measure::{Measured, Sample};

/// The functions that are deployed, and what they are measured against.
const BINARIES: [&str; 4] = ["skill", "api", "token-refresh", "floor"];

/// A bound that a figure has to keep.
pub(crate) struct Budget {
    pub(crate) name: String,
    pub(crate) figure: f64,
    pub(crate) limit: f64,
}

impl Budget {
    /// Whether it is kept.
    pub(crate) fn is_kept(&self) -> bool {
        // So that no figure at all is over every limit.
        self.figure <= self.limit
    }
}

impl Measured {
    /// The median of one figure of all samples.
    pub(crate) fn median(&self, figure: impl Fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(figure).collect())
    }

    /// What one figure is to that of another function, each in the quietest quarter of the rounds: other work on the
    /// machine makes a figure larger and never smaller.
    pub(crate) fn quiet_ratio(&self, to: &Self, figure: impl Fn(&Sample) -> f64) -> f64 {
        let quiet = |measured: &Self| lower_quartile(measured.samples.iter().map(&figure).collect());
        quiet(self) / quiet(to)
    }

    /// The time within which so many hundredths of all warm invocations are answered, in milliseconds.
    fn percentile(&self, hundredths: usize) -> f64 {
        let mut times: Vec<Duration> =
            self.samples.iter().flat_map(|sample| sample.times.iter().copied()).collect();
        times.sort_unstable();
        times.get(times.len() * hundredths / 100).copied().map_or(f64::NAN, millis)
    }
}

/// Nothing, which is no number, of nothing.
pub(crate) fn median(figures: Vec<f64>) -> f64 {
    quantile(figures, 2)
}

fn lower_quartile(figures: Vec<f64>) -> f64 {
    quantile(figures, 4)
}

/// The figure that one of `parts` of all are below.
fn quantile(mut figures: Vec<f64>, parts: usize) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / parts).copied().unwrap_or(f64::NAN)
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// In millions of bytes.
#[expect(clippy::cast_precision_loss, reason = "no file or process is that large")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The medians of everything that was measured.
pub(crate) fn figures(measured: &[Measured]) -> String {
    let mut table = String::from(
        "| over DynamoDB behind TLS | cold ms | cold CPU ms | first invocation's CPU ms | warm p50 ms | p99 ms \
         | CPU µs | peak MB |\n|---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for measured in measured {
        let _ = writeln!(
            table,
            "| `{}`, {} | {:.1} | {:.2} | {:.2} | {:.3} | {:.3} | {:.0} | {:.1} |",
            measured.function,
            measured.name,
            measured.median(|sample| millis(sample.cold)),
            measured.median(|sample| millis(sample.cold_processor)),
            measured.median(|sample| millis(sample.first_processor)),
            measured.percentile(50),
            measured.percentile(99),
            measured.median(|sample| millis(sample.warm_processor) * 1e3),
            measured.median(|sample| megabytes(sample.peak_memory)),
        );
    }
    table
}

/// The size of each binary, and of its archive where there is one.
pub(crate) fn sizes(folder: &Path) -> String {
    let mut table = String::from("| | bytes | bytes of the archive |\n|---|---:|---:|\n");
    for name in BINARIES {
        let size = |file: &str| fs::metadata(folder.join(file)).map_or(0, |file| file.len());
        let _ = writeln!(table, "| `{name}` | {} | {} |", size(name), size(&format!("{name}.zip")));
    }
    table
}

/// Every budget with its figure.
pub(crate) fn budgets(budgets: &[Budget]) -> String {
    let mut table = String::from("| budget | figure | limit | |\n|---|---:|---:|---|\n");
    for budget in budgets {
        let outcome = if budget.is_kept() { "kept" } else { "**missed**" };
        let _ =
            writeln!(table, "| {} | {:.2} | {:.2} | {outcome} |", budget.name, budget.figure, budget.limit);
    }
    table
}
