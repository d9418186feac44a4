//! The state of the devices, as Amazon reports it (docs/amazon-api.md, 5.4, 7.1 and 10.1).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::account::Device;
use crate::amazon::client::{ApiRequest, Client};
use crate::amazon::error::AmazonError;
use crate::amazon::live::{Knowledge, LiveStates};
use crate::amazon::reported::{NowPlaying, Reading, SpeakerVolume};
use crate::amazon::transport::TransportError;
use crate::clock::{Clock, Moment, Timestamp};

/// Age up to which a report of Amazon's serves other queries, too.
const CACHED_FOR: Duration = Duration::from_secs(3);

/// A media length above this is in milliseconds: no track lasts for ten hours, and Amazon sends both
/// (docs/amazon-api.md, 5.4).
const LONGEST_IN_SECONDS: u64 = 36_000;

/// Cache of Amazon's latest reports, behind what live events tell.
#[derive(Debug)]
pub struct StateCache {
    client: Client,
    clock: Arc<dyn Clock>,
    live: LiveStates,
    sessions: Slot<MediaSession>,
    volumes: Slot<Volume>,
    do_not_disturb: Slot<DoNotDisturb>,
}

/// The place of one kind of report in the cache.
type Slot<T> = Mutex<Option<CachedResult<T>>>;

/// A report of Amazon's, or the error in its place: another query would only wait for the same failure.
#[derive(Debug)]
struct CachedResult<T> {
    at: Timestamp,
    result: Result<Arc<Vec<T>>, CachedError>,
}

/// An error that later queries get, too.
type CachedError = Arc<AmazonError>;

#[derive(Deserialize)]
pub(in crate::amazon) struct SessionsAnswer {
    #[serde(rename = "mediaSessionList")]
    pub(in crate::amazon) sessions: Option<Vec<serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::amazon) struct MediaSession {
    endpoint_list: Option<Vec<Endpoint>>,
    now_playing_data: Option<NowPlayingData>,
}

