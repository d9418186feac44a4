//! Routes that Echos learn, and their trials.

use std::sync::Arc;
use std::time::Duration;

use ma_alexa::clock::Timestamp;
use ma_alexa::config::Route;
use ma_alexa::playback::{KnownRoutes, PlayerId, RouteOutcome, ToneKind, TonePart, ToneRequest, Trial};
use ma_alexa::store::{Store, TrialChange};
use serde_json::json;

use super::fixture::Fixture;
use super::samples::{T0, after, asked, bind, device};

fn outcome(route: Route, works: bool, at: Timestamp) -> RouteOutcome {
    let error = (!works).then(|| "MEDIA_ERROR_INVALID_REQUEST".to_owned());
    RouteOutcome { route, works, at, played_ms: works.then_some(9000), error }
}

async fn routes(store: &dyn Store, echo: &str, now: Timestamp) -> KnownRoutes {
    let household = store.household(now).await.unwrap();
    household.echo(&device(echo)).map(|echo| echo.routes.clone()).unwrap_or_default()
}

pub(crate) async fn an_echo_keeps_what_it_learned_of_its_routes(fixture: &Fixture) {
    let store = fixture.store.as_ref();
    let kitchen = device("kitchen");
    let (failed, works) = (outcome(Route::Playlist, false, after(1)), outcome(Route::Door, true, after(2)));
    assert_eq!(store.learn_route(&kitchen, &failed, after(1)).await.unwrap(), None, "it is not known");
    store.record_request(&asked("kitchen", "one", T0)).await.unwrap();
    let known = store.learn_route(&kitchen, &failed, after(1)).await.unwrap().unwrap();
    assert_eq!((known.outcome(Route::Playlist), known.learned()), (Some(&failed), None));
    let known = store.learn_route(&kitchen, &works, after(2)).await.unwrap().unwrap();
    assert_eq!(known.learned(), Some(Route::Door));
    // Blindly where the store can, and by the rule.
    store.record_request(&asked("kitchen", "two", after(3))).await.unwrap();
    store.record_request(&asked("kitchen", "two", after(3))).await.unwrap();
    assert_eq!(routes(store, "kitchen", after(4)).await, known);
    store.bind(&bind("Kitchen", "kitchen", "bind", after(4))).await.unwrap();
    assert_eq!(routes(store, "kitchen", after(5)).await, known);
    let item = fixture.items().await.into_iter().find(|(key, _)| key.starts_with("play#echo#")).unwrap().1;
    let written = json!([
        { "route": "playlist", "works": false, "at": after(1).millis(), "error": "MEDIA_ERROR_INVALID_REQUEST" },
        { "route": "door", "works": true, "at": after(2).millis(), "played_ms": 9000 },
    ]);
    assert_eq!(item["routes"], written);
}

pub(crate) async fn the_same_device_under_a_new_id_keeps_its_routes(fixture: &Fixture) {
    let store = fixture.store.as_ref();
    store.bind(&bind("Kitchen", "kitchen", "first", T0)).await.unwrap();
    store.learn_route(&device("kitchen"), &outcome(Route::Lan, true, after(1)), after(1)).await.unwrap();
    store.bind(&bind("Kitchen", "again", "second", after(2))).await.unwrap();
    assert_eq!(routes(store, "again", after(3)).await.learned(), Some(Route::Lan));
    store.bind(&bind("Hall", "hall", "third", after(3))).await.unwrap();
    assert!(routes(store, "hall", after(4)).await.is_empty());
}

fn trial(number: i64) -> Trial {
    let tones = vec![(ToneKind::Route(Route::Door), "https://door.example/t/a.mp3".to_owned())];
    Trial::new(
        "G0KITCHEN",
        &PlayerId::from("Kitchen"),
        tones,
        T0.plus(Duration::from_millis(number.unsigned_abs())),
    )
}

fn begin(trial: Trial) -> TrialChange {
    Arc::new(move |known: &mut Option<Trial>| Trial::begin(known, &trial))
}

pub(crate) async fn a_trial_is_changed_kept_for_a_day_and_read_by_no_play(fixture: &Fixture) {
    let store = fixture.store.as_ref();
    let key = Trial::key_of(&PlayerId::from("Kitchen"));
    let nothing: TrialChange = Arc::new(|_: &mut Option<Trial>| {});
    assert_eq!(store.change_trial(key, T0, Arc::clone(&nothing)).await.unwrap(), None);
    assert_eq!(store.trials(T0).await.unwrap(), []);
    let begun = store.change_trial(key, T0, begin(trial(1))).await.unwrap();
    assert_eq!(begun, Some(trial(1)));
    assert_eq!(store.change_trial(key, T0, begin(trial(2))).await.unwrap(), Some(trial(1)), "it runs");
    let ask: TrialChange = Arc::new(|known: &mut Option<Trial>| {
        known.as_mut().unwrap().ask(&device("kitchen"), &"ask".to_owned(), after(1));
    });
    let asked = store.change_trial(key, after(1), Arc::clone(&ask)).await.unwrap().unwrap();
    assert_eq!(asked.sent_by("ask").map(|(_, tone)| tone.kind), Some(ToneKind::Route(Route::Door)));
    assert_eq!(store.change_trial(key, after(2), ask).await.unwrap(), Some(asked.clone()), "once");
    let number = asked.number;
    let fetch: TrialChange = Arc::new(move |known: &mut Option<Trial>| {
        let request = ToneRequest::new(after(2), false, TonePart::Sound, Some("bytes=0-"), Some("Echo/1.0"));
        known.as_mut().unwrap().fetch(number, 0, &request);
    });
    let fetched = store.change_trial(key, after(2), fetch).await.unwrap().unwrap();
    assert_eq!(fetched.tones[0].requests.len(), 1);
    assert_eq!(store.trials(after(2)).await.unwrap(), [fetched]);
    let items = fixture.items().await;
    assert!(items.keys().all(|key| key.starts_with("trial#")), "no play reads them: {items:?}");
    let over = T0.plus(Duration::from_hours(24)).plus(Duration::from_secs(1));
    assert_eq!(store.trials(over).await.unwrap(), []);
    let remove: TrialChange = Arc::new(|known: &mut Option<Trial>| *known = None);
    assert_eq!(store.change_trial(key, after(3), remove).await.unwrap(), None);
    assert!(fixture.items().await.is_empty());
}

pub(crate) async fn one_of_sixteen_trials_of_a_device_begins(fixture: &Fixture) {
    let key = Trial::key_of(&PlayerId::from("Kitchen"));
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..16 {
        let store = Arc::clone(&fixture.store);
        racing.spawn(async move { store.change_trial(key, T0, begin(trial(number))).await.unwrap() });
    }
    let mut begun: Vec<u64> =
        racing.join_all().await.into_iter().flatten().map(|trial| trial.number).collect();
    begun.dedup();
    assert_eq!(begun.len(), 1, "{begun:?}");
}
