//! Manifests: our parts are written, and those of the person stay.

use ma_alexa::probe::{CertificateProblem, ProbeError};
use ma_alexa::smapi::StepKind;
use serde_json::json;

use super::harness::{FUNCTION, Harness, failure, spec, spec_for};

const HTTPS: &str = "https://skill.example.org/alexa";

#[tokio::test]
async fn parts_of_the_person_stay() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec()).await.succeeded());
    let id = harness.only_skill().id;
    harness.amazon.change_skill(&id, |skill| {
        let manifest = &mut skill.manifest;
        manifest["publishingInformation"]["locales"]["de-DE"] = json!({
            "name": "Unsere Musik", "smallIconUri": "https://example.org/small.png", "keywords": ["musik"],
        });
        manifest["publishingInformation"]["locales"]["it-IT"] = json!({ "name": "Musica" });
        manifest["apis"]["custom"]["interfaces"] = json!([{ "type": "ALEXA_PRESENTATION_APL" }]);
        manifest["permissions"] = json!([{ "name": "alexa::devices:all:address:full:read" }]);
        manifest["events"]["subscriptions"] = json!([{ "eventName": "SKILL_ACCOUNT_LINKED" }]);
        skill.put_model("it-IT", json!({ "languageModel": { "invocationName": "musica" } }));
    });
    let before = harness.only_skill();
    assert!(harness.set_up(&spec()).await.succeeded());
    let after = harness.only_skill();
    let mut expected = before.manifest.clone();
    expected["apis"]["custom"]["interfaces"] =
        json!([{ "type": "ALEXA_PRESENTATION_APL" }, { "type": "AUDIO_PLAYER" }]);
    expected["events"]["subscriptions"] = json!([
        { "eventName": "SKILL_ACCOUNT_LINKED" }, { "eventName": "SKILL_ENABLED" },
        { "eventName": "SKILL_DISABLED" },
    ]);
    assert_eq!(after.manifest, expected);
    assert_eq!(after.models["it-IT"], before.models["it-IT"]);
}

#[tokio::test]
async fn events_that_the_person_sends_elsewhere_stay_there() {
    let harness = Harness::signed_in().await;
    assert!(harness.set_up(&spec_for(HTTPS, &["de-DE"])).await.succeeded());
    let events = json!({
        "endpoint": { "uri": "https://events.example.org/", "sslCertificateType": "Trusted" },
        "subscriptions": [{ "eventName": "SKILL_ENABLED" }],
    });
    let id = harness.only_skill().id;
    harness.amazon.change_skill(&id, |skill| skill.manifest["events"] = events.clone());
    assert!(harness.set_up(&spec_for(HTTPS, &["de-DE", "en-US"])).await.succeeded());
    assert_eq!(harness.only_skill().manifest["events"], events);
}

#[tokio::test]
async fn the_certificate_is_the_one_that_the_endpoint_shows_and_none_for_a_function() {
    let harness = Harness::signed_in().await;
    let kind = |harness: &Harness| {
        let manifest = harness.only_skill().manifest;
        let endpoint = &manifest["apis"]["custom"]["endpoint"];
        assert_eq!(manifest["events"]["endpoint"], *endpoint);
        endpoint.get("sslCertificateType").cloned()
    };
    assert!(harness.set_up(&spec_for(HTTPS, &["de-DE"])).await.succeeded());
    assert_eq!(kind(&harness), Some(json!("Trusted")));
    assert!(harness.permission.granted().is_empty(), "an address needs no permission");
    harness.prober.show(&["*.example.org"]);
    assert!(harness.set_up(&spec_for(HTTPS, &["de-DE"])).await.succeeded());
    assert_eq!(kind(&harness), Some(json!("Wildcard")));
    // The same skill moves to a function, as its id is known.
    assert!(harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await.succeeded());
    assert_eq!(kind(&harness), None);
    // One that was left there by others goes.
    let id = harness.only_skill().id;
    harness.amazon.change_skill(&id, |skill| {
        skill.manifest["apis"]["custom"]["endpoint"]["sslCertificateType"] = json!("Wildcard");
    });
    assert!(harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await.succeeded());
    assert_eq!(kind(&harness), None);
}

#[tokio::test]
async fn an_invalid_certificate_stops_the_set_up() {
    let harness = Harness::signed_in().await;
    harness.prober.fail(ProbeError::Certificate(CertificateProblem::Expired));
    let state = harness.set_up(&spec_for(HTTPS, &["de-DE"])).await;
    assert_eq!(failure(&state, &StepKind::Manifest), "certificate");
    assert_eq!(harness.manager.plan(&spec_for(HTTPS, &["de-DE"])).await.unwrap_err().code(), "certificate");
    harness.prober.show(&["elsewhere.example.org"]);
    let state = harness.set_up(&spec_for(HTTPS, &["de-DE"])).await;
    assert_eq!(failure(&state, &StepKind::Manifest), "certificate");
    harness.prober.show(&["skill.example.org"]);
    assert!(harness.set_up(&spec_for(HTTPS, &["de-DE"])).await.succeeded());
    assert_eq!(harness.amazon.skills().len(), 1);
}

#[tokio::test]
async fn an_address_whose_events_amazon_does_not_take_goes_without() {
    let harness = Harness::signed_in().await;
    harness.amazon.behave(|quirks| quirks.smapi.refuses_https_events = true);
    let spec = spec_for(HTTPS, &["de-DE"]);
    assert!(harness.set_up(&spec).await.succeeded());
    assert_eq!(harness.only_skill().manifest.get("events"), None);
    let writes = harness.writes().len();
    assert!(harness.set_up(&spec).await.succeeded());
    assert_eq!(harness.writes().len(), writes, "it is not tried again each time");
}

#[tokio::test]
async fn a_manifest_that_amazon_keeps_otherwise_is_written_twice_at_most() {
    for (member, problem) in
        [("/events/subscriptions", None), ("/apis/custom/interfaces", Some("manifest-kept"))]
    {
        let harness = Harness::signed_in().await;
        harness.amazon.behave(|quirks| quirks.smapi.manifest_drops = Some(member));
        let state = harness.set_up(&spec_for(FUNCTION, &["de-DE"])).await;
        match problem {
            Some(problem) => assert_eq!(failure(&state, &StepKind::Manifest), problem),
            None => assert!(state.succeeded(), "{state:#?}"),
        }
        let puts = harness.writes().iter().filter(|write| write.ends_with("/manifest")).count();
        assert_eq!(puts, 2, "{member}");
    }
}
