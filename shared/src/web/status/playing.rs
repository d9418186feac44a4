//! Players and their state.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::echos::EchoList;
use crate::api::ApiState;
use crate::clock::Timestamp;
use crate::playback::{Household, Player, PlayerState, PlayerView, short_hash};
use crate::web::page::Page;
use crate::web::player_state::{state_tone, state_word};
use crate::web::remedy::{Link, of_failure};
use crate::web::text::{echo_by_hash, echo_name, pairing_echo};

/// A player, as it is shown.
pub(super) struct Playing {
    pub(super) player: String,
    pub(super) tone: &'static str,
    pub(super) state: String,
    /// Since when, as it is shown and for programs.
    pub(super) since: Option<(String, String)>,
    pub(super) title: Option<String>,
    pub(super) artist: Option<String>,
    pub(super) album: Option<String>,
    pub(super) art: String,
    pub(super) echo: Option<String>,
    /// Why the last play failed, and where a person acts on it.
    pub(super) problem: Option<(String, Option<Link>)>,
    /// Its queue in HTML; empty where no events of Music Assistant are heard.
    pub(super) queue: String,
    /// The id of its card, where answers to its forms belong.
    pub(super) place: String,
    /// The serial number of its Echo, for commands by Amazon.
    pub(super) serial: Option<String>,
    /// Whether the volume of its Echo can be changed.
    pub(super) has_volume: bool,
    /// The volume of its Echo; none where Amazon does not tell.
    pub(super) volume: Option<u8>,
    /// Whether it plays.
    pub(super) plays: bool,
}

/// Every player that ever had a start. What plays comes first, then what changed last.
pub(super) fn all(
    page: &Page,
    state: &ApiState,
    household: &Household,
    echos: &EchoList,
    now: Timestamp,
) -> Vec<Playing> {
    let started = household.players.iter().filter(|player| player.start().is_some());
    let mut views: Vec<PlayerView<'_>> = started.map(|player| household.view(player, now)).collect();
    views.sort_by_key(|view| {
        let plays = matches!(view.state, PlayerState::Playing | PlayerState::Requested);
        (!plays, std::cmp::Reverse(view.since.max(view.player.pushed_at())), &view.player.player)
    });
    let shown = |view| {
        let playing = Playing::of(page, household, view).on(echos, household, view.player);
        with_queue(page, state, view, playing, now)
    };
    views.iter().map(shown).collect()
}

impl Playing {
    fn of(page: &Page, household: &Household, view: &PlayerView<'_>) -> Self {
        let player = view.player;
        let moved_to = view.echo.filter(|device| !player.is_served_by(device));
        Self {
            player: player.player.to_string(),
            tone: state_tone(view.state),
            state: page.text(state_word(view.state)),
            since: view.since.map(|at| (page.ago(at), at.rfc3339())),
            title: player.metadata().title.clone(),
            artist: player.metadata().artist.clone(),
            album: player.metadata().album.clone(),
            art: art(player),
            echo: match moved_to {
                Some(device) => Some(echo_by_hash(page, household, &device.short_hash())),
                None => pairing_echo(household, player).map(|echo| echo_name(page, echo)),
            },
            problem: view.error.map(|failure| {
                let (text, place) = of_failure(page, &failure.kind);
                (text, place.map(|place| place.link(page.language())))
            }),
            queue: String::new(),
            place: place(player.player.as_str()),
            serial: None,
            has_volume: false,
            volume: None,
            plays: matches!(view.state, PlayerState::Playing | PlayerState::Requested),
        }
    }

    /// With its Echo, as Amazon lists it.
    fn on(self, echos: &EchoList, household: &Household, player: &Player) -> Self {
        let paired = pairing_echo(household, player).and_then(|echo| echo.serial.as_deref());
        let Some(device) = echos.of_player(player.player.as_str(), paired) else { return self };
        let volume = echos.volumes.get(&device.serial).copied();
        Self { serial: Some(device.serial.clone()), has_volume: device.has_volume, volume, ..self }
    }
}

#[cfg(feature = "music-assistant")]
fn with_queue(
    page: &Page,
    state: &ApiState,
    view: &PlayerView<'_>,
    playing: Playing,
    now: Timestamp,
) -> Playing {
    super::queue::with_queue(page, state, view, playing, now)
}

#[cfg(not(feature = "music-assistant"))]
fn with_queue(
    _page: &Page,
    _state: &ApiState,
    _view: &PlayerView<'_>,
    playing: Playing,
    _now: Timestamp,
) -> Playing {
    playing
}

/// The id of the card of a player.
fn place(player: &str) -> String {
    let digest: String =
        short_hash(player).as_str().chars().filter(char::is_ascii_alphanumeric).take(10).collect();
    format!("player-{digest}")
}

/// The address of its picture. Another picture has another address.
fn art(player: &Player) -> String {
    let name = utf8_percent_encode(player.player.as_str(), NON_ALPHANUMERIC);
    let picture = player.metadata().image_url.as_deref().map(short_hash);
    let picture: String = picture.iter().flat_map(|digest| digest.as_str().chars()).take(12).collect();
    format!("/art/{name}?v={}-{picture}", player.version())
}
