//! Media of the home by its own grants, from a machine that stands in for one of the home.

use std::net::SocketAddr;
use std::time::Duration;

use ma_alexa::clock::Clock as _;
use ma_alexa::door::DoorLimits;
use ma_alexa::grant::{GRANT_LIFETIME, GrantKind};

use super::harness::{Answer, CutOff, Door, FLOW, MACHINE, PICTURE, pair, position};
use super::music_assistant::{MusicAssistant, Play, source};

/// A machine with media, and a door whose Music Assistant is another one.
fn home(play: Play) -> (MusicAssistant, MusicAssistant, Door) {
    home_with(play, DoorLimits::default())
}

fn home_with(play: Play, limits: DoorLimits) -> (MusicAssistant, MusicAssistant, Door) {
    let machine = MusicAssistant::on(SocketAddr::from((MACHINE, 0)), play);
    let music_assistant = MusicAssistant::start(Play::Endless);
    let door = Door::with(music_assistant.address, limits, None);
    (machine, music_assistant, door)
}

fn at(machine: &MusicAssistant, path: &str) -> String {
    format!("http://{}{path}", machine.address)
}

async fn media(door: &Door, address: &str) -> Answer {
    door.get(&granted(door, address)).await
}

fn granted(door: &Door, address: &str) -> String {
    format!("/s/{}.mp3", door.grant(GrantKind::Media, address))
}

fn answer(media_type: &str) -> Play {
    let text = format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: 5\r\n\r\nsound");
    Play::Raw(text.leak())
}

#[tokio::test]
async fn a_file_comes_whole_and_in_parts_as_it_is_there() {
    let (machine, music_assistant, door) = home(Play::File(100_000));
    let path = granted(&door, &at(&machine, "/api/tts_proxy/a%20b.mp3?c=1&d"));
    let mut whole = door.get(&path).await;
    assert_eq!((whole.status, whole.header("content-type")), (200, Some("audio/mpeg")));
    assert_eq!(
        whole.names(),
        ["accept-ranges", "cache-control", "content-length", "content-type", "x-content-type-options"]
    );
    assert_eq!(whole.rest().await.unwrap(), source(0, 100_000));
    let mut part = door.ask("GET", &path, &[("Range", "bytes=50000-"), ("Cookie", "a=b")]).await;
    assert_eq!((part.status, part.header("content-range")), (206, Some("bytes 50000-99999/100000")));
    assert_eq!(part.rest().await.unwrap(), source(50_000, 50_000));
    let seen = machine.seen().requests;
    assert!(
        seen.iter().all(|head| head.starts_with("GET /api/tts_proxy/a%20b.mp3?c=1&d HTTP/1.1\r\n")),
        "{seen:?}"
    );
    assert!(seen.iter().all(|head| !head.to_lowercase().contains("cookie")), "{seen:?}");
    assert!(door.ask("HEAD", &path, &[]).await.header("content-type").is_none());
    assert_eq!((machine.seen().connections, music_assistant.seen().connections), (2, 0));
    assert_eq!((door.health.last_failure(), door.events.all()), (None, Vec::new()));
}

#[tokio::test]
async fn a_name_of_the_home_leads_to_its_machine_and_no_other_name_does() {
    let (machine, music_assistant, door) = home(Play::Endless);
    let port = machine.address.port();
    let mut radio = media(&door, &format!("http://nas.local:{port}/live")).await;
    assert_eq!(radio.status, 200);
    assert_eq!(position(&radio.take(100_000).await), 0);
    assert!(
        machine.seen().requests[0].contains(&format!("host: nas.local:{port}\r\n")),
        "{:?}",
        machine.seen().requests
    );
    drop(radio);
    machine.until(|seen| seen.open == 0).await;
    let connections = machine.seen().connections;
    for host in [
        "evil.local".to_owned(),
        "127.0.0.1".to_owned(),
        "[::1]".to_owned(),
        "[::ffff:7f00:2]".to_owned(),
        "169.254.169.254".to_owned(),
        "8.8.8.8".to_owned(),
    ] {
        for port in [port, music_assistant.address.port()] {
            let mut refused = media(&door, &format!("http://{host}:{port}/a.mp3")).await;
            assert_eq!(refused.status, 502, "{host}");
            assert_eq!(refused.rest().await.unwrap(), b"", "{host}");
        }
    }
    assert_eq!((machine.seen().connections, music_assistant.seen().connections), (connections, 0));
    let reasons = door.events.all();
    assert!(
        reasons.len() == 12 && reasons.iter().all(|reason| reason.contains("is none of the home")),
        "{reasons:?}"
    );
    assert_eq!(door.health.last_failure(), None, "it says nothing of Music Assistant");
}

