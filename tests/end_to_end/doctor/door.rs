//! Probes of the door, which disturb nothing that plays.

use end_to_end::internet::Seen;
use ma_alexa::probe::STREAM_SAMPLE;

use super::harness::Harness;
use super::sites::{API, DOOR, MA, MUSIC, TIME};

/// The requests for sound that a check sends to the door.
async fn asked_for_sound(harness: &Harness) -> Vec<Seen> {
    harness.internet.forget();
    harness.check().await;
    let is_sound = |seen: &Seen| seen.path.starts_with("/s/");
    harness.internet.requests(DOOR).into_iter().filter(is_sound).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_idle_stream_64_kib_are_taken_through_the_door() {
    let harness = Harness::with_door().await;
    harness.internet.forget();
    harness.check().await;
    // The head is answered by the door alone, so that the stream is asked for once.
    let is_get = |seen: &Seen| seen.method == "GET" && seen.path.starts_with("/s/");
    let sound = harness.internet.hung_up(DOOR, "/s/").await;
    assert!(!sound.path.contains("Kitchen"), "{}", sound.path);
    let asked: Vec<Seen> = harness.internet.requests(DOOR).into_iter().filter(is_get).collect();
    assert!(asked.len() <= 1, "{asked:?}");
    assert!(asked.iter().all(|seen| seen.taken == STREAM_SAMPLE), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_something_plays_no_stream_is_opened() {
    let harness = Harness::playing_through_door().await;
    let asked = asked_for_sound(&harness).await;
    assert_eq!(asked.iter().map(|seen| seen.method.as_str()).collect::<Vec<_>>(), ["HEAD"]);
    // Nor that of another player, which has ended.
    let harness = Harness::with_door().await;
    harness.play("Bedroom", "two").await;
    let asked = asked_for_sound(&harness).await;
    assert_eq!(asked.iter().map(|seen| seen.method.as_str()).collect::<Vec<_>>(), ["HEAD"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_door_no_other_address_is_asked_or_demanded() {
    let harness = Harness::with_door().await;
    harness.internet.forget();
    let found = harness.check().await;
    let codes: Vec<&str> = found.findings().map(|finding| finding.code.as_str()).collect();
    for code in ["door-ok", "stream-through-door", "art-through-door", "skill-ok"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    let hosts = [DOOR, API, MA, TIME];
    assert!(harness.internet.all_requests().iter().all(|seen| hosts.contains(&seen.host.as_str())));
    let commands = harness.internet.requests(DOOR).into_iter().filter(|seen| seen.path.contains("/command/"));
    assert!(commands.into_iter().all(|seen| seen.method == "HEAD" && seen.path.contains("/unused-")));
}

// A proxy that is left over from the time before the door, and closed.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_no_longer_answers_is_not_public() {
    use end_to_end::internet::{Behavior, Port, Reply};
    let harness = Harness::with_door().await;
    harness
        .change_settings(|settings| settings.stream_base_url = Some(format!("https://{MUSIC}").into()))
        .await;
    harness.internet.change(MUSIC, |site| site.behavior = Behavior::does(|_| Reply::not_found()));
    assert_eq!(harness.complaints().await, Vec::<String>::new());
    harness.internet.change(MUSIC, |site| site.port = Port::Closed);
    assert_eq!(harness.complaints().await, Vec::<String>::new());
    harness.internet.change(MUSIC, |site| {
        site.port = Port::Open;
        site.behavior = Behavior::MusicAssistant;
    });
    assert_eq!(harness.complaints().await, ["stream-still-public"]);
}
