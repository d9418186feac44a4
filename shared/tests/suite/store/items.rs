//! How items are written down: what one release writes, every later one reads.

use std::collections::BTreeMap;

use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::config::Settings;
use ma_alexa::playback::{
    Failure, Metadata, Pairing, PairingKind, Player, PlayerId, Push, ReportKind, StartReason, StreamState,
    Transition, short_hash,
};
use ma_alexa::store::{Activity, ActivityKind, StoreError};
use serde_json::{Value, json};

use super::fixture::{Fixture, uncounted};
use super::samples::{
    T0, UNSEEN, after, asked, by_hand, claim, device, endpoint, event, household, named, player, push,
    push_of, rebind, revocation, token, user,
};

/// The items of the first schema. Later releases add files beside this one, and never change it.
const SCHEMA_1: &str = include_str!("../../fixtures/items/schema-1.json");

fn first_schema() -> BTreeMap<String, Value> {
    serde_json::from_str(SCHEMA_1).unwrap()
}

pub(crate) async fn the_items_of_the_first_schema_are_read(fixture: &Fixture) {
    for (sk, item) in first_schema() {
        fixture.insert(&sk, &item).await;
    }
    let found = household(&*fixture.store, after(60)).await;
    let [full, least, slept] = &found.players[..] else { panic!("{:?}", found.players) };
    assert_full(full);
    assert_eq!(least.player, PlayerId::from("Least"));
    assert_eq!((least.version(), least.state(), least.offset_ms()), (1, None, 0));
    assert!(least.pairing.is_none() && !least.had_echo && !least.is_contested());
    let pairing = slept.pairing.as_ref().unwrap();
    assert_eq!((&pairing.device, &pairing.user), (&None, &None));
    assert_eq!(pairing.endpoint, Some(endpoint("hall")));
    assert_eq!(slept.player, PlayerId::from("Slept"));

    let [kitchen] = &found.echos[..] else { panic!("{:?}", found.echos) };
    assert_eq!(kitchen.device, device("kitchen"));
    assert_eq!((kitchen.asked_at, kitchen.asked_before), (Some(after(9)), Some(after(2))));
    assert_eq!((kitchen.user.clone(), kitchen.locale.as_deref()), (Some(user()), Some("en-US")));
    assert_eq!(found.settings, settings());
    assert_eq!(fixture.store.settings().await.unwrap(), settings());
    assert_eq!(fixture.store.recent(9, after(60)).await.unwrap(), [activity()]);
}

fn assert_full(full: &Player) {
    assert_eq!(full.player, PlayerId::from("Full Küche"));
    assert_eq!(full.version(), 2);
    let start = full.start().unwrap();
    assert_eq!(start.stream, full_push("two", after(3)).stream);
    assert_eq!(start.stream_digest, start.stream.short_hash());
    assert_eq!(*full.metadata(), full_metadata());
    assert_eq!((start.started_at, full.previous_started_at()), (after(3), Some(T0)));
    let [replaced] = &full.present.as_ref().unwrap().replaced[..] else { panic!("{full:?}") };
    assert_eq!((replaced.version, replaced.replaced_at), (1, after(3)));
    assert_eq!((full.state(), full.offset_ms()), (Some(StreamState::Failed), 4711));
    assert_eq!(
        (full.report().map(|report| report.at), full.report().and_then(|report| report.origin)),
        (Some(after(10)), Some(StartReason::ResumedAtOffset))
    );
    let failure = Failure { kind: MediaErrorType::ServiceUnavailable, message: Some("no answer".to_owned()) };
    assert_eq!(full.report().and_then(|report| report.state.error()), Some(&failure));
    assert!(full.replay_is_pending(after(39)) && !full.replay_is_pending(after(40)));
    let pairing = Pairing {
        device: Some(device("kitchen")),
        endpoint: Some(endpoint("kitchen")),
        user: Some(user()),
        kind: PairingKind::Learned,
        at: after(4),
        version: 2,
        request: "claim".to_owned(),
    };
    assert_eq!(full.pairing, Some(pairing));
}

fn full_metadata() -> Metadata {
    Metadata {
        title: Some("Song".to_owned()),
        artist: Some("Singer".to_owned()),
        album: Some("Album".to_owned()),
        image_url: Some("https://example.com/art.jpg".to_owned()),
        ..Metadata::default()
    }
}

