//! From which address a request comes.

use std::net::SocketAddr;

use axum::Extension;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::routing::get;
use ma_alexa::api::CallerAddress;
use ma_alexa::app;
use ma_alexa::config::TrustedProxies;
use tower::ServiceExt as _;

use super::harness::env;

/// The caller that a request from `peer` is taken to have, and whether its `X-Forwarded-For` was left to it.
async fn seen(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
    let handler = async |Extension(caller): Extension<CallerAddress>, headers: HeaderMap| {
        let word = if headers.contains_key("x-forwarded-for") { "kept" } else { "gone" };
        format!("{caller} {word}")
    };
    let proxies = TrustedProxies::from_env(&env(&[("TRUSTED_PROXIES", proxies)])).unwrap();
    let routes = app::with_callers(Router::new().route("/", get(handler)), proxies);
    let mut request = Request::builder().extension(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
    for value in forwarded {
        request = request.header("x-forwarded-for", *value);
    }
    let response = routes.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    String::from_utf8(to_bytes(response.into_body(), 1000).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn only_a_named_proxy_says_who_calls() {
    for (proxies, peer, forwarded, expected) in [
        ("", "203.0.113.9:1", vec!["198.51.100.1"], "203.0.113.9 gone"),
        ("127.0.0.1", "203.0.113.9:1", vec!["198.51.100.1"], "203.0.113.9 gone"),
        ("127.0.0.1", "127.0.0.1:1", vec!["198.51.100.1"], "198.51.100.1 kept"),
        ("127.0.0.1", "[::ffff:127.0.0.1]:1", vec!["198.51.100.1:4711"], "198.51.100.1 kept"),
        ("127.0.0.1", "127.0.0.1:1", vec![], "127.0.0.1 gone"),
        // What the caller wrote itself stands before what the proxy adds.
        ("127.0.0.1", "127.0.0.1:1", vec!["10.0.0.1, 198.51.100.1"], "198.51.100.1 kept"),
        ("127.0.0.1", "127.0.0.1:1", vec!["10.0.0.1", "198.51.100.1"], "198.51.100.1 kept"),
        ("127.0.0.1, 172.16.0.0/12", "127.0.0.1:1", vec!["198.51.100.1, 172.17.0.2"], "198.51.100.1 kept"),
        ("127.0.0.1", "127.0.0.1:1", vec!["198.51.100.1, unknown"], "127.0.0.1 kept"),
        ("fd00::/8", "[fd00::1]:1", vec!["2001:db8::7"], "2001:db8::7 kept"),
    ] {
        assert_eq!(seen(proxies, peer, &forwarded).await, expected, "{proxies} {peer} {forwarded:?}");
    }
}

#[test]
fn a_proxy_is_an_address_or_a_network() {
    for malformed in ["proxy", "10.0.0.0/33", "10.0.0.0/0", "10.0.0.1,", "10.0.0.1 10.0.0.2", "fd00::/129"] {
        let error = TrustedProxies::from_env(&env(&[("TRUSTED_PROXIES", malformed)])).unwrap_err();
        assert_eq!(error.name(), "TRUSTED_PROXIES", "{malformed}");
    }
}

#[test]
fn one_network_of_ipv6_counts_as_one_caller() {
    let network = |text: &str| CallerAddress(text.parse().unwrap()).network().to_string();
    assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::");
    assert_eq!(network("::ffff:198.51.100.1"), "198.51.100.1");
    assert_eq!(network("198.51.100.1"), "198.51.100.1");
}
