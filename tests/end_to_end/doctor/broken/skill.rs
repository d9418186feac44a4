//! The skill at Amazon, names and languages.

use end_to_end::amazon::Fault;
use end_to_end::envelope::SKILL;
use end_to_end::internet::Shown;
use ma_alexa::store::Document;
use ma_alexa::voice::{LocaleSpec, locales};
use serde_json::json;

use super::super::world::{ENDPOINT, World, model};
use super::{Stage, stages};

pub(super) fn stages() -> [Stage; 14] {
    stages! {
        ["skill-unknown"], "SKILL_ID", Healthy, |world| {
            world.change_settings(|settings| settings.skill_ids.clear()).await;
        };
        ["skill-gone"], "again", Healthy, |world| {
            world.amazon.delete_skill(SKILL);
        };
        ["skill-points-nowhere"], "https://skill.example.com/", Healthy, |world| {
            world.change_skill(|skill| skill.manifest["apis"]["custom"] = json!({}));
        };
        ["skill-points-elsewhere"], "SKILL_ENDPOINT", Healthy, |world| {
            let endpoint = "arn:aws:lambda:eu-west-1:123456789012:function:another";
            world.change_skill(|skill| skill.manifest["apis"]["custom"]["endpoint"] = json!({ "uri": endpoint }));
        };
        ["skill-certificate-type-wrong"], "setup page", Healthy, |world| {
            world.internet.change(ENDPOINT, |site| site.certificate = Shown::Wildcard);
        };
        ["skill-testing-off"], "Development", Healthy, |world| {
            world.change_skill(|skill| skill.enabled = false);
        };
        ["skill-locale-missing"], "de-DE", Healthy, |world| {
            let wanted = vec!["en-US".to_owned(), "de-DE".to_owned()];
            world.change_settings(|settings| settings.skill_locales = wanted).await;
        };
        ["skill-model-not-built"], "builds", Healthy, |world| {
            world.change_skill(|skill| skill.models.clear());
        };
        ["skill-model-building"], "Wait", Healthy, |world| {
            world.change_skill(|skill| skill.build_model("en-US", 5, None));
        };
        ["skill-build-failed"], "developer console", Healthy, |world| {
            world.change_skill(|skill| skill.build_model("en-US", 0, Some("A slot has no type")));
        };
        ["developer-not-signed-in"], "Sign in", Healthy, |world| {
            drop_section(world, "developer");
        };
        ["developer-sign-in-ended"], "again", Healthy, |world| {
            world.amazon.expire_lwa();
            world.amazon.revoke_lwa();
        };
        ["developer-unavailable"], "Look again", Healthy, |world| {
            world.amazon.fault("/v1/skills", Fault::Unavailable, usize::MAX);
        };
        ["endpoint-not-set"], "SKILL_ENDPOINT", Healthy, |world| {
            world.change_settings(|settings| settings.skill_endpoint = None).await;
        };
    }
}

pub(super) fn language() -> [Stage; 7] {
    stages! {
        ["invocation-name-illegal"], "two words", Healthy, |world| {
            world.change_settings(|settings| settings.invocation_name = Some("Alexa 7".to_owned())).await;
        };
        ["invocation-name-differs"], "music assistant", Healthy, |world| {
            world.change_skill(|skill| skill.put_model("en-US", model("my tunes")));
        };
        ["invocation-name-not-ma"], "music assistant", Healthy, |world| {
            world.change_settings(|settings| settings.invocation_name = Some("my tunes".to_owned())).await;
            world.change_skill(|skill| skill.put_model("en-US", model("my tunes")));
            world.ask_intents().await;
        };
        ["provider-never-asked"], "Reload", Healthy, |world| {
            let revision = world.store.document(Document::ProviderSeen).await.unwrap().map(|held| held.revision);
            let forgotten = world.store.put_document(Document::ProviderSeen, &json!(null), revision).await;
            assert!(forgotten.unwrap());
        };
        ["provider-stale"], "Reload", Healthy, |world| {
            speak(world, "en-GB").await;
        };
        ["locale-ma-cannot-start", "echo-language-differs"], "docs/configuration.md", Healthy, |world| {
            let silent = locales().find(|locale| LocaleSpec::of(locale).is_some_and(|voice| !voice.ma_can_start()));
            speak(world, silent.unwrap()).await;
            world.ask_intents().await;
        };
        ["echo-language-differs"], "en-US", Healthy, |world| {
            speak(world, "de-DE").await;
            world.ask_intents().await;
        };
    }
}

/// Music Assistant is to speak another language, and the skill none but its own.
async fn speak(world: &World, locale: &str) {
    world
        .change_settings(|settings| {
            settings.locale = Some(locale.to_owned());
            settings.skill_locales = vec!["en-US".to_owned()];
        })
        .await;
}

/// Takes a section out of the secret of the Amazon side.
pub(super) fn drop_section(world: &World, section: &str) {
    world.change_secret("amazon", |secret| {
        secret.as_object_mut().unwrap().remove(section);
    });
}
