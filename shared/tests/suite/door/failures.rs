//! A Music Assistant that is gone, is another program, or breaks off.

use std::time::{Duration, Instant};

use ma_alexa::door::{DoorFailureKind, DoorLimits};

use super::harness::{CutOff, Door, FLOW, PICTURE, kitchen, pair, position};
use super::music_assistant::{MusicAssistant, Play};
use crate::logs;

fn quick() -> DoorLimits {
    DoorLimits {
        headers: Duration::from_millis(400),
        idle: Duration::from_millis(300),
        ..DoorLimits::default()
    }
}

#[tokio::test]
async fn every_wrong_answer_is_a_502_without_a_body_and_its_cause_is_kept() {
    logs::keep();
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nhome";
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://192.168.1.1/\r\nContent-Length: 0\r\n\r\n";
    let failed =
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nhome";
    let music_assistant = MusicAssistant::start(Play::Silent);
    let door = Door::with(music_assistant.address, quick(), None);
    let (stream, picture) = (door.stream(FLOW), door.picture(PICTURE));
    for (play, kind) in [
        (Play::Raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"), DoorFailureKind::Garbled),
        (Play::Raw("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg"), DoorFailureKind::Garbled),
        (Play::Raw(""), DoorFailureKind::Garbled),
        (Play::Raw(redirect), DoorFailureKind::Redirect),
        (Play::Raw(failed), DoorFailureKind::Status(500)),
        (Play::Raw("HTTP/1.1 204 No Content\r\n\r\n"), DoorFailureKind::Status(204)),
        (Play::Raw(page), DoorFailureKind::Content),
        (Play::Trickles, DoorFailureKind::Silent),
        (Play::Silent, DoorFailureKind::Silent),
    ] {
        music_assistant.set(play.clone());
        for path in [&stream, &picture] {
            let began = Instant::now();
            let mut answer = door.get(path).await;
            assert_eq!((answer.status, answer.names()), (502, vec!["content-length"]), "{play:?}");
            assert_eq!(answer.rest().await.unwrap(), b"", "{play:?}");
            assert!(began.elapsed() < Duration::from_secs(5), "{play:?}: {:?}", began.elapsed());
            let failure = door.health.last_failure().unwrap();
            assert_eq!((failure.kind, failure.player), (kind, kitchen()), "{play:?}");
        }
    }
    assert_eq!(door.events.all().len(), 18);
    music_assistant.until(|seen| seen.open == 0).await;
    let lines = logs::kept();
    let codes: Vec<&str> = lines.iter().filter_map(|line| line["error.code"].as_str()).collect();
    assert_eq!(codes, ["garbled", "redirect", "status", "content", "silent"], "one line of a kind");
    music_assistant.set(Play::Endless);
    assert_eq!(door.get(&stream).await.status, 200);
    assert_eq!(door.health.last_failure(), None);
    assert_eq!(door.events.all().last().unwrap(), "recovered");
}

#[test]
fn an_answer_that_does_not_begin_is_given_up_within_five_seconds() {
    let limits = DoorLimits::default();
    assert!(limits.headers <= Duration::from_secs(5) && limits.connect < limits.headers);
}

#[tokio::test]
async fn a_restart_of_music_assistant_ends_the_stream_and_the_next_one_plays() {
    let (music_assistant, door) = pair(Play::Endless);
    let stream = door.stream(FLOW);
    let mut playing = door.get(&stream).await;
    let mut got = playing.take(10_000).await;
    let address = music_assistant.stop().await;
    let end = loop {
        match playing.some(64 * 1024).await {
            Ok(bytes) => got.extend(bytes),
            Err(end) => break end,
        }
    };
    assert_eq!((end, position(&got)), (CutOff, 0));
    assert_eq!(door.get(&stream).await.status, 502);
    assert_eq!(door.health.last_failure().unwrap().kind, DoorFailureKind::Unreachable);
    let _again = MusicAssistant::on(address, Play::Endless);
    let mut next = door.get(&stream).await;
    assert_eq!((next.status, position(&next.take(1000).await)), (200, 0));
    assert_eq!(door.health.last_failure(), None);
    assert_eq!(door.events.all(), ["unreachable", "recovered"]);
}

#[tokio::test]
async fn a_stream_that_breaks_off_does_not_look_whole() {
    let music_assistant = MusicAssistant::start(Play::Breaks(100_000));
    let door = Door::with(music_assistant.address, quick(), None);
    for play in [Play::Breaks(100_000), Play::Pauses(100_000)] {
        music_assistant.set(play.clone());
        let mut answer = door.get(&door.stream(FLOW)).await;
        assert_eq!((answer.status, position(&answer.take(50_000).await)), (200, 0));
        assert_eq!(answer.rest().await, Err(CutOff), "{play:?}");
        music_assistant.until(|seen| seen.open == 0).await;
    }
    // It is how Music Assistant ends one stream for the next.
    assert_eq!(door.health.last_failure(), None);
}
