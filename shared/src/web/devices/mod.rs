//! `/devices`: each Echo, its players and how each was paired; pairing, sound and volume.

mod actions;
mod picture;
mod view;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::error::PageError;
use super::page::Page;
use crate::api::ApiState;

use picture::Picture;
use view::{Known, View};

pub(super) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/devices", get(show))
        .route("/devices/live", get(live))
        .route("/devices/pair", post(actions::pair))
        .route("/devices/unpair", post(actions::unpair))
        .route("/devices/identify", post(actions::identify))
        .route("/devices/test", post(actions::test))
        .route("/devices/volume", post(actions::volume))
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
    let view = View::of(&page, &Known::gather(&state).await?);
    Ok(page.render(&DevicesPage { page: &page, view: &view }))
}

async fn live(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let view = View::of(&page, &Known::gather(&state).await?);
    Ok(page.fragment(&LiveFragment { page: &page, view: &view }))
}
