//! What is answered instead of what was asked for.
//!
//! Handlers, extractors and middleware answer an [`ApiError`]: a code, which decides the status, and a sentence for
//! people. It travels to [`render`] in the response's extensions and gets its body there, in one place.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::store::StoreError;

/// What went wrong, for programs. A code that was released keeps its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The body, a parameter or the path is not what it has to be.
    InvalidRequest,
    /// No credentials, or wrong ones.
    Unauthorized,
    /// The credentials are right, and open something else.
    Forbidden,
    /// There is no such route.
    NotFound,
    /// Music Assistant pushed nothing yet.
    NothingPushed,
    /// No player has this name.
    PlayerUnknown,
    /// No Echo with this id ever asked for music.
    EchoUnknown,
    /// Nobody is signed in at Amazon.
    NotSignedIn,
    /// Amazon ended the session; a person has to sign in again.
    SignInAgain,
    /// Amazon does not accept a session that it renewed a moment ago.
    SessionRefused,
    /// The Amazon account has no such device.
    DeviceUnknown,
    /// Amazon does not reach the device.
    DeviceOffline,
    /// The device does not do that, or not at present.
    NotControllable,
    /// Amazon takes no more for now, or too many passwords were wrong; the error says until when.
    Throttled,
    /// Amazon answers something that this release does not know.
    AmazonChanged,
    /// Amazon does not answer, or has a problem.
    AmazonUnavailable,
    /// No sign-in is under way.
    LoginNotBegun,
    /// That is not the address of the page after signing in.
    LoginWrongAddress,
    /// This address completed a sign-in before.
    LoginAddressUsed,
    /// Amazon does not take this address any more.
    LoginAddressExpired,
    /// The Echo could not play the stream.
    PlaybackFailed,
    /// The Echo was told to use the skill and never did.
    NeverAsked,
    /// The route knows other methods.
    MethodNotAllowed,
    /// The body has more than 256 KiB, or a form more than 64 KiB.
    BodyTooLarge,
    /// The body did not arrive in time.
    RequestTimeout,
    /// The request is for a name that is not this server's.
    Misdirected,
    /// The body is compressed, or not declared as `application/json`.
    UnsupportedMediaType,
    /// A fault of ours.
    Internal,
    /// The credentials that are asked for cannot be read here.
    CredentialsUnavailable,
    /// The store does not answer.
    StoreUnavailable,
    /// The request was not done within 25 seconds.
    TookTooLong,
    /// The disk that the store is on has no room left.
    StoreFull,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 32] = [
        Self::InvalidRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::NothingPushed,
        Self::PlayerUnknown,
        Self::EchoUnknown,
        Self::NotSignedIn,
        Self::SignInAgain,
        Self::SessionRefused,
        Self::DeviceUnknown,
        Self::DeviceOffline,
        Self::NotControllable,
        Self::Throttled,
        Self::AmazonChanged,
        Self::AmazonUnavailable,
        Self::LoginNotBegun,
        Self::LoginWrongAddress,
        Self::LoginAddressUsed,
        Self::LoginAddressExpired,
        Self::PlaybackFailed,
        Self::NeverAsked,
        Self::MethodNotAllowed,
        Self::BodyTooLarge,
        Self::RequestTimeout,
        Self::Misdirected,
        Self::UnsupportedMediaType,
        Self::Internal,
        Self::CredentialsUnavailable,
        Self::StoreUnavailable,
        Self::TookTooLong,
        Self::StoreFull,
    ];

    /// The code on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::NothingPushed => "nothing_pushed",
            Self::PlayerUnknown => "player_unknown",
            Self::EchoUnknown => "echo_unknown",
            Self::NotSignedIn => "not_signed_in",
            Self::SignInAgain => "sign_in_again",
            Self::SessionRefused => "session_refused",
            Self::DeviceUnknown => "device_unknown",
            Self::DeviceOffline => "device_offline",
            Self::NotControllable => "not_controllable",
            Self::Throttled => "throttled",
            Self::AmazonChanged => "amazon_changed",
            Self::AmazonUnavailable => "amazon_unavailable",
            Self::LoginNotBegun => "login_not_begun",
            Self::LoginWrongAddress => "login_wrong_address",
            Self::LoginAddressUsed => "login_address_used",
            Self::LoginAddressExpired => "login_address_expired",
            Self::PlaybackFailed => "playback_failed",
            Self::NeverAsked => "never_asked",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BodyTooLarge => "body_too_large",
            Self::RequestTimeout => "request_timeout",
            Self::Misdirected => "misdirected",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Internal => "internal",
            Self::CredentialsUnavailable => "credentials_unavailable",
            Self::StoreUnavailable => "store_unavailable",
            Self::TookTooLong => "took_too_long",
            Self::StoreFull => "store_full",
        }
    }

    /// The HTTP status that it is answered with.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest | Self::LoginWrongAddress => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound
            | Self::NothingPushed
            | Self::PlayerUnknown
            | Self::EchoUnknown
            | Self::DeviceUnknown => StatusCode::NOT_FOUND,
            Self::NotSignedIn
            | Self::SignInAgain
            | Self::DeviceOffline
            | Self::NotControllable
            | Self::LoginNotBegun
            | Self::LoginAddressUsed => StatusCode::CONFLICT,
            Self::SessionRefused | Self::AmazonChanged | Self::AmazonUnavailable | Self::PlaybackFailed => {
                StatusCode::BAD_GATEWAY
            }
            Self::Throttled => StatusCode::TOO_MANY_REQUESTS,
            Self::LoginAddressExpired => StatusCode::GONE,
            Self::NeverAsked | Self::TookTooLong => StatusCode::GATEWAY_TIMEOUT,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::CredentialsUnavailable | Self::StoreUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::StoreFull => StatusCode::INSUFFICIENT_STORAGE,
        }
    }

    /// When it is answered, for the API's document.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The body, a parameter or the path is not what it has to be",
            Self::Unauthorized => "Credentials are missing or wrong",
            Self::Forbidden => "These credentials do not open this",
            Self::NotFound => "There is no such route",
            Self::NothingPushed => "Music Assistant pushed nothing yet",
            Self::PlayerUnknown => "No player has this name",
            Self::EchoUnknown => "No Echo with this id ever asked for music",
            Self::NotSignedIn => "Nobody is signed in at Amazon",
            Self::SignInAgain => "Amazon ended the session; a person has to sign in again",
            Self::SessionRefused => "Amazon does not accept a session that it renewed a moment ago",
            Self::DeviceUnknown => "The Amazon account has no such device",
            Self::DeviceOffline => "Amazon does not reach the device",
            Self::NotControllable => "The device does not do that, or not at present",
            Self::Throttled => {
                "Amazon takes no more for now, or too many passwords were wrong; `until` and Retry-After say until when"
            }
            Self::AmazonChanged => "Amazon answers something that this release does not know",
            Self::AmazonUnavailable => "Amazon does not answer, or has a problem",
            Self::LoginNotBegun => "No sign-in is under way",
            Self::LoginWrongAddress => "That is not the address of the page after signing in",
            Self::LoginAddressUsed => "This address completed a sign-in before",
            Self::LoginAddressExpired => "Amazon does not take this address any more",
            Self::PlaybackFailed => "The Echo could not play the stream",
            Self::NeverAsked => "The Echo was told to use the skill and never did",
            Self::MethodNotAllowed => "The route knows other methods",
            Self::BodyTooLarge => "The body has more than 256 KiB, or a form more than 64 KiB",
            Self::RequestTimeout => "The body did not arrive within 10 s",
            Self::Misdirected => "The request is for a name that is not this server's",
            Self::UnsupportedMediaType => "The body is compressed, or not declared as application/json",
            Self::Internal => "A fault of the server",
            Self::CredentialsUnavailable => {
                "The server cannot read its credentials; the message says the cure"
            }
            Self::StoreUnavailable => "The store does not answer",
            Self::TookTooLong => "The request was not done within 25 seconds, and may be done all the same",
            Self::StoreFull => "The disk that the store is on has no room left",
        }
    }
}

