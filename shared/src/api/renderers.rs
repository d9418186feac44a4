//! Echos of the account as renderers use them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tokio::sync::broadcast::error::RecvError;

use super::devices::{change_volumes, listed, store_media};
use super::error::{ApiError, ErrorCode};
use super::ma::{self, PushBody};
use super::media;
use super::offered::{can_be_offered, is_group, is_offered, players_of};
use super::renderer_commands::{ask, failed, refusal, refused, stop};
use super::renderer_hand_over::{Starts, awaited, hand_over, offered};
use super::state::{ApiState, RequestContext};
use crate::account::{Device, DeviceKind, DeviceList, Volumes};
use crate::amazon::live::{LiveChange, LiveValue};
use crate::amazon::{Freshness, Outcome, VolumeChange, VolumeOutcome};
use crate::config::OfferedRenderers;
use crate::i18n::PageLanguage;
use crate::playback::{KeepNext, PlayerId, StreamAddresses, StreamUrl};
use crate::renderer::{
    Echos, LevelChange, Member, NewsFeed, Observed, Refusal, Speaker, SpeakerLevel, SpeakerObservation,
    TokioTimer, offer, udn,
};
use crate::renderer_report::{OfferedDevice, RendererProblem, RendererState};
use crate::upnp::{ActionError, MediaItem, RendererList, RendererModel, Snapshot, TransportState};

/// Offers the Echos, pairs and groups of the account as media renderers, for as long as the list has a holder. `feed` is the
/// listener of the skill in this process.
#[must_use]
pub fn offer_renderers(state: &ApiState, feed: &NewsFeed) -> RendererList {
    let echos = Arc::new(AccountEchos {
        state: state.clone(),
        feed: feed.clone(),
        has_door: AtomicBool::default(),
        starts: Arc::default(),
    });
    let renderers = offer(Arc::clone(&echos) as _, feed, Arc::new(TokioTimer(Arc::clone(&state.deps.clock))));
    tokio::spawn(async move { echos.hear_live_events().await });
    renderers
}

struct AccountEchos {
    state: ApiState,
    feed: NewsFeed,
    /// Whether media of the home reaches an Echo, by the settings as they were read last.
    has_door: AtomicBool,
    starts: Arc<Starts>,
}

