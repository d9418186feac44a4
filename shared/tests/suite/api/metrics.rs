//! `GET /metrics`: its readers, its format and its bounds.
#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::harness::{Answer, App, MA, OWNER, answer, named};
use super::store::StoreCondition;

const TOKEN: &str = "a-token-for-prometheus-alone";

/// The value of each series, with its labels as they are written.
pub(crate) type Series = BTreeMap<String, f64>;

/// Reads the text format, and holds it to its rules (Prometheus, "Exposition formats" and "Metric and label naming").
pub(crate) fn read(text: &str) -> Series {
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    let mut helped = Vec::new();
    let mut series = Series::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            helped.push(help.split_once(' ').unwrap().0);
        } else if let Some(typed) = line.strip_prefix("# TYPE ") {
            let (name, kind) = typed.split_once(' ').unwrap();
            assert!(helped.contains(&name), "{line}: it has no help");
            assert!(types.insert(name, kind).is_none(), "{line}: twice");
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let family = name.split('{').next().unwrap();
            let parts = ["_bucket", "_sum", "_count"].map(|part| family.strip_suffix(part));
            let histogram = parts.into_iter().flatten().find(|name| types.get(name) == Some(&"histogram"));
            let family = histogram.unwrap_or(family);
            let kind = types.get(family).unwrap_or_else(|| panic!("{line}: it has no type"));
            assert!(family.starts_with("ma_alexa_"), "{line}");
            assert_eq!(family.ends_with("_total"), *kind == "counter", "{line}");
            assert_eq!(
                family.ends_with("_seconds"),
                *kind == "histogram" || family.contains("time"),
                "{line}"
            );
            assert!(series.insert(name.to_owned(), value.parse().unwrap()).is_none(), "{line}: twice");
        }
    }
    for (bucket, count) in series.iter().filter(|(name, _)| name.contains("le=\"+Inf\"")) {
        let total =
            bucket.replace("_bucket", "_count").replace(",le=\"+Inf\"", "").replace("{le=\"+Inf\"}", "");
        assert_eq!(series.get(&total), Some(count), "{bucket}");
    }
    series
}

async fn scrape(app: &App) -> Series {
    let scraped = app.get("/metrics", OWNER).await;
    assert_eq!(scraped.status, 200, "{scraped:?}");
    read(scraped.body.as_str().unwrap())
}

async fn with_token(app: &App, token: &str) -> Answer {
    answer(app.request(Method::GET, "/metrics").header("authorization", format!("Bearer {token}"))).await
}

