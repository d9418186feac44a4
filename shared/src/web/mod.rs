//! The pages: setting up, how everything is, and the Echos.
//!
//! They are for the owner, who logs in once and then has a session; they never look at `Authorization`, which a
//! browser sends along to any server. Every answer is rendered here and loads nothing from another host.

mod assets;
mod chain;
mod cookies;
mod devices;
mod ended;
mod error;
mod flash;
mod form;
mod guard;
mod headers;
mod home;
mod ingress;
mod language;
mod layer;
mod limits;
mod link;
mod log;
mod login;
mod manifest;
mod origin;
mod page;
mod player_state;
mod players;
mod reference;
mod remedy;
mod render;
mod session;
mod settings;
mod setup;
mod status;
pub mod testing;
mod text;
mod theme;
mod unpaired;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::MethodRouter;

use crate::api::{ApiState, catch_panics};
use crate::routing::{any, get};
use error::PageError;

pub(crate) use headers::NotCompressed;
pub(crate) use ingress::{Ingress, through_ingress};

/// The routes of the pages.
pub(crate) fn routes(state: &ApiState) -> Router<ApiState> {
    let behind_login = Router::new()
        .route("/", get(home::home))
        .merge(login::behind_login())
        .merge(setup::routes())
        .merge(status::routes())
        .merge(devices::routes())
        .merge(limits::routes())
        .merge(log::routes())
        .merge(reference::routes())
        .merge(settings::routes())
        .route_layer(from_fn_with_state(state.clone(), guard::require));
    let open = Router::new().merge(login::open()).merge(link::open());
    behind_login
        .merge(open)
        .route_layer(from_fn_with_state(state.clone(), layer::open))
        .route_layer(catch_panics(state, panicked))
        .route_layer(from_fn_with_state(state.clone(), layer::finish))
        .merge(assets::routes())
        .merge(manifest::routes())
}

/// The service for a path that no route has.
pub(crate) fn fallback(state: &ApiState) -> MethodRouter {
    any(layer::not_found)
        .layer(catch_panics(state, panicked))
        .layer(from_fn_with_state(state.clone(), layer::finish))
        .with_state(state.clone())
}

fn panicked() -> Response {
    PageError::internal().into_response()
}
