//! The command `tailscale`.

use std::path::Path;
use std::time::Duration;

use futures_util::future::try_join;

use super::problem::TailscaleProblem;
use crate::ways::program::{MAX_ANSWER, NotStarted, Output, ProgramEnd, run};

/// Beginning of every page on which a person agrees.
const CONSENT: &str = "https://login.tailscale.com/";

/// Longest address of such a page, in bytes.
const MAX_PAGE: usize = 200;

/// The status of the machine, and what its name serves.
pub(super) async fn ask(program: &Path, patience: Duration) -> Result<(Vec<u8>, Vec<u8>), TailscaleProblem> {
    let status = json(program, &["status", "--json", "--peers=false"], patience);
    try_join(status, json(program, &["funnel", "status", "--json"], patience)).await
}

/// Turns Funnel on for a port of this machine, for good.
pub(super) async fn turn_on(program: &Path, port: u16, patience: Duration) -> Result<(), TailscaleProblem> {
    let output = run(program, &["funnel", "--bg", &port.to_string()], patience).await.map_err(not_started)?;
    if output.end == ProgramEnd::Success {
        return Ok(());
    }
    // It names the page and waits for the person.
    if let Some(page) = consent_page(&output) {
        return Err(TailscaleProblem::Consent(page));
    }
    Err(problem(&output).unwrap_or(TailscaleProblem::Failed))
}

async fn json(program: &Path, arguments: &[&str], patience: Duration) -> Result<Vec<u8>, TailscaleProblem> {
    let output = run(program, arguments, patience).await.map_err(not_started)?;
    if output.end == ProgramEnd::Success && output.stdout.len() <= MAX_ANSWER {
        return Ok(output.stdout);
    }
    Err(problem(&output).unwrap_or(TailscaleProblem::Unreadable))
}

fn not_started(_: NotStarted) -> TailscaleProblem {
    TailscaleProblem::NotInstalled
}

/// The reason of a failure that the command is known to print.
fn problem(output: &Output) -> Option<TailscaleProblem> {
    if output.end == ProgramEnd::TooSlow {
        return Some(TailscaleProblem::TooSlow);
    }
    let said = String::from_utf8_lossy(&output.stderr).to_ascii_lowercase();
    let says = |part: &str| said.contains(part);
    if says("access denied") || says("permission denied") {
        Some(TailscaleProblem::NoRights)
    } else if says("failed to connect to local tailscale") || says("is tailscaled running") {
        Some(TailscaleProblem::NotRunning)
    } else {
        None
    }
}

fn consent_page(output: &Output) -> Option<String> {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let mut words = said.iter().flat_map(|text| text.split_whitespace());
    let page = words.find(|word| word.starts_with(CONSENT) && word.len() <= MAX_PAGE)?;
    page.bytes().all(|byte| byte.is_ascii_graphic()).then(|| page.to_owned())
}
