//! The whole router and its OpenAPI document, used by `api` and `local`.

mod caller;
mod compression;
mod hosts;
mod layers;
mod openapi;
#[cfg(feature = "verification")]
mod skill;

use axum::Router;

use crate::api::{self, ApiState};

pub use caller::with_callers;
pub use openapi::document;

/// All routes, ready to be served.
pub fn router(state: &ApiState) -> Router {
    finish(base(state), state)
}

/// All routes and the skill, as one process at home serves them.
#[cfg(feature = "verification")]
pub fn router_with_skill(
    state: &ApiState,
    skill: std::sync::Arc<crate::skill::Skill>,
    verifier: std::sync::Arc<crate::verification::Verifier>,
) -> Router {
    finish(base(state).merge(skill::routes(skill, verifier, state)), state)
}

/// The routes without the layers of every request, and without the skill: answers to Alexa are not compressed.
fn base(state: &ApiState) -> Router {
    let routes =
        api::routes(state).merge(crate::web::routes(state)).merge(openapi::routes().split_for_parts().0);
    #[cfg(feature = "prometheus")]
    let routes =
        if state.metrics().are_exposed() { routes.merge(api::metrics::routes(state)) } else { routes };
    routes.with_state(state.clone()).layer(compression::layer())
}

/// Adds the layers of every request to `routes`: its slashes are single, its body is whole and bounded, it is
/// logged once, a panic in it is answered, and every error has its body.
fn finish(routes: Router, state: &ApiState) -> Router {
    layers::apply(routes, state)
}
