//! Local API of Tailscale's daemon, over its socket.
//!
//! The daemon takes HTTP/1.1 with the host `local-tailscaled.sock` and refuses any other
//! (github.com/tailscale/tailscale, ipn/localapi/localapi.go, `validHost`).

use std::io;
use std::path::Path;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::problem::TailscaleProblem;
use crate::ways::http;
use crate::ways::program::MAX_ANSWER;

const HOST: &str = "local-tailscaled.sock";

/// The body of an answer to a GET of `path`, within `patience`.
pub(super) async fn get(socket: &Path, path: &str, patience: Duration) -> Result<Bytes, TailscaleProblem> {
    timeout(patience, ask(socket, path)).await.unwrap_or(Err(TailscaleProblem::TooSlow))
}

async fn ask(socket: &Path, path: &str) -> Result<Bytes, TailscaleProblem> {
    let stream = UnixStream::connect(socket).await.map_err(|error| unreachable(&error))?;
    match http::get(stream, (HOST, path), MAX_ANSWER).await {
        Ok((StatusCode::OK, body)) => Ok(body),
        Ok((StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _)) => Err(TailscaleProblem::NoRights),
        _ => Err(TailscaleProblem::Unreadable),
    }
}

fn unreachable(error: &io::Error) -> TailscaleProblem {
    match error.kind() {
        io::ErrorKind::NotFound => TailscaleProblem::NotInstalled,
        io::ErrorKind::PermissionDenied => TailscaleProblem::NoRights,
        _ => TailscaleProblem::NotRunning,
    }
}
