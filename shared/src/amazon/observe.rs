//! What Amazon says that the devices do (docs/amazon-api.md, 5.4, 7.1 and 10.1).

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::account::Account;
use super::calls::Ask;
use super::error::AmazonError;
use super::transport::TransportError;
use crate::account::Device;
use crate::clock::Timestamp;

/// How long what Amazon said serves other questions, too.
const KEPT: Duration = Duration::from_secs(3);

/// A media length above this is in milliseconds: no track lasts for ten hours, and Amazon sends both
/// (docs/amazon-api.md, 5.4).
const LONGEST_IN_SECONDS: u64 = 36_000;

/// What was seen last.
#[derive(Debug, Default)]
pub(super) struct Observations {
    sessions: Mutex<Option<Answer<Session>>>,
    volumes: Mutex<Option<Answer<Volume>>>,
    quiet: Mutex<Option<Answer<Quiet>>>,
}

/// What Amazon answered, or why it did not: whoever asks while it fails would only wait for the same failure.
#[derive(Debug)]
struct Answer<T> {
    at: Timestamp,
    said: Result<Arc<Vec<T>>, Noted>,
}

/// An error that others are told, too.
#[derive(Clone, Debug)]
struct Noted {
    code: String,
    message: String,
    until: Option<Timestamp>,
}

impl Noted {
    fn of(error: &AmazonError) -> Self {
        let until = match error {
            AmazonError::Throttled { until } | AmazonError::Busy { until } => Some(*until),
            _ => None,
        };
        Self { code: error.code().to_owned(), message: error.to_string(), until }
    }

    fn error(&self) -> AmazonError {
        match self.until {
            Some(until) => AmazonError::Throttled { until },
            None => AmazonError::Noted { code: self.code.clone(), message: self.message.clone() },
        }
    }
}

/// Something seen at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen<T> {
    /// What.
    pub value: T,
    /// When Amazon said so.
    pub at: Timestamp,
}

/// What Amazon says that a device plays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NowPlaying {
    /// Amazon's word: `PLAYING`, `PAUSED`, `IDLE`, or another.
    pub state: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Artist, or what the provider shows there.
    pub artist: Option<String>,
    /// Album, or what the provider shows there.
    pub album: Option<String>,
    /// An address of a picture.
    pub art_url: Option<String>,
    /// Who it comes from, such as `Spotify`.
    pub provider: Option<String>,
    /// Where it is, in milliseconds.
    pub position_ms: Option<u64>,
    /// How long it is, in milliseconds.
    pub length_ms: Option<u64>,
}

/// What Amazon says of a device's volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeakerVolume {
    /// 0 to 100.
    pub volume: u8,
    /// Whether it is muted, by voice or by a button.
    pub muted: bool,
}

