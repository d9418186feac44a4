//! The last failure of the door, and who hears of each.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::media;
use crate::clock::{Clock, Timestamp};
use crate::grant::GrantKind;
use crate::playback::PlayerKey;
use crate::telemetry::LogLimiter;

/// Reason why Music Assistant's answer did not reach an Echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoorFailureKind {
    /// The address of Music Assistant is not known.
    #[error("Music Assistant's address for streams is not known: set MA_STREAM_ORIGIN, or start music once")]
    NoOrigin,
    /// No connection is made.
    #[error(
        "Music Assistant cannot be reached: start it, and compare its port with the address of its streams"
    )]
    Unreachable,
    /// No header of an answer arrives in time.
    #[error("Music Assistant does not answer in time: look at its load and its log")]
    Silent,
    /// The answer is no HTTP, or ends within its header.
    #[error("another program answers at Music Assistant's address for streams: correct the address")]
    Garbled,
    /// The answer is a redirect.
    #[error("Music Assistant's address for streams redirects: enter the address that it leads to")]
    Redirect,
    /// The answer has a status that no stream and no picture has.
    #[error("Music Assistant answers with status {0}: look at its log")]
    Status(u16),
    /// The answer is neither sound nor a picture, as was asked for, or is too large.
    #[error("another kind of content comes from Music Assistant's address: correct the address")]
    Content,
}

impl DoorFailureKind {
    /// The kind in logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoOrigin => "no_origin",
            Self::Unreachable => "unreachable",
            Self::Silent => "silent",
            Self::Garbled => "garbled",
            Self::Redirect => "redirect",
            Self::Status(_) => "status",
            Self::Content => "content",
        }
    }
}

/// One failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoorFailure {
    /// Its kind.
    pub kind: DoorFailureKind,
    /// When it happened.
    pub at: Timestamp,
    /// The player whose stream or picture it was.
    pub player: PlayerKey,
}

/// The last failure as it is stored, for other processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorFailureRecord {
    /// The code of its kind; none after Music Assistant answered again.
    pub code: Option<String>,
    /// When it happened, or when Music Assistant answered again.
    pub at: Timestamp,
}

/// The last order of the door's certificate as it is stored, for other processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorCertificateRecord {
    /// The DNS name or IP address of the certificate.
    pub name: String,
    /// The code of the failure; none where there is a valid certificate and no order failed.
    pub code: Option<String>,
    /// The cause of the failure, in English.
    pub cause: String,
    /// When it was recorded.
    pub at: Timestamp,
}

/// The last failure since the last answer of Music Assistant.
#[derive(Debug, Default)]
pub struct DoorHealth(Mutex<Option<DoorFailure>>);

impl DoorHealth {
    /// The last failure; none where Music Assistant has answered since, or was never asked.
    #[must_use]
    pub fn last_failure(&self) -> Option<DoorFailure> {
        *self.lock()
    }

    /// A panic leaves it whole.
    fn lock(&self) -> MutexGuard<'_, Option<DoorFailure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes events of the door. It must not wait: a stream does.
pub trait DoorEvents: fmt::Debug + Send + Sync {
    /// Music Assistant failed a request.
    fn failed(&self, failure: &DoorFailure);

    /// Music Assistant answers again, after a failure.
    fn recovered(&self, player: PlayerKey);

    /// The first bytes of a stream went to an Echo. `path` is what its grant opens.
    fn served(&self, _player: PlayerKey, _path: &str) {}

    /// Media of the home could not be fetched, for this reason.
    fn media_failed(&self, _player: PlayerKey, _reason: &'static str) {}
}

/// Takes no event.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEvents;

impl DoorEvents for NoEvents {
    fn failed(&self, _: &DoorFailure) {}

    fn recovered(&self, _: PlayerKey) {}
}

/// The recorder of the outcomes of requests.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    health: Arc<DoorHealth>,
    events: Arc<dyn DoorEvents>,
    log_limiter: Arc<LogLimiter>,
    clock: Arc<dyn Clock>,
}

impl Recorder {
    pub(super) fn new(
        health: Arc<DoorHealth>,
        events: Arc<dyn DoorEvents>,
        log_limiter: Arc<LogLimiter>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { health, events, log_limiter, clock }
    }

    pub(super) fn failed(&self, kind: DoorFailureKind, of: GrantKind, player: PlayerKey) {
        // Media says nothing of Music Assistant.
        if of == GrantKind::Media {
            return self.media_failed(kind, player);
        }
        let failure = DoorFailure { kind, at: self.clock.now(), player };
        *self.health.lock() = Some(failure);
        if let Some(earlier) = self.log_limiter.admit(kind.code(), failure.at) {
            tracing::warn!(
                error.code = kind.code(),
                error = %kind,
                player.key = %player,
                earlier,
                "the door could not fetch"
            );
        }
        self.events.failed(&failure);
    }

    /// The first bytes of a stream are on their way.
    pub(super) fn served(&self, player: PlayerKey, path: &str) {
        self.events.served(player, path);
    }

    /// A body ended before its end. Music Assistant ends a stream so when it starts the next one, hence it is no failure.
    pub(super) fn broke_off(&self, reason: &str, of: GrantKind, player: PlayerKey) {
        let what = if of == GrantKind::Media { "media" } else { "an answer of Music Assistant" };
        if let Some(earlier) = self.log_limiter.admit(&format!("{what} broke off"), self.clock.now()) {
            tracing::info!(reason, player.key = %player, earlier, "{what} broke off");
        }
    }

    fn media_failed(&self, kind: DoorFailureKind, player: PlayerKey) {
        let reason = media::reason(kind);
        if let Some(earlier) = self.log_limiter.admit(reason, self.clock.now()) {
            tracing::warn!(
                error.code = kind.code(),
                error = reason,
                player.key = %player,
                earlier,
                "the door could not fetch media"
            );
        }
        self.events.media_failed(player, reason);
    }

    pub(super) fn answered(&self, of: GrantKind, player: PlayerKey, status: StatusCode) {
        if of == GrantKind::Media {
            if status == StatusCode::NOT_FOUND {
                self.media_failed(DoorFailureKind::Status(status.as_u16()), player);
            }
            return;
        }
        let failure = self.health.lock().take();
        if failure.is_some() {
            self.events.recovered(player);
        }
    }
}