fn full_push(session: &str, at: ma_alexa::clock::Timestamp) -> Push {
    Push { metadata: full_metadata(), ..push("Full Küche", session, at) }
}

fn settings() -> Settings {
    Settings {
        stream_base_url: Some("https://music.example.com".into()),
        ma_stream_origin: Some("http://192.168.1.5:8097".into()),
        art_base_url: Some("https://art.example.com".into()),
        skill_ids: vec!["amzn1.ask.skill.1".into()],
        locale: Some("de-DE".into()),
        invocation_name: Some("music assistant".into()),
        ma_phrases: Some("own".into()),
        ma_api_url: Some("http://192.168.1.5:8095".into()),
        ..Settings::default()
    }
}

fn activity() -> Activity {
    Activity {
        at: after(4),
        kind: ActivityKind::Paired {
            player: PlayerId::from("Full Küche"),
            echo: short_hash("kitchen").as_str().to_owned(),
            how: PairingKind::Learned,
        },
    }
}

/// The same items come out of the operations that make them, so that no attribute changes its name unseen.
pub(crate) async fn the_items_of_the_first_schema_are_written(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&full_push("one", T0)).await.unwrap();
    store.record_request(&asked("kitchen", "ask-1", after(2))).await.unwrap();
    store.push(&full_push("two", after(3))).await.unwrap();
    store.claim(&claim("Full Küche", 2, "kitchen", "claim", after(4)), &UNSEEN).await.unwrap();
    store.record_request(&asked("kitchen", "ask-2", after(9))).await.unwrap();
    let play = token("Full Küche", 2, after(9), StartReason::ResumedAtOffset);
    let failed = event(play, ReportKind::Failed, 4711, after(10));
    store.record(&failed, after(10)).await.unwrap();
    store.push(&push("Least", "least", after(1))).await.unwrap();
    store.push(&push("Slept", "slept", after(1))).await.unwrap();
    let mut pairing = by_hand("Slept", "hall", "pair", after(2));
    pairing.user = Some(short_hash("amzn1.ask.account.OTHER"));
    store.pair(&pairing).await.unwrap();
    store.suspend(&short_hash("amzn1.ask.account.OTHER"), after(3)).await.unwrap();
    store.put_settings(&settings()).await.unwrap();
    store.note(&activity()).await.unwrap();

    // The end of an entry's key is random.
    let comparable = |items: BTreeMap<String, Value>| {
        let key = |sk: String| match sk.strip_prefix("activity#") {
            Some(rest) => format!("activity#{}", rest.split('#').next().unwrap()),
            None => sk,
        };
        items.into_iter().map(|(sk, item)| (key(sk), uncounted(item))).collect::<BTreeMap<_, _>>()
    };
    let mut written = comparable(fixture.items().await);
    // What a later release adds.
    let full = |(sk, item): &(&String, &mut Value)| sk.starts_with("play#") && item["player"] == "Full Küche";
    let (_, reported) = written.iter_mut().find(full).unwrap();
    assert_eq!(reported.as_object_mut().unwrap().remove("reported_at"), Some(json!(after(10))));
    let expected = comparable(first_schema());
    assert_eq!(written, expected, "{}", serde_json::to_string_pretty(&written).unwrap());
}

/// A player with everything that a version may have, and a start that has nothing of it: not even a stream
/// that was replaced, because it is the same one, a day later.
pub(crate) async fn a_start_takes_nothing_along_but_the_pairing(fixture: &Fixture) {
    let again = push_of("announcement/Full%20K%C3%BCche.mp3", "again", after(26 * 3600));
    let (sk, mut item) = first_schema()
        .into_iter()
        .find(|(sk, item)| sk.starts_with("play#player#") && item["player"] == "Full Küche")
        .unwrap();
    item["stream"] = json!(again.stream);
    item["stream_digest"] = json!(again.stream.short_hash());
    item["contested"] = json!(true);
    fixture.insert(&sk, &item).await;
    let before = player(&*fixture.store, "Full Küche", again.at).await;

    assert_eq!(fixture.store.push(&again).await.unwrap().version, 3);
    let mut expected = serde_json::to_value(Player::started(Some(&before), &again)).unwrap();
    expected["schema"] = json!(1);
    assert_eq!(uncounted(fixture.items().await[&sk].clone()), expected);
    let kept: Vec<_> = expected.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        kept,
        [
            "expires_at",
            "had_echo",
            "pairing",
            "player",
            "previous_started_at",
            "pushed_at",
            "schema",
            "start_request",
            "started_at",
            "stream",
            "stream_digest",
            "version",
        ]
    );
}