#[derive(Deserialize)]
pub(super) struct SessionsAnswer {
    #[serde(rename = "mediaSessionList")]
    pub(super) sessions: Option<Vec<serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
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
pub(super) struct VolumesAnswer {
    pub(super) volumes: Option<Vec<serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Volume {
    dsn: Option<String>,
    #[serde(rename = "speakerVolume")]
    level: Option<f64>,
    #[serde(rename = "speakerMuted")]
    muted: Option<bool>,
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct QuietAnswer {
    #[serde(rename = "doNotDisturbDeviceStatusList")]
    pub(super) devices: Option<Vec<serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quiet {
    device_serial_number: Option<String>,
    enabled: Option<bool>,
}

impl Account {
    /// What Amazon says that a device plays, not older than `since` or a few seconds; none where it plays nothing
    /// that Amazon knows of, which is no proof of silence.
    ///
    /// # Errors
    /// When Amazon does not say.
    pub async fn now_playing(
        &self,
        device: &Device,
        since: Option<Timestamp>,
    ) -> Result<Option<Seen<NowPlaying>>, AmazonError> {
        let path = format!(
            "/api/np/list-media-sessions?deviceSerialNumber={}&deviceType={}",
            encoded(&device.serial),
            encoded(&device.device_type)
        );
        let ask = Ask::get(path, "what plays");
        let asked = async { Ok(self.ask::<SessionsAnswer>(&ask).await?.sessions) };
        let (at, sessions) = self.seen(&self.observations().sessions, since, asked).await?;
        Ok(Session::playing(&sessions, &device.serial).map(|value| Seen { value, at }))
    }

    /// What Amazon says of a device's volume; none where it does not say, which is usual.
    ///
    /// # Errors
    /// When Amazon does not answer.
    pub async fn speaker_volume(
        &self,
        serial: &str,
        since: Option<Timestamp>,
    ) -> Result<Option<Seen<SpeakerVolume>>, AmazonError> {
        // The words in the path stand for themselves.
        let ask = Ask::get("/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes", "the volumes");
        let asked = async { Ok(self.ask::<VolumesAnswer>(&ask).await?.volumes) };
        let (at, volumes) = self.seen(&self.observations().volumes, since, asked).await?;
        Ok(Volume::of(&volumes, serial).map(|value| Seen { value, at }))
    }

    /// Whether a device is told not to disturb; none where Amazon does not say.
    ///
    /// # Errors
    /// When Amazon does not answer.
    pub async fn do_not_disturb(&self, serial: &str) -> Result<Option<Seen<bool>>, AmazonError> {
        let ask = Ask::get("/api/dnd/device-status-list", "who is not to disturb");
        let asked = async { Ok(self.ask::<QuietAnswer>(&ask).await?.devices) };
        let (at, devices) = self.seen(&self.observations().quiet, None, asked).await?;
        Ok(Quiet::of(&devices, serial).map(|value| Seen { value, at }))
    }

    /// What was seen a moment ago, or what `asked` answers now; one asks, and those who come meanwhile wait for it.
    async fn seen<T: DeserializeOwned>(
        &self,
        place: &Mutex<Option<Answer<T>>>,
        since: Option<Timestamp>,
        asked: impl Future<Output = Result<Option<Vec<serde_json::Value>>, AmazonError>>,
    ) -> Result<(Timestamp, Arc<Vec<T>>), AmazonError> {
        let mut seen = place.lock().await;
        let now = self.clock().now();
        if let Some(answer) = seen.as_ref()
            && now.is_within(KEPT, answer.at)
            && since.is_none_or(|since| answer.at >= since)
        {
            return answer.said.clone().map(|said| (answer.at, said)).map_err(|noted| noted.error());
        }
        let answered = asked.await.map(|entries| Arc::new(readable(entries)));
        let at = self.clock().now();
        // That this request had no time left is nothing that others have to know.
        if !matches!(answered, Err(AmazonError::Transport(TransportError::NotAsked(_)))) {
            let said = answered.as_ref().map(Arc::clone).map_err(Noted::of);
            *seen = Some(Answer { at, said });
        }
        answered.map(|said| (at, said))
    }

    /// Forgets what was seen, since something was changed.
    pub(super) async fn forget_quiet(&self) {
        *self.observations().quiet.lock().await = None;
    }
}

/// The entries of an answer. One that cannot be read is left out.
pub(super) fn readable<T: DeserializeOwned>(entries: Option<Vec<serde_json::Value>>) -> Vec<T> {
    entries.into_iter().flatten().filter_map(|entry| serde_json::from_value(entry).ok()).collect()
}

impl Session {
    /// What a device plays.
    pub(super) fn playing(sessions: &[Self], serial: &str) -> Option<NowPlaying> {
        sessions.iter().find(|session| session.is_of(serial)).map(Self::now_playing)
    }

    fn is_of(&self, serial: &str) -> bool {
        let ids = self.endpoint_list.iter().flatten().filter_map(|endpoint| endpoint.id.as_ref());
        ids.into_iter().any(|id| id.device_serial_number.as_deref() == Some(serial))
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
    /// The volume of a device.
    pub(super) fn of(volumes: &[Self], serial: &str) -> Option<SpeakerVolume> {
        volumes.iter().find(|volume| volume.dsn.as_deref() == Some(serial)).and_then(Self::speaker)
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

impl Quiet {
    /// Whether a device is told not to disturb.
    pub(super) fn of(devices: &[Self], serial: &str) -> Option<bool> {
        devices.iter().find(|device| device.device_serial_number.as_deref() == Some(serial))?.enabled
    }
}

/// A value in a query.
pub(super) fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
