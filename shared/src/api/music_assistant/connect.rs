//! The connection to Music Assistant: its state, its beginning and its end.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::bodies::{ConnectBody, ConnectedBody, EchoPlayersBody, MaPlayerBody, ProblemBody};
use crate::api::body::JsonBody;
use crate::api::error::{ApiError, ErrorDetail};
use crate::api::responses::{MusicAssistantErrors, MusicAssistantReadErrors, ReadErrors};
use crate::api::state::ApiState;
use crate::clock::Timestamp;
use crate::config::{MaApiUrl, Setting, Settings};
use crate::music_assistant::{
    EchoName, Login, MaPlayer, MusicAssistantError, PlayerWay, Server, ServerView, SignIn, SignedIn,
    match_players,
};
use crate::secrets::SecretsError;
use crate::store::{Activity, ActivityKind, Document, StoreError, replace_document};
use crate::task::run_to_completion;

/// The port of Music Assistant's pages and API (music-assistant/server, `DEFAULT_SERVER_PORT`).
const PORT: u16 = 8095;

/// The longest user name and password, in characters.
const LOGIN_AT_MOST: usize = 200;

/// The most players of one Echo that are kept, and the most characters of a name or an id.
const PLAYERS_AT_MOST: usize = 10;
const TEXT_AT_MOST: usize = 200;

/// The last look at the connection, for pages that do not wait for Music Assistant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MaConnection {
    /// When Music Assistant was last looked at.
    pub(crate) at: Timestamp,
    /// Its release.
    pub(crate) version: String,
    /// The user of the token.
    #[serde(default)]
    pub(crate) user: Option<String>,
    /// The user's role.
    #[serde(default)]
    pub(crate) role: Option<String>,
    /// Whether the token was made by a sign-in here, so that it may be ended from here.
    #[serde(default)]
    pub(crate) token_made_here: bool,
    /// The players of the Echos.
    #[serde(default)]
    pub(crate) echos: Vec<EchoPlayersBody>,
}

/// The connection to Music Assistant, which is looked at for it, within 6 seconds.
#[utoipa::path(
    get, path = "/music-assistant", operation_id = "music_assistant", tag = "music assistant",
    security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The connection", body = ConnectedBody), ReadErrors)
)]
pub(super) async fn get(State(state): State<ApiState>) -> Result<Json<ConnectedBody>, ApiError> {
    Ok(Json(body(&state).await?))
}

/// Connects Music Assistant. A password makes a long-lived token named Alexa in Music Assistant; the token alone is kept.
#[utoipa::path(
    post, path = "/music-assistant/connect", operation_id = "connect_music_assistant", tag = "music assistant",
    request_body = ConnectBody, security(("basic" = []), ("token" = ["everything"])),
    responses((status = 200, description = "It is connected", body = ConnectedBody), MusicAssistantErrors)
)]
pub(super) async fn post(
    State(state): State<ApiState>,
    JsonBody(wish): JsonBody<ConnectBody>,
) -> Result<Json<ConnectedBody>, ApiError> {
    let seen = connect(&state, wish).await?;
    Ok(Json(body_of(&state, Ok(seen)).await?))
}

/// Forgets the token, and ends it in Music Assistant where it was made here. The address stays.
#[utoipa::path(
    delete, path = "/music-assistant", operation_id = "disconnect_music_assistant", tag = "music assistant",
    security(("basic" = []), ("token" = ["everything"])),
    responses((status = 200, description = "It is not connected", body = ConnectedBody), MusicAssistantReadErrors)
)]
pub(super) async fn delete(State(state): State<ApiState>) -> Result<Json<ConnectedBody>, ApiError> {
    disconnect(&state).await?;
    Ok(Json(body(&state).await?))
}

/// Connects Music Assistant, and returns what was seen of it.
///
/// # Errors
/// When the address or the sign-in is not taken, or nothing can be kept.
pub(crate) async fn connect(state: &ApiState, wish: ConnectBody) -> Result<ServerView, ApiError> {
    let address = address(state, wish.address.as_deref()).await?;
    let how = sign_in(wish)?;
    let state = state.clone();
    // To its end, although the caller may go: a token that was made is kept.
    let done = run_to_completion(async move {
        let signed_in = state.music_assistant.sign_in(&address, how).await?;
        let _one_by_one = state.music_assistant.to_change().await;
        keep(&state, address, signed_in).await
    });
    done.await.unwrap_or_else(|| Err(ApiError::internal()))
}

/// Forgets the token.
///
/// # Errors
/// When the secret or the store cannot be written.
pub(crate) async fn disconnect(state: &ApiState) -> Result<(), ApiError> {
    let state = state.clone();
    let done = run_to_completion(async move {
        let _one_by_one = state.music_assistant.to_change().await;
        let before = made_before(&state).await?;
        state.secrets.put_ma_token(None).await.map_err(|error| not_kept(&error))?;
        if let Some(server) = before {
            state.music_assistant.end_token(&server).await;
        }
        if MaConnection::read(&state).await?.is_some() {
            replace(&state, None).await?;
            note(&state, ActivityKind::MusicAssistantDisconnected).await;
        }
        state.forget_report().await?;
        Ok(())
    });
    done.await.unwrap_or_else(|| Err(ApiError::internal()))
}