pub(crate) async fn a_malformed_item_stops_no_other(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    let (sk, good) = fixture.items().await.pop_first().unwrap();
    let mut bad = good.clone();
    bad["version"] = json!("one");
    fixture.insert("play#player#bad", &bad).await;
    fixture.insert("play#player#empty", &json!({"schema": 1})).await;
    fixture.insert("play#echo#bad", &json!({"schema": 1, "device": 5})).await;
    fixture.insert("play#settings", &json!({"schema": 1, "locale": ["en-US"]})).await;
    let found = household(&**store, after(1)).await;
    assert_eq!((found.players.len(), found.echos.len()), (1, 0));
    assert_eq!(found.settings, Settings::default());
    assert!(matches!(store.settings().await, Err(StoreError::Malformed(_))));
    store.put_settings(&settings()).await.unwrap();
    assert_eq!(store.settings().await.unwrap(), settings());

    fixture.insert(&sk, &bad).await;
    assert!(household(&**store, after(1)).await.players.is_empty());
}

pub(crate) async fn an_item_of_a_newer_release_is_refused_by_name(fixture: &Fixture) {
    let store = &fixture.store;
    let now = after(1);
    let is_newer = |error: StoreError| {
        assert!(matches!(error, StoreError::Newer { found: 2, known: 1 }), "{error:?}");
        assert!(error.to_string().contains("schema 2"));
    };
    store.push(&push("A", "one", T0)).await.unwrap();
    store.claim(&claim("A", 1, "kitchen", "claim", T0), &UNSEEN).await.unwrap();
    store.record_request(&asked("kitchen", "one", T0)).await.unwrap();
    store.put_settings(&settings()).await.unwrap();
    for (sk, mut item) in fixture.items().await {
        item["schema"] = json!(2);
        fixture.insert(&sk, &item).await;
    }
    let before = fixture.items().await;
    is_newer(store.household(now).await.unwrap_err());
    is_newer(store.push(&push("A", "two", now)).await.unwrap_err());
    is_newer(store.push(&push("A", "one", now)).await.unwrap_err());
    is_newer(store.record_request(&asked("kitchen", "two", now)).await.unwrap_err());
    is_newer(store.claim(&claim("A", 1, "hall", "late", now), &UNSEEN).await.unwrap_err());
    is_newer(store.revoke(&revocation("A", 1, "kitchen", now), &UNSEEN).await.unwrap_err());
    is_newer(store.rebind(&rebind("A", "kitchen", "new", now), &UNSEEN).await.unwrap_err());
    is_newer(store.pair(&by_hand("A", "hall", "pair", now)).await.unwrap_err());
    is_newer(store.unpair(&device("kitchen"), None, now).await.unwrap_err());
    is_newer(store.suspend(&user(), now).await.unwrap_err());
    let play = event(token("A", 1, T0, StartReason::Start), ReportKind::Started, 0, now);
    is_newer(store.record(&play, now).await.unwrap_err());
    is_newer(store.settings().await.unwrap_err());
    is_newer(store.put_settings(&Settings::default()).await.unwrap_err());
    assert_eq!(fixture.items().await, before);
}

pub(crate) async fn what_is_unknown_beside_the_items_is_left_alone(fixture: &Fixture) {
    let store = &fixture.store;
    fixture.insert("play#lane#1", &json!({"schema": 1, "of": "a later release"})).await;
    fixture.insert("cache#1", &json!({"schema": 7})).await;
    store.push(&push_of("flow/s/queue/item/A.flac", "one", T0)).await.unwrap();
    store.push(&named(push_of("flow/t/queue/item/A.flac", "two", T0), "Song", "")).await.unwrap();
    assert_eq!(player(&**store, "A", after(1)).await.version(), 2);
    assert_eq!(
        store.claim(&claim("A", 2, "kitchen", "c", after(1)), &UNSEEN).await.unwrap(),
        Transition::Applied
    );
    assert_eq!(fixture.items().await.len(), 3);
}
