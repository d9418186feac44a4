//! Routes of the program at home, for functions in AWS.
//!
//! Music Assistant's password opens them: the machine that has it is the one that carries requests out.

use axum::Json;
use axum::extract::State;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account_echos::AccountEchos;
use super::body::{EmptyBody, JsonBody};
use super::devices::check_serials;
use super::error::{ApiError, ErrorBody, ErrorCode};
use super::state::ApiState;
use crate::bridge::{Ticket, TicketError};
use crate::clock::Timestamp;
use crate::control::{HomeNames, Reply};
use crate::playback::Transition;
use crate::speakers::{EchoAccess as _, EchoAnswer, EchoRequest, Refusal};

/// Longest id of a request, in characters: twice of what Alexa's have.
const LONGEST_ID: usize = 200;

/// Longest reply, in bytes of JSON: three suggestions with long names.
const LONGEST_REPLY: usize = 8 * 1024;

/// Most names of players in one request: far more than a home has Echos.
const NAMES_AT_MOST: usize = 256;

/// The keys of the queues, for an hour.
#[derive(Clone, Serialize, ToSchema)]
pub struct TicketBody {
    /// Address of the queue in Amazon SQS.
    #[schema(example = "https://sqs.eu-west-1.amazonaws.com/123456789012/music-assistant-alexa-bridge")]
    pub queue: String,
    /// Address of the queue of reports; null where the functions send none.
    #[schema(example = "https://sqs.eu-west-1.amazonaws.com/123456789012/music-assistant-alexa-reports")]
    pub reports: Option<String>,
    /// Region of AWS that they are in.
    #[schema(example = "eu-west-1")]
    pub region: String,
    /// Id of the key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: String,
    /// The token of the session, which belongs to the key.
    pub session_token: String,
    /// End of the keys, RFC 3339 in UTC.
    pub expires_at: String,
    /// Time of the function, RFC 3339 in UTC: requests end by it.
    pub now: String,
}

/// The home was seen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SeenBody {
    /// Time of the function, RFC 3339 in UTC.
    pub now: String,
}

/// The reply to a request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct AnswerBody {
    /// Id of the request, as its message has it.
    #[schema(max_length = 200)]
    id: String,
    /// The reply, of at most 8 KiB.
    #[schema(value_type = Object, example = json!({ "reply": "done" }))]
    reply: Reply,
}

/// The reply was taken.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AnsweredBody {
    /// Always true.
    pub taken: bool,
}

/// Names at home that people say. Alexa learns those that it can, and the first ones where there are too many.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NamesBody {
    /// Names of Music Assistant's players.
    #[schema(max_items = 2000, example = json!(["Kitchen", "Sonos Bath"]))]
    rooms: Vec<String>,
    /// Names of playlists, favourites first.
    #[schema(max_items = 2000, example = json!(["Dinner"]))]
    playlists: Vec<String>,
}

/// The names are known.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct NamesTakenBody {
    /// Whether the models of the skill are learning them. The request is sent again some seconds later then.
    pub learning: bool,
}

/// A request of the renderers of the home.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct EchosRequestBody {
    /// The request, by its name.
    #[schema(value_type = Object, example = json!({ "stop": ["G090LF11234567"] }))]
    request: EchoRequest,
}

/// The answer to the renderers of the home.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EchosAnswerBody {
    /// The answer, by its name.
    #[schema(value_type = Object, example = json!({ "stopped": ["sent"] }))]
    Answer(EchoAnswer),
    /// Why nothing was done: `code` is that of an error, and `reason` a sentence.
    #[schema(value_type = Object, example = json!({ "code": "device_offline", "reason": "Amazon does not reach the device" }))]
    Refusal(Refusal),
}

/// Gives the keys of the queues by which people's words and reports of Echos come home.
#[utoipa::path(
    post, path = "/ticket", operation_id = "bridge_ticket", tag = "bridge", request_body = EmptyBody,
    security(("basic" = [])),
    responses(
        (status = 200, description = "The keys", body = TicketBody),
        (status = 404, description = "no_bridge: these are no functions in AWS", body = ErrorBody),
        (status = 502, description = "ticket_unavailable: AWS gives no keys of the queue", body = ErrorBody),
        super::responses::WriteErrors,
    )
)]
pub(super) async fn ticket(
    State(state): State<ApiState>,
    JsonBody(EmptyBody {}): JsonBody<EmptyBody>,
) -> Result<Json<TicketBody>, ApiError> {
    let office = state.tickets.as_ref().ok_or_else(no_bridge)?;
    let ticket = office.issue().await.map_err(|error| unavailable(&error))?;
    tracing::info!("the home has a ticket");
    Ok(Json(TicketBody::of(&ticket, state.clock().now())))
}

/// Reports that the home is there: it counts as present for 150 s. It is sent once a minute while the queue answers there.
#[utoipa::path(
    post, path = "/seen", operation_id = "bridge_seen", tag = "bridge", request_body = EmptyBody,
    security(("basic" = [])),
    responses(
        (status = 200, description = "Noted", body = SeenBody),
        (status = 404, description = "no_bridge: these are no functions in AWS", body = ErrorBody),
        super::responses::WriteErrors,
    )
)]
pub(super) async fn seen(
    State(state): State<ApiState>,
    JsonBody(EmptyBody {}): JsonBody<EmptyBody>,
) -> Result<Json<SeenBody>, ApiError> {
    state.tickets.as_ref().ok_or_else(no_bridge)?;
    let now = state.clock().now();
    state.deps.store.note_presence(now).await?;
    Ok(Json(SeenBody { now: now.rfc3339() }))
}

