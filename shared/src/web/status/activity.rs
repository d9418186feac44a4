//! The newest activities, in sentences.

use crate::control::ControlError;
use crate::playback::{Household, PlayerId, StreamState};
use crate::store::{Activity, ActivityKind};
use crate::web::page::Page;
use crate::web::text::{echo_by_hash, pairing_word};

/// One activity.
pub(crate) struct ActivityRow {
    /// The time, as it is shown and for programs.
    pub(crate) at: (String, String),
    pub(crate) sentence: String,
    /// Whether something went wrong.
    pub(crate) is_problem: bool,
}

pub(crate) fn rows(page: &Page, household: &Household, recent: Vec<Activity>) -> Vec<ActivityRow> {
    recent
        .into_iter()
        .filter_map(|activity| {
            let at = (page.ago(activity.at), activity.at.rfc3339());
            let is_problem = is_problem(&activity.kind);
            Some(ActivityRow { at, sentence: sentence(page, household, activity.kind)?, is_problem })
        })
        .collect()
}

fn is_problem(kind: &ActivityKind) -> bool {
    matches!(
        kind,
        ActivityKind::Withdrawn { .. }
            | ActivityKind::NotPaired { .. }
            | ActivityKind::NothingToPlay { .. }
            | ActivityKind::Elsewhere { .. }
            | ActivityKind::AnswerRefused { .. }
            | ActivityKind::SkillDisabled { .. }
            | ActivityKind::SessionEnded { .. }
            | ActivityKind::NotCarriedOut { .. }
            | ActivityKind::MusicNotFound { .. }
            | ActivityKind::RoomUnknown { .. }
            | ActivityKind::Reported { state: StreamState::Failed, .. }
    )
}

/// None for what a newer release writes.
fn sentence(page: &Page, household: &Household, kind: ActivityKind) -> Option<String> {
    let echo = |hash: &str| echo_by_hash(page, household, hash);
    let of_echo = |key: &str, hash: &str| page.format(key, &[("echo", &echo(hash))]);
    let of_both = |key: &str, player: &PlayerId, hash: &str| {
        page.format(key, &[("player", player.as_str()), ("echo", &echo(hash))])
    };
    let unknown = |key: &str, player: &PlayerId, heard: &str| {
        page.format(key, &[("player", player.as_str()), ("heard", heard)])
    };
    Some(match kind {
        ActivityKind::Started { player, title: Some(title), .. } => {
            page.format("happened-started-title", &[("player", player.as_str()), ("title", &title)])
        }
        ActivityKind::Started { player, title: None, .. } => {
            page.format("happened-started", &[("player", player.as_str())])
        }
        ActivityKind::Paired { player, echo: hash, how } => page.format(
            "happened-paired",
            &[("player", player.as_str()), ("echo", &echo(&hash)), ("how", &page.text(pairing_word(how)))],
        ),
        ActivityKind::Moved { player, echo: hash } => of_both("happened-moved", &player, &hash),
        ActivityKind::Unpaired { echo: hash, .. } => of_echo("happened-unpaired", &hash),
        ActivityKind::Withdrawn { player, echo: hash } => of_both("happened-withdrawn", &player, &hash),
        ActivityKind::NotPaired { echo: hash } => of_echo("happened-not-paired", &hash),
        ActivityKind::NothingToPlay { echo: hash, player } => {
            of_both("happened-nothing-to-play", &player, &hash)
        }
        ActivityKind::Elsewhere { echo: hash, player, started } => {
            let own = player.as_ref().map_or("", |player| player.as_str());
            let key = if own.is_empty() { "happened-elsewhere-unpaired" } else { "happened-elsewhere" };
            page.format(key, &[("player", own), ("started", started.as_str()), ("echo", &echo(&hash))])
        }
        ActivityKind::Renamed { echo: _, before, player } => {
            page.format("happened-renamed", &[("before", &before), ("player", player.as_str())])
        }
        ActivityKind::AnswerRefused { error } => page.format("happened-answer-refused", &[("error", &error)]),
        ActivityKind::SkillEnabled => page.text("happened-skill-enabled"),
        ActivityKind::SkillDisabled { .. } => page.text("happened-skill-disabled"),
        ActivityKind::SignedIn => page.text("happened-signed-in"),
        ActivityKind::SignedOut => page.text("happened-signed-out"),
        ActivityKind::SessionEnded { reason } => {
            page.format("happened-session-ended", &[("reason", &reason)])
        }
        ActivityKind::MusicAssistantConnected => page.text("happened-music-assistant-connected"),
        ActivityKind::MusicAssistantDisconnected => page.text("happened-music-assistant-disconnected"),
        ActivityKind::NotCarriedOut { player, reason } => page.format(
            "happened-not-carried-out",
            &[("player", player.as_str()), ("reason", &page.text(not_carried_out(reason)))],
        ),
        ActivityKind::MusicNotFound { player, heard } => unknown("happened-music-not-found", &player, &heard),
        ActivityKind::RoomUnknown { player, heard } => unknown("happened-room-unknown", &player, &heard),
        ActivityKind::Reported { player, state, error } => {
            let values = [("player", player.as_str()), ("error", error.as_deref().unwrap_or_default())];
            page.format(reported(state), &values)
        }
        ActivityKind::Asked { echo: hash } => of_echo("happened-asked", &hash),
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

/// The key of the reason why a request to Music Assistant was not carried out.
fn not_carried_out(reason: ControlError) -> &'static str {
    match reason {
        ControlError::NotConnected => "not-carried-out-not-connected",
        ControlError::HomeSilent => "not-carried-out-home-silent",
        ControlError::Unreachable => "not-carried-out-unreachable",
        ControlError::Slow => "not-carried-out-slow",
        ControlError::SignedOut => "not-carried-out-signed-out",
        ControlError::NotAllowed => "not-carried-out-not-allowed",
        ControlError::PlayerUnknown => "not-carried-out-player-unknown",
        ControlError::Unsent
        | ControlError::MusicGone
        | ControlError::NoGroup
        | ControlError::QueueEmpty
        | ControlError::NoSuchItem
        | ControlError::NotPossible
        | ControlError::Failed => "not-carried-out-failed",
    }
}
