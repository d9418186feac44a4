//! Groups: each member starts for itself, and what a member plays for another renderer is no part of it.

use std::time::Duration;

use ma_alexa::renderer::ObservedState;
use ma_alexa::upnp::{ActionError, MediaRenderer, TransportState};

use super::household::House;
use super::samples::item;

const ALL: &str = "Everywhere (not in sync)";

/// A house with a kitchen, a bath and the group of them, whose renderer is first.
async fn house() -> (House, [std::sync::Arc<dyn MediaRenderer>; 3]) {
    let house = House::with_group(&["Kitchen", "Bath"], ALL);
    let all = house.renderer(ALL).await;
    let renderers = [all, house.renderer("Kitchen").await, house.renderer("Bath").await];
    (house, renderers)
}

/// Starts an item on the group, up to the request that makes all ask.
async fn start(house: &House, all: &dyn MediaRenderer, title: &str, asks: &str) {
    all.set_item(item(title)).await.unwrap();
    all.play().await.unwrap();
    house.wait_for(asks).await;
    assert_eq!(all.snapshots().borrow().state, TransportState::Transitioning);
}

#[tokio::test]
async fn each_member_starts_for_itself_by_one_request() {
    let (house, [all, kitchen, bath]) = house().await;
    assert_eq!(all.play().await, Err(ActionError::NotNow));
    start(&house, all.as_ref(), "one", "Kitchen asks for 1, Bath asks for 1").await;
    assert_eq!(
        house.done(),
        ["store one for Kitchen", "store one for Bath", "Kitchen asks for 1, Bath asks for 1"]
    );
    house.report("Bath", ObservedState::Playing);
    let shown = house.shows(all.as_ref(), TransportState::Playing).await;
    assert_eq!(shown.item, Some(item("one")));
    house.report("Kitchen", ObservedState::Playing);
    for member in [&kitchen, &bath] {
        let shown = house.shows(member.as_ref(), TransportState::Playing).await;
        assert_eq!(shown.item.map(|item| item.uri), Some(item("one").uri), "as what else starts there");
    }

    all.pause().await.unwrap();
    house.wait_for("Kitchen stops, Bath stops").await;
    house.report("Kitchen", ObservedState::Stopped);
    house.report("Bath", ObservedState::Stopped);
    house.shows(all.as_ref(), TransportState::Paused).await;
    all.play().await.unwrap();
    house.wait_for("Kitchen asks for 1, Bath asks for 1").await;
    house.report("Kitchen", ObservedState::Playing);
    house.report("Bath", ObservedState::Playing);
    house.shows(all.as_ref(), TransportState::Playing).await;
    house.done();
    all.stop().await.unwrap();
    house.wait_for("Kitchen stops, Bath stops").await;
    house.shows(all.as_ref(), TransportState::Stopped).await;
    assert_eq!(house.done(), ["Kitchen stops, Bath stops"]);

    all.set_volume(40).await.unwrap();
    house.wait_for(&format!("{ALL} To(40)")).await;
    house.sees(all.as_ref(), |shown| shown.volume == Some(40)).await;
}

#[tokio::test]
async fn it_plays_as_long_as_one_member_does_and_fails_where_all_do() {
    let (house, [all, ..]) = house().await;
    // The first one is offline.
    house.refuse();
    start(&house, all.as_ref(), "one", "Bath asks for 1").await;
    house.report("Bath", ObservedState::Playing);
    assert!(!house.shows(all.as_ref(), TransportState::Playing).await.failed);
    house.report("Bath", ObservedState::Failed);
    assert!(house.shows(all.as_ref(), TransportState::Stopped).await.failed, "now both have failed");

    start(&house, all.as_ref(), "two", "Kitchen asks for 1, Bath asks for 2").await;
    house.report("Kitchen", ObservedState::Failed);
    house.report("Bath", ObservedState::Playing);
    house.shows(all.as_ref(), TransportState::Playing).await;
    house.report("Bath", ObservedState::Finished);
    assert!(!house.shows(all.as_ref(), TransportState::Stopped).await.failed, "one has played it");

    house.refuse();
    house.refuse();
    all.set_item(item("three")).await.unwrap();
    all.play().await.unwrap();
    assert!(house.shows(all.as_ref(), TransportState::Stopped).await.failed);
}

