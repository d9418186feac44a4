//! Clocks: what is stored, after the wall clock was set back by an hour, 30 days, a year.

use std::time::Duration;

use ma_alexa::account::RequestKind::{Behavior, Other};
use ma_alexa::account::{AcquireResult, Feedback, LEASE, LeaseResult, OneTimeWord, RequestLane};
use ma_alexa::clock::SKEW;
use ma_alexa::playback::{Recorded, ReportKind, StartReason, StreamState, Transition};
use ma_alexa::store::PushResult;

use super::account_samples::{lease, leave, request, volume};
use super::fixture::Fixture;
use super::samples::{
    T0, asked, challenge, device, event, household, named, player, push, push_of, taken, token,
};

/// By how much the clock is set back.
const BACK: [Duration; 3] =
    [Duration::from_hours(1), Duration::from_hours(30 * 24), Duration::from_hours(365 * 24)];

const SECOND: Duration = Duration::from_secs(1);

pub(crate) async fn lanes_and_leases_are_free_after_the_clock_was_set_back(fixture: &Fixture) {
    let store = &fixture.store;
    for (lane, back) in RequestLane::ALL.into_iter().cycle().zip(BACK) {
        let ahead = T0.plus(back);
        assert_eq!(
            store.acquire_lane(lane, &request("first", Behavior, ahead)).await.unwrap(),
            AcquireResult::Granted
        );
        let leave = leave("first", Behavior, ahead, Feedback::Throttled(None));
        store.release_lane(lane, &leave).await.unwrap();
        let cooling = store.acquire_lane(lane, &request("second", Other, ahead)).await.unwrap();
        assert!(matches!(cooling, AcquireResult::CoolingDown(_)), "{cooling:?}");
        let answer = store.acquire_lane(lane, &request("third", Behavior, T0)).await.unwrap();
        assert_eq!(answer, AcquireResult::Granted, "set back by {back:?}");

        // One that is held is held, and its holder died.
        store.acquire_lane(lane, &request("third", Behavior, ahead)).await.unwrap();
        let answer =
            store.acquire_lane(lane, &request("fourth", Behavior, T0.plus(LEASE + SECOND))).await.unwrap();
        assert_eq!(answer, AcquireResult::Granted, "held, and set back by {back:?}");
        store
            .release_lane(lane, &super::account_samples::leave("fourth", Other, T0, Feedback::Served))
            .await
            .unwrap();

        assert_eq!(
            store.acquire_refresh_lease(&lease("first", ahead, 60)).await.unwrap(),
            LeaseResult::Granted
        );
        assert_eq!(
            store.acquire_refresh_lease(&lease("second", T0, 60)).await.unwrap(),
            LeaseResult::Granted
        );
        store.release_refresh_lease("second").await.unwrap();
    }
}

pub(crate) async fn a_throttled_lane_cools_down_for_its_own_span_after_that(fixture: &Fixture) {
    let store = &fixture.store;
    let throttle = |holder, at| leave(holder, Other, at, Feedback::Throttled(Some(30 * SECOND)));
    store.release_lane(RequestLane::Commands, &throttle("first", T0.plus(BACK[2]))).await.unwrap();
    store.release_lane(RequestLane::Commands, &throttle("second", T0)).await.unwrap();
    let answer =
        store.acquire_lane(RequestLane::Commands, &request("third", Other, T0.plus(SECOND))).await.unwrap();
    assert_eq!(answer, AcquireResult::CoolingDown(T0.plus(30 * SECOND)));
}

