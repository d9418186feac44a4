//! Changes of devices and players as server-sent events, where this process hears live events from Amazon.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};
use utoipa::ToSchema;

use super::caller::CallerAddress;
use super::devices::{PlaybackStateBody, QuietBody, VolumeStateBody, of_amazon};
use super::error::{ApiError, ErrorBody, ErrorCode};
use super::players::PlayerBody;
use super::readers::ReaderSlot;
use super::state::ApiState;
use crate::amazon::Reading;
use crate::amazon::live::{LiveChange, LiveStates, LiveValue};

/// Longest answer. A reader comes again, and proves again that it may read.
const LASTS: Duration = Duration::from_hours(1);

/// Time between two comments that show that the answer goes on.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Time between two looks at the players.
const LOOK: Duration = Duration::from_secs(1);

/// Time after which a caller that is one too many may try again.
const LATER: Duration = Duration::from_mins(1);

/// The begin of each answer: after a break, a browser comes again in 3 s.
const BEGIN: &str = "retry: 3000\n\n";

/// A change of a device: what has changed is there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeviceEventBody {
    /// The device's serial number.
    pub serial: String,
    /// Time of the change, RFC 3339 in UTC.
    pub at: String,
    /// Whether Amazon reaches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// Its volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<VolumeStateBody>,
    /// Whether it is not to disturb.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub do_not_disturb: Option<QuietBody>,
    /// Its playback, as Amazon reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playback: Option<PlaybackStateBody>,
}

