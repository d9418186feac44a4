//! What Echos report of the streams.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::doctor::codes::found;
use crate::doctor::examination::{Finding, Link, LinkKind};
use crate::doctor::facts::{Facts, moment};
use crate::playback::{Player, PlayerState, PlayerView, STREAM_LIFETIME};
use crate::store::ActivityKind;

/// How long an Echo that was given a stream may take to say what became of it.
const REPORTS_WITHIN: Duration = Duration::from_mins(1);

/// How many plays in a row may end at once before that is told: one may be a person.
const SILENT_TWICE: u32 = 2;

/// How long a refused answer is told of.
const REFUSED: Duration = Duration::from_hours(24);

pub(super) fn link(facts: &Facts) -> Link {
    let views = facts.views();
    let last = last_play(facts, &views);
    let mut findings: Vec<Finding> = views.iter().filter_map(|view| failed(facts, view)).collect();
    findings.extend(refused(
        facts,
        views.iter().filter(|view| is_good(view.state)).filter_map(|view| view.since).max(),
    ));
    if findings.is_empty() && last.is_none() {
        findings.push(found("playback-not-yet", &[]));
    }
    let player = last.map_or("", |(player, _)| player.player.as_str());
    let at = last.and_then(|(_, at)| at).map(moment).unwrap_or_default();
    Link::of(LinkKind::Playback, findings, || found("playback-ok", &[("player", player), ("at", &at)]))
}

/// The player that played last, and when; one that was started since has not been heard of again.
fn last_play<'a>(facts: &'a Facts, views: &[PlayerView<'a>]) -> Option<(&'a Player, Option<Timestamp>)> {
    let good = views.iter().find(|view| is_good(view.state));
    let before = facts.household.players.iter().filter(|player| player.played_at.is_some());
    let before = before.max_by_key(|player| player.played_at);
    let before = before.map(|player| (player, player.played_at));
    good.map(|view| (view.player, view.since)).or(before)
}

fn is_good(state: PlayerState) -> bool {
    matches!(state, PlayerState::Playing | PlayerState::Stopped | PlayerState::Finished)
}

/// What became of a player's last start, if that was no music.
fn failed(facts: &Facts, view: &PlayerView<'_>) -> Option<Finding> {
    let since = view.since?;
    let code = match view.state {
        // A second try may be under way, but that the first failed is known.
        _ if view.error.is_some() || view.state == PlayerState::Failed => {
            let kind = view.error.map_or("", |error| error.kind.as_str());
            format!("playback-failed-{}", reason(kind))
        }
        PlayerState::Stopped | PlayerState::Finished if view.player.silent_plays >= SILENT_TWICE => {
            "playback-silent".to_owned()
        }
        PlayerState::Requested => {
            let age = facts.now.since(since);
            let is_silent = age > REPORTS_WITHIN && age < STREAM_LIFETIME;
            is_silent.then(|| "playback-not-reported".to_owned())?
        }
        _ => return None,
    };
    Some(found(&code, &[("player", view.player.player.as_str()), ("at", &moment(since))]))
}

/// The end of the code of one of Amazon's errors (Alexa Skills Kit, `AudioPlayer.PlaybackFailed`, error types).
fn reason(kind: &str) -> &'static str {
    match kind {
        "MEDIA_ERROR_INVALID_REQUEST" => "invalid-request",
        "MEDIA_ERROR_SERVICE_UNAVAILABLE" => "service-unavailable",
        "MEDIA_ERROR_INTERNAL_SERVER_ERROR" => "internal-server-error",
        "MEDIA_ERROR_INTERNAL_DEVICE_ERROR" => "internal-device-error",
        _ => "unknown",
    }
}

/// Alexa refused one of our answers, and nothing has played since.
fn refused(facts: &Facts, played_at: Option<Timestamp>) -> Option<Finding> {
    let refused = facts.activity.iter().find_map(|entry| match &entry.kind {
        ActivityKind::AnswerRefused { error } => Some((entry.at, error)),
        _ => None,
    });
    let (at, error) = refused?;
    let is_news = facts.now.since(at) < REFUSED && played_at.is_none_or(|played| played < at);
    is_news.then(|| found("answer-refused", &[("error", error), ("at", &moment(at))]))
}
