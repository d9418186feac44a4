//! Errors of the API: codes, sentences and bodies.
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

use crate::amazon::AmazonErrorCode;
use crate::clock::Timestamp;
use crate::store::StoreError;

/// Declares the codes: each with its HTTP status and its description.
macro_rules! error_codes {
    ($($code:ident: $status:ident, $description:tt;)+) => {
        /// The kind of an error, for programs. A code that was released keeps its meaning.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, strum::IntoStaticStr,
        )]
        #[serde(rename_all = "snake_case")]
        #[strum(serialize_all = "snake_case")]
        pub enum ErrorCode {
            $(#[doc = $description] $code,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: [Self; [$(stringify!($code)),+].len()] = [$(Self::$code),+];

            /// The HTTP status of its response.
            #[must_use]
            pub fn status(self) -> StatusCode {
                match self {
                    $(Self::$code => StatusCode::$status,)+
                }
            }

            /// The condition that it stands for, as the API's document has it.
            #[must_use]
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$code => $description,)+
                }
            }
        }
    };
}

error_codes! {
    InvalidRequest: BAD_REQUEST, "The body, a parameter or the path is not what it has to be";
    Unauthorized: UNAUTHORIZED, "Credentials are missing or wrong";
    Forbidden: FORBIDDEN, "These credentials do not open this";
    NotFound: NOT_FOUND, "There is no such route";
    HearsNothing: NOT_FOUND, "This deployment hears no live events of Amazon; only a server at home does";
    ServesNoRenderers: NOT_FOUND, "These functions have no bridge, so that no home serves renderers";
    NoBridge: NOT_FOUND, "This deployment has no bridge; only functions in AWS do";
    NoBackup: NOT_FOUND, "There is no backup to hand out; the message says why. Only a server at home makes them";
    NotWaiting: NOT_FOUND, "No request of this id waits for a reply, or not any more";
    TicketUnavailable: BAD_GATEWAY, "AWS gives no keys of the queue; the log says why";
    NothingPushed: NOT_FOUND, "Music Assistant pushed nothing yet";
    PlayerUnknown: NOT_FOUND, "No player has this name";
    EchoUnknown: NOT_FOUND, "No Echo with this id ever asked for music";
    TokenUnknown: NOT_FOUND, "No API token has this id";
    TooManyTokens: CONFLICT, "There are as many API tokens as are kept";
    NotSignedIn: CONFLICT, "No Amazon account is signed in";
    SignInAgain: CONFLICT, "Amazon ended the session; a person has to sign in again";
    SessionRefused: BAD_GATEWAY, "Amazon does not accept a session that it refreshed a moment ago";
    DeviceUnknown: NOT_FOUND, "The Amazon account has no such device";
    DeviceOffline: CONFLICT, "Amazon does not reach the device";
    NotControllable: CONFLICT, "The device does not do that, or not at present";
    Throttled: TOO_MANY_REQUESTS, "Amazon takes no more for now, or too many passwords were wrong; `until` and Retry-After say until when";
    AmazonChanged: BAD_GATEWAY, "Amazon answers something that this release does not know";
    AmazonUnavailable: BAD_GATEWAY, "Amazon does not answer, or has a problem";
    LoginNotBegun: CONFLICT, "No sign-in is under way";
    LoginWrongAddress: BAD_REQUEST, "That is not the address of the page after signing in";
    LoginAddressUsed: CONFLICT, "This address completed a sign-in before";
    LoginAddressExpired: GONE, "Amazon does not take this address any more";
    MusicAssistantNotConnected: CONFLICT, "No address of Music Assistant's API is set";
    MusicAssistantUnreachable: BAD_GATEWAY, "No connection to Music Assistant is made";
    MusicAssistantSlow: GATEWAY_TIMEOUT, "Music Assistant does not answer in time; a command may be done all the same";
    MusicAssistantSignedOut: CONFLICT, "Music Assistant does not accept the token, or needs one";
    MusicAssistantLoginRefused: CONFLICT, "Music Assistant does not accept the user name and password";
    MusicAssistantNotAllowed: CONFLICT, "The role of the user in Music Assistant does not allow it";
    MusicAssistantFailed: BAD_GATEWAY, "Music Assistant could not do it; its log says why";
    MusicAssistantUnexpected: BAD_GATEWAY, "Something else than an API of Music Assistant that this release knows answers";
    MusicUnknown: NOT_FOUND, "Music Assistant has no such music, or the queue no such item";
    FunnelRefused: CONFLICT, "Tailscale does not lead to the door; the message says why, and the remedy";
    PlaybackFailed: BAD_GATEWAY, "The Echo could not play the stream";
    NeverAsked: GATEWAY_TIMEOUT, "The Echo got the sentence, and never called the skill";
    MethodNotAllowed: METHOD_NOT_ALLOWED, "The route knows other methods";
    BodyTooLarge: PAYLOAD_TOO_LARGE, "The body has more than 256 KiB, or a form more than 64 KiB";
    RequestTimeout: REQUEST_TIMEOUT, "The body did not arrive within 10 s";
    Misdirected: MISDIRECTED_REQUEST, "The request is for a name that is not this server's";
    UnsupportedMediaType: UNSUPPORTED_MEDIA_TYPE, "The body is compressed, or not declared as application/json";
    Internal: INTERNAL_SERVER_ERROR, "A fault of the server";
    CredentialsUnavailable: SERVICE_UNAVAILABLE, "The server cannot read its credentials; the message says the remedy";
    StoreUnavailable: SERVICE_UNAVAILABLE, "The store does not answer";
    TookTooLong: GATEWAY_TIMEOUT, "The request was not done within 25 seconds, and may be done all the same";
    StoreFull: INSUFFICIENT_STORAGE, "The disk that the store is on has no room left";
}

