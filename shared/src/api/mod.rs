//! HTTP API for Music Assistant, people and scripts.
//!
//! Groups of routes, each behind HTTP Basic. Music Assistant calls `/ma` and `/alexa`. The program at home calls
//! `/v1/bridge` by the same password. `/v1` is the owner's, and takes API tokens as well. Handlers answer [`ApiError`] where
//! they cannot serve; [`render`] gives it the shape of the group.

mod account_echos;
mod activity;
mod amazon;
mod attempts;
mod auth;
#[cfg(feature = "sqlite")]
mod backup;
mod body;
mod bridge;
mod caller;
pub mod devices;
mod diagnostics;
mod doctor;
mod door;
mod echos;
mod error;
mod events;
mod grants;
mod in_time;
mod link;
mod ma;
#[cfg(feature = "prometheus")]
pub(crate) mod metrics;
#[cfg(feature = "music-assistant")]
mod music_assistant;
mod offered;
mod panics;
mod playback_errors;
mod players;
mod plays;
mod readers;
mod renderer_commands;
mod renderer_hand_over;
#[cfg(feature = "upnp")]
mod renderers;
mod require_role;
mod responses;
mod secret_credentials;
mod state;
pub mod testing;
mod token_scopes;
mod tokens;
mod unspoken;

use axum::Router;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::routing::routes;

pub(crate) use activity::recent;
pub use activity::{ActivityBody, ActivityEntry};
pub(crate) use amazon::amazon_error;
pub use amazon::{
    AmazonBody, LaneBody, LoginBegunBody, LoginBody, LoginCompleteBody, LoginDoneBody, LogoutBody,
    RefreshBody, RefreshRequest, SignInAgainBody,
};
pub(crate) use auth::Nameless;
pub use auth::{AuthError, Authenticator, Role};
#[cfg(feature = "sqlite")]
pub(crate) use backup::backup_file;
pub use body::{BODY_TIME, EmptyBody, MAX_BODY, MAX_FORM, buffer};
pub use bridge::{
    AnswerBody, AnsweredBody, EchosAnswerBody, EchosRequestBody, NamesBody, NamesTakenBody, SeenBody,
    TicketBody,
};
pub use caller::CallerAddress;
pub(crate) use caller::{OfPage, Proven};
pub(crate) use devices::tone_line;
pub use diagnostics::{DiagnosticsBody, UpdateBody, diagnose};
pub use doctor::{CheckBody, DoctorBody, FindingBody};
pub use door::{DoorBody, FunnelRequest};
pub(crate) use door::{FunnelError, let_out_by_funnel};
pub use echos::{EchoBody, EchosBody, PairBody, ServedPlayer, UnpairedBody};
pub(crate) use echos::{echos, pair_by_hand, unpair_by_hand};
pub use error::{ApiError, ErrorBody, ErrorCode, ErrorDetail, PlainErrorBody, render};
pub(crate) use error::{method_not_allowed, not_found};
pub use events::DeviceEventBody;
pub(crate) use events::event_stream;
pub use in_time::in_time;
pub(crate) use in_time::too_late;
pub use link::SignInLinkBody;
pub use ma::{IntentUtterances, IntentsBody, LatestBody, PushBody, PushedBody};
#[cfg(feature = "music-assistant")]
pub use music_assistant::{
    CommandBody, CommandedBody, ConnectBody, ConnectedBody, EchoPlayersBody, FoundBody, MaPlayerBody,
    PlayBody, PlayedMusicBody, ProblemBody, QueueBody, QueueItemBody, SearchBody,
};
#[cfg(feature = "music-assistant")]
pub(crate) use music_assistant::{MaConnection, check_connection, connect, disconnect, suggestions};
pub use offered::{FinderBody, RendererBody, RendererProblemBody, RenderersBody, RenderersChange};
pub(crate) use offered::{can_be_offered, is_group, is_offered, switch_renderer};
pub(crate) use panics::catch_panics;
pub use players::{PlayerBody, PlayerErrorBody, PlayersBody};
pub(crate) use plays::{PlayView, plays};
#[cfg(feature = "upnp")]
pub use renderers::offer_renderers;
pub(crate) use require_role::log_refusal;
use require_role::{RequiredRole, require_role};
pub use state::{ApiState, RequestContext};
pub(crate) use token_scopes::SCHEME as TOKEN_SCHEME;
use token_scopes::TokenScopes;
pub use tokens::{MadeTokenBody, NewTokenBody, TokenBody, TokensBody};
pub(crate) use tokens::{make_token, revoke_token};
pub use unspoken::{UnspokenBody, UnspokenCommandBody};

