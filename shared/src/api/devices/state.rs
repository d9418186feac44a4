//! The state of a device, as far as it is known.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::DeviceBody;
use super::serial::serial;
use crate::account::Device;
use crate::amazon::{AmazonError, NowPlaying, Reading, SpeakerVolume};
use crate::api::amazon::amazon_error;
use crate::api::error::{ApiError, ErrorDetail};
use crate::api::responses::AmazonReadErrors;
use crate::api::state::ApiState;
use crate::clock::Timestamp;
use crate::playback::{Household, Player, PlayerState, StreamAddresses};

/// A device and its state. An unknown value is null.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeviceStateBody {
    /// The device.
    #[serde(flatten)]
    pub device: DeviceBody,
    /// Playback of the device: as the Echo reported to the skill, else as Amazon reports.
    pub playback: Option<PlaybackStateBody>,
    /// Its volume, as Amazon says. For most devices it does not, unless something plays.
    pub volume: Option<VolumeStateBody>,
    /// Whether it is not to disturb, as Amazon says.
    pub do_not_disturb: Option<QuietBody>,
    /// Reason why Amazon's part is missing, where Amazon does not answer.
    pub problem: Option<ErrorDetail>,
}

/// Playback of a device.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaybackStateBody {
    /// `requested`, `playing`, `stopped`, `finished`, `failed`; from Amazon also `paused`, `idle`, or another word in
    /// lower case.
    #[schema(example = "playing")]
    pub state: String,
    /// Source of the report: `echo` or `amazon`.
    #[schema(example = "echo")]
    pub source: &'static str,
    /// Time of the report, RFC 3339 in UTC.
    pub at: String,
    /// The player of Music Assistant, where it plays one.
    pub player: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Artist.
    pub artist: Option<String>,
    /// Album.
    pub album: Option<String>,
    /// A picture.
    pub art_url: Option<String>,
    /// Provider of the music, such as `Spotify`.
    pub provider: Option<String>,
    /// Position at that time, in milliseconds.
    pub position_ms: Option<u64>,
    /// Length, in milliseconds.
    pub length_ms: Option<u64>,
}

/// A device's volume.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VolumeStateBody {
    /// 0 to 100.
    pub volume: u8,
    /// Whether it is muted: by voice, by a button, or through this API, where the volume is 0 then.
    pub muted: bool,
    /// Time of Amazon's report, RFC 3339 in UTC.
    pub at: String,
}

/// Whether a device is not to disturb.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuietBody {
    /// Whether it is.
    pub enabled: bool,
    /// Time of Amazon's report, RFC 3339 in UTC.
    pub at: String,
}

/// Amazon's reports of a device.
#[derive(Default)]
struct Reported {
    playing: Option<Reading<NowPlaying>>,
    volume: Option<Reading<SpeakerVolume>>,
    do_not_disturb: Option<Reading<bool>>,
    problem: Option<AmazonError>,
}

impl Reported {
    /// The first problem says most: what comes after it was perhaps not even asked.
    fn note(&mut self, error: AmazonError) {
        self.problem.get_or_insert(error);
    }
}

/// A device and what it does.
#[utoipa::path(
    get, path = "/devices/{serial}", operation_id = "device", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The device", body = DeviceStateBody), AmazonReadErrors)
)]
pub(super) async fn get(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<DeviceStateBody>, ApiError> {
    let (serial, account) = (serial(path)?, state.account.clone());
    let queried = state.account.finish(async move {
        let (device, _) = account.device(&serial).await?;
        let mut reported = Reported::default();
        match account.state().now_playing(&device, None).await {
            Ok(playing) => reported.playing = playing,
            Err(error) => reported.note(error),
        }
        match account.state().speaker_volume(&device.serial, None).await {
            Ok(volume) => reported.volume = volume,
            Err(error) => reported.note(error),
        }
        match account.state().do_not_disturb(&device.serial).await {
            Ok(do_not_disturb) => reported.do_not_disturb = do_not_disturb,
            Err(error) => reported.note(error),
        }
        Ok((device, reported))
    });
    let (device, reported) = queried.await.map_err(|error| amazon_error(&state, error))?;
    let now = state.clock().now();
    let household = state.deps.store.household(now).await?;
    let muted_by_us = state.deps.store.volumes().await?.is_muted(&device.serial);
    let addresses = state.addresses(&household.settings);
    let problem = reported.problem.map(|error| amazon_error(&state, error).detail());
    Ok(Json(DeviceStateBody {
        playback: playback(&device, &household, &addresses, reported.playing, now),
        volume: reported.volume.map(|Reading { value, at }| VolumeStateBody {
            volume: value.volume,
            // Amazon calls what we muted a volume of 0.
            muted: value.muted || (value.volume == 0 && muted_by_us),
            at: at.rfc3339(),
        }),
        do_not_disturb: reported
            .do_not_disturb
            .map(|Reading { value, at }| QuietBody { enabled: value, at: at.rfc3339() }),
        device: DeviceBody::new(&device, &household),
        problem,
    }))
}

/// Playback by the best evidence. The Echo's own report counts most while it plays ours. Once the Echo reports a stop,
/// it may play something else, which only Amazon knows.
fn playback(
    device: &Device,
    household: &Household,
    addresses: &StreamAddresses,
    reported: Option<Reading<NowPlaying>>,
    now: Timestamp,
) -> Option<PlaybackStateBody> {
    let by_echo = by_echo(device, household, addresses, now);
    let reported = reported.filter(|reported| reported.value.state.is_some()).map(of_amazon);
    match (by_echo, reported) {
        (Some((PlayerState::Playing | PlayerState::Requested, by_echo)), _) => Some(by_echo),
        (_, Some(reported)) => Some(reported),
        (by_echo, None) => by_echo.map(|(_, by_echo)| by_echo),
    }
}

/// Last report of the Echo, of any of its players, with the state of that one.
fn by_echo(
    device: &Device,
    household: &Household,
    addresses: &StreamAddresses,
    now: Timestamp,
) -> Option<(PlayerState, PlaybackStateBody)> {
    let views = device
        .players(household)
        .into_iter()
        .map(|player| household.view(player, now))
        .filter(|view| view.state != PlayerState::Idle);
    let (view, at) = views
        .filter_map(|view| Some((view.since?, view)))
        .map(|(at, view)| (view, at))
        .max_by_key(|(_, at)| *at)?;
    let player: &Player = view.player;
    let word = serde_json::to_value(view.state).ok()?;
    let body = PlaybackStateBody {
        state: word.as_str()?.to_owned(),
        source: "echo",
        at: at.rfc3339(),
        player: Some(player.player.to_string()),
        title: player.metadata().title.clone(),
        artist: player.metadata().artist.clone(),
        album: player.metadata().album.clone(),
        art_url: addresses.picture(player.metadata()),
        provider: Some("Music Assistant".to_owned()),
        position_ms: Some(player.offset_ms()),
        length_ms: None,
    };
    Some((view.state, body))
}

/// Playback as Amazon reports it.
pub(in crate::api) fn of_amazon(Reading { value, at }: Reading<NowPlaying>) -> PlaybackStateBody {
    PlaybackStateBody {
        state: value.state.unwrap_or_default().to_lowercase(),
        source: "amazon",
        at: at.rfc3339(),
        player: None,
        title: value.title,
        artist: value.artist,
        album: value.album,
        art_url: value.art_url,
        provider: value.provider,
        position_ms: value.position_ms,
        length_ms: value.length_ms,
    }
}
