//! Items that the release before wrote are read in full; see `tests/fixtures/release`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ma_alexa::account::{LeaseResult, OneTimeWord, RequestLane};
use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::playback::{Household, PairingKind, Player, PlayerId, StreamKind, StreamState, short_hash};
use ma_alexa::secrets::{FileSecrets, SecretStore as _};
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::store::{ActivityKind, Document, Store};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::account_samples::{devices, lease};
use super::fixture::{Fixture, run, uncounted};
use super::samples::{T0, after, device, household};

/// Attributes that belong to the store and not to the item's type.
const OF_THE_STORE: [&str; 5] = ["pk", "sk", "schema", "revision", "writer"];

type Items = BTreeMap<String, Map<String, Value>>;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/release")
}

/// The attribute of an item, without the type that DynamoDB names beside each value.
fn plain(value: &Value) -> Value {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "N" => serde_json::from_str(value.as_str().unwrap()).unwrap(),
        "L" => value.as_array().unwrap().iter().map(plain).collect(),
        "M" => plain_members(value).into(),
        "S" | "BOOL" => value.clone(),
        other => panic!("{other}"),
    }
}

fn plain_members(members: &Value) -> Map<String, Value> {
    members.as_object().unwrap().iter().map(|(name, value)| (name.clone(), plain(value))).collect()
}

/// The items of the table by sort key.
fn items() -> Items {
    let table: Value =
        serde_json::from_str(&fs::read_to_string(fixtures().join("table.json")).unwrap()).unwrap();
    let items = table.as_array().unwrap().iter().map(plain_members);
    items.map(|item| (item["sk"].as_str().unwrap().to_owned(), item)).collect()
}

/// The content of the item with this key.
fn content(items: &Items, key: &str) -> Value {
    let mut item = items[key].clone();
    item.retain(|name, _| !OF_THE_STORE.contains(&name.as_str()));
    uncounted(item.into())
}

/// Holds that an item lost nothing in reading: it would be written again as it stands.
fn assert_whole(items: &Items, key: &str, read: &impl Serialize) {
    assert_eq!(serde_json::to_value(read).unwrap(), content(items, key), "{key}");
}

#[test]
fn the_state_file_of_the_release_before_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    fs::copy(fixtures().join("state.db"), &file).unwrap();
    let (clock, random) = (Arc::new(ManualClock::at(T0)), Arc::new(SeededRandom::new(2)));
    let store = SqliteStore::open(&file, clock, random).unwrap();
    run(everything_is_read(&store));
}

#[test]
fn the_table_of_the_release_before_is_read() {
    run(async {
        let Some(fixture) = Fixture::dynamodb().await else { return };
        for (key, item) in items() {
            fixture.insert(&key, &item.into()).await;
        }
        everything_is_read(&*fixture.store).await;
    });
}

async fn everything_is_read(store: &dyn Store) {
    let items = items();
    let home = household(store, after(302)).await;
    for player in &home.players {
        assert_whole(&items, &format!("play#player#{}", player.player.key()), player);
    }
    for echo in &home.echos {
        assert_whole(&items, &format!("play#echo#{}", short_hash(echo.device.as_str()).as_str()), echo);
    }
    assert_whole(&items, "play#settings", &home.settings);
    assert_eq!((home.players.len(), home.echos.len()), (7, 3));
    players_are_as_they_were(&home);
    setup_is_as_it_was(store).await;
    activities_are_as_they_were(store, &items).await;
    account_is_as_it_was(store, &items).await;
}

fn players_are_as_they_were(home: &Household) {
    let player = |id: &str| -> &Player { home.player(&PlayerId::from(id)).unwrap() };
    let kind = |id: &str| player(id).pairing.as_ref().map(|pairing| pairing.kind);

    let kitchen = player("Kitchen");
    assert_eq!((kitchen.version(), kitchen.state()), (2, Some(StreamState::Playing)));
    assert_eq!(kitchen.metadata().title.as_deref(), Some("Third title"));
    assert_eq!(kitchen.metadata().artist.as_deref(), Some("Ärtist"));
    assert_eq!(kitchen.started_at(), Some(after(50)));
    assert_eq!(kitchen.present.as_ref().unwrap().replaced.len(), 1);
    assert!(kitchen.is_served_by(&device("kitchen")));

    let office = player("Büro 🎵");
    assert_eq!(
        office.report().and_then(|report| report.state.error()).unwrap().kind,
        MediaErrorType::ServiceUnavailable
    );
    assert!(office.replayed_by().is_some());

    let hall = player("Hall");
    assert_eq!(hall.start().unwrap().stream.kind(), StreamKind::Announcement);
    let under = hall.present.as_ref().unwrap().under.as_deref().unwrap();
    let report = under.report.as_ref().unwrap();
    assert_eq!((under.version, report.offset_ms, report.state.kind()), (1, 7_000, StreamState::Stopped));
    assert_eq!(hall.moved().unwrap().device, device("porch"));

    let attic = player("Attic").pairing.as_ref().unwrap();
    assert_eq!((&attic.device, attic.endpoint.is_some()), (&None, true), "it is dormant");
    assert!(player("Bath").is_contested() && player("Bath").pairing.is_none());
    assert_eq!(player("Bedroom").present, None);
    let kinds = ["Kitchen", "Büro 🎵", "Bedroom", "Garden"].map(kind);
    let (learned, manual, code) = (PairingKind::Learned, PairingKind::Manual, PairingKind::Word);
    assert_eq!(kinds, [Some(learned), Some(manual), Some(code), None]);

    let bedroom = home.echo(&device("bedroom")).unwrap();
    assert_eq!((bedroom.serial.as_deref(), bedroom.name.as_deref()), (Some("G0BEDROOM"), Some("Bedroom")));
    assert_eq!(home.echo(&device("kitchen")).unwrap().asked_at, Some(after(51)));
    assert_eq!(home.echo(&device("attic")), None, "its user disabled the skill");
}

