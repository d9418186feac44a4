//! The links of a play, from Music Assistant to the sound.

use crate::clock::Timestamp;
use crate::playback::{Household, Player, PlayerState, PlayerView};
use crate::web::links::Link;
use crate::web::page::Page;
use crate::web::status::playing;

/// Time after which an Echo that has not asked does not ask any more.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// The last play of a player.
pub(super) struct Chain {
    pub(super) player: String,
    pub(super) title: Option<String>,
    /// The time of its start, as it is shown and for programs.
    pub(super) at: (String, String),
    pub(super) links: Vec<Link>,
    /// The cure of the link that broke, and the address of its place.
    pub(super) cure: Option<(String, &'static str)>,
}

/// The last play of each player, newest first.
pub(super) fn all(page: &Page, household: &Household, now: Timestamp) -> Vec<Chain> {
    let mut started: Vec<(Timestamp, &Player)> = household
        .players
        .iter()
        .filter_map(|player| Some((player.start.as_ref()?.started_at, player)))
        .collect();
    started.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    started.into_iter().map(|(at, player)| Chain::of(page, &household.view(player, now), at, now)).collect()
}

impl Chain {
    fn of(page: &Page, view: &PlayerView<'_>, at: Timestamp, now: Timestamp) -> Self {
        let reached = reached(view.state);
        let waits = match view.state {
            PlayerState::Idle => now.is_within(PATIENCE, at),
            PlayerState::Requested => true,
            _ => false,
        };
        let names = ["chain-sent", "chain-asked", "chain-answered", "chain-playing"];
        let links =
            names.into_iter().enumerate().map(|(index, name)| Link { name, reached: index < reached, waits });
        let failed =
            view.error.map(|failure| page.format(playing::reason(failure), &[("type", &failure.kind)]));
        let cure = match (view.state, failed) {
            (PlayerState::Failed, Some(reason)) => Some((reason, "/setup/address")),
            (PlayerState::Idle, _) if !waits => Some((page.text("chain-cure-asked"), "/devices")),
            _ => None,
        };
        Self {
            player: view.player.player.to_string(),
            title: view.player.metadata.title.clone(),
            at: (page.ago(at), at.rfc3339()),
            links: links.collect(),
            cure,
        }
    }
}

/// The number of links that were reached.
fn reached(state: PlayerState) -> usize {
    match state {
        PlayerState::Idle => 1,
        PlayerState::Requested | PlayerState::Failed => 3,
        PlayerState::Playing | PlayerState::Stopped | PlayerState::Finished => 4,
    }
}
