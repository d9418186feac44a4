//! The Echos that have asked, and which players they serve.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::JsonBody;
use super::error::{ApiError, ErrorBody, ErrorCode};
use super::ma::note;
use super::players::{path_text, unknown};
use super::state::{ApiState, RequestContext};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::playback::{Echo, Household, ManualPairing, PairingKind, Player, PlayerId, RequestId, ShortHash};
use crate::store::{Activity, ActivityKind};

/// Longest id of a device that is taken, in characters. Amazon's have about 200.
const MAX_DEVICE_ID: usize = 256;

/// All Echos.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EchosBody {
    /// The Echos that asked for music or serve a player; the one that asked last comes first.
    pub echos: Vec<EchoBody>,
}

/// An Echo.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EchoBody {
    /// Its id for this skill; null while the skill is disabled, after which it gets a new one.
    pub device: Option<String>,
    /// The name in `/v1/activity` and in the log.
    pub name: Option<String>,
    /// The serial number of the device that it is, where it told; see `/v1/devices`.
    pub serial: Option<String>,
    /// The language that it speaks.
    pub locale: Option<String>,
    /// The time of its last request for music, RFC 3339 in UTC; null where that is long ago.
    pub asked_at: Option<String>,
    /// The players that it serves, sorted by name.
    pub players: Vec<ServedPlayer>,
}

/// A player that an Echo serves.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServedPlayer {
    /// The player.
    pub player: String,
    /// The kind of the pairing: `learned`, `voice`, `manual` or `code`.
    #[schema(value_type = String, example = "learned")]
    pub how: PairingKind,
    /// Since when, RFC 3339 in UTC.
    pub paired_at: String,
}

/// The player that an Echo is to serve.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PairBody {
    /// The player's name in Music Assistant.
    pub player: String,
}

/// The result of an unpairing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnpairedBody {
    /// Number of pairings that were ended.
    pub unpaired: usize,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UnpairQuery {
    /// Ends the pairing with this player only.
    player: Option<String>,
}

/// Every Echo that asked for music, and the pairings of those that have not for long.
#[utoipa::path(
    get, path = "/echos", operation_id = "echos", tag = "echos", security(("basic" = []), ("token" = ["control"])),
    responses(
        (status = 200, description = "All Echos, the one that asked last first", body = EchosBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn list(State(state): State<ApiState>) -> Result<Json<EchosBody>, ApiError> {
    let household = state.deps.store.household(state.clock().now()).await?;
    Ok(Json(EchosBody { echos: echos(&household) }))
}

/// Pairs by hand. The player leaves its Echo, and what the Echo had learned to serve besides is forgotten.
#[utoipa::path(
    put, path = "/echos/{device_id}/player", operation_id = "pair_echo", tag = "echos",
    params(("device_id" = String, Path, description = "The Echo's id", max_length = 256)),
    request_body = PairBody, security(("basic" = []), ("token" = ["everything"])),
    responses(
        (status = 200, description = "The Echo as it is now", body = EchoBody),
        (status = 404, description = "echo_unknown: no Echo with this id ever asked for music. \
                                      player_unknown: no player has this name", body = ErrorBody),
        super::responses::WriteErrors,
    )
)]
pub(super) async fn pair(
    State(state): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    device: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<PairBody>,
) -> Result<Json<EchoBody>, ApiError> {
    let device = path_text(device)?;
    let household = pair_by_hand(&state, context.id, &device, body.player).await?;
    echos(&household)
        .into_iter()
        .find(|echo| echo.device.as_deref() == Some(device.as_str()))
        .map(Json)
        .ok_or_else(echo_unknown)
}

/// Pairs an Echo with a player; the household as it is then.
///
/// # Errors
/// When there is no such Echo or player, or the store does not answer.
pub(crate) async fn pair_by_hand(
    state: &ApiState,
    request: RequestId,
    device: &str,
    player: String,
) -> Result<Household, ApiError> {
    let device = device_id(device)?;
    let player = PlayerId::from(player);
    let now = state.clock().now();
    let household = state.deps.store.household(now).await?;
    let Some(known) = EchoData::of(&household, &device) else {
        return Err(echo_unknown());
    };
    let pairing = ManualPairing {
        player: player.clone(),
        device: device.clone(),
        endpoint: known.endpoint,
        user: known.user,
        kind: PairingKind::Manual,
        request,
        at: now,
    };
    if household.player(&player).is_none() || !state.deps.store.pair(&pairing).await? {
        return Err(unknown(&household, &player));
    }
    let kind = ActivityKind::Paired { player, echo: device.short_hash(), how: PairingKind::Manual };
    note(state.deps.store.as_ref(), &Activity { at: now, kind }).await;
    Ok(state.deps.store.household(now).await?)
}

