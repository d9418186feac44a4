//! Items whose members exclude each other, which no release wrote: what each is read as. And the written form of a
//! player with all that it can have.

use ma_alexa::playback::{Following, PairingKind, Player, PlayerId, Recorded, ReportKind, StartReason};
use serde_json::{Value, json};

use super::fixture::{Fixture, uncounted};
use super::samples::{T0, after, by_hand, device, event, player, push, token};

/// A player with all that a version may have, as one release after the other has written it.
const WHOLE: &str = concat!(
    r#"{"player":"A","version":3,"stream":"http://192.168.1.5:8097/announcement/A.mp3","#,
    r#""stream_grant":"g","stream_digest":"Bw80_Off7Dmpqv_aqgCthQ","started_at":1,"pushed_at":2,"start_request":"s","#,
    r#""replaced":[{"stream":"his19kPWycNqmUZTrvthYA","version":2,"started_at":1,"replaced_at":1}],"#,
    r#""title":"T","artist":"A","album":"B","image_url":"I","image_grant":"J","named_at":3,"previous_started_at":1,"#,
    r#""contested":true,"state":"failed","offset_ms":5,"state_at":6,"reported_at":7,"origin":"start","#,
    r#""error":{"type":"E","message":"M"},"played_by":"0PuzqJCElO_-vRRUCro4kQ","last_event":"o","event_request":"r","#,
    r#""replayed_by":"r","moved":{"device":"d","since":8,"state":"playing","offset_ms":0,"state_at":8},"#,
    r#""under":{"version":2,"start":{"stream":"http://192.168.1.5:8097/flow/s/q/i/A.mp3","#,
    r#""stream_digest":"his19kPWycNqmUZTrvthYA","started_at":1,"pushed_at":1,"start_request":"u"},"metadata":{}},"#,
    r#""next":{"version":4,"stream":"http://192.168.1.5:8097/flow/t/q/i/A.mp3","metadata":{},"at":9,"request":"n"},"#,
    r#""reserved":4,"silent_plays":1,"played_at":9,"#,
    r#""pairing":{"device":"e","kind":"manual","at":1,"version":1,"request":"p"},"had_echo":true,"#,
    r#""wanted":{"device":"d","version":3,"request":"w","starts":1},"#,
    r#""hand_over":{"request":"h","device":"e","at":1,"until":2},"hands_over":true,"reports_home":true,"#,
    r#""expires_at":10}"#,
);

/// A player that was started and paired, and had much happen to it.
fn whole() -> Value {
    serde_json::from_str(WHOLE).unwrap()
}

fn read(item: &Value) -> Player {
    serde_json::from_value(item.clone()).unwrap()
}

fn without(mut item: Value, members: &[&str]) -> Value {
    item.as_object_mut().unwrap().retain(|name, _| !members.contains(&name.as_str()));
    item
}

const OF_THE_START: [&str; 6] =
    ["stream", "stream_grant", "stream_digest", "started_at", "pushed_at", "start_request"];

const OF_THE_REPORT: [&str; 9] = [
    "state",
    "offset_ms",
    "state_at",
    "reported_at",
    "origin",
    "error",
    "played_by",
    "last_event",
    "event_request",
];

#[test]
fn a_player_is_written_as_before_to_the_byte() {
    let known: Player = serde_json::from_str(WHOLE).unwrap();
    assert_eq!(serde_json::to_string(&known).unwrap(), WHOLE);
    let bare = r#"{"player":"A","version":0}"#;
    assert_eq!(serde_json::to_string(&Player::new(&PlayerId::from("A"))).unwrap(), bare);
}

#[test]
fn a_version_needs_a_start_and_a_number() {
    let mut numberless = whole();
    numberless["version"] = json!(0);
    for item in [without(whole(), &OF_THE_START), numberless] {
        let known = read(&item);
        assert_eq!((known.version(), &known.present), (0, &None));
        let outlives = json!({
            "player": "A", "version": 0, "silent_plays": 1, "played_at": 9, "pairing": item["pairing"],
            "had_echo": true, "hand_over": item["hand_over"], "hands_over": true, "reports_home": true,
            "expires_at": 10,
        });
        assert_eq!(serde_json::to_value(&known).unwrap(), outlives);
    }
}

#[test]
fn a_replay_needs_a_report() {
    let known = read(&without(whole(), &OF_THE_REPORT));
    assert_eq!((known.report(), known.replayed_by()), (None, None));
    let others = [&OF_THE_REPORT[..], &["replayed_by"]].concat();
    assert_eq!(serde_json::to_value(&known).unwrap(), without(whole(), &others));
}

#[test]
fn an_item_follows_by_the_highest_number_that_was_reserved() {
    for (reserved, follows, highest) in [(0, true, 4), (3, true, 4), (4, true, 4), (5, false, 5)] {
        let mut item = whole();
        item["reserved"] = json!(reserved);
        let present = read(&item).present.unwrap();
        assert_eq!(present.following.item().is_some(), follows, "{reserved}");
        assert_eq!(present.following.reserved().map(std::num::NonZero::get), Some(highest), "{reserved}");
    }
    let nothing = read(&without(whole(), &["next", "reserved"])).present.unwrap();
    assert_eq!(nothing.following, Following::Nothing);
}

/// The blind write of a report has to see it as the rule does.
pub(crate) async fn what_was_never_started_takes_no_report(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    store.pair(&by_hand("A", "kitchen", "pair", T0)).await.unwrap();
    let (sk, started) = fixture.items().await.pop_first().unwrap();
    let startless = without(started.clone(), &OF_THE_START);
    let (mut numberless, mut bound) = (started.clone(), startless.clone());
    (numberless["version"], bound["version"]) = (json!(0), json!(0));
    for item in [startless, numberless, bound] {
        fixture.insert(&sk, &item).await;
        let before = uncounted(fixture.items().await[&sk].clone());
        for version in [0, 1] {
            let play = token("A", version, after(1), StartReason::Start);
            let mut report = event(play, ReportKind::Started, 0, after(2));
            report.device = Some(device("kitchen"));
            assert_eq!(store.record(&report, after(2)).await.unwrap(), Recorded::Stale, "{version}: {item}");
        }
        assert_eq!(uncounted(fixture.items().await[&sk].clone()), before);
        let pushed = store.push(&push("A", "two", after(3))).await.unwrap();
        assert_eq!((pushed.version, pushed.started), (1, true), "{item}");
        let known = player(&**store, "A", after(3)).await;
        assert_eq!(known.pairing.map(|pairing| pairing.kind), Some(PairingKind::Manual));
    }
}