#[tokio::test]
async fn what_a_member_plays_for_another_renderer_is_left_alone() {
    let (house, [all, kitchen, bath]) = house().await;
    house.play(kitchen.as_ref(), "Kitchen", "own").await;
    house.timer.pass(Duration::from_secs(40)).await;
    assert_eq!(all.snapshots().borrow().state, TransportState::NoMediaPresent);
    all.stop().await.unwrap();
    house.timer.pass(Duration::from_secs(5)).await;
    assert_eq!(house.done(), Vec::<String>::new());

    start(&house, all.as_ref(), "one", "Kitchen asks for 2, Bath asks for 1").await;
    house.report("Kitchen", ObservedState::Playing);
    house.report("Bath", ObservedState::Playing);
    house.shows(all.as_ref(), TransportState::Playing).await;
    // One member goes its own way: the group is the rest.
    house.play(kitchen.as_ref(), "Kitchen", "other").await;
    house.timer.pass(Duration::from_secs(40)).await;
    assert_eq!(all.snapshots().borrow().item, Some(item("one")));
    all.stop().await.unwrap();
    house.wait_for("Bath stops").await;
    house.report("Bath", ObservedState::Stopped);
    house.shows(all.as_ref(), TransportState::Stopped).await;
    assert_eq!(house.done(), ["Bath stops"]);
    assert_eq!(kitchen.snapshots().borrow().state, TransportState::Playing);

    // Each has another item: nothing of the group is left.
    house.play(bath.as_ref(), "Bath", "another").await;
    house.shows(all.as_ref(), TransportState::NoMediaPresent).await;
    all.stop().await.unwrap();
    house.timer.pass(Duration::from_secs(5)).await;
    assert_eq!(house.done(), Vec::<String>::new());
}

#[tokio::test]
async fn each_member_goes_on_to_the_next_item_in_its_own_time() {
    let (house, [all, ..]) = house().await;
    start(&house, all.as_ref(), "one", "Kitchen asks for 1, Bath asks for 1").await;
    house.report("Kitchen", ObservedState::Playing);
    house.report("Bath", ObservedState::Playing);
    house.shows(all.as_ref(), TransportState::Playing).await;
    all.set_next_item(Some(item("two"))).await.unwrap();
    house.wait_for("keep two after 1 of Kitchen").await;
    house.wait_for("keep two after 1 of Bath").await;
    assert_eq!(all.snapshots().borrow().next, Some(item("two")));

    house.report("Bath", ObservedState::Finished);
    house.wait_for("Bath asks for 2").await;
    house.report("Bath", ObservedState::Playing);
    house.timer.pass(Duration::from_secs(2)).await;
    assert_eq!(all.snapshots().borrow().item, Some(item("one")), "the first one still plays it");
    house.report("Kitchen", ObservedState::Finished);
    house.wait_for("Kitchen asks for 2").await;
    house.report("Kitchen", ObservedState::Playing);
    house.sees(all.as_ref(), |shown| shown.item == Some(item("two")) && shown.next.is_none()).await;
    house.done();

    // The same item once more is another one.
    all.set_next_item(Some(item("two"))).await.unwrap();
    house.wait_for("keep two after 2 of Kitchen").await;
    house.wait_for("keep two after 2 of Bath").await;
    house.report("Kitchen", ObservedState::Finished);
    house.wait_for("Kitchen asks for 3").await;
    house.report("Kitchen", ObservedState::Playing);
    house.report("Bath", ObservedState::Finished);
    house.wait_for("Bath asks for 3").await;
    house.sees(all.as_ref(), |shown| shown.item == Some(item("two")) && shown.next.is_none()).await;
}

#[tokio::test]
async fn it_follows_its_members() {
    let (house, [all, kitchen, _]) = house().await;
    start(&house, all.as_ref(), "one", "Kitchen asks for 1, Bath asks for 1").await;
    house.report("Kitchen", ObservedState::Playing);
    house.report("Bath", ObservedState::Playing);
    house.shows(all.as_ref(), TransportState::Playing).await;
    house.change_speakers(|speakers| {
        speakers[2].members.remove(0);
    });
    house.timer.pass(Duration::from_secs(40)).await;
    house.done();
    all.stop().await.unwrap();
    house.wait_for("Bath stops").await;
    assert_eq!(house.done(), ["Bath stops"], "what a former member plays goes on");
    assert_eq!(kitchen.snapshots().borrow().state, TransportState::Playing);
}

/// Music Assistant repeats a track: it sets that as the next one again as soon as it is fetched ahead.
#[tokio::test]
async fn a_repeated_item_follows_itself_again() {
    let (house, [all, ..]) = house().await;
    start(&house, all.as_ref(), "one", "Kitchen asks for 1, Bath asks for 1").await;
    house.report("Kitchen", ObservedState::Playing);
    house.report("Bath", ObservedState::Playing);
    house.shows(all.as_ref(), TransportState::Playing).await;
    for _ in 0..2 {
        all.set_next_item(Some(item("one"))).await.unwrap();
    }
    house.wait_for("keep one after 1 of Bath").await;
    for name in ["Bath", "Kitchen"] {
        house.report(name, ObservedState::Finished);
        house.wait_for(&format!("{name} asks for 2")).await;
        house.report(name, ObservedState::Playing);
        house.wait_for(&format!("keep one after 2 of {name}")).await;
    }
    for name in ["Kitchen", "Bath"] {
        house.report(name, ObservedState::Finished);
        house.wait_for(&format!("{name} asks for 3")).await;
        house.report(name, ObservedState::Playing);
    }
    house.sees(all.as_ref(), |shown| shown.next.is_none()).await;
    house.timer.pass(Duration::from_secs(40)).await;
    assert!(!house.done().iter().any(|done| done.contains("after 3")), "once more, and not for ever");
}
