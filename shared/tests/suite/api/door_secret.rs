//! The secret header before the door.

use axum::Router;
use axum::routing::get;
use ma_alexa::app::require_door_secret;
use serde_json::json;

use super::harness::answer;

const SECRET: &str = "0123456789abcdef";

#[tokio::test]
async fn a_door_with_a_secret_answers_those_alone_who_show_it() {
    let routes = Router::new().route("/s/{grant}", get(async || "music"));
    let routes = require_door_secret(SECRET.parse().unwrap(), routes);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    // Whichever test comes first installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();

    let shown = |secrets: &[&str]| {
        let request = client.get(format!("{base}/s/grant.mp3"));
        secrets.iter().fold(request, |request, secret| request.header("X-Door-Secret", *secret))
    };
    let served = answer(shown(&[SECRET])).await;
    assert_eq!((served.status, served.body), (200, json!("music")));
    let longer = format!("{SECRET}0");
    for wrong in [&[][..], &[""], &["0123456789abcdeF"], &["0123456789abcde"], &[&longer], &[SECRET, SECRET]]
    {
        let refused = answer(shown(wrong)).await;
        assert_eq!((refused.status, &refused.body), (404, &json!("")), "{wrong:?}");
    }
    // A path that is not there looks the same.
    let missing = client.get(format!("{base}/v1/players"));
    assert_eq!(answer(missing).await.status, 404);
}
