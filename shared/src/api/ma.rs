//! Routes of Music Assistant's provider.
//!
//! A body that reports no success lands whole in its log, so errors are short. No response is a redirect, since the
//! client would make a GET of the push.

use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::JsonBody;
use super::error::{ApiError, ErrorCode, PlainErrorBody};
use super::grants::Grants;
use super::plays;
use super::state::{ApiState, RequestContext};
use crate::diagnostics::ProviderSnapshot;
use crate::playback::{Metadata, PlayerId, Push, StreamAddresses, StreamUrl};
use crate::store::{Activity, ActivityKind, ActivityStore, Document, PushResult, note_document};
use crate::telemetry::Metric;

/// Longest address of a picture that is kept, in characters: Alexa takes no longer one (Alexa Skills Kit, limits).
const MAX_IMAGE_URL: usize = 2000;

/// The age after which unchanged phrases are stored again.
const REWRITE_AFTER: Duration = Duration::from_hours(1);

/// The longest time that Music Assistant waits for the store. It gives up after five seconds.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

/// A push of Music Assistant.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushBody {
    /// The stream, whose path names the player.
    #[schema(example = "http://192.168.1.5:8097/flow/Aa2keUeZ/Kitchen/1234/Kitchen.flac", max_length = 2000)]
    pub stream_url: String,
    /// Title.
    #[serde(default)]
    pub title: Option<String>,
    /// Artist.
    #[serde(default)]
    pub artist: Option<String>,
    /// Album.
    #[serde(default)]
    pub album: Option<String>,
    /// Picture.
    #[serde(default)]
    pub image_url: Option<String>,
    /// Whether the sender leaves out the sentence that makes the Echo ask, if the answer says that the stream is live. Newer
    /// providers say so with each start.
    #[serde(default)]
    pub can_skip_speech: Option<bool>,
}

/// A push was taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PushedBody {
    /// `ok`.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// Counts the starts of the player. A push of new names for the same stream keeps it.
    pub version: u64,
    /// Whether the Echo gets the stream as the answer to a person who waits for it, so that no sentence is needed. Absent
    /// where the push says nothing of sentences.
    #[serde(rename = "pageLive", skip_serializing_if = "Option::is_none")]
    pub page_live: Option<bool>,
}

/// The last push.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LatestBody {
    /// The stream, as Music Assistant pushed it.
    pub stream_url: String,
    /// Title.
    pub title: Option<String>,
    /// Artist.
    pub artist: Option<String>,
    /// Album.
    pub album: Option<String>,
    /// Picture, as Music Assistant pushed it.
    pub image_url: Option<String>,
}

/// The phrases that Music Assistant says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IntentsBody {
    /// The language.
    #[schema(example = "en-US")]
    pub locale: String,
    /// The text before each utterance.
    #[schema(example = "ask music assistant to")]
    pub invocation_name: String,
    /// The text behind it.
    pub intents: Vec<IntentUtterances>,
}

/// The utterances of one intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct IntentUtterances {
    /// The name under which Music Assistant looks for it.
    #[schema(example = "AMAZON.PauseIntent")]
    pub intent: String,
    /// Music Assistant says the first.
    pub utterances: Vec<String>,
}

/// Takes a stream for the player that its path names.
#[utoipa::path(
    post, path = "/push-url", operation_id = "push_url", tag = "ma",
    request_body = PushBody, security(("basic" = [])),
    responses(
        (status = 200, description = "Taken", body = PushedBody),
        super::responses::PlainWriteErrors,
    )
)]
pub(super) async fn push_url(
    State(state): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    JsonBody(body): JsonBody<PushBody>,
) -> Result<Json<PushedBody>, ApiError> {
    take(&state, context, body).await.map(Json)
}