/// An answer that is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    until: Option<Timestamp>,
    /// From now until then, in whole seconds.
    retry_after: Option<u64>,
    /// The text of the pages that says more than the one of its code.
    page_text: Option<&'static str>,
}

impl ApiError {
    /// An error with a sentence for people, which holds no secret and little of what was sent.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), until: None, retry_after: None, page_text: None }
    }

    /// [`ErrorCode::InvalidRequest`].
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    /// A fault of ours, of which the log says more.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "something went wrong here; the log says what")
    }

    /// The same, which passes at `until`.
    #[must_use]
    pub(super) fn until(self, until: Timestamp, now: Timestamp) -> Self {
        let seconds = until.since(now).as_millis().div_ceil(1000).max(1);
        Self { until: Some(until), retry_after: u64::try_from(seconds).ok(), ..self }
    }

    /// The same, which pages say with a text of its own, named by its key.
    #[must_use]
    pub(super) fn shown_as(self, page_text: Option<&'static str>) -> Self {
        Self { page_text, ..self }
    }

    /// The key of the text of the pages that says more than the one of its code.
    pub(crate) fn page_text(&self) -> Option<&'static str> {
        self.page_text
    }

    /// What its body says.
    pub(super) fn detail(&self) -> ErrorDetail {
        ErrorDetail {
            code: self.code,
            message: self.message.clone(),
            until: self.until.map(Timestamp::rfc3339),
        }
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }
}

/// What Music Assistant's log and a person read where nothing can be kept.
const DISK_FULL: &str =
    "the disk is full, so nothing can be kept: free some space on the machine that runs this";

impl From<StoreError> for ApiError {
    fn from(err: StoreError) -> Self {
        tracing::error!(error = %err, "the store did not serve");
        let message = match err {
            StoreError::Full(_) => return Self::new(ErrorCode::StoreFull, DISK_FULL),
            StoreError::Unavailable(_) => "the store cannot be reached at the moment; try again",
            StoreError::Newer { .. } => "the store was written by a newer release; install that one here too",
            StoreError::Malformed(_) => "the store holds something malformed; the log says what",
        };
        Self::new(ErrorCode::StoreUnavailable, message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An error of `/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// Until when it lasts, RFC 3339 in UTC, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// An error of every other route. Music Assistant writes it into its log as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShortErrorBody {
    /// For people.
    pub error: String,
}

/// Whether errors of this path have a code in them.
fn has_codes(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

/// Gives errors their body: with a code under `/v1`, short elsewhere.
pub async fn render(request: Request, next: Next) -> Response {
    let with_code = has_codes(request.uri().path());
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    let body = if with_code {
        Json(ErrorBody { error: error.detail() }).into_response()
    } else {
        Json(ShortErrorBody { error: error.message.clone() }).into_response()
    };
    let (head, body) = body.into_parts();
    *response.body_mut() = body;
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().extend(head.headers);
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if error.code == ErrorCode::Unauthorized {
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"Music Assistant for Alexa\", charset=\"UTF-8\""),
        );
    }
    response
}

/// For a path that no route has.
pub(crate) async fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "there is nothing at this path")
}

/// For a method that a route does not have.
pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed, "this path knows other methods")
}
