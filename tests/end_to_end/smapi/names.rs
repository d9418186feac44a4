//! Names of the home that changed, and the models that learn them by themselves.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::Duration;

use end_to_end::amazon::FakeSkill;
use ma_alexa::clock::Clock as _;
use ma_alexa::control::HomeNames;
use ma_alexa::smapi::{ChangeKind, Plan, StepKind, Target};
use ma_alexa::store::KnownNames;

use super::harness::{Harness, spec};

async fn report(harness: &Harness, rooms: &[&str], playlists: &[&str]) {
    let names = HomeNames::new(rooms.to_vec(), playlists.to_vec());
    KnownNames::change(harness.store.as_ref(), |known| known.names.clone_from(&names)).await.unwrap();
}

/// Refreshes to the end; how many calls left work.
async fn refresh(harness: &Harness) -> usize {
    for calls in 0..200 {
        if !harness.manager.refresh_names().await.unwrap() {
            return calls;
        }
        let state = harness.manager.status().await.unwrap().unwrap();
        harness.wait_for(&state);
    }
    panic!("the refresh does not end: {:#?}", harness.manager.status().await);
}

/// The values of a type in the model of a locale.
fn values(skill: &FakeSkill, locale: &str, of_type: &str) -> Vec<String> {
    let types = skill.models[locale]["languageModel"]["types"].as_array().unwrap();
    let values = types.iter().filter(|known| known["name"] == of_type).flat_map(|known| {
        known["values"].as_array().unwrap().iter().map(|value| value["name"]["value"].clone())
    });
    values.map(|value| value.as_str().unwrap().to_owned()).collect()
}

fn changed(plan: &Plan) -> Vec<&Target> {
    let changed = plan.changes.iter().filter(|change| change.kind != ChangeKind::Unchanged);
    changed.map(|change| &change.target).collect()
}

#[tokio::test]
async fn the_models_learn_the_names_of_the_home_by_themselves() {
    let harness = Harness::signed_in().await;
    report(&harness, &["Sonos Bath"], &[]).await;
    assert_eq!(refresh(&harness).await, 0, "no person has made a skill");
    assert!(harness.set_up(&spec()).await.succeeded());
    assert_eq!(refresh(&harness).await, 0, "the set-up has taught them");
    let known = KnownNames::read(harness.store.as_ref()).await.unwrap();
    assert!(known.in_models.is_some_and(|models| !models.playlists));

    report(&harness, &["Sonos Bath"], &["Dinner", "Road Trip"]).await;
    let plan = harness.manager.plan(&spec()).await.unwrap();
    assert_eq!(changed(&plan).len(), 2, "{plan:#?}");
    let shown = plan.changes.iter().filter_map(|change| change.diff.as_deref());
    assert!(shown.clone().count() == 2 && shown.clone().all(|diff| diff.contains("Road Trip")), "{plan:#?}");

    let before = harness.writes().len();
    assert!(refresh(&harness).await > 0);
    assert_eq!(harness.writes()[before..].len(), 2, "two models, and nothing else");
    for locale in ["de-DE", "en-US"] {
        let skill = harness.only_skill();
        assert_eq!(values(&skill, locale, "PLAYLIST_NAME"), ["Dinner", "Road Trip"]);
        assert!(values(&skill, locale, "PLAYER_NAME").contains(&"Sonos Bath".to_owned()));
    }
    let known = KnownNames::read(harness.store.as_ref()).await.unwrap();
    assert!(known.in_models.is_some_and(|models| models.playlists));
    let state = harness.manager.status().await.unwrap().unwrap();
    assert!(state.succeeded(), "{state:#?}");
    assert!(harness.amazon.violations().is_empty(), "{:?}", harness.amazon.violations());
    let plan = harness.manager.plan(&spec()).await.unwrap();
    assert!(changed(&plan).is_empty(), "{plan:#?}");
}

#[tokio::test]
async fn the_models_learn_once_in_six_hours_at_most() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec()).await.succeeded());
    report(&harness, &["Bath"], &["Dinner"]).await;
    assert!(refresh(&harness).await > 0);
    report(&harness, &["Bath"], &["Dinner", "Lunch"]).await;
    assert_eq!(refresh(&harness).await, 0, "a moment later");
    // What was there comes back in another order.
    harness.clock.advance(Duration::from_hours(6));
    report(&harness, &["Bath"], &["Dinner"]).await;
    assert_eq!(refresh(&harness).await, 0, "nothing changed");
    report(&harness, &["Bath"], &["Lunch"]).await;
    assert!(refresh(&harness).await > 0);
    assert_eq!(values(&harness.only_skill(), "en-US", "PLAYLIST_NAME"), ["Lunch"]);
    // A home without playlists is asked for them by free text again.
    harness.clock.advance(Duration::from_hours(6));
    report(&harness, &["Bath"], &[]).await;
    assert!(refresh(&harness).await > 0);
    assert!(values(&harness.only_skill(), "en-US", "PLAYLIST_NAME").is_empty());
}

#[tokio::test]
async fn what_a_person_does_goes_before_it() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec()).await.succeeded());
    report(&harness, &["Bath"], &["Dinner"]).await;
    let begun = harness.manager.start(&spec()).await.unwrap();
    assert_eq!(refresh(&harness).await, 0, "a set-up is under way");
    assert_eq!(harness.manager.status().await.unwrap().unwrap(), begun);
    assert!(harness.drive().await.succeeded());

    report(&harness, &["Bath"], &["Lunch"]).await;
    harness.amazon.behave(|quirks| quirks.smapi.build_polls = 5);
    assert!(harness.manager.refresh_names().await.unwrap());
    let whole = harness.manager.start(&spec()).await.unwrap();
    assert!(whole.steps.iter().any(|step| step.kind == StepKind::Manifest), "{whole:#?}");
    assert_eq!(refresh(&harness).await, 0, "a set-up is under way");
}

#[tokio::test]
async fn a_skill_that_is_gone_or_was_never_finished_is_left_to_its_owner() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec()).await.succeeded());
    report(&harness, &["Bath"], &["Dinner"]).await;
    harness.amazon.delete_skill(&harness.only_skill().id);
    let before = harness.writes().len();
    refresh(&harness).await;
    let state = harness.manager.status().await.unwrap().unwrap();
    assert!(state.finished_at.is_some() && !state.succeeded(), "{state:#?}");
    assert!(harness.amazon.skills().is_empty(), "no other one is made");
    assert_eq!(harness.writes().len(), before);
    harness.clock.advance(Duration::from_hours(7));
    assert_eq!(refresh(&harness).await, 0, "{:#?}", harness.clock.now());
}
