//! Several readers of one stream, and the bytes that each of them gets.

use std::time::{Duration, Instant};

use ma_alexa::door::DoorLimits;
use tokio::time::timeout;

use super::harness::{Answer, CutOff, Door, FLOW, SINGLE, pair, position};
use super::music_assistant::{MusicAssistant, Play, source};

const MEGABYTE: usize = 1_000_000;

/// More than sockets and ring hold together.
const LONG: usize = 8 * MEGABYTE;

#[tokio::test]
async fn two_requests_for_a_flow_are_one_for_music_assistant() {
    let (music_assistant, door) = pair(Play::Endless);
    let mut first = door.get(&door.stream(FLOW)).await;
    let begun = first.take(50_000).await;
    let mut second = door.get(&door.stream(FLOW)).await;
    assert_eq!(begun, source(0, 50_000));
    let (more, joined) = tokio::join!(first.take(3 * MEGABYTE), second.take(3 * MEGABYTE));
    assert_eq!(more, source(50_000, 3 * MEGABYTE));
    // It begins with what was kept, and not with what others have yet to take.
    assert!(position(&joined) < 500_000, "{}", position(&joined));
    assert_eq!(music_assistant.seen().requests.len(), 1);
}

#[tokio::test]
async fn a_stream_is_served_with_its_first_byte_and_not_before() {
    let (_music_assistant, door) = pair(Play::Endless);
    let head = door.ask("HEAD", &door.stream(FLOW), &[]).await;
    assert_eq!((head.status, door.events.served()), (200, Vec::new()));
    let mut stream = door.get(&door.stream(FLOW)).await;
    let _ = stream.take(MEGABYTE).await;
    assert_eq!(door.events.served(), [FLOW]);
}

#[tokio::test]
async fn two_requests_at_once_both_have_the_beginning() {
    let (music_assistant, door) = pair(Play::Endless);
    let (path, same) = (door.stream(FLOW), door.stream(FLOW));
    let (mut first, mut second) = tokio::join!(door.get(&path), door.get(&same));
    let (one, other) = tokio::join!(first.take(MEGABYTE), second.take(MEGABYTE));
    assert_eq!((position(&one), position(&other)), (0, 0));
    assert_eq!(music_assistant.seen().requests.len(), 1);
}

#[tokio::test]
async fn a_request_soon_after_the_first_was_closed_has_the_beginning() {
    let (music_assistant, door) = pair(Play::Pauses(50_000));
    let mut first = door.get(&door.stream(FLOW)).await;
    assert_eq!(first.take(50_000).await, source(0, 50_000));
    drop(first);
    let mut second = door.get(&door.stream(FLOW)).await;
    assert_eq!(second.take(50_000).await, source(0, 50_000));
    assert_eq!(music_assistant.seen().requests.len(), 1);
}

