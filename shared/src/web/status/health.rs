//! What the doctor found last, in words.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::doctor::{Examination, Finding, LinkKind, Verdict};
use crate::web::page::Page;

/// How old an examination may be before an open page asks for another.
const CURRENT: Duration = Duration::from_mins(10);

/// The whole chain.
pub(super) struct Health {
    pub(super) tone: &'static str,
    pub(super) verdict: String,
    /// When that was found, as it is shown and for programs.
    pub(super) checked: Option<(String, String)>,
    pub(super) links: Vec<Link>,
    pub(super) is_due: bool,
}

/// One link of the chain.
pub(super) struct Link {
    pub(super) name: String,
    pub(super) tone: &'static str,
    pub(super) verdict: String,
    pub(super) is_fine: bool,
    pub(super) findings: Vec<Found>,
}

/// A finding, and what helps.
pub(super) struct Found {
    pub(super) text: String,
    pub(super) cure: Option<String>,
}

/// Whether an examination is too old.
pub(super) fn is_due(now: Timestamp, last: Option<&Examination>) -> bool {
    last.is_none_or(|last| !now.is_within(CURRENT, last.at))
}

impl Health {
    pub(super) fn of(page: &Page, last: Option<Examination>) -> Self {
        let is_due = is_due(page.now(), last.as_ref());
        let Some(last) = last else {
            let verdict = page.text("status-never-checked");
            return Self { tone: "warn", verdict, checked: None, links: Vec::new(), is_due };
        };
        let broken = last.links.iter().filter(|link| link.verdict == Verdict::Broken).count();
        let (tone, verdict) = match broken {
            0 => ("good", page.text("status-all-good")),
            count => ("bad", page.count("status-broken", count)),
        };
        let links = last.links.iter().map(|link| Link {
            name: page.text(&format!("doctor-link-{}", name(link.link))),
            tone: tone_of(link.verdict),
            verdict: page.text(word_of(link.verdict)),
            is_fine: link.verdict != Verdict::Broken,
            findings: link.findings.iter().map(|finding| Found::of(page, finding)).collect(),
        });
        Self {
            tone,
            verdict,
            checked: Some((page.ago(last.at), last.at.rfc3339())),
            links: links.collect(),
            is_due,
        }
    }
}

impl Found {
    fn of(page: &Page, finding: &Finding) -> Self {
        let values: Vec<(&str, &str)> =
            finding.details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let cure = format!("doctor-{}-cure", finding.code);
        Self {
            text: page.fill(&format!("doctor-{}", finding.code), &values),
            cure: page.language().has(&cure).then(|| page.fill(&cure, &values)),
        }
    }
}

fn tone_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "good",
        Verdict::NotCheckable => "warn",
        Verdict::Broken => "bad",
    }
}

fn word_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "status-link-ok",
        Verdict::NotCheckable => "status-link-unknown",
        Verdict::Broken => "status-link-broken",
    }
}

/// The link in the keys of texts, such as `music-assistant`.
fn name(link: LinkKind) -> String {
    let name = serde_json::to_value(link).unwrap_or_default();
    name.as_str().unwrap_or_default().replace('_', "-")
}