/// As `/ma/push-url`.
#[utoipa::path(
    post, path = "/push-url", operation_id = "alexa_push_url", tag = "alexa",
    request_body = PushBody, security(("basic" = [])),
    responses(
        (status = 200, description = "Taken", body = PushedBody),
        super::responses::PlainWriteErrors,
    )
)]
pub(super) async fn alexa_push_url(
    State(state): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    JsonBody(body): JsonBody<PushBody>,
) -> Result<Json<PushedBody>, ApiError> {
    take(&state, context, body).await.map(Json)
}

/// The last push, for any player.
#[utoipa::path(
    get, path = "/latest-url", operation_id = "latest_url", tag = "ma", security(("basic" = [])),
    responses(
        (status = 200, description = "The newest push", body = LatestBody),
        (status = 404, description = "Music Assistant pushed nothing yet", body = PlainErrorBody),
        super::responses::PlainReadErrors,
    )
)]
pub(super) async fn latest_url(State(state): State<ApiState>) -> Result<Json<LatestBody>, ApiError> {
    latest(&state).await.map(Json)
}

/// As `/ma/latest-url`.
#[utoipa::path(
    get, path = "/latest-url", operation_id = "alexa_latest_url", tag = "alexa", security(("basic" = [])),
    responses(
        (status = 200, description = "The newest push", body = LatestBody),
        (status = 404, description = "Music Assistant pushed nothing yet", body = PlainErrorBody),
        super::responses::PlainReadErrors,
    )
)]
pub(super) async fn alexa_latest_url(State(state): State<ApiState>) -> Result<Json<LatestBody>, ApiError> {
    latest(&state).await.map(Json)
}

/// The phrases of Music Assistant to pause, resume and stop.
#[utoipa::path(
    get, path = "/intents", operation_id = "intents", tag = "alexa", security(("basic" = [])),
    responses(
        (status = 200, description = "The sentences of the configured language", body = IntentsBody),
        super::responses::PlainReadErrors,
    )
)]
pub(super) async fn intents(State(state): State<ApiState>) -> Result<Json<IntentsBody>, ApiError> {
    let phrases = ProviderSnapshot::of(&state.effective().await?.speech, state.clock().now());
    remember_phrases(&state, &phrases).await;
    Ok(Json(spoken(phrases)))
}

/// The phrases of a locale, in the form that Music Assistant's provider reads.
fn spoken(phrases: ProviderSnapshot) -> IntentsBody {
    IntentsBody {
        locale: phrases.locale,
        invocation_name: phrases.invocation_name,
        intents: phrases
            .utterances
            .into_iter()
            .map(|(intent, utterances)| IntentUtterances { intent, utterances })
            .collect(),
    }
}

/// Stores the phrases for diagnostics: Music Assistant uses them until its provider is reloaded. The response waits for
/// this no longer than a moment, and does not depend on it.
async fn remember_phrases(state: &ApiState, phrases: &ProviderSnapshot) {
    let is_current =
        |last: &ProviderSnapshot| last.same_phrases(phrases) && phrases.at.is_within(REWRITE_AFTER, last.at);
    let stored = note_document(state.deps.store.as_ref(), Document::StartPhrases, phrases, is_current);
    match tokio::time::timeout(STORE_TIMEOUT, stored).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the phrases of Music Assistant could not be stored"),
        Err(_) => tracing::warn!("the phrases of Music Assistant could not be stored in time"),
    }
}

async fn take(state: &ApiState, context: RequestContext, body: PushBody) -> Result<PushedBody, ApiError> {
    let (stream, can_skip_speech) = (stream(&body)?, body.can_skip_speech);
    let push = push(state, context, stream, body, None).await?;
    #[cfg(feature = "music-assistant")]
    let player = push.player.clone();
    let pushed = take_push(state, push).await?;
    #[cfg(feature = "music-assistant")]
    if pushed.handed {
        state.home_control.look_after(&player, pushed.version);
    }
    let page_live = can_skip_speech.map(|_| pushed.handed);
    Ok(PushedBody { status: "ok", version: pushed.version, page_live })
}

