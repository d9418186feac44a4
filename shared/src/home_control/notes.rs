//! Notes for the owner of requests that were not carried out.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::control::{ControlError, Reply};
use crate::deps::Deps;
use crate::music_assistant::MusicAssistantError;
use crate::playback::PlayerId;
use crate::store::{Activity, ActivityKind};
use crate::telemetry::LogLimiter;

/// The longest time for an entry, for which a person waits.
const NOTED: Duration = Duration::from_millis(500);

/// The most characters of a player by which failures are told apart.
const PLAYER_AT_MOST: usize = 64;

/// The most characters of a name that is kept.
const HEARD_AT_MOST: usize = 200;

/// Writes failures into the activity and the log, each kind once a minute for each player.
#[derive(Clone, Debug)]
pub(super) struct Notes {
    deps: Deps,
    limiter: Arc<LogLimiter>,
}

impl Notes {
    pub(super) fn new(deps: &Deps) -> Self {
        Self { deps: deps.clone(), limiter: Arc::default() }
    }

    /// Notes a failure that the owner can do something about. The others are what a person hears, and no more.
    pub(super) async fn failed(&self, player: &str, error: &MusicAssistantError) {
        let reason = ControlError::from(error);
        let Some(word) = word(reason) else { return };
        let Some(earlier) = self.admit(word, player) else { return };
        tracing::warn!(%error, earlier, "a request to Music Assistant was not carried out");
        self.note(ActivityKind::NotCarriedOut { player: PlayerId::from(player), reason }).await;
    }

    /// Notes that a name is none of Music Assistant's, where a reply says so.
    pub(super) async fn replied(&self, player: &str, reply: &Reply) {
        let player = PlayerId::from(player);
        let cut = |heard: &str| heard.chars().take(HEARD_AT_MOST).collect();
        let at = player.clone();
        let (word, kind) = match reply {
            Reply::NotFound { heard } if !heard.is_empty() => {
                ("control: not found", ActivityKind::MusicNotFound { player, heard: cut(heard) })
            }
            Reply::RoomUnknown { heard, .. } => {
                ("control: room unknown", ActivityKind::RoomUnknown { player, heard: cut(heard) })
            }
            _ => return,
        };
        if self.admit(word, at.as_str()).is_some() {
            self.note(kind).await;
        }
    }

    /// Whether a failure of a player may be written now. The limiter bounds the number of players.
    fn admit(&self, word: &str, player: &str) -> Option<u64> {
        let kind = format!("{word}: {}", player.chars().take(PLAYER_AT_MOST).collect::<String>());
        self.limiter.admit(&kind, self.deps.clock.now())
    }

    async fn note(&self, kind: ActivityKind) {
        let activity = Activity { at: self.deps.clock.now(), kind };
        match timeout(NOTED, self.deps.store.note(&activity)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "an activity was not recorded"),
            Err(_) => tracing::warn!("an activity was not recorded: the store takes too long"),
        }
    }
}

/// The kind of a log line for a reason; none for one that is no trouble of the installation.
const fn word(reason: ControlError) -> Option<&'static str> {
    Some(match reason {
        ControlError::HomeSilent => "control: home silent",
        ControlError::Unreachable => "control: unreachable",
        ControlError::Slow => "control: slow",
        ControlError::SignedOut => "control: signed out",
        ControlError::NotAllowed => "control: not allowed",
        ControlError::PlayerUnknown => "control: player unknown",
        ControlError::Failed => "control: failed",
        ControlError::NotConnected
        | ControlError::Unsent
        | ControlError::QueueEmpty
        | ControlError::NoSuchItem
        | ControlError::MusicGone
        | ControlError::NoGroup
        | ControlError::NotPossible => return None,
    })
}

impl From<&MusicAssistantError> for ControlError {
    fn from(error: &MusicAssistantError) -> Self {
        match error {
            MusicAssistantError::NotConnected => Self::NotConnected,
            MusicAssistantError::Unreachable { .. } => Self::Unreachable,
            MusicAssistantError::Slow => Self::Slow,
            MusicAssistantError::SignedOut | MusicAssistantError::LoginRefused => Self::SignedOut,
            MusicAssistantError::NotAllowed => Self::NotAllowed,
            MusicAssistantError::PlayerUnknown { .. } => Self::PlayerUnknown,
            MusicAssistantError::NoSuchItem | MusicAssistantError::NothingFound => Self::NoSuchItem,
            MusicAssistantError::QueueEmpty => Self::QueueEmpty,
            MusicAssistantError::NotPossible => Self::NotPossible,
            MusicAssistantError::NotEncrypted
            | MusicAssistantError::NotSetUp
            | MusicAssistantError::Invalid(_)
            | MusicAssistantError::Failed { .. }
            | MusicAssistantError::Garbage { .. }
            | MusicAssistantError::StoreUnavailable
            | MusicAssistantError::SecretUnavailable
            | MusicAssistantError::OtherSchema { .. } => Self::Failed,
        }
    }
}