/// Changes as they happen: `device` events with a `DeviceEventBody`, `playback` events with a `PlayerBody`, and an empty
/// `queue` event when a queue of Music Assistant is another one. Only a server at home hears them; elsewhere the answer is 404.
#[utoipa::path(
    get, path = "/events", operation_id = "events", tag = "devices", security(("basic" = []), ("token" = ["control"])),
    responses(
        (
            status = 200, description = "Server-sent events. The answer ends after an hour, and where its reader is too slow",
            content_type = "text/event-stream", body = String,
        ),
        (status = 404, description = "hears_nothing: this deployment hears no live events", body = ErrorBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn get(
    State(state): State<ApiState>,
    caller: Option<Extension<CallerAddress>>,
) -> Result<Response, ApiError> {
    event_stream(&state, caller.map(|Extension(caller)| caller))
}

/// An answer with the changes from now on, for a caller that may read them.
///
/// # Errors
/// Where this process hears no live events, or has too many readers.
pub(crate) fn event_stream(state: &ApiState, caller: Option<CallerAddress>) -> Result<Response, ApiError> {
    let live = state.live();
    if !live.is_here() {
        let why = "this deployment hears no live events from Amazon: only a server at home does. \
                   GET /v1/devices/{serial} asks for the state";
        return Err(ApiError::new(ErrorCode::HearsNothing, why));
    }
    let Some(place) = state.readers.enter(caller) else {
        let now = state.clock().now();
        let error = ApiError::new(ErrorCode::Throttled, "there are too many readers of events: close some");
        return Err(error.until(now.plus(LATER), now));
    };
    let reader = Reader::new(state.clone(), place);
    let events = stream::unfold(reader, |mut reader| async move {
        let bytes = reader.next().await?;
        Some((Ok::<_, Infallible>(bytes), reader))
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // A proxy that collects an answer would keep the events back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// One answer.
struct Reader {
    state: ApiState,
    live: LiveStates,
    changes: Receiver<LiveChange>,
    /// The players as the reader knows them; none before the first look.
    players: Option<BTreeMap<String, String>>,
    ready: VecDeque<Bytes>,
    /// Changes of queues of Music Assistant.
    queues: Queues,
    until: Instant,
    keep_alive: Interval,
    look: Interval,
    _place: ReaderSlot,
}

impl Reader {
    fn new(state: ApiState, place: ReaderSlot) -> Self {
        let live = state.live().clone();
        let changes = live.changes();
        let ready = VecDeque::from([Bytes::from_static(BEGIN.as_bytes())]);
        let (mut keep_alive, mut look) = (interval(KEEP_ALIVE), interval(LOOK));
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let until = Instant::now() + LASTS;
        let queues = Queues::of(&state);
        Self { state, live, changes, players: None, ready, queues, until, keep_alive, look, _place: place }
    }

    /// The next bytes; none at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(bytes);
            }
            tokio::select! {
                () = self.live.ended() => return None,
                () = sleep_until(self.until) => return None,
                // A reader that is too slow has lost some, and begins again.
                change = self.changes.recv() => {
                    let body = self.device_event(change.ok()?).await;
                    self.ready.extend(written("device", &body));
                }
                _ = self.keep_alive.tick() => return Some(Bytes::from_static(b": keep-alive\n\n")),
                () = self.queues.next() => self.ready.push_back(event("queue", "{}")),
                _ = self.look.tick() => self.look_at_players().await,
            }
        }
    }

    async fn device_event(&self, change: LiveChange) -> DeviceEventBody {
        let LiveChange { serial, at, value } = change;
        let mut body = DeviceEventBody {
            serial,
            at: at.rfc3339(),
            online: None,
            volume: None,
            do_not_disturb: None,
            playback: None,
        };
        match value {
            LiveValue::Online(online) => body.online = Some(online),
            LiveValue::DoNotDisturb(enabled) => {
                body.do_not_disturb = Some(QuietBody { enabled, at: at.rfc3339() });
            }
            LiveValue::Playing(value) => body.playback = Some(of_amazon(Reading { value, at })),
            LiveValue::Volume(value) => {
                // Amazon calls what we muted a volume of 0.
                let volumes =
                    if value.volume == 0 { self.state.deps.store.volumes().await.ok() } else { None };
                let is_muted_by_us = volumes.is_some_and(|volumes| volumes.is_muted(&body.serial));
                let muted = value.muted || is_muted_by_us;
                body.volume = Some(VolumeStateBody { volume: value.volume, muted, at: at.rfc3339() });
            }
        }
        body
    }

    /// Makes events of the players that changed since the last look. A store that does not answer is looked at again.
    async fn look_at_players(&mut self) {
        let now = self.state.clock().now();
        let Ok(household) = self.state.deps.store.household(now).await else { return };
        let addresses = self.state.addresses(&household.settings);
        let bodies = household.players.iter().filter_map(|player| {
            let body = PlayerBody::new(&household.view(player, now), &addresses);
            Some((body.player.clone(), serde_json::to_string(&body).ok()?))
        });
        let players: BTreeMap<String, String> = bodies.collect();
        if let Some(before) = &self.players {
            let changed = players.iter().filter(|(player, body)| before.get(*player) != Some(body));
            self.ready.extend(changed.map(|(_, body)| event("playback", body)));
        }
        self.players = Some(players);
    }
}

/// Changes of Music Assistant's queues.
#[cfg(feature = "music-assistant")]
struct Queues(crate::music_assistant::QueueChanges);

#[cfg(feature = "music-assistant")]
impl Queues {
    fn of(state: &ApiState) -> Self {
        Self(state.music_assistant.live().changes())
    }

    async fn next(&mut self) {
        self.0.next().await;
    }
}

/// Here none are heard.
#[cfg(not(feature = "music-assistant"))]
struct Queues;

#[cfg(not(feature = "music-assistant"))]
impl Queues {
    fn of(_state: &ApiState) -> Self {
        Self
    }

    async fn next(&mut self) {
        std::future::pending().await
    }
}

fn written(name: &str, body: &impl Serialize) -> Option<Bytes> {
    serde_json::to_string(body).ok().map(|body| event(name, &body))
}

/// An event. JSON has no line breaks of its own.
fn event(name: &str, json: &str) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {json}\n\n"))
}