#[tokio::test]
async fn all_but_sound_is_a_502_with_its_reason() {
    let limits = DoorLimits { headers: Duration::from_millis(400), ..DoorLimits::default() };
    let (machine, _, door) = home_with(Play::Silent, limits);
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n";
    for (play, reason) in [
        (Play::Raw(redirect), "redirects"),
        (Play::Raw("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"), "refuses"),
        (Play::Raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "no HTTP"),
        (Play::Trickles, "does not answer"),
        (Play::Silent, "does not answer"),
        (answer("text/html"), "no sound"),
        (answer("video/mp4"), "no sound"),
        (answer("application/ogg"), "no sound"),
        (answer("audio/x-mpegurl"), "no sound"),
        (answer("application/json"), "no sound"),
    ] {
        machine.set(play.clone());
        let mut refused = media(&door, &at(&machine, "/a")).await;
        assert_eq!((refused.status, refused.names()), (502, vec!["content-length"]), "{play:?}");
        assert_eq!(refused.rest().await.unwrap(), b"", "{play:?}");
        let last = door.events.all().pop().unwrap();
        assert!(last.starts_with("media: ") && last.contains(reason), "{play:?}: {last}");
    }
    machine.set(Play::Raw("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nhome"));
    let mut gone = media(&door, &at(&machine, "/a")).await;
    assert_eq!((gone.status, gone.rest().await.unwrap().len()), (404, 0));
    assert!(door.events.all().pop().unwrap().contains("no file"));
    for (play, path, status) in [
        (answer("application/octet-stream"), "/a", 502),
        (answer("application/octet-stream"), "/a.mp3", 200),
        (answer("Audio/AAC; charset=x"), "/a", 200),
    ] {
        machine.set(play.clone());
        assert_eq!(media(&door, &at(&machine, path)).await.status, status, "{play:?} {path}");
    }
    assert_eq!(door.health.last_failure(), None);
}

#[tokio::test]
async fn a_radio_station_ends_with_its_grant() {
    let (machine, _, door) = home(Play::Endless);
    let path = granted(&door, &at(&machine, "/live"));
    // It ends with a whole minute.
    let seconds = u64::try_from(door.clock.now().seconds() % 60).unwrap();
    door.clock.advance(GRANT_LIFETIME.saturating_sub(Duration::from_secs(seconds + 3)));
    let mut radio = door.get(&path).await;
    assert_eq!(radio.status, 200);
    radio.take(50_000).await;
    let end = loop {
        match radio.some(64 * 1024).await {
            Ok(bytes) if bytes.is_empty() => break Ok(()),
            Ok(_) => {}
            Err(cut) => break Err(cut),
        }
    };
    assert_eq!(end, Err(CutOff));
    machine.until(|seen| seen.open == 0).await;
    door.clock.advance(Duration::from_secs(3));
    assert_eq!(door.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_grant_of_media_opens_no_other_route_and_no_other_grant_opens_media() {
    let (machine, music_assistant, door) = home(Play::Endless);
    let address = at(&machine, "/a.mp3");
    let grant = door.grant(GrantKind::Media, &address);
    for path in [format!("/p/{grant}.m3u"), format!("/a/{grant}"), format!("/t/{grant}.mp3")] {
        assert_eq!(door.get(&path).await.status, 404, "{path}");
    }
    let (_, other) = pair(Play::Endless);
    assert_eq!(other.get(&format!("/s/{grant}.mp3")).await.status, 200, "the same keys, another door");
    for path in [FLOW, PICTURE, "//127.0.0.2/a.mp3", "/flow/a"] {
        let picture = door.grant(GrantKind::Picture, path);
        assert_eq!(door.get(&format!("/s/{picture}.mp3")).await.status, 404, "{path}");
    }
    for odd in [
        "http://127.0.0.2/a#b",
        "http://u:p@127.0.0.2/a",
        "http://127.0.0.2\\@127.0.0.1/a",
        "http://127.2/a",
        "http://127.0.0.2/a/../b",
        "http://127.0.0.2:80/a",
        "http:///a",
        "http://127.0.0.2/a b",
    ] {
        assert_eq!(media(&door, odd).await.status, 404, "{odd}");
    }
    assert_eq!(music_assistant.seen().connections, 0);
}