#[tokio::test]
async fn a_slow_reader_is_waited_for_and_loses_nothing() {
    let limits = DoorLimits { stall: Duration::from_secs(10), ..DoorLimits::default() };
    let music_assistant = MusicAssistant::start(Play::Endless);
    let door = Door::with(music_assistant.address, limits, None);
    let mut fast = door.get(&door.stream(FLOW)).await;
    let mut slow = door.get(&door.stream(FLOW)).await;
    let slowly = async {
        let mut bytes = Vec::new();
        while bytes.len() < 2 * MEGABYTE {
            bytes.extend(slow.some(500).await.unwrap());
            tokio::task::yield_now().await;
        }
        bytes
    };
    let (all, slowly) = tokio::join!(fast.take(2 * MEGABYTE), slowly);
    assert_eq!((position(&all), position(&slowly)), (0, 0));
    assert_eq!(music_assistant.seen().requests.len(), 1);
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_cut_for_another() {
    let limits = DoorLimits { stall: Duration::from_millis(300), ..DoorLimits::default() };
    let music_assistant = MusicAssistant::start(Play::Endless);
    let door = Door::with(music_assistant.address, limits, None);
    let mut stalled = door.get(&door.stream(FLOW)).await;
    let mut fast = door.get(&door.stream(FLOW)).await;
    assert_eq!(position(&stalled.take(1000).await), 0);
    let began = Instant::now();
    assert_eq!(position(&fast.take(LONG).await), 0);
    assert!(began.elapsed() >= Duration::from_millis(300), "it was not waited for");
    // What was sent before it was cut is whole; then it sees that more was to come.
    let mut got = source(0, 1000);
    let end = loop {
        match stalled.some(64 * 1024).await {
            Ok(bytes) => got.extend(bytes),
            Err(end) => break end,
        }
    };
    assert_eq!((end, position(&got)), (CutOff, 0));
    assert_eq!(music_assistant.seen().requests.len(), 1);
}

#[tokio::test]
async fn a_reader_alone_is_never_cut_and_music_assistant_waits_for_it() {
    let limits = DoorLimits { stall: Duration::from_millis(50), ..DoorLimits::default() };
    let music_assistant = MusicAssistant::start(Play::Endless);
    let door = Door::with(music_assistant.address, limits, None);
    let mut paused = door.get(&door.stream(FLOW)).await;
    assert_eq!(position(&paused.take(1000).await), 0);
    let mut sent = music_assistant.seen().sent;
    // Until it sends nothing for a while.
    while let Ok(seen) =
        timeout(Duration::from_millis(300), music_assistant.until(|seen| seen.sent > sent)).await
    {
        sent = seen.sent;
        assert!(sent < LONG as u64, "nothing holds it back");
    }
    assert_eq!(paused.take(LONG).await, source(1000, LONG));
}

#[tokio::test]
async fn a_connection_without_a_reader_is_closed_soon() {
    for play in [Play::Endless, Play::Pauses(1000), Play::Silent] {
        let (music_assistant, door) = pair(play.clone());
        let path = door.stream(FLOW);
        if matches!(play, Play::Silent) {
            let asked = timeout(Duration::from_millis(500), door.get(&path)).await;
            assert!(asked.is_err(), "it has no answer yet");
        } else {
            door.get(&path).await.take(1000).await;
        }
        let began = Instant::now();
        assert_eq!(music_assistant.seen().open, 1, "{play:?}: it waits for a second request");
        music_assistant.until(|seen| seen.open == 0).await;
        assert!(began.elapsed() < Duration::from_secs(2), "{play:?}: {:?}", began.elapsed());
        // The next one has a fetch of its own.
        if !matches!(play, Play::Silent) {
            assert_eq!(position(&door.get(&path).await.take(1000).await), 0);
            assert_eq!(music_assistant.seen().requests.len(), 2);
        }
    }
}

#[tokio::test]
async fn a_single_track_is_joined_at_its_beginning_alone() {
    let (music_assistant, door) = pair(Play::File(100_000));
    let mut first = door.get(&door.stream(SINGLE)).await;
    assert_eq!(first.rest().await.unwrap(), source(0, 100_000));
    let mut second = door.get(&door.stream(SINGLE)).await;
    assert_eq!(second.header("content-length"), Some("100000"));
    assert_eq!(second.rest().await.unwrap(), source(0, 100_000));
    assert_eq!(music_assistant.seen().requests.len(), 1);

    let (music_assistant, door) = pair(Play::File(LONG));
    let mut first = door.get(&door.stream(SINGLE)).await;
    let begun = first.take(MEGABYTE).await;
    let mut second = door.get(&door.stream(SINGLE)).await;
    let mut part = door.ask("GET", &door.stream(SINGLE), &[("Range", "bytes=80-")]).await;
    let (rest, all, part) = tokio::join!(first.rest(), second.rest(), part.rest());
    assert_eq!((begun.len() + rest.unwrap().len(), all.unwrap()), (LONG, source(0, LONG)));
    assert_eq!(position(&part.unwrap()), 80);
    assert_eq!(music_assistant.seen().requests.len(), 3);
}

#[tokio::test]
async fn the_end_of_a_flow_comes_to_every_reader_and_the_next_is_a_new_one() {
    let (music_assistant, door) = pair(Play::Ends(2 * MEGABYTE as u64));
    let mut readers: Vec<Answer> = Vec::new();
    for _ in 0..3 {
        readers.push(door.get(&door.stream(FLOW)).await);
    }
    let [one, two, three] = &mut readers[..] else { panic!("three readers") };
    let (one, two, three) = tokio::join!(one.rest(), two.rest(), three.rest());
    for bytes in [one, two, three] {
        let bytes = bytes.unwrap();
        assert_eq!(position(&bytes) + bytes.len() as u64, 2 * MEGABYTE as u64);
    }
    assert_eq!(music_assistant.seen().requests.len(), 1);
    let again = door.get(&door.stream(FLOW)).await.rest().await.unwrap();
    assert_eq!((position(&again), again.len()), (0, 2 * MEGABYTE));
    assert_eq!(music_assistant.seen().requests.len(), 2);
}

/// Twenty-five minutes of 320 kbit/s, as fast as they go.
#[tokio::test]
async fn a_long_stream_comes_byte_for_byte() {
    const LENGTH: u64 = 60_000_000;
    let (_music_assistant, door) = pair(Play::Ends(LENGTH));
    let mut answer = door.get(&door.stream(FLOW)).await;
    let mut at = 0;
    loop {
        let bytes = answer.some(64 * 1024).await.unwrap();
        if bytes.is_empty() {
            break;
        }
        assert!(bytes == source(at, bytes.len()), "after {at} bytes");
        at += bytes.len() as u64;
    }
    assert_eq!(at, LENGTH);
}
