//! What goes up to Music Assistant, and what comes down.

use ma_alexa::grant::MAX_GRANTED_PATH;

use super::harness::{Answer, FLOW, PICTURE, SINGLE, pair, position};
use super::music_assistant::{Play, source};

/// Headers of a caller that stay at the door.
const HEADERS: [(&str, &str); 9] = [
    ("Icy-MetaData", "1"),
    ("Cookie", "a=b"),
    ("Authorization", "Basic b3duZXI6b3duZXI="),
    ("User-Agent", "Echo"),
    ("Accept", "*/*"),
    ("X-Forwarded-For", "203.0.113.9"),
    ("If-Range", "a"),
    ("Referer", "https://door.example.com"),
    ("Range", "bytes=5-"),
];

#[tokio::test]
async fn a_flow_is_passed_on_without_anything_of_the_caller() {
    let (music_assistant, door) = pair(Play::Ends(100_000));
    let mut answer = door.ask("GET", &door.stream(FLOW), &HEADERS).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("audio/mpeg")));
    assert_eq!(answer.names(), ["accept-ranges", "cache-control", "content-type", "x-content-type-options"]);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.rest().await.unwrap(), source(0, 100_000));
    let seen = music_assistant.until(|seen| seen.open == 0).await;
    assert_eq!(seen.requests, [format!("GET {FLOW} HTTP/1.1\r\nhost: {}\r\n\r\n", music_assistant.address)]);
    assert_eq!(door.health.last_failure(), None);
}

#[tokio::test]
async fn the_longest_path_that_is_granted_is_served() {
    let (music_assistant, door) = pair(Play::Ends(1000));
    let path = format!("/flow/{}.mp3", "a".repeat(MAX_GRANTED_PATH - 10));
    assert_eq!(path.len(), MAX_GRANTED_PATH);
    assert_eq!(door.get(&door.stream(&path)).await.rest().await.unwrap(), source(0, 1000));
    assert!(music_assistant.seen().requests[0].contains(&path));
}

#[tokio::test]
async fn a_head_is_answered_without_music_assistant() {
    let (music_assistant, door) = pair(Play::Endless);
    let answer = door.ask("HEAD", &door.stream(FLOW), &[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("audio/mpeg")));
    assert_eq!(answer.header("content-length"), None);
    let answer = door.ask("HEAD", &door.picture(PICTURE), &[]).await;
    assert_eq!((answer.status, answer.header("content-length")), (200, None));
    assert_eq!(music_assistant.seen().connections, 0);
}

#[tokio::test]
async fn a_playlist_is_the_plain_address_at_home() {
    let (music_assistant, door) = pair(Play::Endless);
    let path = door.stream(FLOW).replace("/s/", "/p/").replace(".mp3", ".m3u");
    let mut answer = door.get(&path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("audio/x-mpegurl")));
    let line = format!("http://{}{FLOW}\n", music_assistant.address);
    assert_eq!(answer.rest().await.unwrap(), line.into_bytes());
    assert_eq!(door.ask("HEAD", &path, &[]).await.status, 200);
    assert_eq!(music_assistant.seen().connections, 0);
}

#[tokio::test]
async fn a_single_track_is_served_in_parts() {
    const LENGTH: usize = 300_000;
    let (music_assistant, door) = pair(Play::File(LENGTH));
    let stream = door.stream(SINGLE);
    for (range, status, content_range, from, count) in [
        (None, 200, None, 0, LENGTH),
        (Some("bytes=0-"), 206, Some("bytes 0-299999/300000"), 0, LENGTH),
        (Some("bytes=1000-1999"), 206, Some("bytes 1000-1999/300000"), 1000, 1000),
        (Some("bytes=299999-"), 206, Some("bytes 299999-299999/300000"), LENGTH - 1, 1),
        (Some("bytes=-100"), 206, Some("bytes 299900-299999/300000"), LENGTH - 100, 100),
        (Some("bytes=300000-"), 416, Some("bytes */300000"), 0, 0),
        // These are not passed on.
        (Some("bytes=0-1,5-6"), 200, None, 0, LENGTH),
        (Some("items=0-1"), 200, None, 0, LENGTH),
    ] {
        let headers: Vec<(&str, &str)> = range.map(|range| ("Range", range)).into_iter().collect();
        let mut answer = door.ask("GET", &stream, &headers).await;
        assert_eq!((answer.status, answer.header("content-range")), (status, content_range), "{range:?}");
        assert_eq!(answer.rest().await.unwrap(), source(from as u64, count), "{range:?}");
        if status != 416 {
            assert_eq!(answer.header("content-length"), Some(count.to_string().as_str()), "{range:?}");
        }
        let asked = music_assistant.until(|seen| seen.open == 0).await.requests.last().cloned().unwrap();
        let passed = range.filter(|_| status != 200).map(|range| format!("range: {range}\r\n"));
        assert_eq!(asked.contains("range: "), passed.is_some(), "{asked}");
        assert!(asked.contains(&passed.unwrap_or_default()), "{asked}");
    }
}

#[tokio::test]
async fn a_stream_that_music_assistant_forgot_is_not_found() {
    let page = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nServer: aiohttp\r\nContent-Length: 4\r\n\r\nhome";
    let (_music_assistant, door) = pair(Play::Raw(page));
    for path in [door.stream(FLOW), door.picture(PICTURE)] {
        let mut answer = door.get(&path).await;
        assert_eq!((answer.status, answer.names()), (404, vec!["content-length"]));
        assert_eq!(answer.rest().await.unwrap(), b"");
    }
    assert_eq!(door.health.last_failure(), None);
}

#[tokio::test]
async fn a_picture_is_passed_on() {
    let (music_assistant, door) = pair(Play::File(50_000));
    let path = door.picture(PICTURE);
    for path in [path.as_str(), path.strip_suffix(".jpg").unwrap()] {
        let mut answer: Answer = door.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/png")));
        assert_eq!(answer.header("cache-control"), Some("private, max-age=3600"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let body = answer.rest().await.unwrap();
        assert_eq!((body.len(), position(&body)), (50_000, 0));
    }
    let mut part = door.ask("GET", &path, &[("Range", "bytes=8-15")]).await;
    assert_eq!((part.status, part.rest().await.unwrap()), (206, source(8, 8)));
    assert!(music_assistant.seen().requests[0].starts_with(&format!("GET {PICTURE} HTTP/1.1\r\n")));
}