impl ErrorCode {
    /// The code on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
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

    /// The error with the time at which it passes.
    #[must_use]
    pub(super) fn until(self, until: Timestamp, now: Timestamp) -> Self {
        let seconds = until.since(now).as_millis().div_ceil(1000).max(1);
        Self { until: Some(until), retry_after: u64::try_from(seconds).ok(), ..self }
    }

    /// The error with the key of a text that pages show instead of the one of its code.
    #[must_use]
    pub(super) fn shown_as(self, page_text: Option<&'static str>) -> Self {
        Self { page_text, ..self }
    }

    /// The key of the text of the pages that says more than the one of its code.
    pub(crate) fn page_text(&self) -> Option<&'static str> {
        self.page_text
    }

    /// The error as its body has it.
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

/// The sentence for Music Assistant's log and for people where nothing can be stored.
const DISK_FULL: &str =
    "the disk is full, so nothing can be kept: free some space on the machine that runs this";

impl From<AmazonErrorCode> for ErrorCode {
    fn from(code: AmazonErrorCode) -> Self {
        match code {
            AmazonErrorCode::NotSignedIn => Self::NotSignedIn,
            AmazonErrorCode::SignInAgain => Self::SignInAgain,
            AmazonErrorCode::SessionRefused => Self::SessionRefused,
            AmazonErrorCode::DeviceUnknown => Self::DeviceUnknown,
            AmazonErrorCode::DeviceOffline => Self::DeviceOffline,
            AmazonErrorCode::NotControllable => Self::NotControllable,
            AmazonErrorCode::Throttled => Self::Throttled,
            AmazonErrorCode::AmazonChanged => Self::AmazonChanged,
            AmazonErrorCode::AmazonUnavailable => Self::AmazonUnavailable,
            AmazonErrorCode::LoginNotBegun => Self::LoginNotBegun,
            AmazonErrorCode::LoginWrongAddress => Self::LoginWrongAddress,
            AmazonErrorCode::LoginAddressUsed => Self::LoginAddressUsed,
            AmazonErrorCode::LoginAddressExpired => Self::LoginAddressExpired,
            AmazonErrorCode::StoreFull => Self::StoreFull,
            AmazonErrorCode::StoreUnavailable => Self::StoreUnavailable,
            AmazonErrorCode::CredentialsUnavailable => Self::CredentialsUnavailable,
            AmazonErrorCode::Internal => Self::Internal,
        }
    }
}

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
    /// The error.
    pub error: ErrorDetail,
}

/// An error: its code and its sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// Code of the error, for programs.
    pub code: ErrorCode,
    /// Message of the error, for people.
    pub message: String,
    /// Until when it lasts, RFC 3339 in UTC, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// An error of every other route. Music Assistant writes it into its log as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ShortErrorBody)]
pub struct PlainErrorBody {
    /// Message of the error, for people.
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
        Json(PlainErrorBody { error: error.message.clone() }).into_response()
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
