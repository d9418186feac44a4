//! Bounds of what one door does at a time.

use std::time::Duration;

use ma_alexa::door::{DoorFailureKind, DoorLimits};

use super::harness::{Answer, CutOff, Door, FLOW, PICTURE, SINGLE, position};
use super::music_assistant::{MusicAssistant, Play};

fn with(play: Play, limits: DoorLimits) -> (MusicAssistant, Door) {
    let music_assistant = MusicAssistant::start(play);
    let door = Door::with(music_assistant.address, limits, None);
    (music_assistant, door)
}

async fn three(door: &Door) -> Vec<Answer> {
    let mut readers = Vec::new();
    for _ in 0..3 {
        let mut reader = door.get(&door.stream(FLOW)).await;
        assert_eq!(reader.status, 200);
        reader.take(1000).await;
        readers.push(reader);
    }
    readers
}

#[tokio::test]
async fn a_fourth_reader_finds_no_place_beside_three_that_take_what_they_get() {
    let (music_assistant, door) = with(Play::Endless, DoorLimits::default());
    let readers = three(&door).await;
    let mut fourth = door.get(&door.stream(FLOW)).await;
    assert_eq!((fourth.status, fourth.rest().await.unwrap().len()), (503, 0));
    drop(readers);
    music_assistant.until(|seen| seen.open == 0).await;
    assert_eq!(door.get(&door.stream(FLOW)).await.status, 200);
}

#[tokio::test]
async fn a_fourth_reader_has_the_place_of_one_that_takes_nothing() {
    let limits = DoorLimits { stall: Duration::ZERO, ..DoorLimits::default() };
    let (music_assistant, door) = with(Play::Endless, limits);
    let _readers = three(&door).await;
    let mut fourth = door.get(&door.stream(FLOW)).await;
    assert_eq!(fourth.status, 200);
    position(&fourth.take(1_000_000).await);
    assert_eq!(music_assistant.seen().requests.len(), 1);
}

#[tokio::test]
async fn a_stream_beyond_the_last_place_is_refused_until_another_ends() {
    let (music_assistant, door) = with(Play::Endless, DoorLimits { streams: 2, ..DoorLimits::default() });
    let one = door.get(&door.stream(FLOW)).await;
    let _other = door.get(&door.stream(SINGLE)).await;
    let third = door.stream("/flow/a/b/c/d.mp3");
    assert_eq!(door.get(&third).await.status, 503);
    assert_eq!(music_assistant.seen().connections, 2);
    // A further reader of one that runs needs no place.
    assert_eq!(door.get(&door.stream(FLOW)).await.status, 200);
    drop(one);
    music_assistant.until(|seen| seen.open == 1).await;
    assert_eq!(door.get(&third).await.status, 200);
}

#[tokio::test]
async fn pictures_are_bounded_in_number_and_time() {
    let limits = DoorLimits { pictures: 1, headers: Duration::from_secs(1), ..DoorLimits::default() };
    let (music_assistant, door) = with(Play::Silent, limits);
    let (path, same) = (door.picture(PICTURE), door.picture(PICTURE));
    let second = async {
        music_assistant.until(|seen| seen.open == 1).await;
        door.get(&same).await
    };
    let (first, second) = tokio::join!(door.get(&path), second);
    assert_eq!((first.status, second.status), (502, 503));
    music_assistant.set(Play::File(1000));
    assert_eq!(door.get(&path).await.rest().await.unwrap().len(), 1000);
}

#[tokio::test]
async fn a_picture_that_is_too_large_is_not_passed_on() {
    const ENDLESS: &str = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\
        twenty bytes of one.twenty bytes of one.twenty bytes of one.";
    let (music_assistant, door) =
        with(Play::File(51), DoorLimits { picture_bytes: 50, ..DoorLimits::default() });
    let path = door.picture(PICTURE);
    assert_eq!(door.get(&path).await.status, 502);
    assert_eq!(door.health.last_failure().unwrap().kind, DoorFailureKind::Content);
    music_assistant.set(Play::File(50));
    assert_eq!(door.get(&path).await.rest().await.unwrap().len(), 50);
    music_assistant.set(Play::Raw(ENDLESS));
    let mut answer = door.get(&path).await;
    assert_eq!((answer.status, answer.rest().await), (200, Err(CutOff)));
}