#[derive(Debug, Deserialize)]
struct Endpoint {
    id: Option<EndpointId>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EndpointId {
    device_serial_number: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NowPlayingData {
    player_state: Option<String>,
    state: Option<String>,
    info_text: Option<InfoText>,
    main_art: Option<MainArt>,
    provider: Option<Provider>,
    progress: Option<Progress>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InfoText {
    title: Option<String>,
    sub_text1: Option<String>,
    sub_text2: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MainArt {
    large_url: Option<String>,
    full_url: Option<String>,
    url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    provider_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    media_progress: Option<u64>,
    media_length: Option<u64>,
}

#[derive(Deserialize)]
pub(in crate::amazon) struct VolumesAnswer {
    pub(in crate::amazon) volumes: Option<Vec<serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::amazon) struct Volume {
    dsn: Option<String>,
    #[serde(rename = "speakerVolume")]
    level: Option<f64>,
    #[serde(rename = "speakerMuted")]
    muted: Option<bool>,
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
pub(in crate::amazon) struct DoNotDisturbAnswer {
    #[serde(rename = "doNotDisturbDeviceStatusList")]
    pub(in crate::amazon) devices: Option<Vec<serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::amazon) struct DoNotDisturb {
    device_serial_number: Option<String>,
    enabled: Option<bool>,
}

impl StateCache {
    pub(super) fn new(client: Client, clock: Arc<dyn Clock>) -> Self {
        let (sessions, volumes, do_not_disturb) = Default::default();
        let live = LiveStates::new(Arc::clone(&clock));
        Self { client, clock, live, sessions, volumes, do_not_disturb }
    }

    pub(super) fn live(&self) -> &LiveStates {
        &self.live
    }

    /// Playback of a device, reported after `since` or within a few seconds. None where Amazon knows of no playback,
    /// which is no proof of silence.
    ///
    /// # Errors
    /// When Amazon gives no report.
    pub async fn now_playing(
        &self,
        device: &Device,
        since: Option<Timestamp>,
    ) -> Result<Option<Reading<NowPlaying>>, AmazonError> {
        let changed_at = self.live.sessions_changed_at().filter(|at| *at <= self.clock.now());
        match self.live.playing(&device.serial, since) {
            Knowledge::Value(seen) => return Ok(Some(seen)),
            Knowledge::Nothing => return Ok(None),
            Knowledge::Unknown => {}
        }
        let path = format!(
            "/api/np/list-media-sessions?deviceSerialNumber={}&deviceType={}",
            encoded(&device.serial),
            encoded(&device.device_type)
        );
        let request = ApiRequest::query(path, "what plays");
        let query = async { Ok(self.client.query::<SessionsAnswer>(&request).await?.sessions) };
        let tell = |sent_at, sessions: &[MediaSession]| {
            self.live.polled_playing(sent_at, MediaSession::all(sessions));
        };
        let (at, sessions) = self.cached(&self.sessions, since.max(changed_at), query, tell).await?;
        Ok(MediaSession::playing(&sessions, &device.serial).map(|value| Reading { value, at }))
    }

    /// Volume of a device. None where Amazon reports none, which is usual.
    ///
    /// # Errors
    /// When Amazon gives no report.
    pub async fn speaker_volume(
        &self,
        serial: &str,
        since: Option<Timestamp>,
    ) -> Result<Option<Reading<SpeakerVolume>>, AmazonError> {
        match self.live.volume(serial, since) {
            Knowledge::Value(seen) => return Ok(Some(seen)),
            Knowledge::Nothing => return Ok(None),
            Knowledge::Unknown => {}
        }
        // The words in the path stand for themselves.
        let request =
            ApiRequest::query("/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes", "the volumes");
        let query = async { Ok(self.client.query::<VolumesAnswer>(&request).await?.volumes) };
        let tell = |sent_at, volumes: &[Volume]| self.live.polled_volumes(sent_at, Volume::all(volumes));
        let (at, volumes) = self.cached(&self.volumes, since, query, tell).await?;
        Ok(Volume::of(&volumes, serial).map(|value| Reading { value, at }))
    }

    /// Do-not-disturb of a device. None where Amazon reports nothing.
    ///
    /// # Errors
    /// When Amazon gives no report.
    pub async fn do_not_disturb(&self, serial: &str) -> Result<Option<Reading<bool>>, AmazonError> {
        match self.live.do_not_disturb(serial) {
            Knowledge::Value(seen) => return Ok(Some(seen)),
            Knowledge::Nothing => return Ok(None),
            Knowledge::Unknown => {}
        }
        let request = ApiRequest::query("/api/dnd/device-status-list", "who is not to disturb");
        let query = async { Ok(self.client.query::<DoNotDisturbAnswer>(&request).await?.devices) };
        let tell = |sent_at, devices: &[DoNotDisturb]| {
            self.live.polled_do_not_disturb(sent_at, DoNotDisturb::all(devices));
        };
        let (at, devices) = self.cached(&self.do_not_disturb, None, query, tell).await?;
        Ok(DoNotDisturb::of(&devices, serial).map(|value| Reading { value, at }))
    }

    /// The cached report, or the result of `query`, which `tell` gets with the time before it. One query runs at a time;
    /// other callers wait for its result.
    async fn cached<T: DeserializeOwned>(
        &self,
        slot: &Slot<T>,
        since: Option<Timestamp>,
        query: impl Future<Output = Result<Option<Vec<serde_json::Value>>, AmazonError>>,
        tell: impl FnOnce(Moment, &[T]),
    ) -> Result<(Timestamp, Arc<Vec<T>>), AmazonError> {
        let mut cached = slot.lock().await;
        let now = self.clock.now();
        if let Some(CachedResult { at, result }) = cached.as_ref()
            && now.is_within(CACHED_FOR, *at)
            && since.is_none_or(|since| *at >= since)
        {
            return result.clone().map(|entries| (*at, entries)).map_err(|error| AmazonError::shared(&error));
        }
        let sent_at = self.clock.moment();
        let result = query.await.map(|entries| Arc::new(readable(entries)));
        let at = self.clock.now();
        match result {
            // The deadline of this request says nothing about another.
            Err(error @ AmazonError::Transport(TransportError::NotAsked(_))) => Err(error),
            Err(error) => {
                let error = Arc::new(error);
                *cached = Some(CachedResult { at, result: Err(Arc::clone(&error)) });
                Err(AmazonError::Shared(error))
            }
            Ok(entries) => {
                tell(sent_at, &entries);
                *cached = Some(CachedResult { at, result: Ok(Arc::clone(&entries)) });
                Ok((at, entries))
            }
        }
    }

    /// Drops the cached do-not-disturb after a change of it.
    pub(super) async fn invalidate_dnd(&self) {
        *self.do_not_disturb.lock().await = None;
    }
}

/// The entries of an answer. One that cannot be read is left out.
pub(in crate::amazon) fn readable<T: DeserializeOwned>(entries: Option<Vec<serde_json::Value>>) -> Vec<T> {
    entries.into_iter().flatten().filter_map(|entry| serde_json::from_value(entry).ok()).collect()
}

impl MediaSession {
    /// Playback of a device.
    pub(in crate::amazon) fn playing(sessions: &[Self], serial: &str) -> Option<NowPlaying> {
        sessions.iter().find(|session| session.is_of(serial)).map(Self::now_playing)
    }

    /// Playback of each device; of several sessions of one, the first.
    fn all(sessions: &[Self]) -> Vec<(String, NowPlaying)> {
        let of_session = |session: &Self| {
            let playing = session.now_playing();
            let serials: Vec<String> = session.serials().map(str::to_owned).collect();
            serials.into_iter().map(move |serial| (serial, playing.clone()))
        };
        let mut all: Vec<_> = sessions.iter().flat_map(of_session).collect();
        let mut seen = BTreeSet::new();
        all.retain(|(serial, _)| seen.insert(serial.clone()));
        all
    }

    fn serials(&self) -> impl Iterator<Item = &str> {
        let ids = self.endpoint_list.iter().flatten().filter_map(|endpoint| endpoint.id.as_ref());
        ids.filter_map(|id| id.device_serial_number.as_deref())
    }

    fn is_of(&self, serial: &str) -> bool {
        self.serials().any(|own| own == serial)
    }

    fn now_playing(&self) -> NowPlaying {
        let Some(data) = &self.now_playing_data else {
            return NowPlaying::default();
        };
        let info = data.info_text.as_ref();
        let art = data.main_art.as_ref();
        let progress = data.progress.as_ref();
        let length = progress.and_then(|progress| progress.media_length);
        let unit = if length.is_some_and(|length| length <= LONGEST_IN_SECONDS) { 1000 } else { 1 };
        NowPlaying {
            state: data.player_state.clone().or_else(|| data.state.clone()),
            title: info.and_then(|info| info.title.clone()),
            artist: info.and_then(|info| info.sub_text1.clone()),
            album: info.and_then(|info| info.sub_text2.clone()),
            art_url: art.and_then(|art| {
                art.large_url.clone().or_else(|| art.full_url.clone()).or_else(|| art.url.clone())
            }),
            provider: data.provider.as_ref().and_then(|provider| provider.provider_name.clone()),
            position_ms: progress
                .and_then(|progress| progress.media_progress)
                .map(|at| at.saturating_mul(unit)),
            length_ms: length.map(|length| length.saturating_mul(unit)),
        }
    }
}

impl Volume {
    /// Volume of a device.
    pub(in crate::amazon) fn of(volumes: &[Self], serial: &str) -> Option<SpeakerVolume> {
        volumes.iter().find(|volume| volume.dsn.as_deref() == Some(serial)).and_then(Self::speaker)
    }

    /// Volume of each device that has one.
    fn all(volumes: &[Self]) -> Vec<(String, SpeakerVolume)> {
        volumes.iter().filter_map(|volume| Some((volume.dsn.clone()?, volume.speaker()?))).collect()
    }

    fn speaker(&self) -> Option<SpeakerVolume> {
        if self.error.as_ref().is_some_and(|error| !error.is_null()) {
            return None;
        }
        let level = self.level.filter(|level| (0.0..=100.0).contains(level))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 100")]
        let volume = level.round() as u8;
        Some(SpeakerVolume { volume, muted: self.muted.unwrap_or(false) })
    }
}

impl DoNotDisturb {
    /// Do-not-disturb of each device that has one.
    fn all(devices: &[Self]) -> Vec<(String, bool)> {
        let known = |device: &Self| Some((device.device_serial_number.clone()?, device.enabled?));
        devices.iter().filter_map(known).collect()
    }

    /// Do-not-disturb of a device.
    pub(in crate::amazon) fn of(devices: &[Self], serial: &str) -> Option<bool> {
        devices.iter().find(|device| device.device_serial_number.as_deref() == Some(serial))?.enabled
    }
}

/// A value in a query.
pub(super) fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
