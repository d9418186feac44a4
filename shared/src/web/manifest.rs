//! The web app manifest, by which a phone installs the pages, and the icon that browsers ask for by its usual name.
//!
//! Its addresses are relative to its own, so that they hold below any base path. There is no service worker: without this
//! server no page says anything true.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Router};
use serde_json::{Value, json};

use super::assets;
use crate::api::{ApiState, OfPage};
use crate::routing::get;

/// The colour of the icon.
const COLOUR: &str = "#0b6477";

/// The ground of the pages while they load.
const GROUND: &str = "#ffffff";

/// Time for which a browser keeps them: their addresses do not change with their content.
const KEPT: &str = "public, max-age=3600";

pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/manifest.webmanifest", get(manifest)).route("/favicon.ico", get(favicon))
}

async fn manifest() -> Response {
    answer("application/manifest+json", document().to_string().into_bytes())
}

async fn favicon() -> Response {
    answer("image/x-icon", include_bytes!("assets/icons/favicon.ico").to_vec())
}

fn answer(kind: &'static str, content: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(KEPT)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")),
    ];
    (Extension(OfPage), headers, content).into_response()
}

fn document() -> Value {
    let icon = |path: &str, kind: &str, sizes: &str, purpose: &str| json!({ "src": path.trim_start_matches('/'), "type": kind, "sizes": sizes, "purpose": purpose });
    let [small, large, small_maskable, large_maskable] = assets::pictures();
    json!({
        "name": "Music Assistant for Alexa",
        "short_name": "Alexa",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "theme_color": COLOUR,
        "background_color": GROUND,
        "icons": [
            icon(assets::icon(), "image/svg+xml", "any", "any"),
            icon(small, assets::PNG, "192x192", "any"),
            icon(large, assets::PNG, "512x512", "any"),
            icon(small_maskable, assets::PNG, "192x192", "maskable"),
            icon(large_maskable, assets::PNG, "512x512", "maskable"),
        ],
    })
}
