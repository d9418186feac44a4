//! What is written of the manifest, and what is left as it is.

use ma_alexa::probe::{CertificateProblem, ProbeError};
use ma_alexa::smapi::TaskKind;
use serde_json::json;

use super::world::{FUNCTION, World, failure, wish, wish_for};

const HTTPS: &str = "https://skill.example.org/alexa";

#[tokio::test]
async fn what_the_person_added_stays() {
    let world = World::signed_in().await;
    assert!(world.set_up(&wish()).await.succeeded());
    let id = world.only_skill().id;
    world.amazon.change_skill(&id, |skill| {
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
    let before = world.only_skill();
    assert!(world.set_up(&wish()).await.succeeded());
    let after = world.only_skill();
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
    let world = World::signed_in().await;
    assert!(world.set_up(&wish_for(HTTPS, &["de-DE"])).await.succeeded());
    let events = json!({
        "endpoint": { "uri": "https://events.example.org/", "sslCertificateType": "Trusted" },
        "subscriptions": [{ "eventName": "SKILL_ENABLED" }],
    });
    let id = world.only_skill().id;
    world.amazon.change_skill(&id, |skill| skill.manifest["events"] = events.clone());
    assert!(world.set_up(&wish_for(HTTPS, &["de-DE", "en-US"])).await.succeeded());
    assert_eq!(world.only_skill().manifest["events"], events);
}

#[tokio::test]
async fn the_certificate_is_the_one_that_the_endpoint_shows_and_none_for_a_function_b_31() {
    let world = World::signed_in().await;
    let kind = |world: &World| {
        let manifest = world.only_skill().manifest;
        let endpoint = &manifest["apis"]["custom"]["endpoint"];
        assert_eq!(manifest["events"]["endpoint"], *endpoint);
        endpoint.get("sslCertificateType").cloned()
    };
    assert!(world.set_up(&wish_for(HTTPS, &["de-DE"])).await.succeeded());
    assert_eq!(kind(&world), Some(json!("Trusted")));
    assert!(world.permission.admitted().is_empty(), "an address needs no permission");
    world.prober.show(&["*.example.org"]);
    assert!(world.set_up(&wish_for(HTTPS, &["de-DE"])).await.succeeded());
    assert_eq!(kind(&world), Some(json!("Wildcard")));
    // The same skill moves to a function, as its id is known.
    assert!(world.set_up(&wish_for(FUNCTION, &["de-DE"])).await.succeeded());
    assert_eq!(kind(&world), None);
    // One that was left there by others goes.
    let id = world.only_skill().id;
    world.amazon.change_skill(&id, |skill| {
        skill.manifest["apis"]["custom"]["endpoint"]["sslCertificateType"] = json!("Wildcard");
    });
    assert!(world.set_up(&wish_for(FUNCTION, &["de-DE"])).await.succeeded());
    assert_eq!(kind(&world), None);
}

#[tokio::test]
async fn a_certificate_that_nobody_accepts_stops_the_set_up() {
    let world = World::signed_in().await;
    world.prober.fail(ProbeError::Certificate(CertificateProblem::Expired));
    let job = world.set_up(&wish_for(HTTPS, &["de-DE"])).await;
    assert_eq!(failure(&job, &TaskKind::Manifest), "certificate");
    assert_eq!(world.manager.plan(&wish_for(HTTPS, &["de-DE"])).await.unwrap_err().code(), "certificate");
    world.prober.show(&["elsewhere.example.org"]);
    let job = world.set_up(&wish_for(HTTPS, &["de-DE"])).await;
    assert_eq!(failure(&job, &TaskKind::Manifest), "certificate");
    world.prober.show(&["skill.example.org"]);
    assert!(world.set_up(&wish_for(HTTPS, &["de-DE"])).await.succeeded());
    assert_eq!(world.amazon.skills().len(), 1);
}

#[tokio::test]
async fn an_address_whose_events_amazon_does_not_take_goes_without() {
    let world = World::signed_in().await;
    world.amazon.behave(|habits| habits.smapi.refuses_https_events = true);
    let wish = wish_for(HTTPS, &["de-DE"]);
    assert!(world.set_up(&wish).await.succeeded());
    assert_eq!(world.only_skill().manifest.get("events"), None);
    let writes = world.writes().len();
    assert!(world.set_up(&wish).await.succeeded());
    assert_eq!(world.writes().len(), writes, "it is not tried again each time");
}

#[tokio::test]
async fn a_manifest_that_amazon_keeps_otherwise_is_written_twice_at_most() {
    for (member, problem) in
        [("/events/subscriptions", None), ("/apis/custom/interfaces", Some("manifest-kept"))]
    {
        let world = World::signed_in().await;
        world.amazon.behave(|habits| habits.smapi.manifest_drops = Some(member));
        let job = world.set_up(&wish_for(FUNCTION, &["de-DE"])).await;
        match problem {
            Some(problem) => assert_eq!(failure(&job, &TaskKind::Manifest), problem),
            None => assert!(job.succeeded(), "{job:#?}"),
        }
        let puts = world.writes().iter().filter(|write| write.ends_with("/manifest")).count();
        assert_eq!(puts, 2, "{member}");
    }
}
