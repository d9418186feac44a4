//! The figures as Markdown, printed as they come.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use end_to_end::measured::percentile;

use crate::client::Measured;

/// What was printed.
#[derive(Default)]
pub(crate) struct Report(String);

/// One load over HTTP.
pub(crate) struct Row {
    name: String,
    connections: usize,
    per_second: f64,
    median: Duration,
    slowest_percent: Duration,
    processor: Option<Duration>,
}

impl Row {
    /// Everything that was measured of one load.
    pub(crate) fn of(name: &str, connections: usize, measured: &[Measured]) -> Self {
        let mut times: Vec<Duration> = measured.iter().flat_map(|turn| turn.times.iter().copied()).collect();
        times.sort_unstable();
        let elapsed: Duration = measured.iter().map(|turn| turn.elapsed).sum();
        let processor: Option<Duration> = measured.iter().map(|turn| turn.processor).sum();
        let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1)));
        let count = u32::try_from(times.len()).unwrap_or(u32::MAX).max(1);
        Self {
            name: name.to_owned(),
            connections,
            per_second: f64::from(count) / elapsed.as_secs_f64(),
            median: at(50).copied().unwrap_or_default(),
            slowest_percent: at(99).copied().unwrap_or_default(),
            processor: processor.map(|processor| processor / count),
        }
    }
}

/// A part of a request, alone.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) time: Duration,
    /// What it is compared with: how often that would have fitted into its time.
    pub(crate) beside: Option<(&'static str, Duration)>,
}

/// Requests for music of one sort.
pub(crate) struct Search {
    pub(crate) name: &'static str,
    /// How long each took.
    pub(crate) times: Vec<Duration>,
    /// How many were found, or asked about.
    pub(crate) found: usize,
}

impl Search {
    /// The time within which so many percent were answered.
    pub(crate) fn percent(&self, percent: usize) -> Duration {
        percentile(&self.times, percent)
    }
}

/// A figure beside another one of the same run, and its budget.
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// What it is compared with.
    pub(crate) beside: (&'static str, f64),
    pub(crate) budget: f64,
}

impl Figure {
    /// Whether it is within its budget.
    pub(crate) fn holds(&self) -> bool {
        self.value <= self.budget
    }
}

impl Report {
    pub(crate) fn paragraph(&mut self, text: &str) {
        self.print(&format!("{text}\n"));
    }

    /// The first of each `group` rows is what the others are compared with.
    pub(crate) fn over_http(&mut self, rows: &[Row], group: usize) {
        let mut table = String::from(
            "| over HTTP/1.1 | connections | requests/s | p50 ms | p99 ms | p50 : floor | server's CPU µs | CPU : floor |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for rows in rows.chunks(group) {
            for row in rows {
                let floor = &rows[0];
                let processor = row.processor.zip(floor.processor);
                let _ = writeln!(
                    table,
                    "| {} | {} | {:.0} | {} | {} | {} | {} | {} |",
                    row.name,
                    row.connections,
                    row.per_second,
                    millis(row.median),
                    millis(row.slowest_percent),
                    ratio(row.median, floor.median),
                    row.processor.map_or_else(unknown, micros),
                    processor.map_or_else(unknown, |(one, other)| ratio(one, other)),
                );
            }
        }
        self.print(&table);
    }

    pub(crate) fn parts(&mut self, parts: &[Part]) {
        let mut table = String::from("| in the process | median µs | ratio |\n|---|---:|---|\n");
        for part in parts {
            let ratio = part
                .beside
                .map_or_else(String::new, |(name, beside)| format!("{} × {name}", ratio(part.time, beside)));
            let _ = writeln!(table, "| {} | {} | {ratio} |", part.name, micros(part.time));
        }
        self.print(&table);
    }

    pub(crate) fn searches(&mut self, searches: &[Search]) {
        let mut table = String::from(
            "| music by voice | requests | found | p50 ms | p99 ms |\n|---|---:|---:|---:|---:|\n",
        );
        for search in searches {
            let [half, slow] = [50, 99].map(|percent| millis(search.percent(percent)));
            let Search { name, times, found } = search;
            let _ = writeln!(table, "| {name} | {} | {found} | {half} | {slow} |", times.len());
        }
        self.print(&table);
    }

    pub(crate) fn figures(&mut self, title: &str, figures: &[Figure]) {
        let mut table = format!("| {title} | measured | beside it | budget |\n|---|---:|---|---:|\n");
        for figure in figures {
            let Figure { name, value, beside: (what, beside), budget } = figure;
            let _ = writeln!(table, "| {name} | {value:.2} | {what}: {beside:.2} | {budget:.0} |");
        }
        self.print(&table);
    }

    /// Adds all of it to a file.
    pub(crate) fn write(&self, file: &Path) -> std::io::Result<()> {
        OpenOptions::new().create(true).append(true).open(file)?.write_all(self.0.as_bytes())
    }

    fn print(&mut self, text: &str) {
        // The reader may have gone.
        let _ = writeln!(std::io::stdout().lock(), "{text}");
        self.0.push_str(text);
        self.0.push('\n');
    }
}

fn unknown() -> String {
    "–".to_owned()
}

fn millis(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1e3)
}

fn micros(time: Duration) -> String {
    format!("{:.0}", time.as_secs_f64() * 1e6)
}

fn ratio(one: Duration, other: Duration) -> String {
    format!("{:.1}", one.as_secs_f64() / other.as_secs_f64())
}