/// Looks at Music Assistant again, and keeps what is seen.
///
/// # Errors
/// When it is not connected, does not answer, or the store does not.
pub(crate) async fn check_connection(state: &ApiState) -> Result<MaConnection, ApiError> {
    let (before, revision) = MaConnection::read_with_revision(state).await?;
    let seen = state.music_assistant.look().await?;
    let token_made_here = before.is_some_and(|record| record.token_made_here);
    let echos = state.music_assistant.echos().await?;
    let record = MaConnection::of(&seen, &echos, token_made_here, state.clock().now());
    // Who connected or disconnected it meanwhile knows better.
    write(state, Some(&record), revision).await?;
    Ok(record)
}

/// Addresses at which Music Assistant may be, without the one that is set: where it says that it is in the network, where it
/// fetches renderers from, and the hosts of pushed streams.
pub(crate) async fn suggestions(state: &ApiState) -> Result<Vec<String>, ApiError> {
    let effective = state.effective().await?;
    let household = state.deps.store.household(state.clock().now()).await?;
    let mut hosts = BTreeSet::new();
    let report = state.renderers().report();
    hosts.extend(report.found_by.map(|finder| host(finder.address)));
    hosts.extend(household.streams().filter_map(|start| start.stream.host()).map(|host| host.to_string()));
    let announced =
        state.music_assistant.discovery().addresses().into_iter().map(|address| address.to_string());
    let guessed = hosts.into_iter().map(|host| format!("{host}:{PORT}"));
    let mut places: Vec<String> = announced.collect();
    places.extend(guessed.filter(|guess| !places.contains(guess)).collect::<Vec<_>>());
    let addresses = places.into_iter().filter_map(|place| MaApiUrl::parse(&format!("http://{place}")).ok());
    let at_home = addresses.filter(|address| crate::probe::may_carry_token(address.as_url()));
    let new = at_home.filter(|address| Some(address) != effective.ma_api.url.as_ref());
    Ok(new.map(|address| address.to_string()).take(5).collect())
}

impl MaConnection {
    /// The last look; none where Music Assistant was never connected.
    pub(crate) async fn read(state: &ApiState) -> Result<Option<Self>, StoreError> {
        Ok(Self::read_with_revision(state).await?.0)
    }

    async fn read_with_revision(state: &ApiState) -> Result<(Option<Self>, Option<u64>), StoreError> {
        let document = state.deps.store.document(Document::MusicAssistant).await?;
        let revision = document.as_ref().map(|document| document.revision);
        // A record of another release may have another shape.
        Ok((document.and_then(|document| serde_json::from_value(document.content).ok()), revision))
    }

    fn of(seen: &ServerView, echos: &[EchoName], token_made_here: bool, at: Timestamp) -> Self {
        Self {
            at,
            version: seen.info.version.clone(),
            user: seen.user.as_ref().map(|user| user.username.clone()),
            role: seen.user.as_ref().map(|user| user.role.as_str().to_owned()),
            token_made_here,
            echos: players(seen, echos),
        }
    }
}

fn players(seen: &ServerView, echos: &[EchoName]) -> Vec<EchoPlayersBody> {
    let matched = match_players(echos, &seen.players);
    let body = |(player, way): &(&MaPlayer, PlayerWay)| MaPlayerBody {
        id: short(&player.player_id),
        name: short(if player.name.is_empty() { &player.player_id } else { &player.name }),
        way: *way,
        available: player.available,
    };
    let of_echo = matched.iter().map(|matched| EchoPlayersBody {
        echo: matched.echo.name.clone(),
        players: matched.players.iter().take(PLAYERS_AT_MOST).map(body).collect(),
    });
    of_echo.collect()
}

fn short(text: &str) -> String {
    text.chars().take(TEXT_AT_MOST).collect()
}

/// The address that a wish names, else the one that is set.
async fn address(state: &ApiState, wished: Option<&str>) -> Result<MaApiUrl, ApiError> {
    let Some(text) = wished.map(str::trim).filter(|text| !text.is_empty()) else {
        let set = state.effective().await?.ma_api.url.clone();
        return set.ok_or_else(|| MusicAssistantError::NotConnected.into());
    };
    let address = MaApiUrl::parse(text).map_err(|why| ApiError::invalid(format!("address: {why}")))?;
    let fixed = &state.deps.config.api.ma_api.url;
    if fixed.as_ref().is_some_and(|fixed| *fixed != address) {
        return Err(ApiError::invalid("address: the variable MA_API_URL fixes another one"));
    }
    Ok(address)
}

