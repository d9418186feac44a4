//! Requests of Echos, as the store notes them.

use std::time::Duration;

use ma_alexa::playback::{Decision, PlayerId, RETENTION, Transition};

use super::fixture::Fixture;
use super::samples::{T0, after, ask, asked, by_hand, device, household, push};

pub(crate) async fn a_note_says_the_same_before_during_and_after_the_query(fixture: &Fixture) {
    let store = &fixture.store;
    let id = PlayerId::from("A");
    store.push(&push("A", "one", T0)).await.unwrap();
    store.pair(&by_hand("A", "kitchen", "pair", T0)).await.unwrap();
    for (round, is_started) in [true, false, true, true, false, false].into_iter().enumerate() {
        let at = 10 * (u64::try_from(round).unwrap() + 1);
        if is_started {
            store.push(&push("A", &format!("again-{round}"), after(at))).await.unwrap();
        }
        let asked = asked("kitchen", &format!("ask-{round}"), after(at + 1));
        let now = asked.at;
        let before = store.household(now).await.unwrap();
        let (during, noted) = tokio::join!(store.household(now), store.record_request(&asked));
        assert_eq!(noted.unwrap(), Transition::Applied);
        let after = store.household(now).await.unwrap();
        for seen in [before, during.unwrap(), after] {
            let decision = seen.select_stream(&ask(&asked));
            let starts = round == 0 || is_started;
            assert_eq!(
                matches!(&decision, Decision::Start(player) if player.player == id),
                starts,
                "{round} {decision:?}"
            );
            assert_eq!(matches!(decision, Decision::Resume(_)), !starts, "{round}");
        }
    }
}

pub(crate) async fn a_note_that_was_overtaken_is_refused(fixture: &Fixture) {
    let store = &fixture.store;
    store.record_request(&asked("kitchen", "two", after(2))).await.unwrap();
    let before = household(&**store, after(3)).await;
    let late = store.record_request(&asked("kitchen", "one", after(1))).await.unwrap();
    assert_eq!(late, Transition::Rejected);
    assert_eq!(household(&**store, after(3)).await, before);
}

pub(crate) async fn expired_echos_are_absent(fixture: &Fixture) {
    let store = &fixture.store;
    store.record_request(&asked("kitchen", "one", T0)).await.unwrap();
    store.record_request(&asked("kitchen", "two", after(1))).await.unwrap();
    let expiry = after(1).plus(RETENTION);
    let last = household(&**store, expiry.minus(Duration::from_secs(1))).await;
    assert_eq!(last.echo(&device("kitchen")).unwrap().asked_before, Some(T0));
    assert_eq!(household(&**store, expiry).await.echos, vec![]);
    // Not even the same request has been noted by an item that is no more.
    assert_eq!(store.record_request(&asked("kitchen", "two", expiry)).await.unwrap(), Transition::Applied);
    let again = household(&**store, expiry).await;
    let again = again.echo(&device("kitchen")).unwrap();
    assert_eq!((again.asked_at, again.asked_before), (Some(expiry), None));
}
