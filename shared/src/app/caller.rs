//! Address of a caller, behind trusted proxies.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use crate::api::CallerAddress;
use crate::config::TrustedProxies;

/// Headers of a proxy about the request that it passes on.
const FORWARDED: [&str; 6] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-real-ip",
];

/// Gives every request of `routes` its [`CallerAddress`], unless a main has done so. Takes away what a request says of
/// other addresses, unless one of `proxies` sends it.
pub fn with_callers(routes: Router, proxies: TrustedProxies) -> Router {
    routes.layer(from_fn_with_state(Arc::new(proxies), recognize))
}

async fn recognize(State(proxies): State<Arc<TrustedProxies>>, mut request: Request, next: Next) -> Response {
    let socket = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = socket.map(|ConnectInfo(address)| address.ip().to_canonical());
    let is_proxy = peer.is_some_and(|peer| proxies.contain(peer));
    if let (Some(peer), None) = (peer, request.extensions().get::<CallerAddress>()) {
        let behind = is_proxy.then(|| forwarded_for(request.headers(), &proxies)).flatten();
        request.extensions_mut().insert(CallerAddress(behind.unwrap_or(peer)));
    }
    if !is_proxy {
        for name in FORWARDED {
            request.headers_mut().remove(HeaderName::from_static(name));
        }
    }
    next.run(request).await
}

/// The last address that no proxy of ours has: what stands before it may be forged.
fn forwarded_for(headers: &HeaderMap, proxies: &TrustedProxies) -> Option<IpAddr> {
    let values =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| HeaderValue::to_str(value).ok());
    let chain: Vec<&str> = values.flat_map(|value| value.split(',')).collect();
    for entry in chain.into_iter().rev() {
        // What is no address ends the chain that can be trusted.
        let address = address(entry.trim())?;
        if !proxies.contain(address) {
            return Some(address);
        }
    }
    None
}

/// An address, perhaps with a port.
fn address(text: &str) -> Option<IpAddr> {
    let ip = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}
