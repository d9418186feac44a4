//! Skills of the account that are not ours.

use ma_alexa::smapi::TaskKind;
use serde_json::{Value, json};

use super::world::{FUNCTION, World, failure, wish, wish_for};

fn manifest(name: &str, endpoint: &str) -> Value {
    let mut endpoint_of = json!({ "uri": endpoint });
    if endpoint.starts_with("https:") {
        endpoint_of["sslCertificateType"] = json!("Trusted");
    }
    json!({
        "manifestVersion": "1.0",
        "publishingInformation": { "locales": { "de-DE": { "name": name } } },
        "apis": { "custom": { "endpoint": endpoint_of } },
    })
}

#[tokio::test]
async fn no_other_skill_of_the_account_is_deleted_or_taken_s_15() {
    let world = World::signed_in().await;
    let near = format!("{FUNCTION}-2");
    world.amazon.behave(|habits| habits.smapi.page_size = 2);
    for endpoint in ["https://other.example.org/alexa", &near, "https://third.example.org/"] {
        world.amazon.add_skill(manifest("Music Assistant", endpoint));
    }
    let mut without = manifest("Music Assistant", "");
    without["apis"]["custom"] = json!({});
    world.amazon.add_skill(without);
    let before = world.amazon.skills();
    let job = world.set_up(&wish()).await;
    assert!(job.succeeded(), "{job:#?}");
    let after = world.amazon.skills();
    assert_eq!(after.len(), 5);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(
            (&before.id, &before.manifest, before.enabled),
            (&after.id, &after.manifest, after.enabled)
        );
        assert!(after.models.is_empty());
    }
    assert!(!world.writes().iter().any(|write| write.starts_with("DELETE")));
    let own = job.skill_id.unwrap();
    assert!(world.writes().iter().all(|write| write == "POST /v1/skills" || write.contains(&own)));
}

#[tokio::test]
async fn the_skill_with_exactly_our_endpoint_is_taken_wherever_it_stands_in_the_list_b_29() {
    let world = World::signed_in().await;
    world.amazon.behave(|habits| habits.smapi.page_size = 3);
    for number in 0..11 {
        world.amazon.add_skill(manifest("Music Assistant", &format!("https://{number}.example.org/")));
    }
    let ours = world.amazon.add_skill(manifest("Something else", FUNCTION));
    world.amazon.add_skill(manifest("Music Assistant", "https://last.example.org/"));
    assert_eq!(world.manager.plan(&wish()).await.unwrap().skill_id.unwrap().as_str(), ours);
    let job = world.set_up(&wish()).await;
    assert!(job.succeeded(), "{job:#?}");
    assert_eq!(job.skill_id.as_deref(), Some(ours.as_str()));
    assert_eq!(world.amazon.skills().len(), 13);
}

#[tokio::test]
async fn a_known_skill_that_is_gone_is_made_anew_and_one_of_another_account_is_not() {
    let gone = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555";
    let world = World::with_skill_id(Some(gone)).await;
    world.sign_in().await;
    let job = world.set_up(&wish()).await;
    assert!(job.succeeded(), "{job:#?}");
    assert_ne!(job.skill_id.as_deref(), Some(gone));

    let world = World::with_skill_id(Some(gone)).await;
    world.sign_in().await;
    world.amazon.behave(|habits| {
        habits.smapi.foreign.insert(gone.to_owned());
    });
    let job = world.set_up(&wish()).await;
    assert_eq!(failure(&job, &TaskKind::Skill), "forbidden");
    assert!(world.amazon.skills().is_empty());
}

#[tokio::test]
async fn a_skill_that_is_deleted_meanwhile_is_made_anew() {
    let world = World::signed_in().await;
    assert!(world.set_up(&wish()).await.succeeded());
    let first = world.only_skill().id;
    world.manager.begin(&wish_for(FUNCTION, &["de-DE"])).await.unwrap();
    world.manager.step().await.unwrap();
    world.amazon.delete_skill(&first);
    let job = world.drive().await;
    let next = world.only_skill().id;
    assert_ne!(first, next);
    if job.skill_id.as_deref() == Some(first.as_str()) {
        assert!(!job.succeeded(), "it was gone after the last piece: {job:#?}");
    }
}

#[tokio::test]
async fn of_several_vendors_the_one_that_the_person_owns_is_chosen() {
    let world = World::signed_in().await;
    world.amazon.behave(|habits| {
        habits.smapi.vendors = vec![
            json!({ "id": "M1FRIEND", "name": "A friend", "roles": ["ROLE_MARKETER"] }),
            json!({ "id": "M1OWN", "name": "Kim", "roles": ["ROLE_OWNER"] }),
        ];
    });
    assert!(world.set_up(&wish()).await.succeeded());
    let created = world.amazon.requests("/v1/skills").into_iter().find(|call| call.method == "POST").unwrap();
    assert_eq!(created.body["vendorId"], "M1OWN");
    world.amazon.behave(|habits| habits.smapi.vendors.clear());
    let job = world.set_up(&wish()).await;
    assert_eq!(failure(&job, &TaskKind::Vendor), "no-vendor");
    assert!(world.manager.plan(&wish()).await.is_ok(), "a known skill needs no vendor to be looked at");
}
