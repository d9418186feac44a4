//! The last report of the doctor, in words.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::diagnostics::{Check, DoctorReport, ReportedFinding, Verdict};
use crate::web::page::Page;
use crate::web::remedy::{self, Link};

/// The age of a report at which an open page requests another one.
const CURRENT: Duration = Duration::from_mins(10);

/// The health of the whole set-up.
pub(super) struct Health {
    pub(super) tone: &'static str,
    pub(super) verdict: String,
    /// The time of the report, as it is shown and for programs.
    pub(super) checked: Option<(String, String)>,
    /// The findings that are broken, each with its remedy.
    pub(super) problems: Vec<BrokenFinding>,
    /// Whether steps of the set-up were not taken, and nothing else is wrong.
    pub(super) is_unfinished: bool,
    pub(super) checks: Vec<CheckRow>,
    /// The number of checks by their verdict, in words.
    pub(super) counted: String,
    pub(super) is_due: bool,
}

/// A finding that is broken.
pub(super) struct BrokenFinding {
    /// The name of its check.
    pub(super) check: String,
    pub(super) finding: FindingRow,
}

/// One check.
pub(super) struct CheckRow {
    pub(super) name: String,
    pub(super) tone: &'static str,
    pub(super) verdict: String,
    pub(super) findings: Vec<FindingRow>,
}

/// A finding with its remedy.
pub(super) struct FindingRow {
    pub(super) text: String,
    pub(super) remedy: Option<String>,
    /// The field or the part of a page where a person acts on it.
    pub(super) link: Option<Link>,
}

/// The state of a check, as it is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CheckStatus {
    Fine,
    NotSetUp,
    Unknown,
    Broken,
}

/// Whether a report is too old, or of before the end of a sign-in.
pub(super) fn is_due(now: Timestamp, last: Option<Timestamp>, sign_in_ended: Option<Timestamp>) -> bool {
    last.is_none_or(|last| {
        !now.is_within(CURRENT, last) || sign_in_ended.is_some_and(|ended| last < ended && ended <= now)
    })
}

impl Health {
    /// `sign_in_ended` is when Amazon last ended a sign-in, as far as it is known here.
    pub(super) fn of(page: &Page, last: Option<DoctorReport>, sign_in_ended: Option<Timestamp>) -> Self {
        let is_due = is_due(page.now(), last.as_ref().map(|last| last.at), sign_in_ended);
        let Some(last) = last else {
            return Self {
                tone: "",
                verdict: page.text("status-never-checked"),
                checked: None,
                problems: Vec::new(),
                is_unfinished: false,
                checks: Vec::new(),
                counted: String::new(),
                is_due,
            };
        };
        let problems = problems(page, &last);
        let is_unfinished = problems.is_empty() && last.findings().any(remedy::is_not_set_up);
        let (tone, verdict) = match problems.len() {
            0 if is_unfinished => ("", page.text("status-unfinished")),
            0 => ("good", page.text("status-all-good")),
            count => ("bad", page.count("status-broken", count)),
        };
        Self {
            tone,
            verdict,
            checked: Some((page.ago(last.at), last.at.rfc3339())),
            problems,
            is_unfinished,
            checks: last.checks.iter().map(|check| CheckRow::of(page, check)).collect(),
            counted: counted(page, &last),
            is_due,
        }
    }
}

fn problems(page: &Page, last: &DoctorReport) -> Vec<BrokenFinding> {
    let broken = last.checks.iter().flat_map(|check| {
        let findings = check.findings.iter().filter(|finding| finding.verdict == Verdict::Broken);
        findings.filter(|finding| !remedy::is_not_set_up(finding)).map(move |finding| (check, finding))
    });
    broken
        .map(|(check, finding)| BrokenFinding {
            check: check.kind.title(page.language()),
            finding: FindingRow::of(page, finding),
        })
        .collect()
}

fn counted(page: &Page, last: &DoctorReport) -> String {
    let count = |wanted| last.checks.iter().filter(|check| CheckStatus::of(check) == wanted).count();
    [
        (CheckStatus::Broken, "status-count-broken"),
        (CheckStatus::Fine, "status-count-fine"),
        (CheckStatus::NotSetUp, "status-count-not-set-up"),
        (CheckStatus::Unknown, "status-count-unknown"),
    ]
    .into_iter()
    .map(|(shown, text)| (count(shown), text))
    .filter(|(count, _)| *count > 0)
    .map(|(count, text)| page.count(text, count))
    .collect::<Vec<_>>()
    .join(", ")
}

impl CheckRow {
    fn of(page: &Page, check: &Check) -> Self {
        let shown = CheckStatus::of(check);
        Self {
            name: check.kind.title(page.language()),
            tone: shown.tone(),
            verdict: page.text(shown.word()),
            findings: check.findings.iter().map(|finding| FindingRow::of(page, finding)).collect(),
        }
    }
}

impl FindingRow {
    fn of(page: &Page, finding: &ReportedFinding) -> Self {
        let (text, remedy) = finding.texts(page.language(), |at| page.time_from_now(at));
        Self { text, remedy, link: remedy::of_finding(finding).map(|place| place.link(page.language())) }
    }
}

impl CheckStatus {
    fn of(check: &Check) -> Self {
        let wrong = |finding: &&ReportedFinding| finding.verdict != Verdict::Ok;
        let is_set_up = check.findings.iter().filter(wrong).any(|finding| !remedy::is_not_set_up(finding));
        match check.verdict {
            Verdict::Ok => Self::Fine,
            _ if !is_set_up => Self::NotSetUp,
            Verdict::Unknown => Self::Unknown,
            Verdict::Broken => Self::Broken,
        }
    }

    fn tone(self) -> &'static str {
        match self {
            Self::Fine => "good",
            Self::NotSetUp | Self::Unknown => "",
            Self::Broken => "bad",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Fine => "status-link-ok",
            Self::NotSetUp => "status-link-not-set-up",
            Self::Unknown => "status-link-unknown",
            Self::Broken => "status-link-broken",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_due_again_after_ten_minutes_and_where_a_sign_in_ended_since() {
        let now = Timestamp::from_millis(1_790_000_000_000);
        let before = |seconds| now.minus(Duration::from_secs(seconds));
        assert!(is_due(now, None, None));
        assert!(!is_due(now, Some(before(1)), None));
        assert!(is_due(now, Some(before(601)), None));
        assert!(is_due(now, Some(before(60)), Some(before(30))));
        assert!(!is_due(now, Some(before(30)), Some(before(60))), "the report knows it");
        let ahead = now.plus(Duration::from_mins(1));
        assert!(
            !is_due(now, Some(before(30)), Some(ahead)),
            "a clock that was set back makes no check without end"
        );
    }
}
