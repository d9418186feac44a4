//! The first sound.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::api::ApiState;
use crate::playback::{Household, Player, StreamState};
use crate::web::error::PageError;
use crate::web::page::Page;

/// The progress of the first play.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a line of the page")]
pub(super) struct FirstPlay {
    pub(super) pushed: bool,
    pub(super) asked: bool,
    pub(super) plays: bool,
    pub(super) failed: bool,
    /// Title and player of what plays now.
    pub(super) now: Option<(String, String)>,
}

impl FirstPlay {
    pub(super) fn of(household: &Household) -> Self {
        let is = |state: StreamState| {
            household
                .players
                .iter()
                .any(|player| player.effective_report().is_some_and(|heard| heard.state() == state))
        };
        let plays = household.players.iter().any(Player::has_played);
        let plays_now = |player: &&Player| {
            player.effective_report().is_some_and(|heard| heard.state() == StreamState::Playing)
        };
        let playing = household.players.iter().find(plays_now);
        let now = playing
            .and_then(|player| Some((player.metadata.title.clone()?, player.player.as_str().to_owned())));
        Self {
            pushed: household.players.iter().any(|player| player.start.is_some()),
            asked: plays || household.echos.iter().any(|echo| echo.asked_at.is_some()),
            plays,
            failed: is(StreamState::Failed),
            now,
        }
    }
}

#[derive(Template)]
#[template(path = "setup/heard.html")]
struct FirstPlayPage<'a> {
    page: &'a Page,
    sound: FirstPlay,
}

/// The fragment with the progress of the first play.
pub(super) async fn poll(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let household = state.deps.store.household(state.clock().now()).await?;
    Ok(page.fragment(&FirstPlayPage { page: &page, sound: FirstPlay::of(&household) }))
}
