//! Grants of what Music Assistant pushes.

use std::sync::Arc;

use super::state::ApiState;
use crate::clock::Timestamp;
use crate::grant::{Grant, GrantKeys, GrantKind};
use crate::playback::{MediaPlace, PlayerKey, StreamAddresses, StreamUrl, TonePath};

/// The grants of a push: for its stream, unless that is public media, and for its picture where that is at home.
#[derive(Debug, Default)]
pub(super) struct Grants {
    pub(super) stream: Option<String>,
    pub(super) image: Option<String>,
}

impl Grants {
    /// Seals the grants. There are none without keys, and the log says why nothing else is sealed.
    pub(super) async fn seal(
        state: &ApiState,
        player: PlayerKey,
        stream: &StreamUrl,
        image: Option<&str>,
    ) -> Self {
        let Some(keys) = state.authenticator.grant_keys().await else { return Self::default() };
        let sealer = Sealer { state, keys, player, now: state.clock().now() };
        let addresses = StreamAddresses::from(&state.deps.config.streams);
        let image = image.and_then(|image| addresses.picture_to_grant(image));
        Self {
            stream: match stream.media_place() {
                None => sealer.seal(GrantKind::Stream, stream.path_for_echo()),
                Some(MediaPlace::Home) => sealer.seal(GrantKind::Media, stream.to_string()),
                Some(MediaPlace::Public) => None,
            },
            image: image.and_then(|path| sealer.seal(GrantKind::Picture, path)),
        }
    }
}

/// A grant of the tone of a trial; none without keys.
pub(super) async fn seal_tone(state: &ApiState, trial: PlayerKey, path: TonePath) -> Option<String> {
    let keys = state.authenticator.grant_keys().await?;
    let sealer = Sealer { state, keys, player: trial, now: state.clock().now() };
    sealer.seal(GrantKind::Tone, path.to_string())
}

struct Sealer<'a> {
    state: &'a ApiState,
    keys: Arc<GrantKeys>,
    player: PlayerKey,
    now: Timestamp,
}

impl Sealer<'_> {
    fn seal(&self, kind: GrantKind, path: String) -> Option<String> {
        let sealed = self.keys.seal(&Grant::new(kind, self.player, path, self.now), self.state.random());
        sealed.inspect_err(|error| tracing::warn!(%error, "a grant cannot be made")).ok()
    }
}
