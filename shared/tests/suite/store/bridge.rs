//! Requests that wait for the home, and its presence.

use std::sync::Arc;
use std::time::Duration;

use ma_alexa::clock::Timestamp;
use ma_alexa::control::{
    Action, ControlError, ControlRequest, MusicKind, Presence, Reply, Suggestion, WaitingRequest,
};
use ma_alexa::playback::{PlayerId, Transition};

use super::fixture::Fixture;
use super::samples::{T0, after};

pub(crate) fn waiting(id: &str, now: Timestamp) -> WaitingRequest {
    let request = ControlRequest {
        id: id.to_owned(),
        player: PlayerId::from("Kitchen"),
        locale: "de-DE".to_owned(),
        until: now.plus(Duration::from_secs(4)),
        action: Action::Next,
    };
    WaitingRequest::new(&request, now)
}

fn starting() -> Reply {
    let music = Suggestion {
        kind: Some(MusicKind::Album),
        title: "Blue".to_owned(),
        artist: Some("Joni Mitchell".to_owned()),
        uri: "library://album/7".to_owned(),
    };
    Reply::Starting { music: Some(music), room: None }
}

pub(crate) async fn a_request_waits_for_one_reply(fixture: &Fixture) {
    let store = fixture.store.as_ref();
    let (id, request) = ("one".to_owned(), waiting("one", T0));
    assert_eq!(store.waiting(&id, T0).await.unwrap(), None);
    assert_eq!(store.take_reply(&id, &Reply::Done, T0).await.unwrap(), Transition::Rejected, "none waits");
    let put = store.put_waiting(&request, T0).await.unwrap();
    assert_eq!(put, (request.clone(), Transition::Applied));
    assert_eq!(store.waiting(&id, after(1)).await.unwrap(), Some(request.clone()));
    assert_eq!(store.take_reply(&id, &starting(), after(1)).await.unwrap(), Transition::Applied);
    assert_eq!(store.take_reply(&id, &starting(), after(1)).await.unwrap(), Transition::AlreadyApplied);
    assert_eq!(store.take_reply(&id, &Reply::Done, after(1)).await.unwrap(), Transition::Rejected);
    let answered = WaitingRequest { reply: Some(starting()), ..request };
    assert_eq!(store.waiting(&id, after(1)).await.unwrap(), Some(answered.clone()));
    let again = store.put_waiting(&waiting("one", after(2)), after(2)).await.unwrap();
    assert_eq!(again, (answered, Transition::AlreadyApplied), "it is the same request");
    let items = fixture.items().await;
    assert!(items.keys().all(|key| key.starts_with("bridge#")), "no play reads them: {items:?}");
}

pub(crate) async fn a_reply_after_its_time_is_not_taken(fixture: &Fixture) {
    let store = fixture.store.as_ref();
    let id = "late".to_owned();
    store.put_waiting(&waiting("late", T0), T0).await.unwrap();
    assert_eq!(store.take_reply(&id, &Reply::Done, after(5)).await.unwrap(), Transition::Rejected);
    assert_eq!(store.waiting(&id, after(60)).await.unwrap(), None, "it is gone within a minute");
    assert_eq!(store.take_reply(&id, &Reply::Done, after(60)).await.unwrap(), Transition::Rejected);
}

pub(crate) async fn one_of_sixteen_replies_at_once_is_taken(fixture: &Fixture) {
    fixture.store.put_waiting(&waiting("race", T0), T0).await.unwrap();
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..16 {
        let store = Arc::clone(&fixture.store);
        racing.spawn(async move {
            let reply = Reply::NotFound { heard: format!("number {number}") };
            store.take_reply(&"race".to_owned(), &reply, after(1)).await.unwrap()
        });
    }
    let outcomes = racing.join_all().await;
    let taken = outcomes.iter().filter(|outcome| **outcome == Transition::Applied).count();
    assert_eq!(taken, 1, "{outcomes:?}");
}

pub(crate) async fn a_home_that_is_seen_is_present_for_a_while(fixture: &Fixture) {
    let store = fixture.store.as_ref();
    assert_eq!(store.presence(T0).await.unwrap(), None);
    for now in [T0, after(60)] {
        store.note_presence(now).await.unwrap();
        assert_eq!(store.presence(now).await.unwrap(), Some(Presence::at(now)));
    }
    let later = store.presence(after(300)).await.unwrap().unwrap();
    assert!(!later.is_present(after(300)));
    let month = T0.plus(Duration::from_hours(30 * 24 + 1));
    assert_eq!(store.presence(month).await.unwrap(), None);
    let failed = Reply::Failed(ControlError::HomeSilent);
    assert_eq!(store.take_reply(&"none".to_owned(), &failed, T0).await.unwrap(), Transition::Rejected);
}
