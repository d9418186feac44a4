//! `local doctor`.

use std::sync::Arc;
use std::time::Duration;

use ma_alexa::config::{Env, SecretsUrl};
use ma_alexa::doctor::{Examination, Finding, Link, Verdict};
use ma_alexa::i18n::PageLanguage;
use ma_alexa::secrets;

use crate::home;

/// Walks the chain and prints what it finds, for people; whether nothing is broken.
pub(crate) async fn examine(env: &Env, language: Option<&str>) -> anyhow::Result<bool> {
    let store = home::store(env)?;
    let secrets = secrets::open(&SecretsUrl::from_env(env)?, &home::machine(&|name| env.get(name)))?;
    home::install_tls()?;
    let state = home::api(env, Arc::clone(&store), secrets)?;
    // Whoever calls it again has changed something: nothing of before is shown.
    let examination = state.doctor().at_most(Duration::ZERO).await?;
    home::print(&text(&examination, self::language(env, language)))?;
    Ok(examination.is_healthy())
}

/// The language that was asked for, else that of the terminal.
fn language(env: &Env, asked: Option<&str>) -> PageLanguage {
    let of_terminal = || ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| env.get(name));
    let tag = asked.map(str::to_owned).or_else(of_terminal).unwrap_or_default();
    PageLanguage::of(&tag).unwrap_or_else(PageLanguage::english)
}

fn text(examination: &Examination, language: PageLanguage) -> String {
    let mut lines: Vec<String> = examination.links.iter().flat_map(|link| lines(link, language)).collect();
    lines.push(String::new());
    let end = if examination.is_healthy() { "doctor-all-well" } else { "doctor-not-well" };
    lines.push(language.text(end));
    lines.join("\n")
}

/// A line for the link, and under it each finding with its cure.
fn lines(link: &Link, language: PageLanguage) -> Vec<String> {
    let (mark, title, word) = (mark(link.verdict), link.link.title(language), link.verdict.word(language));
    let mut lines = vec![format!("{mark} {title}: {word}")];
    lines.extend(link.findings.iter().flat_map(|finding| told(finding, language)));
    lines
}

fn told(finding: &Finding, language: PageLanguage) -> Vec<String> {
    let cure = finding.cure(language).map(|cure| language.fill("doctor-cure-is", &[("cure", &cure)]));
    let message = format!("    {} [{}]", finding.message(language), finding.code);
    [message].into_iter().chain(cure.map(|cure| format!("      {cure}"))).collect()
}

/// What every terminal and every ear can tell apart.
fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "[ok]",
        Verdict::NotCheckable => "[??]",
        Verdict::Broken => "[!!]",
    }
}