async fn setup_is_as_it_was(store: &dyn Store) {
    let settings = store.settings().await.unwrap();
    assert_eq!(settings.stream_base_url, Some("https://music.example.com".into()));
    assert_eq!(settings.skill_locales, ["de-DE".into(), "en-US".into()]);
    let began = 1_790_000_000_000_u64;
    let expected = [
        (Document::Provisioning, json!({ "began_at": began, "tasks": [] }), 1),
        (Document::StartPhrases, json!({ "at": began }), 1),
        (Document::DoctorReport, json!({ "links": [] }), 1),
        (Document::EndedSessions, json!({ "ended": ["one", "two"] }), 2),
    ];
    for (which, content, revision) in expected {
        let document = store.document(which).await.unwrap().unwrap();
        assert_eq!((document.content, document.revision), (content, revision), "{which:?}");
    }
}

async fn activities_are_as_they_were(store: &dyn Store, items: &Items) {
    let read = store.recent(100, after(302)).await.unwrap();
    assert!(read.iter().all(|activity| activity.kind != ActivityKind::Other));
    let read: Vec<Value> =
        read.iter().rev().map(|activity| serde_json::to_value(activity).unwrap()).collect();
    let written = items.keys().filter(|key| key.starts_with("activity#")).map(|key| {
        let mut item = content(items, key);
        assert!(item.as_object_mut().unwrap().remove("expires_at").is_some());
        item
    });
    assert_eq!(read, written.collect::<Vec<_>>());
    assert_eq!(read.len(), 16);
}

async fn account_is_as_it_was(store: &dyn Store, items: &Items) {
    for (number, player, used) in [(3, "Garden", None), (5, "Bath", Some(device("bath")))] {
        let code = OneTimeWord::from_index(number);
        let challenge = store.challenge(&code, after(302)).await.unwrap().unwrap();
        assert_whole(items, &format!("code#{}", code.as_str()), &challenge);
        assert_eq!(challenge.player, PlayerId::from(player));
        assert_eq!(challenge.used.map(|used| used.device), used);
    }

    for lane in RequestLane::ALL {
        let state = store.lane(lane).await.unwrap();
        assert_whole(items, &format!("account#lane#{}", lane.as_str()), &state);
    }
    assert_eq!(store.lane(RequestLane::Reads).await.unwrap().lease.unwrap().holder, "two");
    let held = store.acquire_refresh_lease(&lease("late", after(320), 30)).await.unwrap();
    assert_eq!(held, LeaseResult::Held(after(343)));

    let volumes = store.volumes().await.unwrap();
    assert_whole(items, "account#volumes", &volumes);
    assert_eq!((volumes.devices["G0KITCHEN"].wanted, volumes.devices["G0HALL"].muted), (40, true));
    assert_eq!(store.devices().await.unwrap(), Some(devices(5)));
}

#[test]
fn the_secrets_of_the_release_before_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["amazon.json", "credentials.json"] {
        let file = folder.path().join(name);
        fs::copy(fixtures().join("secrets").join(name), &file).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let written = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(fixtures().join("secrets").join(name)).unwrap()).unwrap()
    };
    let secrets = FileSecrets::new(folder.path());
    run(async {
        let credentials = secrets.credentials().await.unwrap().unwrap();
        let again: Value = serde_json::from_str(credentials.to_json().expose_secret()).unwrap();
        assert_eq!(again, written("credentials.json"));
        assert!(credentials.session_key.is_some());

        let session = secrets.amazon().await.unwrap().session;
        let again: Value = serde_json::from_str(session.to_json().expose_secret()).unwrap();
        assert_eq!(again, written("amazon.json"));
        assert_eq!(session.alexa.unwrap().refresh_token.expose_secret(), "a-refresh-token-of-no-account");
    });
}
