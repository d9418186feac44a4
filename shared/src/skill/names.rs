//! Names for an Echo with a screen. It shows the names in its answer, and no others until the next play. The answer
//! therefore waits for names that are still on their way.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Skill;
use super::context::SkillRequest;
use super::select::Selection;
use crate::playback::{Metadata, Player, StartReason};
use crate::store::StoreError;

/// Longest wait. Music Assistant's names come about a second after its start, and the Echo asks half a second after it.
const PATIENCE: Duration = Duration::from_millis(1200);

/// Time between two readings of the store.
const STEP: Duration = Duration::from_millis(200);

/// Time after its start in which a stream gets its names; later it gets none, or gets them too late.
const NAMED_WITHIN: Duration = Duration::from_secs(3);

impl Skill {
    /// The selection, with its names where they come in time. Nothing else waits: neither an Echo without a screen, nor
    /// a stream that has its names, nor one that was played before.
    pub(super) async fn with_names(&self, given: Selection, context: &SkillRequest) -> Selection {
        let Selection::Stream(mut player, plan) = given else { return given };
        if context.has_screen && plan.origin == StartReason::Start && is_unnamed(&player, context) {
            match timeout(PATIENCE, self.named(&player, context)).await {
                Ok(Ok(Some(named))) => {
                    if let Some(present) = &mut player.present {
                        present.metadata = named;
                    }
                }
                Ok(Ok(None)) | Err(_) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the names of what starts could not be read"),
            }
        }
        Selection::Stream(player, plan)
    }

    /// The names of this version once it has some; `None` where another version took its place.
    async fn named(&self, selected: &Player, context: &SkillRequest) -> Result<Option<Metadata>, StoreError> {
        loop {
            sleep(STEP).await;
            let household = self.store.household(context.at).await?;
            let found = household.player(&selected.player).filter(|player| player.is_at(selected.version()));
            match found {
                Some(player) if !player.metadata().names_something() => {}
                found => return Ok(found.map(|player| player.metadata().clone())),
            }
        }
    }
}

fn is_unnamed(player: &Player, context: &SkillRequest) -> bool {
    let is_new = player.started_at().is_some_and(|started| context.at.since(started) < NAMED_WITHIN);
    is_new && !player.metadata().names_something()
}
