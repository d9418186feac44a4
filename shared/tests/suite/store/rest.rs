//! Activity, settings and documents.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ma_alexa::config::Settings;
use ma_alexa::playback::{Household, PairingKind, PlayerId, StreamState};
use ma_alexa::store::{Activity, ActivityKind, Document};
use serde_json::json;

use super::fixture::Fixture;
use super::samples::{T0, after};

fn entry(seconds: u64) -> Activity {
    Activity { at: after(seconds), kind: ActivityKind::NotPaired { echo: format!("echo-{seconds}") } }
}

pub(crate) async fn activity_is_read_newest_first(fixture: &Fixture) {
    let store = &fixture.store;
    // Not in order, two of one moment, and more than one page of them.
    for seconds in (0..105).rev().chain([3, 200]) {
        store.note(&entry(seconds)).await.unwrap();
    }
    let recent = store.recent(3, after(200)).await.unwrap();
    assert_eq!(recent, [200, 104, 103].map(entry));
    let all = store.recent(1000, after(200)).await.unwrap();
    assert_eq!(all.len(), 107);
    assert_eq!(all.iter().filter(|found| **found == entry(3)).count(), 2);
    assert!(all.is_sorted_by_key(|found| std::cmp::Reverse(found.at)));
    assert_eq!(store.recent(0, after(200)).await.unwrap(), vec![]);

    let player = PlayerId::from("Küche");
    let kinds = [
        ActivityKind::Started {
            player: player.clone(),
            version: 7,
            title: Some("Song".to_owned()),
            before: None,
        },
        ActivityKind::Paired { player: player.clone(), echo: "e".to_owned(), how: PairingKind::Voice },
        ActivityKind::Reported {
            player,
            state: StreamState::Failed,
            error: Some("MEDIA_ERROR_UNKNOWN".to_owned()),
        },
        ActivityKind::SkillEnabled,
        ActivityKind::SkillDisabled { pairings: 2 },
    ];
    for (kind, seconds) in kinds.into_iter().zip(300..) {
        let written = Activity { at: after(seconds), kind };
        store.note(&written).await.unwrap();
        assert_eq!(store.recent(1, after(400)).await.unwrap(), [written]);
    }
}

pub(crate) async fn activity_is_kept_for_a_week(fixture: &Fixture) {
    let store = &fixture.store;
    store.note(&entry(0)).await.unwrap();
    store.note(&entry(1)).await.unwrap();
    let week = Duration::from_hours(7 * 24);
    let last = T0.plus(week).minus(Duration::from_secs(1));
    assert_eq!(store.recent(9, last).await.unwrap(), [1, 0].map(entry));
    assert_eq!(store.recent(9, T0.plus(week)).await.unwrap(), [entry(1)]);
    assert_eq!(store.recent(9, after(1).plus(week)).await.unwrap(), vec![]);
}

pub(crate) async fn settings_are_replaced(fixture: &Fixture) {
    let store = &fixture.store;
    assert_eq!(store.settings().await.unwrap(), Settings::default());
    let mut settings = Settings {
        stream_base_url: Some("https://music.example.com".into()),
        skill_ids: vec!["amzn1.ask.skill.1".into()],
        skill_endpoint: Some("https://skill.example.com/".into()),
        api_url: Some("http://192.168.1.5:5000".into()),
        skill_locales: vec!["de-DE".into(), "en-US".into()],
        ..Settings::default()
    };
    store.put_settings(&settings).await.unwrap();
    assert_eq!(store.settings().await.unwrap(), settings);
    settings.stream_base_url = None;
    settings.locale = Some("not a locale".into());
    store.put_settings(&settings).await.unwrap();
    assert_eq!(store.settings().await.unwrap(), settings);
    assert_eq!(store.household(T0).await.unwrap().settings, settings);
}

pub(crate) async fn a_document_is_replaced_only_by_its_last_reader(fixture: &Fixture) {
    let store = &fixture.store;
    let (first, second) = (json!({ "tasks": [1, 2.5, "ü"] }), json!({ "tasks": [] }));
    assert_eq!(store.document(Document::Provisioning).await.unwrap(), None);
    // There is nothing that could have been read.
    assert!(!store.put_document(Document::Provisioning, &first, Some(1)).await.unwrap());
    assert!(store.put_document(Document::Provisioning, &first, None).await.unwrap());
    let held = store.document(Document::Provisioning).await.unwrap().unwrap();
    assert_eq!(held.content, first);
    assert!(store.put_document(Document::Provisioning, &second, Some(held.revision)).await.unwrap());
    // Of two who read the same, the second one's is not written.
    assert!(!store.put_document(Document::Provisioning, &first, Some(held.revision)).await.unwrap());
    assert!(!store.put_document(Document::Provisioning, &first, None).await.unwrap());
    assert_eq!(store.document(Document::Provisioning).await.unwrap().unwrap().content, second);
    // Each is for itself, and none is read for a play.
    assert_eq!(store.document(Document::DoctorReport).await.unwrap(), None);
    assert_eq!(store.household(T0).await.unwrap(), Household::default());
}

pub(crate) async fn no_change_of_the_settings_is_lost(fixture: &Fixture) {
    let store = &fixture.store;
    let before = Settings { locale: Some("de-DE".into()), ..Settings::default() };
    store.put_settings(&before).await.unwrap();
    let changes = (0..8).map(|number| {
        let id = format!("amzn1.ask.skill.{number}");
        store.change_settings(Arc::new(move |settings| settings.skill_ids.push(id.as_str().into())))
    });
    for changed in futures_util::future::join_all(changes).await {
        assert!(!changed.unwrap().skill_ids.is_empty());
    }
    let after = store.settings().await.unwrap();
    let ids: BTreeSet<String> = after.skill_ids.iter().map(ToString::to_string).collect();
    assert_eq!((ids.len(), after.skill_ids.len()), (8, 8), "{after:?}");
    assert_eq!(after.locale, Some("de-DE".into()));
    assert_eq!(store.household(T0).await.unwrap().settings, after);
}