/// Takes the reply to a request that waits for one.
#[utoipa::path(
    post, path = "/answer", operation_id = "bridge_answer", tag = "bridge", request_body = AnswerBody,
    security(("basic" = [])),
    responses(
        (status = 200, description = "Taken, now or before", body = AnsweredBody),
        (status = 404, description = "no_bridge: these are no functions in AWS. not_waiting: no request of this id waits, \
                                      or not any more", body = ErrorBody),
        super::responses::WriteErrors,
    )
)]
pub(super) async fn answer(
    State(state): State<ApiState>,
    JsonBody(AnswerBody { id, reply }): JsonBody<AnswerBody>,
) -> Result<Json<AnsweredBody>, ApiError> {
    state.tickets.as_ref().ok_or_else(no_bridge)?;
    check(&id, &reply)?;
    match state.deps.store.take_reply(&id, &reply, state.clock().now()).await? {
        Transition::Applied | Transition::AlreadyApplied => Ok(Json(AnsweredBody { taken: true })),
        Transition::Rejected => Err(ApiError::new(
            ErrorCode::NotWaiting,
            "no request of this id waits, or not any more, or it has another reply",
        )),
    }
}

/// Takes the names of rooms and playlists at home. The models of the skill learn names that changed, once in six hours at most.
#[utoipa::path(
    post, path = "/names", operation_id = "bridge_names", tag = "bridge", request_body = NamesBody,
    security(("basic" = [])),
    responses(
        (status = 200, description = "Taken", body = NamesTakenBody),
        (status = 404, description = "no_bridge: these are no functions in AWS", body = ErrorBody),
        super::responses::WriteErrors,
    )
)]
pub(super) async fn names(
    State(state): State<ApiState>,
    JsonBody(NamesBody { rooms, playlists }): JsonBody<NamesBody>,
) -> Result<Json<NamesTakenBody>, ApiError> {
    state.tickets.as_ref().ok_or_else(no_bridge)?;
    let learning = state.take_names(&HomeNames::new(rooms, playlists)).await?;
    Ok(Json(NamesTakenBody { learning }))
}

/// Answers the renderers of the home: what the Echos are and do. It makes them start and stop. Some requests wait for up to 12 s.
#[utoipa::path(
    post, path = "/echos", operation_id = "bridge_echos", tag = "bridge", request_body = EchosRequestBody,
    security(("basic" = [])),
    responses(
        (status = 200, description = "The answer, or why nothing was done", body = EchosAnswerBody),
        (status = 404, description = "no_bridge: these are no functions in AWS", body = ErrorBody),
        super::responses::WriteErrors,
    )
)]
pub(super) async fn echos(
    State(state): State<ApiState>,
    JsonBody(EchosRequestBody { request }): JsonBody<EchosRequestBody>,
) -> Result<Json<EchosAnswerBody>, ApiError> {
    state.tickets.as_ref().ok_or_else(no_bridge)?;
    check_request(&request)?;
    Ok(Json(match AccountEchos::apart(&state).ask(request).await {
        Ok(answer) => EchosAnswerBody::Answer(answer),
        Err(refusal) => EchosAnswerBody::Refusal(refusal),
    }))
}

/// Bounds what a request names.
fn check_request(request: &EchoRequest) -> Result<(), ApiError> {
    let (names, serials): (&[String], Vec<&String>) = match request {
        EchoRequest::Offered {} | EchoRequest::KeepNext { .. } => (&[], Vec::new()),
        EchoRequest::Players(names) => (names, Vec::new()),
        EchoRequest::AwaitWords { serial, words } => (words, vec![serial]),
        EchoRequest::Levels(serials) | EchoRequest::Stop(serials) => (&[], serials.iter().collect()),
        EchoRequest::Ask(versions) => (&[], versions.iter().map(|(serial, _)| serial).collect()),
        EchoRequest::Store { serial, .. }
        | EchoRequest::HandOver { serial, .. }
        | EchoRequest::StopUnlessStarted { serial, .. }
        | EchoRequest::ChangeLevel { serial, .. } => (&[], vec![serial]),
    };
    if names.len() > NAMES_AT_MOST {
        return Err(ApiError::invalid(format!("names: at most {NAMES_AT_MOST} at once")));
    }
    check_serials(serials)
}

fn check(id: &str, reply: &Reply) -> Result<(), ApiError> {
    if id.is_empty() || id.chars().count() > LONGEST_ID {
        return Err(ApiError::invalid(format!("id: it has to have 1 to {LONGEST_ID} characters")));
    }
    if serde_json::to_vec(reply).map_or(usize::MAX, |json| json.len()) > LONGEST_REPLY {
        return Err(ApiError::invalid(format!("reply: it has more than {LONGEST_REPLY} bytes")));
    }
    Ok(())
}

fn no_bridge() -> ApiError {
    let why = "there is no bridge here: only functions in AWS have one, from infra/deploy of this release on";
    ApiError::new(ErrorCode::NoBridge, why)
}

fn unavailable(error: &TicketError) -> ApiError {
    tracing::error!(%error, "no ticket was made");
    ApiError::new(ErrorCode::TicketUnavailable, error.to_string())
}

impl TicketBody {
    fn of(ticket: &Ticket, now: Timestamp) -> Self {
        Self {
            queue: ticket.queue.clone(),
            reports: ticket.reports.clone(),
            region: ticket.region.clone(),
            access_key_id: ticket.access_key_id.clone(),
            secret_access_key: ticket.secret_access_key.expose_secret().to_owned(),
            session_token: ticket.session_token.expose_secret().to_owned(),
            expires_at: ticket.expires_at.rfc3339(),
            now: now.rfc3339(),
        }
    }
}
