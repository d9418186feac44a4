//! Lanes, leases, volumes and devices in both stores.

use std::collections::BTreeSet;
use std::sync::Arc;

use ma_alexa::account::RequestKind::{Behavior, Other};
use ma_alexa::account::{
    AcquireResult, AttemptOutcome, Feedback, LeaseResult, LimiterState, RequestLane, VolumeAttempt, Volumes,
};
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::store::{AccountStore as _, StoreError};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::json;
use tokio::task::JoinSet;

use super::account_samples::{Step, by, devices, lease, leave, ms, mute, request, sent, steps, volume};
use super::dynamo_proxy::DynamoProxy;
use super::fixture::{Fixture, client, create_table, dynamo_store, emulator, emulator_address, run};
use super::samples::T0;

pub(crate) async fn the_store_agrees_with_the_lanes_own_rules(fixture: &Fixture) {
    let mut runner = TestRunner::deterministic();
    let steps = steps(if fixture.is_remote() { 150 } else { 400 });
    let steps = (0..2).map(|_| steps.new_tree(&mut runner).unwrap().current());
    for (lane, steps) in RequestLane::ALL.into_iter().zip(steps) {
        let mut expected = LimiterState::default();
        assert_eq!(fixture.store.lane(lane).await.unwrap(), expected);
        for step in steps {
            let answer = match &step {
                Step::Take(request) => Some(fixture.store.acquire_lane(lane, request).await.unwrap()),
                Step::Leave(leave) => {
                    fixture.store.release_lane(lane, leave).await.unwrap();
                    None
                }
            };
            assert_eq!(answer, step.run(lane, &mut expected), "{step:?}");
            assert_eq!(fixture.store.lane(lane).await.unwrap(), expected, "{step:?}");
        }
    }
    let keys: Vec<_> = fixture.items().await.into_keys().collect();
    assert_eq!(keys, ["account#lane#commands", "account#lane#reads"]);
}

pub(crate) async fn one_of_sixty_four_takes_the_lane(fixture: &Fixture) {
    let mut takers = JoinSet::new();
    for taker in 0..64 {
        let store = Arc::clone(&fixture.store);
        let request = request(&taker.to_string(), [Behavior, Other][taker % 2], ms(0));
        takers.spawn(async move {
            (store.acquire_lane(RequestLane::Commands, &request).await.unwrap(), request.holder)
        });
    }
    let answers = takers.join_all().await;
    let winners: Vec<_> = answers.iter().filter(|(answer, _)| *answer == AcquireResult::Granted).collect();
    let [(_, winner)] = &winners[..] else { panic!("{answers:?}") };
    let held = fixture.store.lane(RequestLane::Commands).await.unwrap().lease.unwrap();
    assert_eq!(held.holder, *winner);
    let losers = answers.iter().filter(|(_, holder)| holder != winner);
    assert!(losers.map(|(answer, _)| answer).all(|answer| *answer == AcquireResult::Busy(held.until)));
    assert_eq!(
        fixture.store.lane(RequestLane::Reads).await.unwrap(),
        LimiterState::default(),
        "the other one is free"
    );
}

pub(crate) async fn one_of_sixty_four_renews_the_session(fixture: &Fixture) {
    let mut takers = JoinSet::new();
    for taker in 0..64 {
        let (store, request) = (Arc::clone(&fixture.store), lease(&taker.to_string(), ms(0), 30));
        takers.spawn(async move { (store.acquire_refresh_lease(&request).await.unwrap(), request.holder) });
    }
    let answers = takers.join_all().await;
    let winners: Vec<_> = answers.iter().filter(|(answer, _)| *answer == LeaseResult::Granted).collect();
    let [(_, winner)] = &winners[..] else { panic!("{answers:?}") };

    let store = &fixture.store;
    let held = LeaseResult::Held(ms(30_000));
    assert_eq!(store.acquire_refresh_lease(&lease("late", ms(29_999), 30)).await.unwrap(), held);
    store.release_refresh_lease("late").await.unwrap();
    assert_eq!(store.acquire_refresh_lease(&lease("late", ms(29_999), 30)).await.unwrap(), held);
    for _ in 0..2 {
        store.release_refresh_lease(winner).await.unwrap();
    }
    assert_eq!(store.acquire_refresh_lease(&lease("late", ms(1), 30)).await.unwrap(), LeaseResult::Granted);
    let after = lease("after", ms(30_001), 30);
    assert_eq!(store.acquire_refresh_lease(&after).await.unwrap(), LeaseResult::Granted, "the lease ran out");
}

pub(crate) async fn thirty_moves_of_a_slider_at_once_are_all_noted(fixture: &Fixture) {
    let mut moves = JoinSet::new();
    for value in 1..=30 {
        let store = Arc::clone(&fixture.store);
        moves.spawn(async move {
            let request = volume("one", value);
            (store.enqueue_volumes(&[request], ms(u64::from(value))).await.unwrap().sequence, value)
        });
    }
    let noted = moves.join_all().await;
    let sequences: BTreeSet<_> = noted.iter().map(|(sequence, _)| *sequence).collect();
    assert_eq!(sequences, (1..=30).collect(), "each has a sequence of its own");
    let last = noted.iter().find(|(sequence, _)| *sequence == 30).unwrap().1;
    let volumes = fixture.store.volumes().await.unwrap();
    assert_eq!((volumes.sequence, volumes.devices["one"].wanted), (30, last));
}

