//! The last plays, with how far each got. What each knows stands in the player while it plays, and in the activity of the
//! start that replaces it: so no play has to store it.

use super::error::ApiError;
use super::state::ApiState;
use crate::clock::Timestamp;
use crate::config::Route;
use crate::playback::{
    Household, KnownRoutes, PastPlay, PlayLink, PlayProgress, Player, PlayerId, PlayerState,
};
use crate::store::{Activity, ActivityKind};

/// Most plays that are shown.
const PLAYS: usize = 20;

/// Time after which a link that was not reached is not reached any more.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// A play of a player.
#[derive(Clone, Debug)]
pub(crate) struct PlayView {
    /// The player.
    pub(crate) player: PlayerId,
    /// Title, where there is one.
    pub(crate) title: Option<String>,
    /// Time of its start.
    pub(crate) started_at: Timestamp,
    /// Its progress.
    pub(crate) progress: PlayProgress,
    /// Whether it may still get further.
    pub(crate) waits: bool,
    /// Whether another one of its player took its place.
    pub(crate) is_past: bool,
}

/// The newest plays of all players, the newest first. `recent` has the newest activities.
pub(crate) fn plays(state: &ApiState, household: &Household, recent: &[Activity]) -> Vec<PlayView> {
    let now = state.clock().now();
    let refused =
        recent.iter().filter(|activity| matches!(activity.kind, ActivityKind::AnswerRefused { .. }));
    let refused_at = refused.map(|activity| activity.at).max();
    let present =
        household.players.iter().filter_map(|player| present(state, household, player, refused_at, now));
    let past = recent.iter().filter_map(|activity| match &activity.kind {
        ActivityKind::Started { player, before: Some(before), .. } => Some(past(player, before)),
        _ => None,
    });
    let mut plays: Vec<PlayView> = present.chain(past).collect();
    plays.sort_by_key(|play| std::cmp::Reverse((!play.is_past, play.started_at.order(now))));
    plays.truncate(PLAYS.max(household.players.len()));
    plays
}

fn present(
    state: &ApiState,
    household: &Household,
    player: &Player,
    refused_at: Option<Timestamp>,
    now: Timestamp,
) -> Option<PlayView> {
    let started_at = player.started_at()?;
    let view = household.view(player, now);
    let progress = household.progress(player, refused_at, now);
    let waits = match view.state {
        PlayerState::Idle => now.is_within(PATIENCE, started_at),
        PlayerState::Requested => now.is_within(PATIENCE, view.since.unwrap_or(started_at)),
        _ => false,
    };
    let fetched = fetched(state, household, player, &progress, now);
    Some(PlayView {
        player: player.player.clone(),
        title: player.metadata().title.clone(),
        started_at,
        progress: PlayProgress { fetched, ..progress },
        waits,
        is_past: false,
    })
}

fn past(player: &PlayerId, play: &PastPlay) -> PlayView {
    PlayView {
        player: player.clone(),
        title: play.title.clone(),
        started_at: play.started_at,
        progress: play.progress.clone(),
        waits: false,
        is_past: true,
    }
}

/// The progress of a play that a start replaced. Where a door is here, its state is read for what the player does not
/// say by itself; elsewhere no push waits for that.
pub(super) async fn replaced(state: &ApiState, before: &Player, until: Timestamp) -> Option<PastPlay> {
    let mut play = PastPlay::of(before)?;
    if !state.fetches().is_here() {
        return Some(play);
    }
    let household = if play.progress.reached == PlayLink::Playing {
        Household::default()
    } else {
        read(state, until).await.unwrap_or_default()
    };
    if !household.players.is_empty() {
        play = play.seen_by(&household, before, until);
    }
    play.progress.fetched = fetched(state, &household, before, &play.progress, until);
    Some(play)
}

async fn read(state: &ApiState, now: Timestamp) -> Result<Household, ApiError> {
    Ok(state.deps.store.household(now).await?)
}

/// Whether the door of this process served the stream of a player's version. None where the Echo may get it in another way.
fn fetched(
    state: &ApiState,
    household: &Household,
    player: &Player,
    progress: &PlayProgress,
    now: Timestamp,
) -> Option<bool> {
    let start = player.start()?;
    let path = start.stream.granted()?;
    let was_served = state.fetches().was_served(player.player.key(), &path, start.started_at)?;
    // What plays without that was fetched where this process does not see it.
    let is_open = progress.reached < PlayLink::Playing;
    (was_served || is_open && goes_by_door(state, household, player, now)).then_some(was_served)
}

/// Whether the Echo of a player gets its present stream by the door, or failed to.
fn goes_by_door(state: &ApiState, household: &Household, player: &Player, now: Timestamp) -> bool {
    let Some(start) = player.start() else { return false };
    let echo = player.pairing.as_ref().and_then(|pairing| household.echo(pairing.device.as_ref()?));
    let known = echo.map(|echo| echo.routes.clone()).unwrap_or_default();
    let kin = echo.map_or_else(KnownRoutes::default, |echo| household.kin_routes(echo));
    let has_failed = [Route::Door, Route::Lan].into_iter().filter_map(|route| known.outcome(route));
    if has_failed.into_iter().any(|outcome| !outcome.works && outcome.at >= start.started_at) {
        return true;
    }
    let routed = state.addresses(&household.settings).for_echo(start, &known, &kin, now);
    routed.is_ok_and(|routed| matches!(routed.route, Route::Door | Route::Lan))
}