#[tokio::test]
async fn the_owner_and_the_token_read_the_metrics() {
    let app = App::at_home(&[("METRICS_TOKEN", TOKEN)]).await;
    for scraped in [app.get("/metrics", OWNER).await, with_token(&app, TOKEN).await] {
        assert_eq!(scraped.status, 200);
        assert_eq!(scraped.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        assert_eq!(scraped.headers["cache-control"], "no-store");
    }
    assert_eq!(app.get("/metrics", MA).await.status, 403);
    assert_eq!(app.get("/metrics", ("metrics", TOKEN)).await.status, 401);
    let posted = answer(app.request(Method::POST, "/metrics").basic_auth(OWNER.0, Some(OWNER.1))).await;
    assert_eq!((posted.status, posted.error()), (405, "this path knows other methods"));
    // The token opens nothing else.
    let players = app.request(Method::GET, "/v1/players").header("authorization", format!("Bearer {TOKEN}"));
    assert_eq!(answer(players).await.status, 401);
}

#[tokio::test]
async fn a_stranger_learns_what_to_send() {
    let app = App::at_home(&[]).await;
    insta::assert_json_snapshot!(answer(app.request(Method::GET, "/metrics")).await, @r#"
    {
      "status": 401,
      "headers": {
        "content-type": "application/json",
        "www-authenticate": "Basic realm=\"Music Assistant for Alexa\", charset=\"UTF-8\""
      },
      "body": {
        "error": "this needs the owner's user name and password, by HTTP Basic, or the token of METRICS_TOKEN or one of the settings page, as `Authorization: Bearer TOKEN`; what was sent is missing or wrong"
      }
    }
    "#);
    // Without a token of the server, each is wrong.
    for token in ["", "0", TOKEN, &"\u{0}".repeat(32).replace('\u{0}', "0")] {
        assert_eq!(with_token(&app, token).await.status, 401, "{token:?}");
    }
}

#[tokio::test]
async fn wrong_tokens_have_to_wait_and_the_owner_has_not() {
    let app = App::at_home(&[("METRICS_TOKEN", TOKEN)]).await;
    for attempt in 0..10 {
        assert_eq!(with_token(&app, "a-token-that-is-wrong").await.status, 401, "{attempt}");
    }
    let early = with_token(&app, TOKEN).await;
    assert_eq!((early.status, &early.headers["retry-after"]), (429, &json!("10")));
    assert_eq!(app.get("/metrics", OWNER).await.status, 200);
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(with_token(&app, TOKEN).await.status, 200);
}

#[tokio::test]
async fn a_function_has_no_such_route() {
    let app = App::start_with(&[("METRICS_TOKEN", TOKEN)]).await;
    for scraped in [app.get("/metrics", OWNER).await, with_token(&app, TOKEN).await] {
        assert_eq!(scraped.status, 404);
    }
}

#[tokio::test]
async fn the_document_has_the_route_where_it_is_served() {
    for (app, is_served) in [(App::at_home(&[]).await, true), (App::start().await, false)] {
        let document = answer(app.request(Method::GET, "/openapi.json")).await.body;
        let listed = &document["paths"]["/metrics"]["get"];
        assert_eq!(listed.is_object(), is_served);
        if is_served {
            let security = json!([{ "basic": [] }, { "metrics_token": [] }, { "token": ["control"] }]);
            assert_eq!(listed["security"], security);
            assert_eq!(document["components"]["securitySchemes"]["metrics_token"]["scheme"], "bearer");
            for status in ["200", "401", "403", "405", "429"] {
                assert!(listed["responses"][status].is_object(), "{status}");
            }
        }
    }
}

#[tokio::test]
async fn requests_pushes_and_failures_are_counted() {
    let app = App::at_home(&[("STREAM_BASE_URL", "https://music.example.com")]).await;
    let before = scrape(&app).await;
    assert_eq!(before["ma_alexa_pushes_total"], 0.0);
    assert_eq!(before["ma_alexa_process_start_time_seconds"], 1_795_334_400.0);
    let build = format!("ma_alexa_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(before[&build], 1.0);

    app.push(named("http://192.168.1.5:8097/flow/aaaa/Kitchen/item1/Kitchen.flac", "Blue")).await;
    app.get("/v1/players/Kitchen", OWNER).await;
    app.get("/v1/players/Nowhere", OWNER).await;
    app.get("/v1/players/Kitchen", ("owner", "owner-password-0002")).await;
    app.store.set_condition(StoreCondition::Panics);
    app.get("/v1/players/Kitchen", OWNER).await;
    app.store.set_condition(StoreCondition::IsDown);
    app.get("/v1/players/Kitchen", OWNER).await;
    let after = scrape(&app).await;
    for (series, count) in [
        ("ma_alexa_pushes_total", 1.0),
        ("ma_alexa_auth_failures_total", 1.0),
        ("ma_alexa_panics_total", 1.0),
        ("ma_alexa_store_errors_total", 1.0),
        ("ma_alexa_http_requests_total{route=\"/ma/push-url\",status=\"200\"}", 1.0),
        ("ma_alexa_http_requests_total{route=\"/v1/players/{id}\",status=\"200\"}", 1.0),
        ("ma_alexa_http_requests_total{route=\"/v1/players/{id}\",status=\"401\"}", 1.0),
        ("ma_alexa_http_requests_total{route=\"/v1/players/{id}\",status=\"404\"}", 1.0),
        ("ma_alexa_http_requests_total{route=\"/v1/players/{id}\",status=\"500\"}", 1.0),
        ("ma_alexa_http_requests_total{route=\"/v1/players/{id}\",status=\"503\"}", 1.0),
        ("ma_alexa_http_request_duration_seconds_count{route=\"/v1/players/{id}\"}", 5.0),
        ("ma_alexa_http_request_duration_seconds_bucket{route=\"/v1/players/{id}\",le=\"0.005\"}", 5.0),
    ] {
        assert_eq!(after.get(series), Some(&count), "{series}: {after:#?}");
    }
}

#[tokio::test]
async fn no_request_makes_a_series_of_its_own() {
    let app = App::at_home(&[]).await;
    for path in ["/v1/players/x", "/nowhere", "/v1/nowhere", "/healthz"] {
        app.get(path, OWNER).await;
    }
    answer(app.request("MADEUP".parse().unwrap(), "/healthz")).await;
    scrape(&app).await;
    let before = scrape(&app).await;
    for number in 0..50 {
        app.get(&format!("/v1/players/PRIVATE{number}"), OWNER).await;
        app.get(&format!("/PRIVATE{number}?x=PRIVATE"), OWNER).await;
        app.get(&format!("/v1/PRIVATE{number}"), OWNER).await;
        answer(app.request(format!("PRIVATE{number}").parse().unwrap(), "/healthz")).await;
    }
    let text = app.get("/metrics", OWNER).await.body;
    let (text, after) = (text.as_str().unwrap(), scrape(&app).await);
    assert!(!text.contains("PRIVATE"), "{text}");
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
}
