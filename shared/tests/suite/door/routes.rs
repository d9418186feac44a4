//! What the door serves, and that all else is one 404 which costs Music Assistant nothing.

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{Clock as _, Random as _};
use ma_alexa::door::DoorLimits;
use ma_alexa::grant::{GRANT_LIFETIME, Grant, GrantKeys, GrantKind};

use super::harness::{Answer, Door, FLOW, PICTURE, kitchen, pair};
use super::music_assistant::{MusicAssistant, Play};
use crate::logs;

/// Paths of Music Assistant's two ports, and of ours.
const KNOWN: [&str; 27] = [
    "/",
    "/command/Kitchen/next.mp3",
    "/command/Kitchen/stop.mp3",
    FLOW,
    "/single/a/b/c/d.mp3",
    "/announcement/Kitchen.mp3",
    "/pluginsource/a/b.mp3",
    "/ugp/a.mp3",
    PICTURE,
    "/imageproxy?path=http://169.254.169.254/",
    "/preview?item=a",
    "/api",
    "/ws",
    "/info",
    "/setup",
    "/auth/login",
    "/jsonrpc.js",
    "/index.html",
    "/ma/push-url",
    "/alexa/intents",
    "/v1/players",
    "/metrics",
    "/openapi.json",
    "/status",
    "/login",
    "/s/../command/Kitchen/next.mp3",
    "/.well-known/acme-challenge/a",
];

async fn assert_nothing(answer: &mut Answer, asked: &str) {
    assert_eq!(answer.status, 404, "{asked}");
    let names = answer.names();
    assert!(names.iter().all(|name| *name == "content-length"), "{asked}: {names:?}");
    assert_eq!(answer.rest().await.unwrap(), b"", "{asked}");
}

#[tokio::test]
async fn all_but_the_routes_is_not_found_and_asks_nothing_of_music_assistant() {
    logs::keep();
    let (music_assistant, door) = pair(Play::Endless);
    let stream = door.stream(FLOW);
    let random = SeededRandom::new(7);
    let mut paths: Vec<String> = KNOWN.map(str::to_owned).to_vec();
    for _ in 0..100 {
        let mut bytes = [0; 12];
        random.fill(&mut bytes).unwrap();
        let text = bytes
            .map(|byte| char::from(b"/.%2eEsapfAZ0-_?&=:@;"[usize::from(byte) % 21]))
            .iter()
            .collect::<String>();
        paths.push(format!("/{text}"));
    }
    for path in &paths {
        assert_nothing(&mut door.get(path).await, path).await;
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND"] {
        for path in [&stream, "/", "/healthz", "/command/Kitchen/next.mp3"] {
            assert_nothing(&mut door.ask(method, path, &[]).await, &format!("{method} {path}")).await;
        }
    }
    let absolute = format!(
        "GET http://{}/command/a/next.mp3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        music_assistant.address
    );
    assert_nothing(&mut door.send(&absolute, false).await, "the absolute form").await;
    assert_eq!(music_assistant.seen().connections, 0);
    assert_eq!(logs::kept(), Vec::<serde_json::Value>::new(), "requests have no lines");
}

#[tokio::test]
async fn a_grant_that_does_not_open_is_not_found_and_counted() {
    let (music_assistant, door) = pair(Play::Endless);
    let good = door.grant(GrantKind::Stream, FLOW);
    let picture = door.grant(GrantKind::Picture, PICTURE);
    let foreign = GrantKeys::generate(&SeededRandom::new(9)).unwrap();
    let foreign = foreign
        .seal(
            &Grant::new(GrantKind::Stream, kitchen(), FLOW.to_owned(), door.clock.now()),
            &SeededRandom::new(3),
        )
        .unwrap();
    let mut texts = vec![
        picture.clone(),
        foreign,
        good[..good.len() - 1].to_owned(),
        format!("{good}A"),
        "A".repeat(5600),
    ];
    for at in [0, 5, 30, good.len() - 3] {
        let mut altered = good.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        texts.push(String::from_utf8(altered).unwrap());
    }
    let mut refused = 0;
    for text in &texts {
        for path in [format!("/s/{text}.mp3"), format!("/p/{text}.m3u")] {
            for method in ["GET", "HEAD"] {
                assert_nothing(&mut door.ask(method, &path, &[]).await, &path).await;
                refused += 1;
            }
        }
    }
    for path in [format!("/a/{good}.jpg"), format!("/a/{good}")] {
        assert_nothing(&mut door.get(&path).await, &path).await;
        refused += 1;
    }
    assert_eq!(door.counted("auth_failures"), refused);
    let too_long = format!("/s/{}.mp3", "A".repeat(5601));
    assert_nothing(&mut door.get(&too_long).await, "a grant that is too long").await;
    assert_eq!(door.ask("HEAD", &format!("/s/{good}.mp3"), &[]).await.status, 200);
    door.clock.advance(GRANT_LIFETIME + Duration::from_secs(1));
    for path in [format!("/s/{good}.mp3"), format!("/p/{good}.m3u"), format!("/a/{picture}.jpg")] {
        assert_nothing(&mut door.get(&path).await, "an expired grant").await;
    }
    assert_eq!(music_assistant.seen().connections, 0);
    assert_eq!(door.health.last_failure(), None);
}

#[tokio::test]
async fn a_sealed_path_that_is_none_of_music_assistants_is_not_found() {
    let (music_assistant, door) = pair(Play::Endless);
    for path in
        ["/command/Kitchen/next.mp3", "/flow/../command/a.mp3", "//evil.example/flow/a.mp3", "/api", PICTURE]
    {
        assert_nothing(&mut door.get(&door.stream(path)).await, path).await;
    }
    for path in [FLOW, "/imageproxy/../command/a.mp3", "/imageproxies"] {
        assert_nothing(&mut door.get(&door.picture(path)).await, path).await;
    }
    assert_eq!(music_assistant.seen().connections, 0);
}

#[tokio::test]
async fn alexa_is_served_at_the_root_alone_and_health_everywhere() {
    let alexa = Router::new()
        .route("/", post(async |body: String| format!("alexa: {body}")))
        .route("/inside", get(async || "never"));
    let music_assistant = MusicAssistant::start(Play::Endless);
    let door = Door::with(music_assistant.address, DoorLimits::default(), Some(alexa));
    let text = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
    let mut answer = door.send(text, false).await;
    assert_eq!((answer.status, answer.rest().await.unwrap().as_slice()), (200, b"alexa: hi".as_slice()));
    for (method, path) in [("GET", "/"), ("GET", "/inside"), ("POST", "/inside"), ("PUT", "/")] {
        assert_nothing(&mut door.ask(method, path, &[]).await, path).await;
    }
    let mut health = door.get("/healthz").await;
    let body: serde_json::Value = serde_json::from_slice(&health.rest().await.unwrap()).unwrap();
    assert_eq!((health.status, body["status"].as_str()), (200, Some("ok")));
    assert_eq!(door.ask("HEAD", "/healthz", &[]).await.status, 200);
}
