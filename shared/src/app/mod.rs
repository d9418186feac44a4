//! The whole router and its OpenAPI document, used by `api` and `ma-alexa`.

mod caller;
mod compression;
mod door;
mod door_secret;
mod hosts;
mod layers;
mod openapi;
#[cfg(feature = "verification")]
mod skill;
mod tone;

use axum::Router;

use crate::api::{self, ApiError, ApiState, ErrorCode};
use crate::routing::post;

pub use caller::with_callers;
pub use door::door_router;
pub use door_secret::require_door_secret;
pub use openapi::document;
pub use tone::{ToneSource, granted as tones};

/// All routes of a deployment without a door of its own, ready to be served.
pub fn router(state: &ApiState) -> Router {
    finish(base(state).merge(door::playlists(state)), state)
}

/// All routes of a process whose door takes Alexa's requests. Here the answer to such a request says so.
pub fn router_beside_door(state: &ApiState) -> Router {
    finish(base(state).route("/", post(misdirected)), state)
}

async fn misdirected() -> ApiError {
    ApiError::new(
        ErrorCode::Misdirected,
        "the door takes Alexa's requests: lead them to the address of DOOR_BIND, or set ALEXA_ON_BIND=yes",
    )
}

/// All routes and the skill, as a process at home serves them on one listener.
#[cfg(feature = "verification")]
pub fn router_with_skill(
    state: &ApiState,
    skill: std::sync::Arc<crate::skill::Skill>,
    verifier: std::sync::Arc<crate::verification::Verifier>,
) -> Router {
    finish(base(state).merge(skill::routes(skill, verifier, state)), state)
}

/// The skill alone, as the door serves it: `POST /`.
#[cfg(feature = "verification")]
pub fn skill_router(
    state: &ApiState,
    skill: std::sync::Arc<crate::skill::Skill>,
    verifier: std::sync::Arc<crate::verification::Verifier>,
) -> Router {
    layers::guarded(skill::routes(skill, verifier, state), state)
}

/// The routes without the layers of every request, and without the skill: answers to Alexa are not compressed.
fn base(state: &ApiState) -> Router {
    let routes =
        api::routes(state).merge(crate::web::routes(state)).merge(openapi::routes().split_for_parts().0);
    #[cfg(feature = "prometheus")]
    let routes =
        if state.metrics().are_exposed() { routes.merge(api::metrics::routes(state)) } else { routes };
    // Sound is compressed by its own format.
    routes.with_state(state.clone()).layer(compression::layer()).merge(tone::routes(state))
}

/// Adds the layers of every request to `routes`: its slashes are single, its body is whole and bounded, it is
/// logged once, a panic in it is answered, and every error has its body.
fn finish(routes: Router, state: &ApiState) -> Router {
    layers::apply(routes, state)
}
