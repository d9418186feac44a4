//! `ma-alexa doctor`.

use std::time::Duration;

use ma_alexa::api::DoctorBody;
use ma_alexa::config::Env;
use ma_alexa::diagnostics::{Check, DoctorReport, ReportedFinding, Verdict};
use ma_alexa::i18n::PageLanguage;

use crate::terminal::{Colour, Paint};
use crate::wiring;

/// Runs all checks and prints the report, for people or as JSON. Returns whether nothing is broken.
pub(crate) async fn run(env: &Env, language: Option<&str>, json: bool) -> anyhow::Result<bool> {
    let deps = wiring::deps(env)?;
    let secrets = wiring::secrets(env, &deps)?;
    wiring::install_tls()?;
    let state = wiring::api(env, deps, secrets)?;
    // A person who repeats the command has changed something: an earlier report is out of date.
    let report = state.doctor().check_max_age(Duration::ZERO).await?;
    let language = self::language(env, language);
    wiring::print(&if json {
        serde_json::to_string_pretty(&DoctorBody::of(&report, language))?
    } else {
        Printed { language, paint: Paint::of(env) }.text(&report)
    })?;
    Ok(report.is_healthy())
}

/// The requested language, else the one of the terminal.
fn language(env: &Env, requested: Option<&str>) -> PageLanguage {
    let of_terminal = || ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| env.get(name));
    let tag = requested.map(str::to_owned).or_else(of_terminal).unwrap_or_default();
    PageLanguage::of(&tag).unwrap_or_else(PageLanguage::english)
}

/// The report as lines for people.
struct Printed {
    language: PageLanguage,
    paint: Paint,
}

impl Printed {
    /// The summary, and below it every check.
    fn text(&self, report: &DoctorReport) -> String {
        let (summary, colour) = if report.is_healthy() {
            ("doctor-all-well", Colour::Green)
        } else {
            ("doctor-not-well", Colour::Red)
        };
        let mut lines = vec![self.paint.text(colour, self.language.text(summary)), String::new()];
        lines.extend(report.checks.iter().flat_map(|check| self.lines(check)));
        lines.join("\n")
    }

    /// A line for the check, and under it each finding with its remedy.
    fn lines(&self, check: &Check) -> Vec<String> {
        let (title, word) = (check.kind.title(self.language), check.verdict.word(self.language));
        let mut lines = vec![format!("{} {title}: {word}", self.mark(check.verdict))];
        lines.extend(check.findings.iter().flat_map(|finding| self.finding_lines(finding)));
        lines
    }

    fn finding_lines(&self, finding: &ReportedFinding) -> Vec<String> {
        let remedy = finding.remedy(self.language);
        let remedy = remedy.map(|remedy| self.language.format("doctor-remedy-is", &[("remedy", &remedy)]));
        let message = format!("    {} [{}]", finding.message(self.language), finding.code);
        [message].into_iter().chain(remedy.map(|remedy| format!("      {remedy}"))).collect()
    }

    /// The mark of a verdict, which can be told without its colour, too.
    fn mark(&self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Ok => self.paint.text(Colour::Green, "[ok]"),
            Verdict::Unknown => self.paint.text(Colour::Yellow, "[??]"),
            Verdict::Broken => self.paint.text(Colour::Red, "[!!]"),
        }
    }
}