pub(crate) async fn steps_at_once_are_all_counted(fixture: &Fixture) {
    fixture.store.enqueue_volumes(&[volume("one", 20)], ms(0)).await.unwrap();
    let mut steps = JoinSet::new();
    for _ in 0..10 {
        let store = Arc::clone(&fixture.store);
        // Amazon has not heard of the 20 yet.
        steps.spawn(async move { store.enqueue_volumes(&[by("one", 5, Some(90))], ms(1)).await.unwrap() });
    }
    steps.join_all().await;
    assert_eq!(fixture.store.volumes().await.unwrap().devices["one"].wanted, 70);
    let unknown = fixture.store.enqueue_volumes(&[by("two", 5, None)], ms(1)).await.unwrap().unknown;
    assert_eq!(unknown, ["two"]);
    assert_eq!(fixture.store.volumes().await.unwrap().sequence, 11, "what cannot be sent has no sequence");
}

pub(crate) async fn volumes_are_wanted_sent_and_noted(fixture: &Fixture) {
    let store = &fixture.store;
    let mut expected = Volumes::default();
    assert_eq!(store.volumes().await.unwrap(), expected);
    let outcomes = [
        AttemptOutcome::Accepted,
        AttemptOutcome::Confirmed,
        AttemptOutcome::Failed {
            code: "amazon_throttled".to_owned(),
            message: "Amazon throttles".to_owned(),
            until: Some(ms(30_000)),
        },
        AttemptOutcome::Failed { code: "offline".to_owned(), message: "it is off".to_owned(), until: None },
    ];
    for (outcome, at) in outcomes.into_iter().zip([1, 2, 3, 4]) {
        let requests = [volume("one", 40), mute("two", Some(55)), volume("three", 0)];
        let wanted = store.enqueue_volumes(&requests, ms(at)).await.unwrap();
        assert_eq!(wanted, expected.enqueue(&requests, ms(at)));
        assert_eq!(store.volumes().await.unwrap(), expected);
        let sent: Vec<_> = expected
            .pending(ms(at))
            .into_iter()
            .map(|(serial, device)| {
                let sent = VolumeAttempt {
                    outcome: outcome.clone(),
                    ..sent(device.wanted, device.sequence, ms(at))
                };
                (serial.to_owned(), sent)
            })
            .collect();
        assert_eq!(sent.len(), 3);
        store.record_attempts(&sent).await.unwrap();
        for (serial, sent) in &sent {
            expected.record_attempt(serial, sent);
        }
        assert_eq!(store.volumes().await.unwrap(), expected);
    }
    store.record_attempts(&[("unknown".to_owned(), sent(1, 1, ms(5)))]).await.unwrap();
    assert_eq!(store.volumes().await.unwrap(), expected);
}

pub(crate) async fn a_hundred_devices_are_kept_and_forgotten_with_their_volumes(fixture: &Fixture) {
    let store = &fixture.store;
    assert_eq!(store.devices().await.unwrap(), None);
    store.put_devices(None).await.unwrap();
    assert!(fixture.items().await.is_empty());
    for count in [100, 1, 0, 100] {
        store.put_devices(Some(&devices(count))).await.unwrap();
        assert_eq!(store.devices().await.unwrap(), Some(devices(count)));
    }
    let sequence = store.enqueue_volumes(&[volume("one", 40)], ms(1)).await.unwrap().sequence;
    for _ in 0..2 {
        store.put_devices(None).await.unwrap();
        assert_eq!(store.devices().await.unwrap(), None);
        assert!(store.volumes().await.unwrap().devices.is_empty());
    }
    assert!(!fixture.items().await.contains_key("account#devices"));
    assert_eq!(store.enqueue_volumes(&[volume("one", 41)], ms(2)).await.unwrap().sequence, sequence + 1);
}

pub(crate) async fn what_is_of_a_newer_release_is_refused_and_stays(fixture: &Fixture) {
    let newer = json!({ "schema": 2, "revision": 1 });
    for key in ["account#lane#commands", "account#renewal", "account#volumes", "account#devices"] {
        fixture.insert(key, &newer).await;
    }
    let before = fixture.items().await;
    let store = &fixture.store;
    let refused = [
        store.acquire_lane(RequestLane::Commands, &request("one", Other, T0)).await.map(drop),
        store.release_lane(RequestLane::Commands, &leave("one", Other, T0, Feedback::Served)).await,
        store.lane(RequestLane::Commands).await.map(drop),
        store.acquire_refresh_lease(&lease("one", T0, 30)).await.map(drop),
        store.release_refresh_lease("one").await,
        store.enqueue_volumes(&[volume("one", 1)], T0).await.map(drop),
        store.record_attempts(&[("one".to_owned(), sent(1, 1, T0))]).await,
        store.volumes().await.map(drop),
        store.devices().await.map(drop),
        store.put_devices(Some(&devices(1))).await,
        store.put_devices(None).await,
    ];
    for (refused, number) in refused.into_iter().zip(0..) {
        assert!(matches!(refused, Err(StoreError::Newer { found: 2, known: 1 })), "{number}: {refused:?}");
    }
    assert_eq!(fixture.items().await, before);
}