impl AccountEchos {
    /// Hands on the volumes of Amazon's live events, until there is no renderer.
    async fn hear_live_events(&self) {
        let mut changes = self.state.live().changes();
        loop {
            let change = match changes.recv().await {
                Ok(change) => change,
                // What was missed is asked for from time to time.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            };
            if !self.feed.has_listeners() {
                return;
            }
            self.hand_on(change).await;
        }
    }

    /// A volume is read where all are, since an event may say 0 for what we muted.
    async fn hand_on(&self, change: LiveChange) {
        if !matches!(change.value, LiveValue::Volume(_)) {
            return;
        }
        for (serial, level) in self.levels(&self.sounding_as(&change.serial).await).await {
            self.feed.observe(SpeakerObservation { serial, level });
        }
    }

    /// A device, and the pairs and groups that sound as it does.
    async fn sounding_as(&self, serial: &str) -> Vec<String> {
        let mut serials = vec![serial.to_owned()];
        if let Ok(devices) = listed(&self.state, Freshness::Cached).await {
            let list = &devices.list;
            let has_it = |device: &&Device| {
                !device.members.is_empty() && list.echos_of(device).iter().any(|echo| echo.serial == serial)
            };
            serials.extend(list.devices.iter().filter(has_it).map(|device| device.serial.clone()));
        }
        serials
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
}

#[async_trait]
impl Echos for AccountEchos {
    async fn speakers(&self) -> Option<Vec<Speaker>> {
        let settings = self.state.settings().await.ok()?;
        let streams = &self.state.deps.config.with(&settings).streams;
        self.has_door.store(StreamAddresses::from(streams).has_media_door(), Ordering::Relaxed);
        let speakers = match listed(&self.state, Freshness::Cached).await {
            Ok(devices) => {
                let language = self.state.effective().await.ok()?.speech.locale;
                let language = PageLanguage::of(language.as_str()).unwrap_or_else(PageLanguage::english);
                speakers(&devices.list, &settings.renderers, language)
            }
            Err(error) if matches!(error.code(), ErrorCode::NotSignedIn | ErrorCode::SignInAgain) => {
                Vec::new()
            }
            Err(_) => return None,
        };
        let offered = |Speaker { serial, name, .. }: &Speaker| OfferedDevice {
            serial: serial.clone(),
            name: name.clone(),
            udn: udn(serial),
        };
        self.state.renderers().offers(speakers.iter().map(offered).collect(), self.state.clock().now());
        Some(speakers)
    }

    async fn players(&self, names: &[String]) -> Option<Vec<(String, Observed)>> {
        let now = self.state.clock().now();
        let household = self.state.deps.store.household(now).await.ok()?;
        let observed = |name: &String| {
            let player = household.player(&PlayerId::from(name.as_str()))?;
            // Another process knows whether it gave the Echo the next item; it gives what there is.
            let is_next_given = player.next.is_some() && !self.feed.has_reports();
            Some((name.clone(), Observed::of(player, is_next_given, now)))
        };
        Some(names.iter().filter_map(observed).collect())
    }

    async fn levels(&self, serials: &[String]) -> Vec<(String, SpeakerLevel)> {
        let (Ok(devices), Ok(volumes)) =
            (listed(&self.state, Freshness::Cached).await, self.state.deps.store.volumes().await)
        else {
            return Vec::new();
        };
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
        levels
    }

    fn check(&self, serial: &str, item: &MediaItem) -> Result<(), ActionError> {
        media::check(item, self.has_door.load(Ordering::Relaxed)).map_err(|refusal| {
            let (code, now) = (RendererProblem::MEDIA_REFUSED, self.state.clock().now());
            self.state.renderers().failed(serial, code, &refusal.to_string(), now);
            refusal.into()
        })
    }

    async fn store(&self, renderer: &str, member: &str, item: &MediaItem) -> Result<u64, Refusal> {
        let id = self.state.new_request_id().map_err(|error| refused(error.to_string()))?;
        let (context, media) = (RequestContext { id }, offered(body(item)));
        let stored = store_media(&self.state, context, member.to_owned(), media, stream).await;
        let (_, pushed) = stored.map_err(|error| failed(&self.state, renderer, &error))?;
        self.starts.note(member, pushed);
        Ok(pushed.version)
    }

    async fn ask(&self, renderer: &str, versions: &[(String, u64)]) -> Vec<Result<(), Refusal>> {
        let (mut left, mut is_handed) = (Vec::new(), Vec::with_capacity(versions.len()));
        for (serial, version) in versions {
            let handed = hand_over(&self.state, &self.starts, serial, *version).await;
            is_handed.push(handed.is_some());
            let asks = vec![(serial.clone(), *version)];
            let Some(handed) = handed else {
                left.extend(asks);
                continue;
            };
            let (state, renderer) = (self.state.clone(), renderer.to_owned());
            tokio::spawn(async move {
                if handed.is_lost(&state).await {
                    tracing::warn!("an Echo did not begin what its answer had: it is made to ask");
                    ask(&state, &renderer, &asks).await;
                }
            });
        }
        let mut asked = ask(&self.state, renderer, &left).await.into_iter();
        let outcome = |is_handed| if is_handed { Some(Ok(())) } else { asked.next() };
        is_handed.into_iter().filter_map(outcome).collect()
    }

    async fn stop(&self, renderer: &str, members: &[String]) -> Vec<Result<(), Refusal>> {
        let (mut left, mut is_left) = (Vec::new(), Vec::with_capacity(members.len()));
        for (member, awaited) in members.iter().zip(awaited(&self.state, members).await) {
            is_left.push(awaited.is_none());
            let members = vec![member.clone()];
            let Some(awaited) = awaited else {
                left.extend(members);
                continue;
            };
            let (state, renderer) = (self.state.clone(), renderer.to_owned());
            tokio::spawn(async move {
                if awaited.ends_without_start(&state).await {
                    stop(&state, &renderer, &members).await;
                }
            });
        }
        let mut stopped = stop(&self.state, renderer, &left).await.into_iter();
        let outcome = |is_left| if is_left { stopped.next() } else { Some(Ok(())) };
        is_left.into_iter().filter_map(outcome).collect()
    }

    async fn keep_next(&self, name: &str, version: u64, next: Option<&MediaItem>) -> Result<(), Refusal> {
        let id = self.state.new_request_id().map_err(|error| refused(error.to_string()))?;
        let player = PlayerId::from(name);
        let next = match next {
            Some(item) => {
                let context = RequestContext { id: id.clone() };
                let (media, owner) = (body(item), Some(player.clone()));
                let stream = stream(&media).map_err(|error| refusal(&error))?;
                let push = ma::push(&self.state, context, stream, media, owner).await;
                Some(push.map_err(|error| refusal(&error))?)
            }
            None => None,
        };
        let keep = KeepNext { player, after: version, next, at: self.state.clock().now(), request: id };
        match self.state.deps.store.keep_next(&keep).await {
            // Of a version that is no longer the present one, nothing follows.
            Ok(_) => Ok(()),
            Err(error) => Err(refused(error.to_string())),
        }
    }

    async fn change_level(&self, serial: &str, change: LevelChange) -> Result<SpeakerLevel, Refusal> {
        let wanted = match change {
            LevelChange::To(volume) => VolumeChange::To(volume),
            LevelChange::Muted(true) => VolumeChange::Mute,
            LevelChange::Muted(false) => VolumeChange::Unmute,
        };
        let changed = change_volumes(&self.state, vec![serial.to_owned()], wanted).await;
        let outcomes = changed.map_err(|error| refusal(&error))?;
        let was_set = |outcome: &VolumeOutcome| {
            if matches!(outcome.device.outcome, Outcome::Failed(_)) { None } else { outcome.volume }
        };
        let volume = outcomes.iter().find_map(was_set);
        Ok(match change {
            // What is heard again after it stays.
            LevelChange::Muted(true) => SpeakerLevel { volume: None, muted: Some(true) },
            LevelChange::To(_) | LevelChange::Muted(false) => SpeakerLevel { volume, muted: Some(false) },
        })
    }

    fn shown(&self, serial: &str, snapshot: &Snapshot) {
        let state = match snapshot.state {
            TransportState::NoMediaPresent => RendererState::Empty,
            TransportState::Stopped => RendererState::Stopped,
            TransportState::Transitioning => RendererState::Starting,
            TransportState::Playing => RendererState::Playing,
            TransportState::Paused => RendererState::Paused,
        };
        self.state.renderers().shows(serial, state, snapshot.failed, self.state.clock().now());
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

/// What a controller may play: a stream of Music Assistant, or media of another one.
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
