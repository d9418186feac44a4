//! Playback, as Echos report it.

use std::time::Duration;

use crate::alexa::request::MediaErrorType;
use crate::clock::Timestamp;
use crate::diagnostics::evidence::Snapshot;
use crate::diagnostics::finding::Finding;
use crate::playback::{Player, PlayerState, PlayerView, STREAM_LIFETIME};
use crate::store::ActivityKind;

/// The longest time from an Echo's request to its first report.
const REPORT_WITHIN: Duration = Duration::from_mins(1);

/// The number of silent plays in a row that make a finding: a person may have stopped a single one.
const SILENT_PLAYS: u32 = 2;

/// The time for which a refused response is a finding.
const REFUSAL_SHOWN: Duration = Duration::from_hours(24);

pub(super) fn check(snapshot: &Snapshot) -> Vec<Finding> {
    let views = snapshot.views();
    let mut findings: Vec<Finding> = views.iter().filter_map(|view| failed(snapshot, view)).collect();
    let played_at = views.iter().filter(|view| is_good(view.state)).filter_map(|view| view.since).max();
    findings.extend(refused(snapshot, played_at));
    if findings.is_empty() {
        findings.push(match last_play(snapshot, &views) {
            Some((player, at)) => Finding::PlaybackOk { player: player.player.to_string(), at },
            None => Finding::PlaybackNotYet,
        });
    }
    findings
}

/// The player with the latest play, and its time. A player that was started since keeps its earlier play.
fn last_play<'a>(
    snapshot: &'a Snapshot,
    views: &[PlayerView<'a>],
) -> Option<(&'a Player, Option<Timestamp>)> {
    let good = views.iter().find(|view| is_good(view.state));
    let before = snapshot.household.players.iter().filter(|player| player.played_at.is_some());
    let before = before.max_by_key(|player| player.played_at);
    let before = before.map(|player| (player, player.played_at));
    good.map(|view| (view.player, view.since)).or(before)
}

fn is_good(state: PlayerState) -> bool {
    matches!(state, PlayerState::Playing | PlayerState::Stopped | PlayerState::Finished)
}

/// The finding where a player's last start gave no music.
fn failed(snapshot: &Snapshot, view: &PlayerView<'_>) -> Option<Finding> {
    let (player, at) = (view.player.player.to_string(), view.since?);
    match view.state {
        // The first attempt has failed, even if a second one is under way.
        _ if view.error.is_some() || view.state == PlayerState::Failed => {
            let kind = view.error.map(|error| &error.kind);
            Some(failure(kind, player, at))
        }
        PlayerState::Stopped | PlayerState::Finished if view.player.silent_plays >= SILENT_PLAYS => {
            Some(Finding::PlaybackSilent { player, at })
        }
        PlayerState::Requested => {
            let age = snapshot.now.since(at);
            let is_late = age > REPORT_WITHIN && age < STREAM_LIFETIME;
            is_late.then_some(Finding::PlaybackNotReported { player, at })
        }
        _ => None,
    }
}

/// The finding of one of Amazon's errors (Alexa Skills Kit, `AudioPlayer.PlaybackFailed`, error types).
fn failure(kind: Option<&MediaErrorType>, player: String, at: Timestamp) -> Finding {
    match kind {
        Some(MediaErrorType::InvalidRequest) => Finding::PlaybackFailedInvalidRequest { player, at },
        Some(MediaErrorType::ServiceUnavailable) => Finding::PlaybackFailedServiceUnavailable { player, at },
        Some(MediaErrorType::InternalServerError) => {
            Finding::PlaybackFailedInternalServerError { player, at }
        }
        Some(MediaErrorType::InternalDeviceError) => {
            Finding::PlaybackFailedInternalDeviceError { player, at }
        }
        Some(MediaErrorType::Unspecified | MediaErrorType::Unknown(_)) | None => {
            Finding::PlaybackFailedUnknown { player, at }
        }
    }
}

/// The finding where Alexa refused a response, and no music has played since.
fn refused(snapshot: &Snapshot, played_at: Option<Timestamp>) -> Option<Finding> {
    let refusal = snapshot.activity.iter().find_map(|entry| match &entry.kind {
        ActivityKind::AnswerRefused { error } => Some((entry.at, error)),
        _ => None,
    });
    let (at, error) = refusal?;
    let is_current =
        snapshot.now.since(at) < REFUSAL_SHOWN && played_at.is_none_or(|played_at| played_at < at);
    is_current.then(|| Finding::AnswerRefused { error: error.clone(), at })
}