/// The stream of Music Assistant that a body names.
pub(super) fn stream(body: &PushBody) -> Result<StreamUrl, ApiError> {
    StreamUrl::parse(&body.stream_url).map_err(|err| ApiError::invalid(err.to_string()))
}

/// The push that a body with this stream is: for the player that the stream names, or a play for `player`.
pub(super) async fn push(
    state: &ApiState,
    context: RequestContext,
    stream: StreamUrl,
    body: PushBody,
    player: Option<PlayerId>,
) -> Result<Push, ApiError> {
    let is_play = player.is_some();
    let player = player.unwrap_or_else(|| stream.player());
    let image_url = body.image_url.filter(|image| image.chars().count() <= MAX_IMAGE_URL);
    let grants = Grants::seal(state, player.key(), &stream, image_url.as_deref()).await;
    check_reachable(state, &stream, grants.stream.is_some()).await?;
    let metadata = Metadata {
        title: body.title,
        artist: body.artist,
        album: body.album,
        image_url,
        image_grant: grants.image,
    };
    Ok(Push {
        is_play,
        player,
        stream,
        grant: grants.stream,
        metadata: metadata.clean(),
        at: state.clock().now(),
        request: context.id,
        can_skip_speech: body.can_skip_speech,
        reports_home: false,
    })
}

/// Stores a push; the version that its stream is, and whether a request that waited was handed it.
pub(super) async fn take_push(state: &ApiState, push: Push) -> Result<PushResult, ApiError> {
    let pushed = state.deps.store.push(&push).await?;
    tracing::info!(
        stream.origin = push.stream.origin(),
        push.version = pushed.version,
        push.started = pushed.started,
        push.handed = pushed.handed,
        "a push was taken"
    );
    state.metrics().count(&[Metric::Pushes], push.at);
    if pushed.started {
        let before = match &pushed.before {
            Some(before) => plays::replaced(state, before, push.at).await.map(Box::new),
            None => None,
        };
        let kind = ActivityKind::Started {
            player: push.player,
            version: pushed.version,
            title: push.metadata.title,
            before,
        };
        note(state.deps.store.as_ref(), &Activity { at: push.at, kind }).await;
    }
    Ok(pushed)
}

/// Refuses a stream that no Echo could fetch. The settings are read only where the environment does not say enough.
async fn check_reachable(state: &ApiState, stream: &StreamUrl, is_granted: bool) -> Result<(), ApiError> {
    let check = |addresses: StreamAddresses| match addresses.stream(stream) {
        Err(_) if is_granted && addresses.has_door(stream) => Ok(()),
        direct => direct.map(|_| ()),
    };
    if check(StreamAddresses::from(&state.deps.config.streams)).is_ok() {
        return Ok(());
    }
    let public = check(StreamAddresses::from(&state.effective().await?.streams));
    public.map_err(|err| ApiError::invalid(err.to_string()))
}

/// Notes what happened, for people to read; nothing depends on it.
pub(super) async fn note<S: ActivityStore + ?Sized>(store: &S, activity: &Activity) {
    if let Err(err) = store.note(activity).await {
        tracing::warn!(error = %err, "what happened could not be noted");
    }
}

async fn latest(state: &ApiState) -> Result<LatestBody, ApiError> {
    let household = state.deps.store.household(state.clock().now()).await?;
    household
        .players
        .into_iter()
        .filter_map(|player| Some((player.present?, player.player)))
        // Media of other controllers is none of Music Assistant's business.
        .filter(|(present, _)| !present.start.stream.is_media())
        .max_by(|(a, of), (b, other)| (a.start.pushed_at, of).cmp(&(b.start.pushed_at, other)))
        .map(|(present, _)| LatestBody {
            stream_url: present.start.stream.to_string(),
            title: present.metadata.title,
            artist: present.metadata.artist,
            album: present.metadata.album,
            image_url: present.metadata.image_url,
        })
        .ok_or_else(|| ApiError::new(ErrorCode::NothingPushed, "Music Assistant pushed nothing yet"))
}
