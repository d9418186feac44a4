//! `local doctor`.

use std::time::Duration;

use ma_alexa::config::Env;
use ma_alexa::diagnostics::{Check, Report, ReportedFinding, Verdict};
use ma_alexa::i18n::PageLanguage;

use crate::wiring;

/// Runs all checks and prints the report for people. Returns whether nothing is broken.
pub(crate) async fn run(env: &Env, language: Option<&str>) -> anyhow::Result<bool> {
    let deps = wiring::deps(env)?;
    let secrets = wiring::secrets(env, &deps)?;
    wiring::install_tls()?;
    let state = wiring::api(env, deps, secrets)?;
    // A person who repeats the command has changed something: an earlier report is out of date.
    let report = state.doctor().check_max_age(Duration::ZERO).await?;
    wiring::print(&text(&report, self::language(env, language)))?;
    Ok(report.is_healthy())
}

/// The requested language, else the one of the terminal.
fn language(env: &Env, requested: Option<&str>) -> PageLanguage {
    let of_terminal = || ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| env.get(name));
    let tag = requested.map(str::to_owned).or_else(of_terminal).unwrap_or_default();
    PageLanguage::of(&tag).unwrap_or_else(PageLanguage::english)
}

fn text(report: &Report, language: PageLanguage) -> String {
    let mut lines: Vec<String> = report.checks.iter().flat_map(|check| lines(check, language)).collect();
    lines.push(String::new());
    let end = if report.is_healthy() { "doctor-all-well" } else { "doctor-not-well" };
    lines.push(language.text(end));
    lines.join("\n")
}

/// A line for the check, and under it each finding with its remedy.
fn lines(check: &Check, language: PageLanguage) -> Vec<String> {
    let (mark, title, word) = (mark(check.verdict), check.kind.title(language), check.verdict.word(language));
    let mut lines = vec![format!("{mark} {title}: {word}")];
    lines.extend(check.findings.iter().flat_map(|finding| finding_lines(finding, language)));
    lines
}

fn finding_lines(finding: &ReportedFinding, language: PageLanguage) -> Vec<String> {
    let remedy = finding.remedy(language);
    let remedy = remedy.map(|remedy| language.format("doctor-cure-is", &[("cure", &remedy)]));
    let message = format!("    {} [{}]", finding.message(language), finding.code);
    [message].into_iter().chain(remedy.map(|remedy| format!("      {remedy}"))).collect()
}

/// The mark of a verdict, without colours: every terminal and screen reader can tell it.
fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "[ok]",
        Verdict::Unknown => "[??]",
        Verdict::Broken => "[!!]",
    }
}
