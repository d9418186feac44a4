//! `GET /metrics` of the binary `ma-alexa`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::collections::BTreeMap;

use end_to_end::amazon::{FakeAmazon, Fault, Throttle};
use end_to_end::api::{Api, CREDENTIALS, send};
use reqwest::Method;
use tempfile::TempDir;

use super::amazon::harness::sign_in;
use super::local;

const TOKEN: &str = "a-token-for-prometheus-alone";

/// The value of each series, as a Prometheus server with the token reads it.
async fn scrape(api: &Api) -> BTreeMap<String, f64> {
    let request = api.request(Method::GET, "/metrics").bearer_auth(TOKEN);
    let response = request.send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let text = response.text().await.unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let samples = samples.map(|line| line.rsplit_once(' ').unwrap());
    samples.map(|(series, value)| (series.to_owned(), value.parse().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prometheus_server_sees_what_local_does() {
    let folder = TempDir::new().unwrap();
    let amazon = FakeAmazon::start().await;
    let mut command = local::command(folder.path(), &[]);
    command.envs(CREDENTIALS).env("METRICS_TOKEN", TOKEN).env("AMAZON_ENDPOINT", amazon.url());
    let (_server, base) = local::serve(&mut command);
    let api = Api::at(&base);
    assert_eq!(send(api.request(Method::GET, "/metrics")).await.0, 401);
    let before = scrape(&api).await;
    assert_eq!(before["ma_alexa_pushes_total"], 0.0);
    assert!(!before.contains_key("ma_alexa_amazon_devices"), "{before:?}");

    api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    api.get("/v1/players").await;
    sign_in(&amazon, &api).await;
    let listed = api.get("/v1/devices").await;
    amazon.fault("/api/devices-v2/device", Fault::Throttled(Throttle::Text), 1);
    api.ask(Method::GET, "/v1/devices?refresh=true", None).await;
    let after = scrape(&api).await;

    assert_eq!(after["ma_alexa_pushes_total"], 1.0);
    assert_eq!(after["ma_alexa_http_requests_total{route=\"/v1/players\",status=\"200\"}"], 1.0);
    assert_eq!(after["ma_alexa_http_requests_total{route=\"/metrics\",status=\"200\"}"], 1.0);
    assert_eq!(after["ma_alexa_http_requests_total{route=\"/metrics\",status=\"401\"}"], 1.0);
    assert!(after["ma_alexa_amazon_requests_total{outcome=\"ok\"}"] > 1.0, "{after:?}");
    assert_eq!(after["ma_alexa_amazon_throttles_total"], 1.0);
    let devices = u32::try_from(listed["devices"].as_array().unwrap().len()).unwrap();
    assert_eq!(after["ma_alexa_amazon_devices"], f64::from(devices));
    let started = after["ma_alexa_process_start_time_seconds"];
    let refreshed = after["ma_alexa_amazon_session_refreshed_timestamp_seconds"];
    let expires = after["ma_alexa_amazon_session_expires_timestamp_seconds"];
    assert!(started <= refreshed && refreshed < expires, "{started} {refreshed} {expires}");

    let (status, _) = api.ask(Method::DELETE, "/v1/amazon/login", None).await;
    assert_eq!(status, 200);
    let signed_out = scrape(&api).await;
    assert!(
        !signed_out.contains_key("ma_alexa_amazon_session_refreshed_timestamp_seconds"),
        "{signed_out:?}"
    );
}
