//! The answer to a request that panics.

use std::any::Any;

use axum::body::Body;
use axum::response::Response;
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

use super::state::ApiState;
use crate::telemetry::Metric;

/// A layer that logs and counts a panic, and answers `answer`. The next request is served as before.
pub(crate) fn catch_panics(
    state: &ApiState,
    answer: fn() -> Response,
) -> CatchPanicLayer<impl ResponseForPanic<ResponseBody = Body> + Send + Sync + 'static> {
    let state = state.clone();
    CatchPanicLayer::custom(move |panic: Box<dyn Any + Send>| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        tracing::error!(panic.message = text.unwrap_or_default(), "a request panicked");
        state.metrics().count(&[Metric::Panics], state.clock().now());
        answer()
    })
}
