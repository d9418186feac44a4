//! The skill at Amazon, names and languages.

use end_to_end::amazon::Fault;
use end_to_end::envelope::SKILL;
use end_to_end::internet::Shown;
use ma_alexa::store::Document;
use ma_alexa::voice::{LocaleSpec, locales};
use serde_json::json;

use super::super::harness::{Harness, model};
use super::super::sites::ENDPOINT;
use super::{Stage, stages};

pub(super) fn stages() -> [Stage; 14] {
    stages! {
        ["skill-unknown"], "SKILL_ID", Healthy, |harness| {
            harness.change_settings(|settings| settings.skill_ids.clear()).await;
        };
        ["skill-gone"], "again", Healthy, |harness| {
            harness.amazon.delete_skill(SKILL);
        };
        ["skill-points-nowhere"], "https://skill.example.com/", Healthy, |harness| {
            harness.change_skill(|skill| skill.manifest["apis"]["custom"] = json!({}));
        };
        ["skill-points-elsewhere"], "Second name for Alexa", Healthy, |harness| {
            let endpoint = "arn:aws:lambda:eu-west-1:123456789012:function:another";
            harness.change_skill(|skill| skill.manifest["apis"]["custom"]["endpoint"] = json!({ "uri": endpoint }));
        };
        ["skill-certificate-type-wrong"], "Alexa skill", Healthy, |harness| {
            harness.internet.change(ENDPOINT, |site| site.certificate = Shown::Wildcard);
        };
        ["skill-testing-off"], "Development", Healthy, |harness| {
            harness.change_skill(|skill| skill.enabled = false);
        };
        ["skill-locale-missing"], "de-DE", Healthy, |harness| {
            let wanted = vec!["en-US".into(), "de-DE".into()];
            harness.change_settings(|settings| settings.skill_locales = wanted).await;
        };
        ["skill-model-not-built"], "builds", Healthy, |harness| {
            harness.change_skill(|skill| skill.models.clear());
        };
        ["skill-model-building"], "Wait", Healthy, |harness| {
            harness.change_skill(|skill| skill.build_model("en-US", 5, None));
        };
        ["skill-build-failed"], "developer console", Healthy, |harness| {
            harness.change_skill(|skill| skill.build_model("en-US", 0, Some("A slot has no type")));
        };
        ["developer-not-signed-in"], "Sign in", Healthy, |harness| {
            drop_section(harness, "developer");
        };
        ["developer-sign-in-ended"], "again", Healthy, |harness| {
            harness.amazon.expire_lwa();
            harness.amazon.revoke_lwa();
        };
        ["developer-unavailable"], "Check again", Healthy, |harness| {
            harness.amazon.fault("/v1/skills", Fault::Unavailable, usize::MAX);
        };
        ["endpoint-not-set"], "second name for Alexa", Healthy, |harness| {
            harness.change_settings(|settings| settings.skill_endpoint = None).await;
        };
    }
}

pub(super) fn language() -> [Stage; 7] {
    stages! {
        ["invocation-name-illegal"], "two words", Healthy, |harness| {
            harness.change_settings(|settings| settings.invocation_name = Some("Alexa 7".into())).await;
        };
        ["invocation-name-differs"], "music assistant", Healthy, |harness| {
            harness.change_skill(|skill| skill.put_model("en-US", model("my tunes")));
        };
        ["invocation-name-not-ma"], "music assistant", Healthy, |harness| {
            harness.change_settings(|settings| settings.invocation_name = Some("my tunes".into())).await;
            harness.change_skill(|skill| skill.put_model("en-US", model("my tunes")));
            harness.ask_intents().await;
        };
        ["provider-never-asked"], "Reload", Healthy, |harness| {
            let revision = harness.store.document(Document::StartPhrases).await.unwrap().map(|held| held.revision);
            let forgotten = harness.store.put_document(Document::StartPhrases, &json!(null), revision).await;
            assert!(forgotten.unwrap());
        };
        ["provider-stale"], "Reload", Healthy, |harness| {
            speak(harness, "en-GB").await;
        };
        ["locale-ma-cannot-start", "echo-language-differs"], "Choose another language", Healthy, |harness| {
            let silent = locales().find(|locale| LocaleSpec::of(locale).is_some_and(|voice| !voice.ma_can_start()));
            speak(harness, silent.unwrap()).await;
            harness.ask_intents().await;
        };
        ["echo-language-differs"], "en-US", Healthy, |harness| {
            speak(harness, "de-DE").await;
            harness.ask_intents().await;
        };
    }
}

/// Music Assistant is to speak another language, and the skill none but its own.
async fn speak(harness: &Harness, locale: &str) {
    harness
        .change_settings(|settings| {
            settings.locale = Some(locale.into());
            settings.skill_locales = vec!["en-US".into()];
        })
        .await;
}

/// Takes a section out of the secret of the Amazon side.
pub(super) fn drop_section(harness: &Harness, section: &str) {
    harness.change_secret("amazon", |secret| {
        secret.as_object_mut().unwrap().remove(section);
    });
}
