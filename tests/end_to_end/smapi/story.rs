//! From nothing to a skill that serves.

use ma_alexa::config::{InvocationName, Settings, SkillId};
use ma_alexa::control::HomeNames;
use ma_alexa::smapi::{BuildStatus, ChangeKind, StepKind, StepState};
use ma_alexa::voice::{LocaleSpec, interaction_model};
use serde_json::json;

use super::harness::{FUNCTION, Harness, spec, spec_for, step};

#[tokio::test]
async fn a_skill_comes_from_nothing_and_the_second_run_changes_nothing() {
    let harness = Harness::signed_in().await;
    let before = Settings { locale: Some("de-DE".into()), ..Settings::default() };
    harness.store.put_settings(&before).await.unwrap();

    let plan = harness.manager.plan(&spec()).await.unwrap();
    assert_eq!(plan.skill_id, None);
    assert!(plan.changes.iter().all(|change| change.kind == ChangeKind::Create), "{plan:#?}");
    let diffs: Vec<_> = plan.changes.iter().filter_map(|change| change.diff.as_ref()).collect();
    assert_eq!(diffs.len(), 3, "the manifest and two models");
    assert!(
        diffs[0].contains('+') && diffs[0].contains(FUNCTION) && diffs.iter().all(|diff| diff.len() < 20_000)
    );
    assert!(harness.writes().is_empty() && harness.amazon.skills().is_empty(), "a plan changes nothing");

    let state = harness.set_up(&spec()).await;
    assert!(state.succeeded(), "{state:#?}");
    let skill = harness.only_skill();
    assert_eq!(state.skill_id().map(SkillId::as_str), Some(skill.id.as_str()));
    assert!(skill.enabled);
    let custom = &skill.manifest["apis"]["custom"];
    assert_eq!(custom["endpoint"], json!({ "uri": FUNCTION }));
    assert_eq!(custom["interfaces"], json!([{ "type": "AUDIO_PLAYER" }]));
    assert_eq!(skill.manifest["events"]["endpoint"], json!({ "uri": FUNCTION }));
    assert_eq!(harness.permission.granted(), [(FUNCTION.to_owned(), skill.id.clone())]);
    let settings = harness.store.settings().await.unwrap();
    assert_eq!((settings.skill_ids, settings.locale), (vec![skill.id.as_str().into()], before.locale));
    let facts = harness.manager.inspect().await.unwrap().unwrap();
    assert!(facts.locales.values().all(|locale| locale.build == BuildStatus::Succeeded), "{facts:?}");

    let before = harness.writes();
    let plan = harness.manager.plan(&spec()).await.unwrap();
    assert!(plan.changes.iter().all(|change| change.kind == ChangeKind::Unchanged), "{plan:#?}");
    let again = harness.set_up(&spec()).await;
    assert!(again.succeeded(), "{again:#?}");
    for step in &again.steps {
        let tried_out = matches!(step.kind, StepKind::Sentences { .. });
        assert_eq!(step.state, if tried_out { StepState::Done } else { StepState::Unchanged }, "{step:?}");
    }
    assert_eq!(harness.writes(), before, "nothing is written twice");
    assert!(harness.amazon.violations().is_empty(), "{:?}", harness.amazon.violations());
}

/// Each model has the right schema and its own name.
#[tokio::test]
async fn every_locale_gets_a_whole_model_with_its_name() {
    let harness = Harness::signed_in().await;
    let all: Vec<&str> = ma_alexa::voice::locales().collect();
    let state = harness.set_up(&spec_for(FUNCTION, &all)).await;
    assert!(state.succeeded(), "{state:#?}");
    let skill = harness.only_skill();
    let name: InvocationName = "music assistant".parse().unwrap();
    assert_eq!(skill.models.len(), 17);
    for (locale, model) in &skill.models {
        assert_eq!(model["languageModel"]["invocationName"], "music assistant", "{locale}");
        assert_eq!(
            json!({ "interactionModel": model }),
            interaction_model(LocaleSpec::of(locale).unwrap(), &name, &HomeNames::default())
        );
        assert_eq!(skill.manifest["publishingInformation"]["locales"][locale]["name"], "Music Assistant");
    }
}

#[tokio::test]
async fn a_model_that_amazon_answers_in_another_order_is_unchanged() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec()).await.succeeded());
    harness.amazon.behave(|quirks| quirks.smapi.reorders = true);
    let plan = harness.manager.plan(&spec()).await.unwrap();
    assert!(plan.changes.iter().all(|change| change.kind == ChangeKind::Unchanged), "{plan:#?}");
    // What really differs is found all the same, and shown.
    let mut other = spec();
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
async fn one_process_advances_at_a_time() {
    let harness = Harness::signed_in().await;
    let begun = harness.manager.start(&spec()).await.unwrap();
    assert!(begun.steps.iter().all(|step| step.state == StepState::Waiting));
    assert_eq!(harness.manager.start(&spec()).await.unwrap(), begun, "the same spec goes on");
    let other = harness.another_process();
    let (one, two) = tokio::join!(harness.manager.advance(), other.advance());
    assert!(one.is_ok() && two.is_ok());
    let creations = || harness.writes().iter().filter(|write| *write == "POST /v1/skills").count();
    for _ in 0..60 {
        let (one, two) = tokio::join!(harness.manager.advance(), other.advance());
        let (one, two) = (one.unwrap().unwrap(), two.unwrap().unwrap());
        harness.wait_for(&one);
        if one.finished_at.is_some() && two.finished_at.is_some() {
            assert!(one.succeeded(), "{one:#?}");
            break;
        }
    }
    assert_eq!(creations(), 1);
    assert!(harness.manager.status().await.unwrap().unwrap().succeeded());
    assert_eq!(
        step(&harness.manager.status().await.unwrap().unwrap(), &StepKind::Skill).state,
        StepState::Done
    );
}
