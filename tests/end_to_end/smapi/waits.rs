//! Amazon that takes its time, and a person who presses the button again.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::time::Duration;

use end_to_end::amazon::Fault;
use ma_alexa::clock::Clock as _;
use ma_alexa::smapi::{Job, TaskKind};
use ma_alexa::store::Document;

use super::world::{FUNCTION, World, failure, task, wish_for};

/// Goes on for a while, or until nothing is left to do.
async fn drive_for(world: &World, span: Duration) -> Job {
    let began = world.clock.now();
    loop {
        let job = world.manager.step().await.unwrap().unwrap();
        if job.finished_at.is_some() || world.clock.now().since(began) >= span {
            return job;
        }
        world.wait_for(&job);
    }
}

/// A skill that is set up.
async fn with_a_skill() -> (World, String) {
    let world = World::signed_in().await;
    assert!(world.set_up(&wish_for(FUNCTION, &["de-DE"])).await.succeeded());
    let id = world.only_skill().id;
    (world, id)
}

#[tokio::test]
async fn a_new_skill_that_never_comes_is_given_up() {
    let world = World::signed_in().await;
    world.amazon.behave(|habits| habits.smapi.manifest_polls = usize::MAX);
    let job = world.set_up(&wish_for(FUNCTION, &["de-DE"])).await;
    assert_eq!(failure(&job, &TaskKind::Skill), "skill-slow");
    let took = job.finished_at.unwrap().since(job.began_at);
    assert!((Duration::from_mins(15)..Duration::from_mins(16)).contains(&took), "{took:?}");
    // It came after all: it is taken, and no second one is made.
    world.amazon.behave(|habits| habits.smapi.manifest_polls = 1);
    let id = world.only_skill().id;
    world.amazon.change_skill(&id, |skill| skill.change_manifest(0));
    assert!(world.set_up(&wish_for(FUNCTION, &["de-DE"])).await.succeeded());
    assert_eq!(world.amazon.skills().len(), 1);
}

#[tokio::test]
async fn changes_of_others_without_end_are_not_waited_for() {
    let (world, id) = with_a_skill().await;
    world.amazon.change_skill(&id, |skill| skill.change_manifest(usize::MAX));
    let job = world.set_up(&wish_for(FUNCTION, &["de-DE", "en-US"])).await;
    assert_eq!(failure(&job, &TaskKind::Manifest), "manifest-slow");

    let (world, id) = with_a_skill().await;
    world.amazon.change_skill(&id, |skill| skill.build_model("en-US", usize::MAX, None));
    let job = world.set_up(&wish_for(FUNCTION, &["de-DE", "en-US"])).await;
    let model = TaskKind::Model { locale: "en-US".to_owned() };
    assert_eq!(failure(&job, &model), "model-slow");
    assert_eq!(task(&job, &model).problem.as_ref().unwrap().details["locale"], "en-US");
}

#[tokio::test]
async fn pressing_the_button_again_gives_more_time() {
    let (world, id) = with_a_skill().await;
    world.amazon.change_skill(&id, |skill| skill.change_manifest(usize::MAX));
    let wish = wish_for(FUNCTION, &["de-DE", "en-US"]);
    world.manager.begin(&wish).await.unwrap();
    for _ in 0..2 {
        let job = drive_for(&world, Duration::from_mins(14)).await;
        assert_eq!(job.finished_at, None, "{job:#?}");
        world.manager.begin(&wish).await.unwrap();
    }
    world.amazon.change_skill(&id, |skill| skill.change_manifest(0));
    assert!(world.drive().await.succeeded());
}

#[tokio::test]
async fn pressing_the_button_again_gives_more_attempts() {
    let world = World::signed_in().await;
    // Two more than a job has attempts.
    world.amazon.fault("/v1/vendors", Fault::Unavailable, 10);
    let wish = wish_for(FUNCTION, &["de-DE"]);
    world.manager.begin(&wish).await.unwrap();
    for _ in 0..8 {
        let job = world.manager.step().await.unwrap().unwrap();
        assert_eq!(job.finished_at, None);
        world.wait_for(&job);
    }
    world.manager.begin(&wish).await.unwrap();
    assert!(world.drive().await.succeeded());
}

#[tokio::test]
async fn pressing_the_button_again_does_not_disturb_whoever_works() {
    let world = World::signed_in().await;
    let wish = wish_for(FUNCTION, &["de-DE"]);
    world.manager.begin(&wish).await.unwrap();
    world.amazon.fault("/v1/vendors", Fault::NoAnswer, 1);
    let (worker, store) = (world.another_process(), world.store.clone());
    let works = tokio::spawn(async move { worker.step().await });
    world.amazon.wait_for("/v1/vendors", 1).await;
    let before = store.document(Document::SkillJob).await.unwrap().unwrap().revision;
    world.manager.begin(&wish).await.unwrap();
    assert_eq!(store.document(Document::SkillJob).await.unwrap().unwrap().revision, before);
    works.abort();
}
