//! From nothing to a skill that serves.

use ma_alexa::config::{InvocationName, Settings};
use ma_alexa::smapi::{Build, ChangeKind, TaskKind, TaskState};
use ma_alexa::voice::LocaleSpec;
use serde_json::json;

use super::harness::{FUNCTION, Harness, task, wish, wish_for};

#[tokio::test]
async fn a_skill_comes_from_nothing_and_the_second_run_changes_nothing() {
    let harness = Harness::signed_in().await;
    let locale = Some("de-DE".to_owned());
    harness.store.put_settings(&Settings { locale: locale.clone(), ..Settings::default() }).await.unwrap();

    let plan = harness.manager.plan(&wish()).await.unwrap();
    assert_eq!(plan.skill_id, None);
    assert!(plan.changes.iter().all(|change| change.kind == ChangeKind::Create), "{plan:#?}");
    let diffs: Vec<_> = plan.changes.iter().filter_map(|change| change.diff.as_ref()).collect();
    assert_eq!(diffs.len(), 3, "the manifest and two models");
    assert!(
        diffs[0].contains('+') && diffs[0].contains(FUNCTION) && diffs.iter().all(|diff| diff.len() < 20_000)
    );
    assert!(harness.writes().is_empty() && harness.amazon.skills().is_empty(), "a plan changes nothing");

    let job = harness.set_up(&wish()).await;
    assert!(job.succeeded(), "{job:#?}");
    let skill = harness.only_skill();
    assert_eq!(job.skill_id.as_deref(), Some(skill.id.as_str()));
    assert!(skill.enabled);
    let custom = &skill.manifest["apis"]["custom"];
    assert_eq!(custom["endpoint"], json!({ "uri": FUNCTION }));
    assert_eq!(custom["interfaces"], json!([{ "type": "AUDIO_PLAYER" }]));
    assert_eq!(skill.manifest["events"]["endpoint"], json!({ "uri": FUNCTION }));
    assert_eq!(harness.permission.admitted(), [(FUNCTION.to_owned(), skill.id.clone())]);
    let settings = harness.store.settings().await.unwrap();
    assert_eq!((settings.skill_ids, settings.locale), (vec![skill.id.clone()], locale));
    let facts = harness.manager.inspect().await.unwrap().unwrap();
    assert!(facts.locales.values().all(|locale| locale.build == Build::Succeeded), "{facts:?}");

    let before = harness.writes();
    let plan = harness.manager.plan(&wish()).await.unwrap();
    assert!(plan.changes.iter().all(|change| change.kind == ChangeKind::Unchanged), "{plan:#?}");
    let again = harness.set_up(&wish()).await;
    assert!(again.succeeded(), "{again:#?}");
    for task in &again.tasks {
        let tried_out = matches!(task.kind, TaskKind::Sentences { .. });
        assert_eq!(task.state, if tried_out { TaskState::Done } else { TaskState::Unchanged }, "{task:?}");
    }
    assert_eq!(harness.writes(), before, "nothing is written twice");
    assert!(harness.amazon.violations().is_empty(), "{:?}", harness.amazon.violations());
}

/// Each model has the right schema and its own name.
#[tokio::test]
async fn every_locale_gets_a_whole_model_with_its_name() {
    let harness = Harness::signed_in().await;
    let all: Vec<&str> = ma_alexa::voice::locales().collect();
    let job = harness.set_up(&wish_for(FUNCTION, &all)).await;
    assert!(job.succeeded(), "{job:#?}");
    let skill = harness.only_skill();
    let name: InvocationName = "music assistant".parse().unwrap();
    assert_eq!(skill.models.len(), 17);
    for (locale, model) in &skill.models {
        assert_eq!(model["languageModel"]["invocationName"], "music assistant", "{locale}");
        assert_eq!(
            json!({ "interactionModel": model }),
            LocaleSpec::of(locale).unwrap().interaction_model(&name)
        );
        assert_eq!(skill.manifest["publishingInformation"]["locales"][locale]["name"], "Music Assistant");
    }
}

#[tokio::test]
async fn a_model_that_amazon_answers_in_another_order_is_unchanged() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&wish()).await.succeeded());
    harness.amazon.behave(|quirks| quirks.smapi.reorders = true);
    let plan = harness.manager.plan(&wish()).await.unwrap();
    assert!(plan.changes.iter().all(|change| change.kind == ChangeKind::Unchanged), "{plan:#?}");
    // What really differs is found all the same, and shown.
    let mut other = wish();
    other.invocation_name = "my music".parse().unwrap();
    let plan = harness.manager.plan(&other).await.unwrap();
    let changed: Vec<_> = plan.changes.iter().filter(|change| change.kind == ChangeKind::Update).collect();
    assert_eq!(changed.len(), 2, "{changed:#?}");
    for change in changed {
        let diff = change.diff.as_ref().unwrap();
        let lines: Vec<_> = diff.lines().filter(|line| line.starts_with(['+', '-'])).collect();
        assert!(lines.iter().all(|line| line.contains("invocationName") || line.len() <= 4), "{diff}");
    }
    let before = harness.writes().len();
    assert!(harness.set_up(&other).await.succeeded());
    assert_eq!(harness.writes().len(), before + 2, "two models");
    let model = &harness.only_skill().models["de-DE"];
    assert_eq!(model["languageModel"]["invocationName"], "my music");
}

#[tokio::test]
async fn one_works_at_a_time_and_a_lost_one_is_waited_for() {
    let harness = Harness::signed_in().await;
    let begun = harness.manager.begin(&wish()).await.unwrap();
    assert!(begun.tasks.iter().all(|task| task.state == TaskState::Waiting));
    assert_eq!(harness.manager.begin(&wish()).await.unwrap(), begun, "the same wish goes on");
    let other = harness.another_process();
    let (one, two) = tokio::join!(harness.manager.step(), other.step());
    assert!(one.is_ok() && two.is_ok());
    let creations = || harness.writes().iter().filter(|write| *write == "POST /v1/skills").count();
    for _ in 0..60 {
        let (one, two) = tokio::join!(harness.manager.step(), other.step());
        let (one, two) = (one.unwrap().unwrap(), two.unwrap().unwrap());
        harness.wait_for(&one);
        if one.finished_at.is_some() && two.finished_at.is_some() {
            assert!(one.succeeded(), "{one:#?}");
            break;
        }
    }
    assert_eq!(creations(), 1);
    assert!(harness.manager.job().await.unwrap().unwrap().succeeded());
    assert_eq!(task(&harness.manager.job().await.unwrap().unwrap(), &TaskKind::Skill).state, TaskState::Done);
}
