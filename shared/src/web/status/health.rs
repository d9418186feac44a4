//! The last report of the doctor, in words.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::diagnostics::{Report, ReportedFinding, Verdict};
use crate::web::page::Page;

/// The age of a report at which an open page requests another one.
const CURRENT: Duration = Duration::from_mins(10);

/// The health of the whole set-up.
pub(super) struct Health {
    pub(super) tone: &'static str,
    pub(super) verdict: String,
    /// The time of the report, as it is shown and for programs.
    pub(super) checked: Option<(String, String)>,
    pub(super) checks: Vec<CheckRow>,
    pub(super) is_due: bool,
}

/// One check.
pub(super) struct CheckRow {
    pub(super) name: String,
    pub(super) tone: &'static str,
    pub(super) verdict: String,
    pub(super) is_fine: bool,
    pub(super) findings: Vec<FindingRow>,
}

/// A finding with its remedy.
pub(super) struct FindingRow {
    pub(super) text: String,
    pub(super) remedy: Option<String>,
}

/// Whether a report is too old.
pub(super) fn is_due(now: Timestamp, last: Option<&Report>) -> bool {
    last.is_none_or(|last| !now.is_within(CURRENT, last.at))
}

impl Health {
    pub(super) fn of(page: &Page, last: Option<Report>) -> Self {
        let is_due = is_due(page.now(), last.as_ref());
        let Some(last) = last else {
            let verdict = page.text("status-never-checked");
            return Self { tone: "warn", verdict, checked: None, checks: Vec::new(), is_due };
        };
        let broken = last.checks.iter().filter(|check| check.verdict == Verdict::Broken).count();
        let (tone, verdict) = match broken {
            0 => ("good", page.text("status-all-good")),
            count => ("bad", page.count("status-broken", count)),
        };
        let checks = last.checks.iter().map(|check| CheckRow {
            name: check.kind.title(page.language()),
            tone: tone_of(check.verdict),
            verdict: page.text(word_of(check.verdict)),
            is_fine: check.verdict != Verdict::Broken,
            findings: check.findings.iter().map(|finding| FindingRow::of(page, finding)).collect(),
        });
        Self {
            tone,
            verdict,
            checked: Some((page.ago(last.at), last.at.rfc3339())),
            checks: checks.collect(),
            is_due,
        }
    }
}

impl FindingRow {
    fn of(page: &Page, finding: &ReportedFinding) -> Self {
        Self { text: finding.message(page.language()), remedy: finding.remedy(page.language()) }
    }
}

fn tone_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "good",
        Verdict::Unknown => "warn",
        Verdict::Broken => "bad",
    }
}

fn word_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "status-link-ok",
        Verdict::Unknown => "status-link-unknown",
        Verdict::Broken => "status-link-broken",
    }
}
