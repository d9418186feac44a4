//! What Amazon says that the devices do (Amazon account API, §5.4, §7.1 and §10.1).

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;

use super::account::Account;
use super::calls::Ask;
use super::error::AmazonError;
use crate::account::Device;
use crate::clock::Timestamp;

/// How long what Amazon said serves other questions, too.
const KEPT: Duration = Duration::from_secs(3);

/// A media length above this is in milliseconds: no track lasts for ten hours, and Amazon sends both (§5.4).
const LONGEST_IN_SECONDS: u64 = 36_000;

/// What was seen last.
#[derive(Debug, Default)]
pub(super) struct Observations {
    sessions: Mutex<Option<(Timestamp, Arc<Vec<Session>>)>>,
    volumes: Mutex<Option<(Timestamp, Arc<Vec<Volume>>)>>,
    quiet: Mutex<Option<(Timestamp, Arc<Vec<Quiet>>)>>,
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
struct SessionsAnswer {
    #[serde(rename = "mediaSessionList")]
    sessions: Option<Vec<serde_json::Value>>,
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
struct VolumesAnswer {
    volumes: Option<Vec<Volume>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Volume {
    dsn: Option<String>,
    #[serde(rename = "speakerVolume")]
    level: Option<u8>,
    #[serde(rename = "speakerMuted")]
    muted: Option<bool>,
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct QuietAnswer {
    #[serde(rename = "doNotDisturbDeviceStatusList")]
    devices: Option<Vec<Quiet>>,
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
        let mut seen = self.observations().sessions.lock().await;
        if !self.is_fresh(seen.as_ref().map(|(at, _)| *at), since) {
            let path = format!(
                "/api/np/list-media-sessions?deviceSerialNumber={}&deviceType={}",
                encoded(&device.serial),
                encoded(&device.device_type)
            );
            let answer: SessionsAnswer = self.ask(&Ask::get(path, "what plays")).await?;
            let sessions = answer.sessions.into_iter().flatten();
            let sessions = sessions.filter_map(|session| serde_json::from_value(session).ok()).collect();
            *seen = Some((self.clock().now(), Arc::new(sessions)));
        }
        let Some((at, sessions)) = seen.as_ref() else {
            return Ok(None);
        };
        let session = sessions.iter().find(|session| session.is_of(&device.serial));
        Ok(session.map(|session| Seen { value: session.now_playing(), at: *at }))
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
        let mut seen = self.observations().volumes.lock().await;
        if !self.is_fresh(seen.as_ref().map(|(at, _)| *at), since) {
            // The words in the path stand for themselves.
            let ask = Ask::get("/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes", "the volumes");
            let answer: VolumesAnswer = self.ask(&ask).await?;
            *seen = Some((self.clock().now(), Arc::new(answer.volumes.unwrap_or_default())));
        }
        let Some((at, volumes)) = seen.as_ref() else {
            return Ok(None);
        };
        let volume = volumes.iter().find(|volume| volume.dsn.as_deref() == Some(serial));
        Ok(volume.and_then(Volume::speaker).map(|value| Seen { value, at: *at }))
    }

    /// Whether a device is told not to disturb; none where Amazon does not say.
    ///
    /// # Errors
    /// When Amazon does not answer.
    pub async fn do_not_disturb(&self, serial: &str) -> Result<Option<Seen<bool>>, AmazonError> {
        let mut seen = self.observations().quiet.lock().await;
        if !self.is_fresh(seen.as_ref().map(|(at, _)| *at), None) {
            let ask = Ask::get("/api/dnd/device-status-list", "who is not to disturb");
            let answer: QuietAnswer = self.ask(&ask).await?;
            *seen = Some((self.clock().now(), Arc::new(answer.devices.unwrap_or_default())));
        }
        let Some((at, devices)) = seen.as_ref() else {
            return Ok(None);
        };
        let device = devices.iter().find(|device| device.device_serial_number.as_deref() == Some(serial));
        Ok(device.and_then(|device| device.enabled).map(|value| Seen { value, at: *at }))
    }

    fn is_fresh(&self, at: Option<Timestamp>, since: Option<Timestamp>) -> bool {
        let now = self.clock().now();
        at.is_some_and(|at| now.since(at) < KEPT && since.is_none_or(|since| at >= since))
    }

    /// Forgets what was seen, since something was changed.
    pub(super) async fn forget_quiet(&self) {
        *self.observations().quiet.lock().await = None;
    }
}

impl Session {
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
            position_ms: progress.and_then(|progress| progress.media_progress).map(|at| at * unit),
            length_ms: length.map(|length| length * unit),
        }
    }
}

impl Volume {
    fn speaker(&self) -> Option<SpeakerVolume> {
        if self.error.as_ref().is_some_and(|error| !error.is_null()) {
            return None;
        }
        let volume = self.level.filter(|volume| *volume <= 100)?;
        Some(SpeakerVolume { volume, muted: self.muted.unwrap_or(false) })
    }
}

/// A value in a query.
pub(super) fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
