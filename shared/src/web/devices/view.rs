//! View of the page: Amazon's devices, and the Echos that asked.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::Picture;
use super::now::Now;
use super::trial::{ShownTrial, reach};
use crate::account::{Device, DeviceKind, DeviceList};
use crate::amazon::Freshness;
use crate::api::devices::listed;
use crate::api::{
    ApiError, ApiState, EchoBody, ErrorCode, ServedPlayer, amazon_error, can_be_offered, echos, is_group,
    is_offered,
};
use crate::clock::Timestamp;
use crate::config::OfferedRenderers;
use crate::playback::{self, Household, Trial, short_hash};
use crate::renderer_report::RendererReport;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;
use crate::web::players::PlayersSeen;
use crate::web::remedy::Link;
use crate::web::text::{echo_by_hash, pairing_word};

/// The data of the page.
pub(super) struct DevicesData {
    household: Household,
    list: Option<DeviceList>,
    problem: Option<ApiError>,
    /// Volumes by serial number, where Amazon reports them.
    volumes: BTreeMap<String, u8>,
    /// The choice of renderers.
    chosen: OfferedRenderers,
    /// The last trial of each device.
    trials: Vec<Trial>,
}

/// The page.
pub(super) struct View {
    /// Whether there is a list of Amazon's.
    pub(super) is_listed: bool,
    /// The problem of the list, or of a newer one.
    pub(super) problem: Option<Flash>,
    /// Whether no account is signed in (any more).
    pub(super) needs_sign_in: bool,
    /// Whether Music Assistant has found the Echos; none where renderers are no part of this process.
    pub(super) seen: Option<PlayersSeen>,
    /// Players that are started in vain, each with its remedy.
    pub(super) strays: Vec<StrayRow>,
    /// Whether changes come by themselves.
    pub(super) hears: bool,
    pub(super) devices: Vec<DeviceRow>,
    /// Echos whose device is unknown.
    pub(super) others: Vec<DeviceRow>,
    /// Names of players, for choosing one.
    pub(super) players: Vec<String>,
    /// The number of paired Echos, in words.
    pub(super) counted: String,
}

/// One device or Echo.
pub(super) struct DeviceRow {
    /// For ids of elements.
    pub(super) key: String,
    /// The id of its row, where answers to its forms belong.
    pub(super) place: String,
    pub(super) name: String,
    pub(super) picture: Picture,
    pub(super) kind: String,
    /// Whether Amazon reaches it; none where Amazon was not asked.
    pub(super) online: Option<bool>,
    pub(super) members: Option<String>,
    /// For what Amazon does with it.
    pub(super) serial: Option<String>,
    pub(super) has_volume: bool,
    /// Whether it can say which Echo it is.
    pub(super) can_identify: bool,
    pub(super) volume: Option<u8>,
    pub(super) echos: Vec<EchoRow>,
    /// Its present item; none before its first start.
    pub(super) now: Option<Now>,
    /// Its last sound test.
    pub(super) trial: Option<ShownTrial>,
    /// The device as a player in Music Assistant; none where there are no renderers, or it can be none.
    pub(super) renderer: Option<ShownRenderer>,
}

/// A device as a renderer.
pub(super) struct ShownRenderer {
    pub(super) serial: String,
    pub(super) is_group: bool,
    pub(super) on: bool,
    pub(super) problem: Option<ShownFailure>,
}

/// The last failure of a renderer.
pub(super) struct ShownFailure {
    pub(super) why: String,
    /// Its time, as it is shown and for programs.
    pub(super) at: (String, String),
    /// The place where a person acts on it.
    pub(super) link: Option<Link>,
}

impl ShownRenderer {
    fn of(page: &Page, device: &Device, chosen: &OfferedRenderers, report: &RendererReport) -> Self {
        let known = report.renderers.get(&device.serial);
        let problem = known.and_then(|known| known.problem.as_ref()).map(|problem| {
            let flash = Flash::problem_of(None, problem.code.code(), &problem.message);
            ShownFailure {
                why: page.flash_text(&flash),
                at: (page.ago(problem.at), problem.at.rfc3339()),
                link: page.flash_link(&flash),
            }
        });
        Self {
            serial: device.serial.clone(),
            is_group: is_group(device),
            on: is_offered(chosen, device),
            problem,
        }
    }
}

/// A player whose starts another Echo asks for.
pub(super) struct StrayRow {
    pub(super) player: String,
    /// The Echo's id.
    pub(super) echo: String,
    pub(super) sentence: String,
    /// The text of the button.
    pub(super) button: String,
}

