//! Answers to renderers, over the account and the store of this process.

use super::devices::{change_volumes, listed, play_target};
use super::error::{ApiError, ErrorCode};
use super::ma::{self, PushBody};
use super::offered::{can_be_offered, is_group, is_offered, players_of};
use super::renderer_commands::{ask, await_words, refusal};
use super::renderer_hand_over::{hand_over, stop_others, stop_unless_started};
use super::state::{ApiState, RequestContext};
use crate::account::{Device, DeviceKind, DeviceList, Volumes};
use crate::amazon::{CommandOutcome, Freshness, VolumeChange, VolumeOutcome};
use crate::config::OfferedRenderers;
use crate::i18n::PageLanguage;
use crate::playback::{KeepNext, PlayerId, Push, StreamAddresses, StreamUrl};
use crate::speakers::{
    EchoAccess, EchoAnswer, EchoRequest, LevelChange, MediaItem, Member, Observed, Refusal, RendererModel,
    Speaker, SpeakerLevel,
};
use futures_util::future::BoxFuture;

/// The Echos of the account that this process knows.
#[derive(Clone, Debug)]
pub(super) struct AccountEchos {
    state: ApiState,
    /// Whether the renderers are in a home of which this process is no part.
    is_apart: bool,
}

impl AccountEchos {
    /// For renderers in this process.
    #[cfg(feature = "upnp")]
    pub(super) fn here(state: &ApiState) -> Self {
        Self { state: state.clone(), is_apart: false }
    }

    /// For renderers in a home that asks by the HTTP API.
    pub(super) fn apart(state: &ApiState) -> Self {
        Self { state: state.clone(), is_apart: true }
    }

    async fn offered(&self) -> Result<EchoAnswer, ApiError> {
        let settings = self.state.settings().await?;
        let streams = &self.state.deps.config.with(&settings).streams;
        let has_door = StreamAddresses::from(streams).has_media_door();
        let speakers = match listed(&self.state, Freshness::Cached).await {
            Ok(devices) => {
                let language = self.state.effective().await?.speech.locale;
                let language = PageLanguage::of(language.as_str()).unwrap_or_else(PageLanguage::english);
                speakers(&devices.list, &settings.renderers, language)
            }
            Err(error) if matches!(error.code(), ErrorCode::NotSignedIn | ErrorCode::SignInAgain) => {
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        Ok(EchoAnswer::Offered { speakers, has_door })
    }

    async fn players(&self, names: &[String]) -> Result<EchoAnswer, ApiError> {
        let now = self.state.clock().now();
        let household = self.state.deps.store.household(now).await?;
        let observed = |name: &String| {
            let player = household.player(&PlayerId::from(name.as_str()))?;
            Some((name.clone(), Observed::of(player, player.next().is_some(), now)))
        };
        Ok(EchoAnswer::Players(names.iter().filter_map(observed).collect()))
    }

    async fn levels(&self, serials: &[String]) -> Result<EchoAnswer, ApiError> {
        let devices = listed(&self.state, Freshness::Cached).await?;
        let volumes = self.state.deps.store.volumes().await?;
        let mut levels = Vec::new();
        for serial in serials {
            let Some(device) = devices.list.get(serial) else { continue };
            let echos = devices.list.echos_of(device);
            // A pair sounds as its halves do.
            let echos = if is_group(device) { &echos } else { echos.get(..1).unwrap_or_default() };
            let mut known = Vec::new();
            for echo in echos {
                known.extend(self.level(&echo.serial, &volumes).await);
            }
            levels.extend(together(&known).map(|level| (serial.clone(), level)));
        }
        Ok(EchoAnswer::Levels(levels))
    }

    /// The volume of an Echo, where it is known.
    async fn level(&self, echo: &str, volumes: &Volumes) -> Option<SpeakerLevel> {
        let seen = self.state.account.state().speaker_volume(echo, None).await.ok().flatten()?.value;
        // Amazon calls what we muted a volume of 0.
        let is_muted_by_us = seen.volume == 0 && volumes.is_muted(echo);
        let before = volumes.devices.get(echo).and_then(|device| device.before_mute);
        let volume = if is_muted_by_us { before } else { Some(seen.volume) };
        Some(SpeakerLevel { volume, muted: Some(seen.muted || is_muted_by_us) })
    }

    async fn store(&self, serial: String, item: &MediaItem) -> Result<EchoAnswer, ApiError> {
        let context = RequestContext { id: self.new_request_id()? };
        let target = play_target(&self.state, serial).await?;
        let media = offered_body(item);
        let push = ma::push(&self.state, context, stream(&media)?, media, Some(target.player())).await?;
        let pushed = ma::take_push(&self.state, Push { reports_home: self.is_apart, ..push }).await?;
        Ok(EchoAnswer::Stored { version: pushed.version, handed: pushed.handed })
    }

    async fn keep_next(
        &self,
        player: &str,
        version: u64,
        next: Option<MediaItem>,
    ) -> Result<EchoAnswer, ApiError> {
        let id = self.new_request_id()?;
        let player = PlayerId::from(player);
        let next = match next {
            Some(item) => {
                let context = RequestContext { id: id.clone() };
                let (media, owner) = (body(&item), Some(player.clone()));
                Some(ma::push(&self.state, context, stream(&media)?, media, owner).await?)
            }
            None => None,
        };
        let keep = KeepNext { player, after: version, next, at: self.state.clock().now(), request: id };
        // Of a version that is no longer the present one, nothing follows.
        self.state.deps.store.keep_next(&keep).await?;
        Ok(EchoAnswer::Done {})
    }

    async fn change_level(&self, serial: String, change: LevelChange) -> Result<EchoAnswer, ApiError> {
        let wanted = match change {
            LevelChange::To(volume) => VolumeChange::To(volume.min(100)),
            LevelChange::Muted(true) => VolumeChange::Mute,
            LevelChange::Muted(false) => VolumeChange::Unmute,
        };
        let outcomes = change_volumes(&self.state, vec![serial], wanted).await?;
        let was_set = |outcome: &VolumeOutcome| {
            if matches!(outcome.device.outcome, CommandOutcome::Failed(_)) { None } else { outcome.volume }
        };
        let volume = outcomes.iter().find_map(was_set);
        Ok(EchoAnswer::Level(match change {
            // What is heard again after it stays.
            LevelChange::Muted(true) => SpeakerLevel { volume: None, muted: Some(true) },
            LevelChange::To(_) | LevelChange::Muted(false) => SpeakerLevel { volume, muted: Some(false) },
        }))
    }

    fn new_request_id(&self) -> Result<String, ApiError> {
        self.state.new_request_id().map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))
    }
}