pub(crate) async fn codes_of_before_work_no_more_and_their_words_are_free(fixture: &Fixture) {
    let store = &fixture.store;
    for (number, back) in BACK.into_iter().enumerate() {
        let (ahead, code) = (T0.plus(back), OneTimeWord::from_index(number));
        let before = challenge("Kitchen", number, ahead);
        assert!(store.put_challenge(&before, ahead).await.unwrap());
        assert!(store.challenge(&code, ahead).await.unwrap().is_some());
        assert_eq!(store.challenge(&code, T0).await.unwrap(), None, "set back by {back:?}");
        assert_eq!(store.consume_challenge(&code, &taken("kitchen", "late", T0)).await.unwrap(), None);
        let now = challenge("Hall", number, T0);
        assert!(store.put_challenge(&now, T0).await.unwrap(), "set back by {back:?}");
        let took = store.consume_challenge(&code, &taken("hall", "now", T0)).await.unwrap();
        assert_eq!(took.unwrap().player, now.player);
    }
    // Another machine's clock may be a little ahead.
    let slightly = T0.plus(SKEW);
    assert!(store.put_challenge(&challenge("Attic", 9, slightly), slightly).await.unwrap());
    assert!(
        store
            .consume_challenge(&OneTimeWord::from_index(9), &taken("attic", "first", T0))
            .await
            .unwrap()
            .is_some()
    );
}

pub(crate) async fn volumes_of_before_are_not_ours_any_more(fixture: &Fixture) {
    let store = &fixture.store;
    for back in BACK {
        store.enqueue_volumes(&[volume("G0", 17)], T0.plus(back)).await.unwrap();
        let volumes = store.volumes().await.unwrap();
        assert_eq!(volumes.applied_by_us("G0", T0.plus(back)), Some(17));
        assert_eq!(volumes.applied_by_us("G0", T0), None, "set back by {back:?}");
        assert!(volumes.pending(T0).is_empty(), "set back by {back:?}");
    }
}

pub(crate) async fn an_echo_asks_and_reports_after_the_clock_was_set_back(fixture: &Fixture) {
    let store = &fixture.store;
    for (index, back) in BACK.into_iter().enumerate() {
        let (ahead, name) = (T0.plus(back), format!("A{index}"));
        store.push(&push(&name, "one", ahead)).await.unwrap();
        store.record_request(&asked(&name, "before", ahead)).await.unwrap();
        let stopped =
            event(token(&name, 1, ahead, StartReason::Start), ReportKind::Stopped, 7000, ahead.plus(SECOND));
        assert!(matches!(store.record(&stopped, ahead).await.unwrap(), Recorded::Applied(_)));

        let asks = asked(&name, "after", T0);
        assert_eq!(store.record_request(&asks).await.unwrap(), Transition::Applied, "set back by {back:?}");
        let known = household(&**store, T0).await;
        assert_eq!(known.echo(&device(&name)).unwrap().asked_at, Some(T0));

        let playing = event(token(&name, 1, T0, StartReason::Start), ReportKind::Started, 0, T0.plus(SECOND));
        let counted = store.record(&playing, T0.plus(SECOND)).await.unwrap();
        let Recorded::Applied(player) = counted else { panic!("{counted:?}, set back by {back:?}") };
        assert_eq!(player.state(), Some(StreamState::Playing));
    }
}

pub(crate) async fn a_push_after_the_clock_was_set_back_is_the_last_one(fixture: &Fixture) {
    let store = &fixture.store;
    for (index, back) in BACK.into_iter().enumerate() {
        let (ahead, name) = (T0.plus(back), format!("A{index}"));
        store.push(&push(&name, "one", ahead)).await.unwrap();
        let mut again = named(push(&name, "one", T0), "Song", "Singer");
        again.request = format!("again-{index}");
        let described = store.push(&again).await.unwrap();
        assert_eq!(described, PushResult { version: 1, started: false, handed: false, before: None });
        let known = player(&**store, &name, T0).await;
        assert_eq!(known.pushed_at(), Some(T0), "set back by {back:?}");
        assert_eq!(known.metadata().title.as_deref(), Some("Song"));

        let say = |request: &str, at| push_of(&format!("announcement/B{index}.mp3"), request, at);
        assert_eq!(store.push(&say(&format!("r1-{index}"), ahead)).await.unwrap().version, 1);
        let second = store.push(&say(&format!("r2-{index}"), T0)).await.unwrap();
        assert_eq!((second.version, second.started), (2, true), "set back by {back:?}");
        assert_eq!(second.before.map(|before| before.version()), Some(1));
    }
}
