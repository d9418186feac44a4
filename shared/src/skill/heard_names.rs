//! Names of the home that an open conversation is heard with.
//!
//! They are read for a question alone: no answer with music waits for them.

use std::time::Duration;

use tokio::time::timeout;

use super::Skill;
use super::context::SkillRequest;
use crate::alexa::response::DynamicEntities;
use crate::control::HomeNames;
use crate::store::KnownNames;
use crate::voice::{LocaleSpec, PLAYER_TYPE, PLAYLIST_TYPE};

/// Time that a question waits for the names.
const WITHIN: Duration = Duration::from_millis(300);

/// The most rooms, so that playlists have values of their own.
const ROOMS_AT_MOST: usize = 40;

impl Skill {
    /// The rooms and playlists of the home, for an answer that leaves the microphone open; none where the home is not
    /// connected, or the store does not answer in time.
    pub(super) async fn names_at_home(&self, context: &SkillRequest) -> Option<DynamicEntities> {
        self.control.as_ref()?;
        let known = match timeout(WITHIN, KnownNames::read(self.store.as_ref())).await {
            Ok(Ok(known)) => known,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a question goes without the names at home");
                return None;
            }
            Err(_elapsed) => return None,
        };
        let rooms = rooms(context, known.names.rooms.into_iter().take(ROOMS_AT_MOST));
        // For a type that its model has not, Alexa refuses the whole answer.
        let has_type = known.in_models.is_some_and(|models| models.playlists);
        let playlists = if has_type { known.names.playlists } else { Vec::new() };
        DynamicEntities::new([(PLAYER_TYPE, rooms), (PLAYLIST_TYPE, playlists)])
    }
}

/// The names of players, for a question about them.
pub(super) fn of_players(
    context: &SkillRequest,
    players: impl Iterator<Item = String>,
) -> Option<DynamicEntities> {
    DynamicEntities::new([(PLAYER_TYPE, rooms(context, players))])
}

/// Names that a room can be heard by: one that is a request by itself stays a request.
fn rooms(context: &SkillRequest, names: impl Iterator<Item = String>) -> Vec<String> {
    let Some(voice) = LocaleSpec::of(&context.locale) else { return Vec::new() };
    let mut rooms = HomeNames::new(names, []).rooms;
    rooms.retain(|name| !voice.is_request(name));
    rooms
}
