//! Ingress of Home Assistant: the pages in a frame, below a path of its own and without a second login.
//!
//! The Supervisor proves who calls by its address, and names the path in `X-Ingress-Path` and the user in `X-Remote-User-Id`
//! (home-assistant/core `components/hassio/ingress.py`, home-assistant/supervisor `api/ingress.py`). From any other
//! address these headers mean nothing.

mod base_path;
mod rewrite;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::config::IngressConfig;
use base_path::BasePath;

/// The path of the request, as Home Assistant has it.
const PATH: &str = "x-ingress-path";

/// The id of the user of Home Assistant; absent where the Supervisor knows none.
const USER: &str = "x-remote-user-id";

/// Marks a request that comes through ingress, in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Ingress {
    base: BasePath,
    user: String,
}

impl Ingress {
    fn of(config: IngressConfig, request: &Request) -> Option<Self> {
        let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
        if peer.ip().to_canonical() != config.address() {
            return None;
        }
        let base = BasePath::parse(only(request.headers(), PATH)?)?;
        let user = only(request.headers(), USER).unwrap_or_default().to_owned();
        Some(Self { base, user })
    }

    /// The id of the user of Home Assistant; empty where it is unknown.
    pub(super) fn user(&self) -> &str {
        &self.user
    }
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok()).flatten()
}

/// The outermost layer of an add-on: recognizes ingress, and puts its path before every address of the answer.
pub(crate) async fn through_ingress(
    State(config): State<IngressConfig>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(ingress) = Ingress::of(config, &request) else {
        return next.run(request).await;
    };
    // What is compressed could not be changed; Home Assistant compresses what it passes on.
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    rewrite::rename_cookies(request.headers_mut());
    let base = ingress.base.clone();
    request.extensions_mut().insert(ingress);
    rewrite::below(next.run(request).await, &base).await
}