impl StrayRow {
    fn of(page: &Page, household: &Household, stray: &playback::Stray<'_>) -> Self {
        let player = stray.player.player.as_str();
        let echo = echo_by_hash(page, household, &stray.echo.short_hash());
        let count = stray.starts.to_string();
        Self {
            player: player.to_owned(),
            echo: stray.echo.as_str().to_owned(),
            sentence: page.format("devices-stray", &[("player", player), ("count", &count), ("echo", &echo)]),
            button: page.format("devices-stray-pair", &[("player", player)]),
        }
    }
}

/// An Echo that asked for music.
pub(super) struct EchoRow {
    /// For ids of elements.
    pub(super) key: String,
    /// Its id; none while the skill is disabled.
    pub(super) device: Option<String>,
    /// The time of its last request, as it is shown and for programs.
    pub(super) at: Option<(String, String)>,
    /// The route by which it gets streams.
    pub(super) reach: Option<String>,
    pub(super) players: Vec<PlayerRow>,
}

/// A player that it serves.
pub(super) struct PlayerRow {
    pub(super) player: String,
    pub(super) how: String,
    pub(super) since: String,
}

impl DevicesData {
    pub(super) async fn gather(state: &ApiState) -> Result<Self, PageError> {
        let household = async { Ok::<_, PageError>(state.deps.store.household(state.clock().now()).await?) };
        let devices = async { Ok::<_, PageError>(listed(state, Freshness::Cached).await) };
        let trials = async { Ok::<_, PageError>(state.deps.store.trials(state.clock().now()).await?) };
        let (household, devices, trials) = tokio::try_join!(household, devices, trials)?;
        let (list, problem) = match devices {
            Ok(devices) => (Some(devices.list), devices.problem.map(|error| amazon_error(state, error))),
            Err(problem) => (None, Some(problem)),
        };
        let volumes = match &list {
            Some(list) if problem.is_none() => volumes(state, list).await,
            _ => BTreeMap::new(),
        };
        let chosen = state.settings().await?.renderers.clone();
        Ok(Self { household, list, problem, volumes, chosen, trials })
    }
}

/// The volumes, as Amazon reports them. It is one question for all of them, and a page without an answer is a page too.
pub(crate) async fn volumes(state: &ApiState, list: &DeviceList) -> BTreeMap<String, u8> {
    let queries = list.devices.iter().filter(|device| device.has_volume && device.online).map(|device| {
        let (account, serial) = (state.account.clone(), device.serial.clone());
        async move {
            let known = account.state().speaker_volume(&serial, None).await.ok().flatten()?;
            Some((serial, known.value.volume))
        }
    });
    join_all(queries).await.into_iter().flatten().collect()
}

impl View {
    pub(super) fn of(page: &Page, state: &ApiState, known: &DevicesData) -> Self {
        let all = echos(&known.household);
        let listed = known.list.as_ref().map_or(&[][..], |list| &list.devices);
        let report = state.renderers().report();
        let playable: Vec<&str> = match &known.list {
            Some(list) if report.are_offered() => {
                can_be_offered(list).map(|device| device.serial.as_str()).collect()
            }
            _ => Vec::new(),
        };
        let mut shown = Vec::new();
        // A half of a pair plays with its pair alone.
        let halves = |device: &Device| {
            listed
                .iter()
                .any(|pair| pair.kind == DeviceKind::StereoPair && pair.members.contains(&device.serial))
        };
        let devices: Vec<DeviceRow> = listed
            .iter()
            .filter(|device| !halves(device))
            .map(|device| {
                let own: Vec<&EchoBody> = all.iter().filter(|echo| is_of(device, echo)).collect();
                shown.extend(own.iter().filter_map(|echo| echo.serial.clone()));
                let trial = known.trials.iter().find(|trial| trial.serial == device.serial);
                let trial = trial.map(|trial| ShownTrial::of(page, state, trial));
                let renderer = playable
                    .contains(&device.serial.as_str())
                    .then(|| ShownRenderer::of(page, device, &known.chosen, &report));
                DeviceRow { trial, renderer, ..DeviceRow::of_device(page, known, device, &own) }
            })
            .collect();
        let is_shown = |echo: &EchoBody| echo.serial.as_ref().is_some_and(|serial| shown.contains(serial));
        let others =
            all.iter().filter(|echo| !is_shown(echo)).map(|echo| DeviceRow::of_echo(page, known, echo));
        let mut players: Vec<String> =
            known.household.players.iter().map(|player| player.player.to_string()).collect();
        players.sort();
        let code = known.problem.as_ref().map(ApiError::code);
        let strays = known.household.strays();
        let echos = devices.iter().filter(|shown| shown.can_identify);
        let paired = echos.clone().filter(|shown| !shown.serves().is_empty()).count();
        let counted = [("paired", paired.to_string()), ("all", echos.count().to_string())];
        let counted = counted.each_ref().map(|(name, value)| (*name, value.as_str()));
        let counted = page.format("devices-counted", &counted);
        let needs_sign_in = matches!(code, Some(ErrorCode::NotSignedIn | ErrorCode::SignInAgain));
        Self {
            seen: PlayersSeen::of(page, state, known.chosen.all_off, !needs_sign_in),
            strays: strays.iter().map(|stray| StrayRow::of(page, &known.household, stray)).collect(),
            is_listed: known.list.is_some(),
            problem: known.problem.as_ref().map(Flash::problem),
            needs_sign_in,
            others: others.collect(),
            hears: state.live().is_here(),
            devices,
            players,
            counted,
        }
    }
}

