//! The styles, the script and the icons, which are part of the binary.
//!
//! The address of a file changes with its content, so a browser keeps it and never asks whether it is still current: an
//! `ETag` would have no use. Crates that embed files (`rust-embed`, `memory-serve`) bring 14 to 20 others for these few.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::api::{ApiError, ApiState, ErrorCode, OfPage};
use crate::routing::get;

/// One file. Its address has a hash of what it holds, so that a browser keeps it for as long as it likes.
struct Asset {
    path: String,
    kind: &'static str,
    content: &'static [u8],
}

/// Icons of a system that installs the pages, made from `icon.svg` by `tests/tools/icons`.
pub(super) const PNG: &str = "image/png";

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "app",
        "css",
        "text/css; charset=utf-8",
        concat!(include_str!("assets/app.css"), include_str!("assets/setup.css")).as_bytes(),
    )
});
static DARK_STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("dark", "css", "text/css; charset=utf-8", include_bytes!("assets/dark.css")));
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("app", "js", "text/javascript; charset=utf-8", include_bytes!("assets/app.js"))
});
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_bytes!("assets/icon.svg")));
/// Pictures with a width of 192 and of 512 pixels, and the same up to the edge, out of which a system cuts its own shape.
static PICTURES: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        Asset::new("icon-192", "png", PNG, include_bytes!("assets/icons/icon-192.png")),
        Asset::new("icon-512", "png", PNG, include_bytes!("assets/icons/icon-512.png")),
        Asset::new("maskable-192", "png", PNG, include_bytes!("assets/icons/maskable-192.png")),
        Asset::new("maskable-512", "png", PNG, include_bytes!("assets/icons/maskable-512.png")),
    ]
});

impl Asset {
    fn new(name: &str, extension: &str, kind: &'static str, content: &'static [u8]) -> Self {
        let hash = digest(&SHA256, content);
        let hash = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..9]);
        Self { path: format!("/assets/{name}.{hash}.{extension}"), kind, content }
    }
}

/// The address of the style.
pub(super) fn style() -> &'static str {
    &STYLE.path
}

/// The address of the style that makes pages dark.
pub(super) fn dark_style() -> &'static str {
    &DARK_STYLE.path
}

/// The address of the script.
pub(super) fn script() -> &'static str {
    &SCRIPT.path
}

/// The address of the icon.
pub(super) fn icon() -> &'static str {
    &ICON.path
}

/// The addresses of the pictures: usual ones of 192 and 512 pixels, and maskable ones.
pub(super) fn pictures() -> [&'static str; 4] {
    PICTURES.each_ref().map(|picture| picture.path.as_str())
}

pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/assets/{file}", get(serve))
}

async fn serve(Path(file): Path<String>) -> Response {
    let asked = format!("/assets/{file}");
    let all = [&*STYLE, &*DARK_STYLE, &*SCRIPT, &*ICON].into_iter().chain(&*PICTURES);
    let Some(asset) = all.into_iter().find(|asset| asset.path == asked) else {
        return ApiError::new(ErrorCode::NotFound, "there is no such file").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'self'")),
    ];
    (Extension(OfPage), headers, asset.content).into_response()
}
