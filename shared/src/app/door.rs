//! The door of a process that has the store: its keys are in the secrets, and pushes tell Music Assistant's address.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::BoxFuture;

use super::tone;
use crate::api::ApiState;
use crate::config::Origin;
use crate::door::{
    self, DoorEvents, DoorFailure, DoorFailureRecord, DoorKeys, DoorLimits, DoorOrigins, DoorServices,
    DoorSetupError, MediaHosts,
};
use crate::grant::GrantKeys;
use crate::playback::{PlayerId, PlayerKey};
use crate::speakers::RendererFailure;
use crate::store::{Document, StoreError, note_document};
use crate::task;

/// Time between two records of a failure that lasts.
const RECORD_AGAIN: Duration = Duration::from_mins(1);

/// The door over the services of the API, with Alexa's requests for the skill and media from these machines.
///
/// # Errors
/// When the client of Music Assistant cannot be built.
pub fn door_router(
    state: &ApiState,
    alexa: Router,
    media: Arc<dyn MediaHosts>,
) -> Result<Router, DoorSetupError> {
    state.fetches().began(state.clock().now());
    let home = Arc::new(Home { state: state.clone() });
    door::router(DoorServices {
        keys: Arc::clone(&home) as _,
        origins: Arc::clone(&home) as _,
        media,
        alexa: Some(alexa),
        tone: tone::granted(Arc::new(state.clone()), Arc::clone(&state.deps.clock)),
        limits: DoorLimits::default(),
        clock: Arc::clone(&state.deps.clock),
        metrics: Arc::clone(&state.deps.metrics),
        log_limiter: Arc::clone(state.log_limiter()),
        health: Arc::default(),
        events: home,
    })
}

/// Playlists of a deployment whose door is elsewhere: `GET /p/{grant}.m3u`, with Music Assistant's address at home.
pub(super) fn playlists(state: &ApiState) -> Router {
    let home = Arc::new(Home { state: state.clone() });
    let (clock, metrics) = (Arc::clone(&state.deps.clock), Arc::clone(&state.deps.metrics));
    door::playlists(Arc::clone(&home) as _, home, clock, metrics, Arc::clone(state.log_limiter()))
}

#[derive(Clone, Debug)]
struct Home {
    state: ApiState,
}

impl DoorKeys for Home {
    fn keys(&self) -> BoxFuture<'_, Option<Arc<GrantKeys>>> {
        self.state.keys()
    }
}

impl DoorOrigins for Home {
    /// The address that the settings fix, else the one of the stream that was pushed last.
    fn origin(&self, player: PlayerKey) -> BoxFuture<'_, Option<Origin>> {
        Box::pin(async move {
            let fixed =
                self.state.effective().await.ok().and_then(|effective| effective.streams.ma_origin.clone());
            if fixed.is_some() {
                return fixed;
            }
            let household = self.state.deps.store.household(self.state.clock().now()).await;
            match household {
                Ok(household) => household.stream_origin(player),
                Err(error) => {
                    self.warn(&error, "the door cannot read the store");
                    None
                }
            }
        })
    }
}

impl DoorEvents for Home {
    fn failed(&self, failure: &DoorFailure) {
        self.record(DoorFailureRecord { code: Some(failure.kind.code().to_owned()), at: failure.at });
    }

    fn recovered(&self, _: PlayerKey) {
        self.record(DoorFailureRecord { code: None, at: self.state.clock().now() });
    }

    fn served(&self, player: PlayerKey, path: &str) {
        self.state.fetches().served(player, path, self.state.clock().now());
    }

    fn media_failed(&self, player: PlayerKey, reason: &'static str) {
        let renderers = self.state.renderers();
        let is_its = |name: &str| PlayerId::from(name).key() == player;
        let of_player = renderers.report().renderers.into_values().map(|renderer| renderer.device);
        if let Some(device) = of_player.into_iter().find(|device| is_its(&device.name)) {
            let code = RendererFailure::MediaNotFetched;
            renderers.failed(&device.serial, code, reason, self.state.clock().now());
        }
    }
}

impl Home {
    /// Keeps the failure for the doctor, without keeping a stream waiting.
    fn record(&self, failure: DoorFailureRecord) {
        let home = self.clone();
        task::spawn(async move {
            let store = home.state.deps.store.as_ref();
            let is_known = |last: &DoorFailureRecord| {
                last.code == failure.code && failure.at.is_within(RECORD_AGAIN, last.at)
            };
            let stored = note_document(store, Document::DoorFailure, &failure, is_known).await;
            if let Err(error) = stored {
                home.warn(&error, "a failure of the door could not be stored");
            }
        });
    }

    /// Logs an error of the store once a minute: with a full disk each fetch would bring a line.
    fn warn(&self, error: &StoreError, problem: &'static str) {
        if let Some(earlier) = self.state.log_limiter().admit(problem, self.state.clock().now()) {
            tracing::warn!(%error, problem, earlier, "the door's state");
        }
    }
}