/// Whether the device, or a half of the pair, is this Echo. A half is shown with its pair too, which plays.
fn is_of(device: &Device, echo: &EchoBody) -> bool {
    let halves = if device.kind == DeviceKind::StereoPair { device.members.as_slice() } else { &[] };
    echo.serial.as_ref().is_some_and(|serial| *serial == device.serial || halves.contains(serial))
}

impl DeviceRow {
    /// The names of the players that it serves.
    pub(super) fn serves(&self) -> String {
        let served = self.echos.iter().flat_map(|echo| &echo.players);
        served.map(|served| served.player.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn of_device(page: &Page, known: &DevicesData, device: &Device, echos: &[&EchoBody]) -> Self {
        let picture = Picture::of(device);
        let names: Vec<&str> = device
            .members
            .iter()
            .filter_map(|serial| known.list.as_ref()?.get(serial))
            .map(|member| member.name.as_str())
            .collect();
        let key = key(&device.serial);
        Self {
            name: device.name.clone(),
            picture,
            kind: page.text(picture.word()),
            online: Some(device.online),
            members: (!names.is_empty()).then(|| names.join(", ")),
            serial: Some(device.serial.clone()),
            has_volume: device.has_volume,
            can_identify: matches!(device.kind, DeviceKind::Echo | DeviceKind::StereoPair),
            volume: known.volumes.get(&device.serial).copied(),
            echos: echos.iter().map(|echo| EchoRow::of(page, &known.household, echo, &key)).collect(),
            now: Now::of(page, &known.household, device),
            trial: None,
            renderer: None,
            place: place(&key),
            key,
        }
    }

    /// An Echo that asked, of which Amazon's list says nothing.
    fn of_echo(page: &Page, known: &DevicesData, echo: &EchoBody) -> Self {
        let hash = echo.name.as_deref();
        let stored =
            known.household.echos.iter().find(|known| Some(known.device.short_hash().as_str()) == hash);
        let name = match (stored.and_then(|echo| echo.name.clone()), hash) {
            (Some(name), _) => name,
            (None, Some(hash)) => page.format("echo-unnamed", &[("hash", hash)]),
            (None, None) => page.text("echo-asleep"),
        };
        let of = echo.device.clone().or_else(|| echo.players.first().map(|served| served.player.clone()));
        let key = key(&of.unwrap_or_default());
        Self {
            name,
            picture: Picture::Echo,
            kind: page.text("kind-asked"),
            online: None,
            members: None,
            serial: None,
            has_volume: false,
            can_identify: false,
            volume: None,
            echos: vec![EchoRow::of(page, &known.household, echo, &key)],
            now: None,
            trial: None,
            renderer: None,
            place: place(&key),
            key,
        }
    }
}

impl EchoRow {
    fn of(page: &Page, household: &Household, echo: &EchoBody, of: &str) -> Self {
        let at = echo.asked_at.as_deref().and_then(Timestamp::parse_rfc3339);
        Self {
            key: format!("{of}-{}", key(echo.device.as_deref().unwrap_or_default())),
            device: echo.device.clone(),
            at: at.map(|at| (page.ago(at), at.rfc3339())),
            reach: reach(page, household, echo.device.as_deref()),
            players: echo.players.iter().map(|served| PlayerRow::of(page, served)).collect(),
        }
    }
}

impl PlayerRow {
    fn of(page: &Page, served: &ServedPlayer) -> Self {
        let at = Timestamp::parse_rfc3339(&served.paired_at);
        Self {
            player: served.player.clone(),
            how: page.text(pairing_word(served.how)),
            since: at.map(|at| page.ago(at)).unwrap_or_default(),
        }
    }
}

/// The id of the row of a device with this key.
pub(super) fn place(key: &str) -> String {
    format!("device-{key}")
}

/// A short name that can stand in an id of an element.
pub(crate) fn key(text: &str) -> String {
    short_hash(text).as_str().chars().filter(char::is_ascii_alphanumeric).take(10).collect()
}
