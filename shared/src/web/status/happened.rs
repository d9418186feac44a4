//! What happened lately, in sentences.

use crate::playback::{Household, StreamState};
use crate::store::{Activity, ActivityKind};
use crate::web::page::Page;
use crate::web::text::{echo_by_hash, pairing_word};

/// One thing that happened.
pub(super) struct Happened {
    /// When, as it is shown and for programs.
    pub(super) at: (String, String),
    pub(super) sentence: String,
}

pub(super) fn all(page: &Page, household: &Household, recent: Vec<Activity>) -> Vec<Happened> {
    recent
        .into_iter()
        .filter_map(|activity| {
            let at = (page.ago(activity.at), activity.at.rfc3339());
            Some(Happened { at, sentence: sentence(page, household, activity.kind)? })
        })
        .collect()
}

/// None for what a newer release writes.
fn sentence(page: &Page, household: &Household, kind: ActivityKind) -> Option<String> {
    let echo = |hash: &str| echo_by_hash(page, household, hash);
    Some(match kind {
        ActivityKind::Started { player, title: Some(title), .. } => {
            page.fill("happened-started-title", &[("player", player.as_str()), ("title", &title)])
        }
        ActivityKind::Started { player, title: None, .. } => {
            page.fill("happened-started", &[("player", player.as_str())])
        }
        ActivityKind::Paired { player, echo: hash, how } => page.fill(
            "happened-paired",
            &[("player", player.as_str()), ("echo", &echo(&hash)), ("how", &page.text(pairing_word(how)))],
        ),
        ActivityKind::Moved { player, echo: hash } => {
            page.fill("happened-moved", &[("player", player.as_str()), ("echo", &echo(&hash))])
        }
        ActivityKind::Unpaired { echo: hash, .. } => {
            page.fill("happened-unpaired", &[("echo", &echo(&hash))])
        }
        ActivityKind::Withdrawn { player, echo: hash } => {
            page.fill("happened-withdrawn", &[("player", player.as_str()), ("echo", &echo(&hash))])
        }
        ActivityKind::NotPaired { echo: hash } => page.fill("happened-not-paired", &[("echo", &echo(&hash))]),
        ActivityKind::NothingToPlay { echo: hash, player } => {
            page.fill("happened-nothing-to-play", &[("player", player.as_str()), ("echo", &echo(&hash))])
        }
        ActivityKind::Elsewhere { echo: hash, player, started } => {
            let own = player.as_ref().map_or("", |player| player.as_str());
            let key = if own.is_empty() { "happened-elsewhere-unpaired" } else { "happened-elsewhere" };
            page.fill(key, &[("player", own), ("started", started.as_str()), ("echo", &echo(&hash))])
        }
        ActivityKind::Renamed { echo: _, before, player } => {
            page.fill("happened-renamed", &[("before", &before), ("player", player.as_str())])
        }
        ActivityKind::AnswerRefused { error } => page.fill("happened-answer-refused", &[("error", &error)]),
        ActivityKind::SkillEnabled => page.text("happened-skill-enabled"),
        ActivityKind::SkillDisabled { .. } => page.text("happened-skill-disabled"),
        ActivityKind::SignedIn => page.text("happened-signed-in"),
        ActivityKind::SignedOut => page.text("happened-signed-out"),
        ActivityKind::SessionEnded { reason } => page.fill("happened-session-ended", &[("reason", &reason)]),
        ActivityKind::Reported { player, state, error } => {
            let values = [("player", player.as_str()), ("error", error.as_deref().unwrap_or_default())];
            page.fill(reported(state), &values)
        }
        ActivityKind::Asked { echo: hash } => page.fill("happened-asked", &[("echo", &echo(&hash))]),
        ActivityKind::Other => return None,
    })
}

fn reported(state: StreamState) -> &'static str {
    match state {
        StreamState::Playing => "happened-playing",
        StreamState::Stopped => "happened-stopped",
        StreamState::Finished => "happened-finished",
        StreamState::Failed => "happened-failed",
    }
}