pub(crate) async fn a_play_reads_nothing_of_it(fixture: &Fixture) {
    let store = &fixture.store;
    store.acquire_lane(RequestLane::Commands, &request("one", Behavior, T0)).await.unwrap();
    store.acquire_lane(RequestLane::Reads, &request("one", Behavior, T0)).await.unwrap();
    store.acquire_refresh_lease(&lease("one", T0, 30)).await.unwrap();
    store.enqueue_volumes(&[volume("one", 1)], T0).await.unwrap();
    store.put_devices(Some(&devices(1))).await.unwrap();
    let keys: Vec<_> = fixture.items().await.into_keys().collect();
    let expected = ["devices", "lane#commands", "lane#reads", "renewal", "volumes"];
    assert_eq!(keys, expected.map(|key| format!("account#{key}")));
}

/// What changes nothing is not written, since each write waits for the disk.
#[test]
fn an_unchanged_item_is_not_written_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, random) = (Arc::new(ManualClock::at(T0)), Arc::new(SeededRandom::new(1)));
    let store = SqliteStore::open(folder.path().join("state.db"), clock, random).unwrap();
    run(async {
        let opened = store.statistics().writes;
        store.acquire_lane(RequestLane::Commands, &request("one", Behavior, ms(0))).await.unwrap();
        let sequence = store.enqueue_volumes(&[volume("one", 1)], ms(0)).await.unwrap().sequence;
        store.record_attempts(&[("one".to_owned(), sent(1, sequence, ms(0)))]).await.unwrap();
        let before = store.statistics().writes;
        assert_eq!(before - opened, 3);
        store.acquire_lane(RequestLane::Commands, &request("one", Behavior, ms(0))).await.unwrap();
        store.acquire_lane(RequestLane::Commands, &request("other", Behavior, ms(1))).await.unwrap();
        store
            .release_lane(RequestLane::Commands, &leave("other", Other, ms(1), Feedback::Served))
            .await
            .unwrap();
        store
            .release_lane(RequestLane::Reads, &leave("other", Other, ms(1), Feedback::Served))
            .await
            .unwrap();
        store.release_refresh_lease("one").await.unwrap();
        store.record_attempts(&[("one".to_owned(), sent(1, sequence, ms(0)))]).await.unwrap();
        assert_eq!(store.statistics().writes, before);
    });
}

/// What is asked of DynamoDB for each change, and that a change whose answer is lost is made once.
#[test]
fn a_change_whose_answer_is_lost_is_made_once() {
    run(async {
        let Some(endpoint) = emulator() else { return };
        let proxy = DynamoProxy::start(emulator_address(&endpoint)).unwrap();
        let table = create_table(&client(&endpoint)).await;
        let store = dynamo_store(client(&proxy.endpoint()), &table);
        let will_lose = || {
            let _ = proxy.take_traffic();
            proxy.lose_answer_of_write(1);
        };
        let lost = || {
            assert!(proxy.has_lost_answer(), "no answer was lost");
            assert_eq!(proxy.take_traffic().operations, ["GetItem", "PutItem", "PutItem"]);
        };

        will_lose();
        let taken =
            store.acquire_lane(RequestLane::Commands, &request("one", Behavior, ms(0))).await.unwrap();
        lost();
        assert_eq!(taken, AcquireResult::Granted);
        will_lose();
        let throttled = leave("one", Behavior, ms(500), Feedback::Throttled(None));
        store.release_lane(RequestLane::Commands, &throttled).await.unwrap();
        lost();
        let lane = store.lane(RequestLane::Commands).await.unwrap();
        assert_eq!((lane.throttled, lane.cool_down.unwrap().until), (1, ms(30_500)));

        will_lose();
        assert_eq!(store.enqueue_volumes(&[volume("one", 40)], ms(0)).await.unwrap().sequence, 1);
        lost();
        assert_eq!(store.volumes().await.unwrap().sequence, 1);
        will_lose();
        assert_eq!(
            store.acquire_refresh_lease(&lease("one", ms(0), 30)).await.unwrap(),
            LeaseResult::Granted
        );
        lost();

        let _ = proxy.take_traffic();
        store.enqueue_volumes(&[volume("one", 41)], ms(1)).await.unwrap();
        assert_eq!(proxy.take_traffic().operations, ["GetItem", "PutItem"]);
        store.acquire_refresh_lease(&lease("other", ms(1), 30)).await.unwrap();
        store.volumes().await.unwrap();
        store.devices().await.unwrap();
        assert_eq!(proxy.take_traffic().operations, ["GetItem"; 3], "what changes nothing writes nothing");
    });
}
