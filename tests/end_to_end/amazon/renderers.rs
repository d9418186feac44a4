//! Media renderers of a real household: the account, the store and the skill.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::Arc;

use end_to_end::amazon::{Utterance, serial};
use end_to_end::envelope::{Envelope, Played, nothing};
use futures_util::future::join_all;
use ma_alexa::account::OneTimeWord;
use ma_alexa::api::offer_renderers;
use ma_alexa::renderer::{NewsFeed, udn};
use ma_alexa::speakers::RendererFailure;
use ma_alexa::upnp::{ActionError, MediaItem, MediaRenderer, RendererList, RendererSnapshot, TransportState};
use ma_alexa::voice::{InvocationName, LocaleSpec, locales};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::harness::{Harness, PATIENCE, device_id, identify, until};

/// A household and its renderers.
struct House {
    harness: Harness,
    list: RendererList,
}

impl House {
    async fn open() -> Self {
        Self::of(Harness::signed_in().await)
    }

    fn of(harness: Harness) -> Self {
        let list = offer_renderers(&harness.state, &harness.feed);
        Self { harness, list }
    }

    async fn renderer(&mut self, name: &str) -> Arc<dyn MediaRenderer> {
        let has = |list: &Vec<Arc<dyn MediaRenderer>>| list.iter().any(|known| known.identity().name == name);
        let list = timeout(PATIENCE, self.list.wait_for(has)).await.unwrap().unwrap();
        list.iter().find(|known| known.identity().name == name).unwrap().clone()
    }

    /// An Echo reports on a play.
    async fn report(&self, serial: &str, kind: &str, token: &str, offset_ms: u64) -> Value {
        let report = Envelope::report(kind, token, offset_ms).from_echo(&device_id(serial));
        self.harness.ask_skill(&report).await
    }

    /// Plays an item up to the report of its Echo.
    async fn play(&self, renderer: &dyn MediaRenderer, item: MediaItem) -> (Utterance, Played) {
        renderer.set_item(item).await.unwrap();
        renderer.play().await.unwrap();
        let (heard, answer) = self.harness.next_echo_asks().await;
        let played = Played::of(&answer);
        assert_eq!(renderer.snapshots().borrow().state, TransportState::Transitioning);
        assert_eq!(self.report(&heard.serial, "PlaybackStarted", &played.token, 0).await, nothing());
        shows(renderer, TransportState::Playing).await;
        (heard, played)
    }
}

async fn shows(renderer: &dyn MediaRenderer, state: TransportState) -> RendererSnapshot {
    let mut snapshots = renderer.snapshots();
    let shown = timeout(PATIENCE, snapshots.wait_for(|shown| shown.state == state)).await;
    shown.unwrap_or_else(|_| panic!("it never shows {state:?}")).unwrap().clone()
}

