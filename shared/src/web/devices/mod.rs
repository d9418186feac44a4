//! `/devices`: each Echo, its players and how each was paired; pairing, sound and volume.

mod actions;
mod now;
mod picture;
mod report;
mod trial;
mod view;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Router};

use super::error::PageError;
use super::page::Page;
use crate::api::{self, ApiState, CallerAddress};
use crate::routing::{get, post};

use now::Button;
pub(super) use picture::Picture;
use view::{DevicesData, View};
pub(super) use view::{key, volumes};

pub(super) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/devices", get(show))
        .route("/devices/live", get(live))
        .route("/devices/events", get(events))
        .route("/devices/pair", post(actions::pair))
        .route("/devices/unpair", post(actions::unpair))
        .route("/devices/identify", post(actions::identify))
        .route("/devices/test", post(actions::test))
        .route("/devices/trial", post(actions::trial))
        .route("/devices/trial/stop", post(actions::stop_trial))
        .route("/devices/trial/{serial}", get(trial::live))
        .route("/devices/volume", post(actions::volume))
        .route("/devices/renderer", post(actions::renderer))
        .route("/devices/refresh", post(actions::refresh))
}

#[derive(Template)]
#[template(path = "devices/page.html")]
struct DevicesPage<'a> {
    page: &'a Page,
    view: &'a View,
}

#[derive(Template)]
#[template(path = "devices/live.html")]
struct LiveFragment<'a> {
    page: &'a Page,
    view: &'a View,
}

async fn show(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let view = View::of(&page, &state, &DevicesData::gather(&state).await?);
    Ok(page.render(&DevicesPage { page: &page, view: &view }))
}

async fn live(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let view = View::of(&page, &state, &DevicesData::gather(&state).await?);
    Ok(page.fragment(&LiveFragment { page: &page, view: &view }))
}

/// Changes as they happen, for the script.
async fn events(
    State(state): State<ApiState>,
    caller: Option<Extension<CallerAddress>>,
) -> Result<Response, PageError> {
    Ok(api::event_stream(&state, caller.map(|Extension(caller)| caller))?)
}
