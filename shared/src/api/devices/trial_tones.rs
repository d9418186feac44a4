//! The tones of a trial: which can be played here, where, and why the others cannot.

use url::{Host, Url};

use crate::api::error::{ApiError, ErrorCode};
use crate::api::grants::seal_tone;
use crate::api::state::ApiState;
use crate::clock::Timestamp;
use crate::config::{BaseUrl, Effective, Route, StreamOverrides};
use crate::host_place::HostPlace;
use crate::playback::{Form, LeftOut, LeftOutReason, PlayerId, ToneKind, TonePath, Trial};

/// The tones that can be played, each with its address, and what is left out.
#[derive(Debug, Default)]
pub(super) struct ChosenTones {
    pub(super) tones: Vec<(ToneKind, String)>,
    pub(super) left_out: Vec<LeftOut>,
}

impl ChosenTones {
    /// The routes in the order of [`Route::ALL`], or the forms in that of [`Form::ALL`]. Where the door has no public address,
    /// that of a quick tunnel is taken for it.
    ///
    /// # Errors
    /// When there are no keys of grants, or nothing can be played.
    pub(super) async fn choose(
        state: &ApiState,
        effective: &Effective,
        player: &PlayerId,
        is_of_forms: bool,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let kinds: Vec<ToneKind> = if is_of_forms {
            Form::ALL.map(ToneKind::Form).into()
        } else {
            Route::ALL.map(ToneKind::Route).into()
        };
        let tunnel = state.tunnel.open().map(|tunnel| tunnel.url);
        let door = effective.streams.door.as_ref().or(tunnel.as_ref());
        let mut chosen = Self::default();
        for kind in kinds {
            match place(effective, door, kind) {
                Ok((base, ending)) => {
                    let path = TonePath { number: Trial::number_at(now), at: chosen.tones.len(), kind };
                    let grant = seal_tone(state, Trial::key_of(player), path).await.ok_or_else(no_keys)?;
                    chosen.tones.push((kind, base.join(&format!("/t/{grant}.{ending}"))));
                }
                Err(reason) => chosen.left_out.push(LeftOut { kind, reason }),
            }
        }
        if chosen.tones.is_empty() { Err(nothing_to_play()) } else { Ok(chosen) }
    }
}

/// The address that a playlist of this kind names under `grant`; none where nothing serves the tone there.
pub(crate) fn tone_line(effective: &Effective, kind: ToneKind, grant: &str) -> Option<String> {
    if kind == ToneKind::Form(Form::PlaylistHttp) {
        return plain_tone(effective, true);
    }
    // The door at home is the next best: its address leads there, although by TLS.
    let by_door = || Some(effective.streams.lan_door.as_ref()?.join(&format!("/t/{grant}.mp3")));
    plain_tone(effective, false).or_else(by_door)
}

/// The address of the tone without TLS, in public or at home: that of the pages, where it is such a one.
fn plain_tone(effective: &Effective, in_public: bool) -> Option<String> {
    let url = effective.setup.api_url.as_ref()?;
    let is_there =
        url.as_url().host().is_some_and(|host| (HostPlace::of(&host) == HostPlace::Public) == in_public);
    (url.as_url().scheme() == "http" && is_there).then(|| url.join("/tone.mp3"))
}

/// The address under which a tone is served, and the ending of its own.
fn place<'a>(
    effective: &'a Effective,
    door: Option<&'a BaseUrl>,
    kind: ToneKind,
) -> Result<(&'a BaseUrl, &'static str), LeftOutReason> {
    let StreamOverrides { lan_door, playlist, .. } = &effective.streams;
    let mut doors = door.into_iter().chain(lan_door);
    let listed = playlist.as_ref().or(door).ok_or(LeftOutReason::NoDoor);
    let has_line = tone_line(effective, kind, "").is_some();
    match kind {
        ToneKind::Route(Route::Direct) => Err(LeftOutReason::MusicAssistantOnly),
        ToneKind::Route(Route::Door) => door.ok_or(LeftOutReason::NoDoor).map(|door| (door, "mp3")),
        ToneKind::Route(Route::Lan) => {
            lan_door.as_ref().ok_or(LeftOutReason::NoLanDoor).map(|door| (door, "mp3"))
        }
        ToneKind::Route(Route::Playlist) if !has_line => Err(LeftOutReason::NoToneAtHome),
        ToneKind::Form(Form::PlaylistHttp) if !has_line => Err(LeftOutReason::NoPublicPlain),
        ToneKind::Route(Route::Playlist) | ToneKind::Form(Form::PlaylistHttp) => {
            listed.map(|base| (base, "m3u"))
        }
        ToneKind::Form(Form::Port) => {
            let found = doors.find(|door| url(door).is_some_and(|url| url.port().is_some()));
            found.ok_or(LeftOutReason::NoOtherPort).map(|door| (door, "mp3"))
        }
        ToneKind::Form(Form::Address) => {
            let is_bare = |url: &Url| matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
            let found = doors.find(|door| url(door).as_ref().is_some_and(is_bare));
            found.ok_or(LeftOutReason::NoBareAddress).map(|door| (door, "mp3"))
        }
        ToneKind::Form(Form::Redirect) => doors.next().ok_or(LeftOutReason::NoDoor).map(|door| (door, "mp3")),
        ToneKind::Form(Form::HlsEnded | Form::HlsLive) => {
            doors.next().ok_or(LeftOutReason::NoDoor).map(|door| (door, "m3u8"))
        }
    }
}

/// Its port is none where it is 443.
fn url(base: &BaseUrl) -> Option<Url> {
    Url::parse(base.as_str()).ok()
}

fn nothing_to_play() -> ApiError {
    ApiError::invalid(
        "no address is set up that a tone can be played by: set DOOR_URL, or play some music in Music Assistant, \
         from which the direct route is learned",
    )
}

fn no_keys() -> ApiError {
    ApiError::new(
        ErrorCode::CredentialsUnavailable,
        "the keys of the door cannot be read: let this program write to its secrets once, which makes them",
    )
}
