//! Sign-in to the Amazon account, and the status of its session.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::JsonBody;
use super::error::{ApiError, ErrorCode, ErrorDetail};
use super::state::ApiState;
use crate::account::RequestLane;
use crate::amazon::{AccountStatus, AmazonError, TransportError};
use crate::clock::Timestamp;
use crate::config::LocaleCode;
use crate::telemetry::Metric;

/// The Amazon account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AmazonBody {
    /// Whether a person signed in, and has not signed out.
    pub signed_in: bool,
    /// Reason and time since which a person has to sign in again; null where that is not needed.
    pub sign_in_again: Option<SignInAgainBody>,
    /// First name of the person who signed in.
    pub name: Option<String>,
    /// The account's shop.
    #[schema(example = "amazon.de")]
    pub marketplace: Option<String>,
    /// Time of the sign-in, RFC 3339 in UTC.
    pub signed_in_at: Option<String>,
    /// Time of the last refresh of the access token, RFC 3339 in UTC.
    pub token_renewed_at: Option<String>,
    /// Time of the last refresh of the cookies, RFC 3339 in UTC.
    pub cookies_renewed_at: Option<String>,
    /// Since when a sign-in waits for its address, RFC 3339 in UTC; null where none does.
    pub login_began_at: Option<String>,
    /// Request lanes to Amazon, and whether each may send at present.
    pub lanes: Vec<LaneBody>,
}

/// End of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignInAgainBody {
    /// Amazon's word.
    #[schema(example = "invalid_grant")]
    pub reason: String,
    /// Time at which we learned of it, RFC 3339 in UTC.
    pub at: String,
}

/// A lane to Amazon.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LaneBody {
    /// `commands` or `reads`.
    #[schema(example = "commands")]
    pub lane: &'static str,
    /// Until when Amazon throttles it, RFC 3339 in UTC; null where it does not.
    pub throttled_until: Option<String>,
}

/// A sign-in that is to begin.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct LoginBody {
    /// The language of Amazon's page; that of the Echos where it is left out.
    #[serde(default)]
    #[schema(example = "de-DE")]
    pub language: Option<String>,
}

/// A sign-in that has begun.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LoginBegunBody {
    /// Address of the sign-in page, for a browser of your own.
    pub url: String,
    /// Steps of the sign-in, in English.
    pub steps: Vec<&'static str>,
}

/// The end of a sign-in.
#[derive(Deserialize, ToSchema)]
pub struct LoginCompleteBody {
    /// The whole address of the page that was not found.
    #[schema(example = "https://www.amazon.com/ap/maplanding?openid.oa2.authorization_code=…")]
    pub address: String,
}

/// A sign-in that is complete.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LoginDoneBody {
    /// First name of the person who is signed in.
    pub name: Option<String>,
    /// Whether the devices can be used already.
    pub ready: bool,
    /// Reason why they cannot be used yet, where they cannot; it is tried again by itself.
    pub problem: Option<ErrorDetail>,
}

/// The end of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogoutBody {
    /// Whether our device is off the account's list already; else that is tried again by itself.
    pub deregistered: bool,
}

/// A refresh, without parameters.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = RefreshWish)]
pub struct RefreshRequest {}

/// The report of a refresh.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefreshBody {
    /// Refreshed parts: `access_token`, `cookies`, `developer_token`, `deregistered`; empty where nothing was due.
    #[schema(example = json!(["access_token"]))]
    pub refreshed: Vec<String>,
    /// Accounts that a person has to sign in to again.
    #[schema(example = json!([]))]
    pub sign_in_again: Vec<&'static str>,
    /// Whether the run was skipped, since another process refreshes the session.
    #[serde(rename = "left_to_another")]
    pub skipped: bool,
}

const STEPS: [&str; 3] = [
    "Open the address in a private window of a browser on a computer, and sign in as you always do.",
    "Amazon then shows a page that is not found. That is as it has to be.",
    "Copy the whole address of that page and send it within five minutes: POST /v1/amazon/login/complete with \
     {\"address\": \"…\"}.",
];

/// The account and the status of its session, without a request to Amazon.
#[utoipa::path(
    get, path = "/amazon", operation_id = "amazon", tag = "amazon", security(("basic" = []), ("token" = ["control"])),
    responses((status = 200, description = "The account", body = AmazonBody), super::responses::ReadErrors)
)]
pub(super) async fn status(State(state): State<ApiState>) -> Result<Json<AmazonBody>, ApiError> {
    let status = state.account.session().status().await.map_err(|error| amazon_error(&state, error))?;
    let now = state.clock().now();
    let mut lanes = Vec::new();
    for lane in RequestLane::ALL {
        let throttled_until = state.deps.store.lane(lane).await?.blocked_until(now).map(Timestamp::rfc3339);
        lanes.push(LaneBody { lane: lane.as_str(), throttled_until });
    }
    Ok(Json(AmazonBody::new(status, lanes)))
}