fn sign_in(wish: ConnectBody) -> Result<SignIn, ApiError> {
    let given = |text: Option<SecretString>| text.filter(|text| !text.expose_secret().trim().is_empty());
    let username = wish.username.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    match (given(wish.token), username, given(wish.password)) {
        (Some(token), _, None) => Ok(SignIn::Token(token)),
        (None, Some(username), Some(password)) => {
            let length = password.expose_secret().chars().count();
            if username.chars().count() > LOGIN_AT_MOST || length > LOGIN_AT_MOST {
                return Err(ApiError::invalid("username and password have at most 200 characters each"));
            }
            Ok(SignIn::Password(Login { username, password }))
        }
        (None, None, None) => Ok(SignIn::None),
        _ => Err(ApiError::invalid("send a username and its password, or a token alone")),
    }
}

/// Keeps what a sign-in brought. The token of the one before is ended, if it was made here.
async fn keep(state: &ApiState, address: MaApiUrl, signed_in: SignedIn) -> Result<ServerView, ApiError> {
    let SignedIn { token, is_made_here, seen, server } = signed_in;
    let before = match put(state, address, token.as_ref()).await {
        Ok(before) => before,
        Err(error) => {
            if is_made_here {
                state.music_assistant.end_token(&server).await;
            }
            return Err(error);
        }
    };
    // A person may enter the very token that was made here.
    let is_known = before.as_ref().is_some_and(|before| before.shares_token(&server));
    if let Some(before) = before.filter(|_| !is_known) {
        state.music_assistant.end_token(&before).await;
    }
    let echos = state.music_assistant.echos().await?;
    let record = MaConnection::of(&seen, &echos, is_made_here || is_known, state.clock().now());
    replace(state, Some(&record)).await?;
    note(state, ActivityKind::MusicAssistantConnected).await;
    state.forget_report().await?;
    Ok(seen)
}

/// Puts a token beside its address, and returns the server of the one before, if that was made here. At no moment is a token
/// kept beside the address of another server, which would get it.
async fn put(
    state: &ApiState,
    address: MaApiUrl,
    token: Option<&SecretString>,
) -> Result<Option<Server>, ApiError> {
    let put = async |token| state.secrets.put_ma_token(token).await.map_err(|error| not_kept(&error));
    let before = made_before(state).await?;
    if state.effective().await?.ma_api.url.as_ref() != Some(&address) {
        put(None).await?;
        let change =
            move |settings: &mut Settings| settings.ma_api_url = Some(Setting::Value(address.clone()));
        state.change_settings(Arc::new(change)).await?;
    }
    put(token).await?;
    Ok(before)
}

/// The server with the token that is kept, if that was made here.
async fn made_before(state: &ApiState) -> Result<Option<Server>, ApiError> {
    let is_made_here = MaConnection::read(state).await?.is_some_and(|record| record.token_made_here);
    Ok(if is_made_here { state.music_assistant.kept().await } else { None })
}

/// Writes what was seen, whatever others wrote.
async fn replace(state: &ApiState, record: Option<&MaConnection>) -> Result<(), ApiError> {
    replace_document(state.deps.store.as_ref(), Document::MusicAssistant, || record).await.map_err(|error| {
        tracing::error!(%error, "what was seen of Music Assistant was not kept");
        MusicAssistantError::StoreUnavailable.into()
    })
}

/// Writes what was seen after a revision. Whether it did: not where another request wrote meanwhile.
async fn write(
    state: &ApiState,
    record: Option<&MaConnection>,
    revision: Option<u64>,
) -> Result<bool, ApiError> {
    let content = serde_json::to_value(record).map_err(|_| ApiError::internal())?;
    Ok(state.deps.store.put_document(Document::MusicAssistant, &content, revision).await?)
}

async fn note(state: &ApiState, kind: ActivityKind) {
    let noted = state.deps.store.note(&Activity { at: state.clock().now(), kind }).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "an activity was not recorded");
    }
}

fn not_kept(error: &SecretsError) -> ApiError {
    tracing::error!(%error, "the token of Music Assistant was not kept");
    MusicAssistantError::SecretUnavailable.into()
}

async fn body(state: &ApiState) -> Result<ConnectedBody, ApiError> {
    let seen = state.music_assistant.look().await;
    body_of(state, seen).await
}

async fn body_of(
    state: &ApiState,
    seen: Result<ServerView, MusicAssistantError>,
) -> Result<ConnectedBody, ApiError> {
    let address = state.effective().await?.ma_api.url.as_ref().map(ToString::to_string);
    let suggestions = suggestions(state).await?;
    let echos = state.music_assistant.echos().await?;
    let nothing = ConnectedBody {
        connected: false,
        address,
        problem: None,
        version: None,
        schema: None,
        user: None,
        role: None,
        echos: Vec::new(),
        suggestions,
    };
    Ok(match seen {
        Ok(seen) => ConnectedBody {
            connected: true,
            version: Some(seen.info.version.clone()),
            schema: Some(seen.info.schema),
            user: seen.user.as_ref().map(|user| user.username.clone()),
            role: seen.user.as_ref().map(|user| user.role.as_str().to_owned()),
            echos: players(&seen, &echos),
            ..nothing
        },
        Err(error) => {
            let ErrorDetail { code, message, .. } = ApiError::from(error).detail();
            ConnectedBody {
                problem: Some(ProblemBody { code: code.as_str().to_owned(), message }),
                ..nothing
            }
        }
    })
}

/// An address as the host of a URL.
fn host(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