/// Routes under one prefix, which need one role.
struct Group {
    prefix: &'static str,
    role: Role,
    routes: OpenApiRouter<ApiState>,
}

fn groups() -> [Group; 4] {
    let music_assistant = OpenApiRouter::new()
        .routes(routes!(ma::push_url))
        .routes(routes!(ma::latest_url))
        .routes(routes!(unspoken::control));
    let alexa = OpenApiRouter::new()
        .routes(routes!(ma::intents))
        .routes(routes!(ma::alexa_push_url))
        .routes(routes!(ma::alexa_latest_url));
    let bridge = OpenApiRouter::new()
        .routes(routes!(bridge::ticket))
        .routes(routes!(bridge::seen))
        .routes(routes!(bridge::answer))
        .routes(routes!(bridge::names))
        .routes(routes!(bridge::echos));
    let v1 = OpenApiRouter::new()
        .routes(routes!(players::list))
        .routes(routes!(players::get))
        .routes(routes!(echos::list))
        .routes(routes!(echos::pair, echos::unpair))
        .routes(routes!(activity::list))
        .routes(routes!(events::get))
        .routes(routes!(offered::get, offered::choose))
        .routes(routes!(doctor::check))
        .routes(routes!(diagnostics::get))
        .routes(routes!(door::get))
        .routes(routes!(door::turn_funnel_on))
        .routes(routes!(amazon::status))
        .routes(routes!(amazon::begin_login, amazon::logout))
        .routes(routes!(amazon::complete_login))
        .routes(routes!(amazon::refresh))
        .routes(routes!(tokens::list, tokens::make))
        .routes(routes!(tokens::revoke))
        .routes(routes!(link::make))
        .merge(devices::routes());
    #[cfg(feature = "sqlite")]
    let v1 = v1.routes(routes!(backup::get));
    #[cfg(feature = "music-assistant")]
    let v1 = v1.merge(music_assistant::routes());
    [
        ("/ma", Role::MusicAssistant, music_assistant),
        ("/alexa", Role::MusicAssistant, alexa),
        ("/v1/bridge", Role::MusicAssistant, bridge),
        ("/v1", Role::Owner, v1),
    ]
    .map(|(prefix, role, routes)| Group { prefix, role, routes })
}

/// The routes, each group behind its role.
pub(crate) fn routes(state: &ApiState) -> Router<ApiState> {
    groups().into_iter().fold(Router::new(), |router, group| {
        let (routes, document) = group.routes.split_for_parts();
        let scopes = (group.role == Role::Owner).then(|| TokenScopes::of(group.prefix, &document));
        let required = RequiredRole::new(state.clone(), group.role, scopes);
        // The fallbacks need the role too: a caller without it learns nothing of the routes.
        let guarded = routes
            .method_not_allowed_fallback(error::method_not_allowed)
            .fallback(error::not_found)
            .layer(from_fn_with_state(required, require_role));
        router.nest(group.prefix, guarded)
    })
}

/// The OpenAPI document of the routes.
pub(crate) fn document() -> OpenApi {
    groups()
        .into_iter()
        .fold(OpenApi::default(), |document, group| document.nest(group.prefix, group.routes.into_openapi()))
}