/// Begins a sign-in: the answer says where. An account that is signed in stays so until it is complete.
#[utoipa::path(
    post, path = "/amazon/login", operation_id = "begin_amazon_login", tag = "amazon", request_body = LoginBody,
    security(("basic" = []), ("token" = ["everything"])),
    responses((status = 200, description = "Begun", body = LoginBegunBody), super::responses::WriteErrors)
)]
pub(super) async fn begin_login(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<LoginBody>,
) -> Result<Json<LoginBegunBody>, ApiError> {
    let language = match &body.language {
        Some(language) => LocaleCode::parse(language)
            .map_err(|problem| ApiError::invalid(format!("language: {problem}")))?,
        None => state.effective().await?.speech.locale,
    };
    let begun = state.account.session().begin_login(language.as_str()).await;
    let url = begun.map_err(|error| amazon_error(&state, error))?.url;
    Ok(Json(LoginBegunBody { url, steps: STEPS.to_vec() }))
}

/// Completes a sign-in with the address of the page that was not found. A sign-in before it is replaced.
#[utoipa::path(
    post, path = "/amazon/login/complete", operation_id = "complete_amazon_login", tag = "amazon",
    request_body = LoginCompleteBody, security(("basic" = []), ("token" = ["everything"])),
    responses(
        (status = 200, description = "Signed in", body = LoginDoneBody),
        super::responses::LoginErrors,
    )
)]
pub(super) async fn complete_login(
    State(state): State<ApiState>,
    JsonBody(body): JsonBody<LoginCompleteBody>,
) -> Result<Json<LoginDoneBody>, ApiError> {
    let session = state.account.session().clone();
    let completed = state.account.finish(async move { session.complete_login(&body.address).await }).await;
    let done = completed.map_err(|error| amazon_error(&state, error))?;
    let problem = done.not_ready.map(|error| amazon_error(&state, error).detail());
    Ok(Json(LoginDoneBody { name: done.name, ready: problem.is_none(), problem }))
}

/// Signs out: the session is forgotten and our device taken off the account.
#[utoipa::path(
    delete, path = "/amazon/login", operation_id = "amazon_logout", tag = "amazon", security(("basic" = []), ("token" = ["everything"])),
    responses((status = 200, description = "Signed out", body = LogoutBody), super::responses::AmazonReadErrors)
)]
pub(super) async fn logout(State(state): State<ApiState>) -> Result<Json<LogoutBody>, ApiError> {
    let session = state.account.session().clone();
    let done = state.account.finish(async move { session.logout().await }).await;
    let done = done.map_err(|error| amazon_error(&state, error))?;
    Ok(Json(LogoutBody { deregistered: done.deregistered }))
}

/// Refreshes what runs out soon, as the schedule does.
#[utoipa::path(
    post, path = "/amazon/refresh", operation_id = "refresh_amazon", tag = "amazon",
    request_body = RefreshRequest, security(("basic" = []), ("token" = ["everything"])),
    responses(
        (status = 200, description = "What was due is refreshed", body = RefreshBody),
        super::responses::AmazonWriteErrors,
    )
)]
pub(super) async fn refresh(
    State(state): State<ApiState>,
    JsonBody(RefreshRequest {}): JsonBody<RefreshRequest>,
) -> Result<Json<RefreshBody>, ApiError> {
    let session = state.account.session().clone();
    let report = state.account.finish(async move { session.refresh().await }).await;
    let report = report.map_err(|error| {
        state.metrics().count(&[Metric::RefreshFailures], state.clock().now());
        amazon_error(&state, error)
    })?;
    Ok(Json(RefreshBody {
        refreshed: report.refreshed.iter().map(|part| part.as_str().to_owned()).collect(),
        sign_in_again: report.sign_in_again,
        skipped: report.skipped,
    }))
}

impl AmazonBody {
    fn new(status: AccountStatus, lanes: Vec<LaneBody>) -> Self {
        Self {
            signed_in: status.signed_in,
            sign_in_again: status
                .ended
                .map(|ended| SignInAgainBody { reason: ended.reason, at: ended.at.rfc3339() }),
            name: status.name,
            marketplace: status.marketplace,
            signed_in_at: status.signed_in_at.map(Timestamp::rfc3339),
            token_renewed_at: status.token_renewed_at.map(Timestamp::rfc3339),
            cookies_renewed_at: status.cookies_renewed_at.map(Timestamp::rfc3339),
            login_began_at: status.login_began_at.map(Timestamp::rfc3339),
            lanes,
        }
    }
}

/// The API's error for one of the Amazon account.
pub(crate) fn amazon_error(state: &ApiState, error: AmazonError) -> ApiError {
    let code = ErrorCode::from(error.code());
    let message = error.to_string();
    if let Some(until) = error.until() {
        return ApiError::new(code, message).until(until, state.clock().now());
    }
    let page_text = page_text(error.root());
    match error {
        AmazonError::Store(error) => error.into(),
        AmazonError::NoRandomness(_) => ApiError::internal(),
        _ => {
            if code == ErrorCode::CredentialsUnavailable {
                tracing::error!(error = message, "the secret of the Amazon session did not serve");
            }
            ApiError::new(code, message).shown_as(page_text)
        }
    }
}

/// The text of the pages where the code of an error says too little, or that to try again helps.
fn page_text(error: &AmazonError) -> Option<&'static str> {
    match error {
        AmazonError::Transport(TransportError::Certificate(_)) => Some("problem-amazon-certificate"),
        error if error.may_be_done() => Some("problem-may-be-done"),
        _ => None,
    }
}