impl EchoAccess for AccountEchos {
    fn ask(&self, request: EchoRequest) -> BoxFuture<'_, Result<EchoAnswer, Refusal>> {
        Box::pin(async move {
            let state = &self.state;
            let answer = match request {
                EchoRequest::Offered {} => self.offered().await,
                EchoRequest::Players(names) => self.players(&names).await,
                EchoRequest::Levels(serials) => self.levels(&serials).await,
                EchoRequest::Store { serial, item } => self.store(serial, &item).await,
                EchoRequest::HandOver { serial, version } => {
                    hand_over(state, serial, version).await.map(EchoAnswer::Handed)
                }
                EchoRequest::Ask(versions) => ask(state, &versions).await,
                EchoRequest::AwaitWords { serial, words } => await_words(state, serial, words).await,
                EchoRequest::Stop(serials) => Ok(EchoAnswer::Stopped(stop_others(state, &serials).await)),
                EchoRequest::StopUnlessStarted { serial, version } => {
                    stop_unless_started(state, serial, version).await.map(|()| EchoAnswer::Done {})
                }
                EchoRequest::KeepNext { player, version, next } => {
                    self.keep_next(&player, version, next).await
                }
                EchoRequest::ChangeLevel { serial, change } => self.change_level(serial, change).await,
            };
            answer.map_err(|error| refusal(&error))
        })
    }

    fn is_far(&self) -> bool {
        self.is_apart
    }
}

/// The devices of a list that are offered. The name of a group says in this language that it is not in sync.
fn speakers(list: &DeviceList, chosen: &OfferedRenderers, language: PageLanguage) -> Vec<Speaker> {
    let offered = can_be_offered(list).filter(|device| is_offered(chosen, device));
    offered.map(|device| speaker(list, device, language)).collect()
}

fn speaker(list: &DeviceList, device: &Device, language: PageLanguage) -> Speaker {
    let model = match (device.kind, device.family.as_str()) {
        (DeviceKind::StereoPair, _) => RendererModel::StereoPair,
        (DeviceKind::Group, _) => RendererModel::Group,
        (_, "KNIGHT") => RendererModel::EchoShow,
        _ => RendererModel::Echo,
    };
    let is_group = is_group(device);
    let name = if is_group {
        language.format("devices-player-group-name", &[("name", &device.name)])
    } else {
        device.name.clone()
    };
    let member = |member: &Device| Member { serial: member.serial.clone(), name: member.name.clone() };
    let members = players_of(list, device).into_iter().map(member).collect();
    Speaker { serial: device.serial.clone(), name, model, is_group, members }
}

/// The volume of several Echos: the mean. It is muted where each is.
fn together(levels: &[SpeakerLevel]) -> Option<SpeakerLevel> {
    let known: Vec<u64> = levels.iter().filter_map(|level| level.volume).map(u64::from).collect();
    let count = u64::try_from(known.len()).ok().filter(|count| *count > 0);
    let mean = count.map(|count| (known.iter().sum::<u64>() + count / 2) / count);
    let muted = (!levels.is_empty()).then(|| levels.iter().all(|level| level.muted == Some(true)))?;
    Some(SpeakerLevel { volume: mean.and_then(|mean| u8::try_from(mean).ok()), muted: Some(muted) })
}

/// The address that a controller may play: a stream of Music Assistant, or media of another one.
fn stream(body: &PushBody) -> Result<StreamUrl, ApiError> {
    StreamUrl::of_controller(&body.stream_url).map_err(|error| ApiError::invalid(error.to_string()))
}

fn body(item: &MediaItem) -> PushBody {
    PushBody {
        stream_url: item.uri.clone(),
        title: item.title.clone(),
        artist: item.artist.clone(),
        album: item.album.clone(),
        image_url: item.picture.clone(),
        can_skip_speech: None,
    }
}

/// The push of a controller's start. Music Assistant alone carries out what people ask for, and a request waits for that.
fn offered_body(item: &MediaItem) -> PushBody {
    let is_music = StreamUrl::of_controller(&item.uri).is_ok_and(|stream| !stream.is_media());
    PushBody { can_skip_speech: is_music.then_some(true), ..body(item) }
}