/// An item as Music Assistant hands it to the renderer of a device.
fn item(serial: &str, kind: &str, name: &str) -> MediaItem {
    let player = format!("uuid:{}", udn(serial));
    MediaItem {
        uri: format!("http://192.168.1.5:8097/{kind}/s1/{player}/{name}/{player}.mp3"),
        didl: "<DIDL-Lite/>".to_owned(),
        title: Some(format!("Title of {name}")),
        artist: Some("Joni Mitchell".to_owned()),
        ..MediaItem::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renderer_plays_pauses_resumes_and_stops() {
    let mut house = House::open().await;
    let kitchen = house.renderer("Küche").await;
    let names: Vec<String> = house.list.borrow().iter().map(|known| known.identity().name).collect();
    assert_eq!(names, ["Büro", "Küche", "Schlafzimmer", "Wohnzimmer"], "neither halves nor groups");
    let one = item(serial::KITCHEN, "single", "one");
    let (heard, played) = house.play(kitchen.as_ref(), one.clone()).await;
    assert_eq!(heard.serial, serial::KITCHEN);
    assert!(played.url.contains("/single/s1/uuid:"), "{}", played.url);
    assert_eq!(kitchen.snapshots().borrow().item, Some(one), "as it came");
    // The player is the one of the device's name, as for every other way.
    let players = house.harness.api.get("/v1/players").await;
    assert_eq!(players["players"][0]["player"], "Küche", "{players}");
    assert_eq!(players["players"][0]["title"], "Title of one");

    kitchen.pause().await.unwrap();
    house.harness.amazon.wait_for("/api/behaviors/preview", 2).await;
    house.report(serial::KITCHEN, "PlaybackStopped", &played.token, 30_000).await;
    shows(kitchen.as_ref(), TransportState::Paused).await;

    // Amazon's own player knows nothing of it: the Echo asks again, and goes on where it was.
    kitchen.play().await.unwrap();
    let (_, answer) = house.harness.next_echo_asks().await;
    let resumed = Played::of(&answer);
    assert_eq!(resumed.offset_ms, 30_000);
    house.report(serial::KITCHEN, "PlaybackStarted", &resumed.token, 30_000).await;
    shows(kitchen.as_ref(), TransportState::Playing).await;
    assert!(kitchen.position().as_secs() >= 30);

    kitchen.stop().await.unwrap();
    house.harness.amazon.wait_for("/api/behaviors/preview", 4).await;
    house.report(serial::KITCHEN, "PlaybackStopped", &resumed.token, 40_000).await;
    let stopped = shows(kitchen.as_ref(), TransportState::Stopped).await;
    assert!(!stopped.failed);
}

/// The provider of Music Assistant cannot start in five of them.
#[tokio::test(flavor = "multi_thread")]
async fn an_echo_is_started_in_every_language() {
    let locales: Vec<_> = locales().map(|locale| LocaleSpec::of(locale).unwrap()).collect();
    assert_eq!(locales.len(), 17);
    join_all(locales.into_iter().map(async |locale| {
        let variables = [("LOCALE", locale.locale().to_string())];
        let mut house = House::of(Harness::signed_in_with(&variables).await);
        let kitchen = house.renderer("Küche").await;
        let (heard, played) = house.play(kitchen.as_ref(), item(serial::KITCHEN, "single", "one")).await;
        let word = heard.text.split_whitespace().find_map(OneTimeWord::parse).unwrap();
        assert_eq!(heard.text, locale.identify_sentence(&InvocationName::default(), &word));
        assert!(played.url.contains("/single/s1/uuid:"), "{}", played.url);
    }))
    .await;
}

/// The words of Music Assistant's other way may be faster than ours, and bring what ours are about.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_echo_was_just_given_is_not_begun_again() {
    let mut house = House::open().await;
    let kitchen = house.renderer("Küche").await;
    // Pairs it.
    let (_, first) = house.play(kitchen.as_ref(), item(serial::KITCHEN, "single", "one")).await;
    kitchen.set_item(item(serial::KITCHEN, "single", "two")).await.unwrap();
    kitchen.play().await.unwrap();
    let heard = house.harness.amazon.next_utterance().await;
    let asked = Envelope::new("play-audio").from_echo(&device_id(serial::KITCHEN));
    let played = Played::of(&house.harness.ask_skill(&asked).await);
    assert!(played.url.contains("/two/") && played.token != first.token, "{}", played.url);
    let again = house.harness.ask_skill(&identify(&heard)).await;
    assert_eq!(again["response"].get("directives"), None, "{again}");
    house.report(serial::KITCHEN, "PlaybackStarted", &played.token, 0).await;
    shows(kitchen.as_ref(), TransportState::Playing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_play_fails() {
    let mut house = House::open().await;
    let kitchen = house.renderer("Küche").await;
    for (uri, error) in [
        ("", ActionError::NotPlayable),
        ("file:///etc/passwd", ActionError::NotPlayable),
        // No door leads there.
        ("http://192.168.1.5:8123/anything", ActionError::NotFound),
        ("http://127.0.0.1:22/", ActionError::NotFound),
    ] {
        let refused = kitchen.set_item(MediaItem { uri: uri.to_owned(), ..MediaItem::default() }).await;
        assert_eq!(refused, Err(error), "{uri}");
    }
    let study = house.renderer("Büro").await;
    study.set_item(item(serial::STUDY, "flow", "one")).await.unwrap();
    study.play().await.unwrap();
    assert!(shows(study.as_ref(), TransportState::Stopped).await.failed, "it is offline");
    let report = house.harness.state.renderers().report();
    let problem = report.renderers[serial::STUDY].problem.as_ref().map(|problem| &problem.code);
    assert_eq!((problem, report.renderers.len()), (Some(&RendererFailure::DeviceOffline), 4));
    let problem = report.renderers[serial::KITCHEN].problem.as_ref().map(|problem| &problem.code);
    assert_eq!(problem, Some(&RendererFailure::MediaRefused));

    kitchen.set_item(item(serial::KITCHEN, "flow", "one")).await.unwrap();
    kitchen.play().await.unwrap();
    let (heard, answer) = house.harness.next_echo_asks().await;
    let failed = Envelope::failed(&Played::of(&answer).token, "MEDIA_ERROR_INVALID_REQUEST");
    house.harness.ask_skill(&failed.from_echo(&device_id(&heard.serial))).await;
    assert!(shows(kitchen.as_ref(), TransportState::Stopped).await.failed);
    let report = house.harness.state.renderers().report();
    let problem = report.renderers[serial::KITCHEN].problem.as_ref().map(|problem| &problem.code);
    assert_eq!(problem, Some(&RendererFailure::DidNotPlay));
}

/// Music Assistant's other way starts something on the same Echo, and a voice stops it.
#[tokio::test(flavor = "multi_thread")]
async fn what_happens_at_the_echo_is_shown() {
    let mut house = House::open().await;
    let kitchen = house.renderer("Küche").await;
    house.play(kitchen.as_ref(), item(serial::KITCHEN, "flow", "one")).await;
    house.harness.api.push("Küche", "Bb3keUeZ", "Blue").await;
    let asked = Envelope::new("play-audio").from_echo(&device_id(serial::KITCHEN));
    let other = Played::of(&house.harness.ask_skill(&asked).await);
    house.report(serial::KITCHEN, "PlaybackStarted", &other.token, 0).await;
    let mut snapshots = kitchen.snapshots();
    let is_other = |shown: &RendererSnapshot| {
        shown.item.as_ref().is_some_and(|item| item.uri.contains("Bb3keUeZ"))
            && shown.state == TransportState::Playing
    };
    timeout(PATIENCE, snapshots.wait_for(is_other)).await.unwrap().unwrap();
    house.report(serial::KITCHEN, "PlaybackStopped", &other.token, 5000).await;
    shows(kitchen.as_ref(), TransportState::Paused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_starts_again_knows_what_plays() {
    let mut house = House::open().await;
    let kitchen = house.renderer("Küche").await;
    house.play(kitchen.as_ref(), item(serial::KITCHEN, "flow", "one")).await;
    drop(kitchen);
    house.list = offer_renderers(&house.harness.state, &NewsFeed::default());
    let kitchen = house.renderer("Küche").await;
    let shown = shows(kitchen.as_ref(), TransportState::Playing).await;
    assert_eq!(shown.item.map(|item| item.uri), Some(item(serial::KITCHEN, "flow", "one").uri));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_and_an_echo_play_at_once_and_a_volume_is_set() {
    let mut house = House::open().await;
    let (pair, living_room) = (house.renderer("Schlafzimmer").await, house.renderer("Wohnzimmer").await);
    let (heard, _) = house.play(pair.as_ref(), item(serial::BEDROOM_PAIR, "flow", "one")).await;
    assert_eq!(heard.serial, serial::BEDROOM_LEFT);
    let (heard, _) = house.play(living_room.as_ref(), item(serial::LIVING_ROOM, "flow", "two")).await;
    assert_eq!(heard.serial, serial::LIVING_ROOM);
    assert_eq!(pair.snapshots().borrow().state, TransportState::Playing);

    living_room.set_volume(42).await.unwrap();
    let mut snapshots = living_room.snapshots();
    timeout(PATIENCE, snapshots.wait_for(|shown| shown.volume == Some(42))).await.unwrap().unwrap();
    living_room.set_muted(true).await.unwrap();
    timeout(PATIENCE, snapshots.wait_for(|shown| shown.muted == Some(true))).await.unwrap().unwrap();
    assert_eq!(living_room.snapshots().borrow().volume, Some(42));
}

/// The next look at the volumes is later than this test waits: the event alone brings it.
#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_is_turned_on_an_echo_is_shown() {
    let harness = Harness::hearing().await;
    let mut house = House { list: offer_renderers(&harness.state, &harness.feed), harness };
    let kitchen = house.renderer("Küche").await;
    let mut snapshots = kitchen.snapshots();
    timeout(PATIENCE, snapshots.wait_for(|shown| shown.volume.is_some())).await.unwrap().unwrap();
    house.harness.amazon.change_device(serial::KITCHEN, |echo| (echo.volume, echo.muted) = (64, true));
    let is_shown = |shown: &RendererSnapshot| shown.volume == Some(64) && shown.muted == Some(true);
    timeout(PATIENCE, snapshots.wait_for(is_shown)).await.unwrap().unwrap();
}

/// Each member of a group starts for itself, all by one request to Amazon, and it plays as long as one does.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_switched_on_plays_on_its_members() {
    let harness = Harness::signed_in().await;
    harness.change_settings(|settings| settings.renderers.on = vec![serial::EVERYWHERE.to_owned()]).await;
    let mut house = House { list: offer_renderers(&harness.state, &harness.feed), harness };
    let all = house.renderer("Everywhere (not in sync)").await;
    let (kitchen, living_room) = (house.renderer("Küche").await, house.renderer("Wohnzimmer").await);
    let one = item(serial::EVERYWHERE, "flow", "one");
    all.set_item(one.clone()).await.unwrap();
    all.play().await.unwrap();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let (heard, answer) = house.harness.next_echo_asks().await;
        tokens.push((heard.serial, Played::of(&answer).token));
    }
    tokens.sort();
    assert_eq!(
        tokens.iter().map(|(serial, _)| serial).collect::<Vec<_>>(),
        [serial::KITCHEN, serial::LIVING_ROOM]
    );
    assert_eq!(house.harness.count("/api/behaviors/preview"), 1);
    house.report(serial::LIVING_ROOM, "PlaybackStarted", &tokens[1].1, 0).await;
    assert_eq!(shows(all.as_ref(), TransportState::Playing).await.item, Some(one));
    shows(living_room.as_ref(), TransportState::Playing).await;
    house.report(serial::KITCHEN, "PlaybackStarted", &tokens[0].1, 0).await;
    shows(kitchen.as_ref(), TransportState::Playing).await;

    all.set_volume(20).await.unwrap();
    let mut snapshots = all.snapshots();
    timeout(PATIENCE, snapshots.wait_for(|shown| shown.volume == Some(20))).await.unwrap().unwrap();
    for member in [serial::KITCHEN, serial::LIVING_ROOM] {
        assert_eq!(house.harness.amazon.device(member).volume, 20, "{member}");
    }

    // A process that starts again knows by the address what plays for the group.
    house.list = offer_renderers(&house.harness.state, &NewsFeed::default());
    let all = house.renderer("Everywhere (not in sync)").await;
    shows(all.as_ref(), TransportState::Playing).await;
    house.list = offer_renderers(&house.harness.state, &house.harness.feed);
    let all = house.renderer("Everywhere (not in sync)").await;
    let living_room = house.renderer("Wohnzimmer").await;
    shows(all.as_ref(), TransportState::Playing).await;
    shows(living_room.as_ref(), TransportState::Playing).await;

    // A voice stops one of them: the group plays on.
    house.report(serial::LIVING_ROOM, "PlaybackStopped", &tokens[1].1, 9_000).await;
    shows(living_room.as_ref(), TransportState::Paused).await;
    assert_eq!(all.snapshots().borrow().state, TransportState::Playing);
    all.stop().await.unwrap();
    shows(all.as_ref(), TransportState::Stopped).await;
}

/// The household's switches.
#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_is_switched_off_is_not_offered() {
    let harness = Harness::signed_in().await;
    harness.change_settings(|settings| settings.renderers.off = vec![serial::KITCHEN.to_owned()]).await;
    let mut house = House { list: offer_renderers(&harness.state, &harness.feed), harness };
    house.renderer("Wohnzimmer").await;
    assert!(house.list.borrow().iter().all(|known| known.identity().name != "Küche"));
}

/// The next track begins by itself: the Echo was given it before the end of the present one.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_item_follows_on_the_echo() {
    let mut house = House::open().await;
    let kitchen = house.renderer("Küche").await;
    let (_, played) = house.play(kitchen.as_ref(), item(serial::KITCHEN, "single", "one")).await;
    let two = item(serial::KITCHEN, "single", "two");
    kitchen.set_next_item(Some(two.clone())).await.unwrap();
    until(async || {
        let household = house.harness.household().await;
        household.players.iter().any(|player| player.next().is_some())
    })
    .await;
    let answer = house.report(serial::KITCHEN, "PlaybackNearlyFinished", &played.token, 170_000).await;
    let directive = &answer["response"]["directives"][0];
    assert_eq!(
        (&directive["type"], &directive["playBehavior"]),
        (&json!("AudioPlayer.Play"), &json!("ENQUEUE"))
    );
    let stream = &directive["audioItem"]["stream"];
    assert_eq!(stream["expectedPreviousToken"], json!(played.token), "{answer}");
    assert!(stream["url"].as_str().unwrap().contains("/two/"), "{answer}");
    assert_eq!(directive["audioItem"]["metadata"]["title"], "Title of two", "{answer}");
    let next_token = stream["token"].as_str().unwrap().to_owned();

    house.report(serial::KITCHEN, "PlaybackFinished", &played.token, 180_000).await;
    house.report(serial::KITCHEN, "PlaybackStarted", &next_token, 0).await;
    let mut snapshots = kitchen.snapshots();
    let moved =
        |shown: &RendererSnapshot| shown.item == Some(two.clone()) && shown.state == TransportState::Playing;
    timeout(PATIENCE, snapshots.wait_for(moved)).await.unwrap().unwrap();
    assert_eq!(house.harness.count("/api/behaviors/preview"), 1, "no further sentence");
    let players = house.harness.api.get("/v1/players").await;
    assert_eq!(players["players"][0]["title"], "Title of two", "{players}");

    // What follows comes too late for the Echo's question: it is started when this one is over.
    house.report(serial::KITCHEN, "PlaybackNearlyFinished", &next_token, 100).await;
    kitchen.set_next_item(Some(item(serial::KITCHEN, "single", "three"))).await.unwrap();
    house.report(serial::KITCHEN, "PlaybackFinished", &next_token, 180_000).await;
    let (_, answer) = house.harness.next_echo_asks().await;
    let three = Played::of(&answer);
    assert!(three.url.contains("/three/"), "{}", three.url);
    house.report(serial::KITCHEN, "PlaybackStarted", &three.token, 0).await;
    shows(kitchen.as_ref(), TransportState::Playing).await;
}