/// Ends the pairings of an Echo, or one of them.
#[utoipa::path(
    delete, path = "/echos/{device_id}/player", operation_id = "unpair_echo", tag = "echos",
    params(("device_id" = String, Path, description = "The Echo's id", max_length = 256), UnpairQuery),
    security(("basic" = []), ("token" = ["everything"])),
    responses(
        (status = 200, description = "How many pairings there were", body = UnpairedBody),
        (status = 400, description = "invalid_request: the id or the parameter is not well-formed", body = ErrorBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn unpair(
    State(state): State<ApiState>,
    device: Result<Path<String>, PathRejection>,
    query: Result<Query<UnpairQuery>, QueryRejection>,
) -> Result<Json<UnpairedBody>, ApiError> {
    let device = path_text(device)?;
    let Query(query) = query.map_err(|_| ApiError::invalid("player: it may stand once, in UTF-8"))?;
    let unpaired = unpair_by_hand(&state, &device, query.player).await?;
    Ok(Json(UnpairedBody { unpaired }))
}

/// Ends the pairings of an Echo, or the one with `player`; how many there were.
///
/// # Errors
/// When the id is malformed, or the store does not answer.
pub(crate) async fn unpair_by_hand(
    state: &ApiState,
    device: &str,
    player: Option<String>,
) -> Result<usize, ApiError> {
    let device = device_id(device)?;
    let player = player.map(PlayerId::from);
    let now = state.clock().now();
    let unpaired = state.deps.store.unpair(&device, player.as_ref(), now).await?;
    if unpaired > 0 {
        let kind = ActivityKind::Unpaired { echo: device.short_hash(), pairings: unpaired };
        note(state.deps.store.as_ref(), &Activity { at: now, kind }).await;
    }
    Ok(unpaired)
}

/// The data of an Echo beside its id.
struct EchoData {
    endpoint: Option<ShortHash>,
    user: Option<ShortHash>,
}

impl EchoData {
    /// An Echo that serves a player has asked, even where that is so long ago that its own item is gone.
    fn of(household: &Household, device: &DeviceId) -> Option<Self> {
        let known = household
            .echo(device)
            .map(|echo| Self { endpoint: echo.endpoint.clone(), user: echo.user.clone() });
        known.or_else(|| {
            let player = household.served_by(device).into_iter().next()?;
            player
                .pairing
                .as_ref()
                .map(|pairing| Self { endpoint: pairing.endpoint.clone(), user: pairing.user.clone() })
        })
    }
}

fn device_id(text: &str) -> Result<DeviceId, ApiError> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > MAX_DEVICE_ID || text.chars().any(char::is_control) {
        return Err(ApiError::invalid(format!(
            "deviceId: it has to have 1 to {MAX_DEVICE_ID} characters and no control character"
        )));
    }
    Ok(DeviceId::from(text.to_owned()))
}

fn echo_unknown() -> ApiError {
    ApiError::new(
        ErrorCode::EchoUnknown,
        "no Echo with this id ever asked for music: say \"Alexa, open music assistant\" to it, and look at /v1/echos",
    )
}

/// Every Echo that asked for music or serves a player; the one that asked last comes first.
pub(crate) fn echos(household: &Household) -> Vec<EchoBody> {
    let mut newest_first: Vec<&Echo> = household.echos.iter().collect();
    newest_first.sort_by(|a, b| (b.asked_at, &b.device).cmp(&(a.asked_at, &a.device)));
    let mut echos: Vec<EchoBody> = newest_first
        .into_iter()
        .map(|echo| EchoBody {
            device: Some(echo.device.as_str().to_owned()),
            name: Some(echo.device.short_hash()),
            serial: echo.serial.clone(),
            locale: echo.locale.clone(),
            asked_at: echo.asked_at.map(Timestamp::rfc3339),
            players: served(household.served_by(&echo.device)),
        })
        .collect();
    // Pairings whose Echo is gone from the store, or waits for the skill to be enabled again.
    let mut others: BTreeMap<(Option<&DeviceId>, Option<&ShortHash>), Vec<&Player>> = BTreeMap::new();
    for player in &household.players {
        let Some(pairing) = &player.pairing else { continue };
        let shown = pairing.device.as_ref().is_some_and(|device| household.echo(device).is_some());
        if shown {
            continue;
        }
        // One Echo is known by its id, and while it has none by its endpoint.
        let endpoint = pairing.endpoint.as_ref().filter(|_| pairing.device.is_none());
        others.entry((pairing.device.as_ref(), endpoint)).or_default().push(player);
    }
    echos.extend(others.into_iter().rev().map(|((device, _), players)| EchoBody {
        device: device.map(|device| device.as_str().to_owned()),
        name: device.map(DeviceId::short_hash),
        serial: None,
        locale: None,
        asked_at: None,
        players: served(players),
    }));
    echos
}

fn served(mut players: Vec<&Player>) -> Vec<ServedPlayer> {
    players.sort_by(|a, b| a.player.cmp(&b.player));
    players
        .into_iter()
        .filter_map(|player| {
            let pairing = player.pairing.as_ref()?;
            Some(ServedPlayer {
                player: player.player.to_string(),
                how: pairing.kind,
                paired_at: pairing.at.rfc3339(),
            })
        })
        .collect()
}
