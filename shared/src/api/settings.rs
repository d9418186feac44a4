//! The settings that a push needs, read from the store once in a while.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::clock::{Clock, Timestamp};
use crate::config::{Speech, SpeechOverrides, StreamOverrides};
use crate::playback::StreamAddresses;
use crate::store::{SetupStore, StoreError};

/// How long settings are taken as they were read.
const CACHED: Duration = Duration::from_secs(10);

/// The settings that hold, with the environment before them.
#[derive(Debug)]
pub(super) struct Effective {
    pub(super) addresses: StreamAddresses,
    pub(super) speech: Speech,
}

#[derive(Debug)]
pub(super) struct CachedSettings {
    streams: StreamOverrides,
    speech: SpeechOverrides,
    clock: Arc<dyn Clock>,
    cached: Mutex<Option<(Timestamp, Arc<Effective>)>>,
}

impl CachedSettings {
    pub(super) fn new(streams: StreamOverrides, speech: SpeechOverrides, clock: Arc<dyn Clock>) -> Self {
        Self { streams, speech, clock, cached: Mutex::new(None) }
    }

    pub(super) async fn get<S: SetupStore + ?Sized>(&self, store: &S) -> Result<Arc<Effective>, StoreError> {
        // Held while the store is read, so that a burst of pushes reads it once.
        let mut cached = self.cached.lock().await;
        let now = self.clock.now();
        if let Some((at, effective)) = cached.as_ref()
            && now.since(*at) < CACHED
        {
            return Ok(Arc::clone(effective));
        }
        let settings = store.settings().await?;
        let effective = Arc::new(Effective {
            addresses: addresses(self.streams.merged(&settings)),
            speech: self.speech.merged(&settings),
        });
        *cached = Some((now, Arc::clone(&effective)));
        Ok(effective)
    }
}

pub(super) fn addresses(streams: StreamOverrides) -> StreamAddresses {
    StreamAddresses {
        stream_base: streams.stream_base,
        ma_origin: streams.ma_origin,
        art_base: streams.art_base,
    }
}
