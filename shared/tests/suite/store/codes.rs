//! One-time codes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ma_alexa::account::{ChallengePurpose, OneTimeWord, PairingChallenge};
use ma_alexa::clock::Timestamp;
use ma_alexa::playback::Transition;
use ma_alexa::store::{Store, StoreError};
use proptest::prelude::*;
use serde_json::json;

use super::fixture::{Fixture, uncounted};
use super::samples::{T0, after, challenge, taken};

pub(crate) async fn a_code_is_on_one_errand(fixture: &Fixture) {
    let store = &fixture.store;
    let first = challenge("Kitchen", 7, T0);
    assert_eq!(store.challenge(&first.word, T0).await.unwrap(), None);
    assert!(store.put_challenge(&first, T0).await.unwrap());
    assert!(store.put_challenge(&first, after(1)).await.unwrap(), "the same challenge again");
    let others = [
        challenge("Hall", 7, T0),
        challenge("Kitchen", 7, after(1)),
        PairingChallenge { kind: ChallengePurpose::Play { version: 1 }, ..first.clone() },
        PairingChallenge { serial: "ANOTHER".to_owned(), ..first.clone() },
    ];
    for other in others {
        assert!(!store.put_challenge(&other, after(1)).await.unwrap(), "{other:?}");
    }
    assert_eq!(store.challenge(&first.word, after(1)).await.unwrap(), Some(first.clone()));

    let play = PairingChallenge { kind: ChallengePurpose::Play { version: 3 }, ..challenge("Hall", 8, T0) };
    assert!(store.put_challenge(&play, T0).await.unwrap());
    assert_eq!(store.challenge(&OneTimeWord::from_index(8), T0).await.unwrap(), Some(play));

    let items = fixture.items().await;
    assert!(items.keys().all(|key| key.starts_with("code#")), "no play reads them: {items:?}");
    let item = json!({
        "schema": 1,
        "code": first.word.as_str(),
        "serial": "G0KITCHEN",
        "player": "Kitchen",
        "errand": "identify",
        "expires_at": first.expires_at,
    });
    assert_eq!(uncounted(items[&format!("code#{}", first.word.as_str())].clone()), item);
}

pub(crate) async fn a_code_works_once(fixture: &Fixture) {
    let store = &fixture.store;
    let code = OneTimeWord::from_index(1023);
    let first = taken("kitchen", "first", after(5));
    assert_eq!(store.consume_challenge(&code, &first).await.unwrap(), None, "it was not issued");
    assert!(fixture.items().await.is_empty());

    let issued = challenge("Kitchen", 1023, T0);
    store.put_challenge(&issued, T0).await.unwrap();
    let used = PairingChallenge { used: Some(first.clone()), ..issued.clone() };
    assert_eq!(store.consume_challenge(&code, &first).await.unwrap(), Some(used.clone()));
    let again = taken("kitchen", "first", after(6));
    assert_eq!(
        store.consume_challenge(&code, &again).await.unwrap(),
        Some(used.clone()),
        "by the same request"
    );
    for echo in ["kitchen", "hall"] {
        let late = taken(echo, "second", after(7));
        assert_eq!(store.consume_challenge(&code, &late).await.unwrap(), None, "by another request");
    }
    assert_eq!(
        store.challenge(&code, after(7)).await.unwrap(),
        Some(used.clone()),
        "the waiting request can see it"
    );
    assert!(
        store.put_challenge(&issued, after(7)).await.unwrap(),
        "the same challenge, which came back already"
    );
    assert_eq!(store.challenge(&code, after(7)).await.unwrap(), Some(used));
    assert_eq!(
        store.consume_challenge(&OneTimeWord::from_index(0), &first).await.unwrap(),
        None,
        "another code"
    );
}

pub(crate) async fn one_of_thirty_two_that_take_a_code_gets_it(fixture: &Fixture) {
    let store = &fixture.store;
    store.put_challenge(&challenge("Kitchen", 3, T0), T0).await.unwrap();
    let mut racing = tokio::task::JoinSet::new();
    for echo in 0..32 {
        let store = Arc::clone(store);
        racing.spawn(async move {
            let taken = taken(&format!("{echo}"), &format!("take-{echo}"), after(1));
            (store.consume_challenge(&OneTimeWord::from_index(3), &taken).await.unwrap(), taken)
        });
    }
    let mut winners = racing.join_all().await;
    winners.retain(|(challenge, _)| challenge.is_some());
    let [(Some(challenge), taken)] = &winners[..] else { panic!("{winners:?}") };
    assert_eq!(challenge.used.as_ref(), Some(taken));
    assert_eq!(
        store.challenge(&OneTimeWord::from_index(3), after(2)).await.unwrap().as_ref(),
        Some(challenge)
    );
}

/// The last moment in which a code exists, and the first in which it does not.
pub(crate) async fn an_expired_code_is_absent(fixture: &Fixture) {
    let store = &fixture.store;
    let code = OneTimeWord::from_index(5);
    let over = T0.plus(PairingChallenge::LASTS);
    let last = over.minus(Duration::from_millis(1));
    store.put_challenge(&challenge("Kitchen", 5, T0), T0).await.unwrap();
    assert!(store.challenge(&code, last).await.unwrap().is_some());
    assert_eq!(store.challenge(&code, over).await.unwrap(), None);
    assert_eq!(store.consume_challenge(&code, &taken("kitchen", "late", over)).await.unwrap(), None);
    assert!(!store.put_challenge(&challenge("Hall", 5, last), last).await.unwrap());

    assert!(store.consume_challenge(&code, &taken("kitchen", "first", last)).await.unwrap().is_some());
    assert_eq!(
        store.consume_challenge(&code, &taken("kitchen", "first", over)).await.unwrap(),
        None,
        "not even by the request that took it"
    );
    let next = challenge("Hall", 5, over);
    assert!(store.put_challenge(&next, over).await.unwrap(), "the word is free again");
    assert_eq!(store.challenge(&code, over).await.unwrap(), Some(next));
}

pub(crate) async fn a_code_of_another_release_is_refused_by_name(fixture: &Fixture) {
    let store = &fixture.store;
    let issued = challenge("Kitchen", 2, T0);
    store.put_challenge(&issued, T0).await.unwrap();
    let (key, written) = fixture.items().await.pop_first().unwrap();
    let mut later = written.clone();
    later["schema"] = json!(2);
    fixture.insert(&key, &later).await;
    let is_newer = |error: StoreError| {
        assert!(matches!(error, StoreError::Newer { found: 2, known: 1 }), "{error:?}");
    };
    is_newer(store.put_challenge(&issued, after(1)).await.unwrap_err());
    is_newer(store.consume_challenge(&issued.word, &taken("kitchen", "first", after(1))).await.unwrap_err());
    is_newer(store.challenge(&issued.word, after(1)).await.unwrap_err());
    assert_eq!(fixture.items().await[&key], later);

    let mut earlier = written;
    earlier["of"] = json!("an earlier release");
    fixture.insert(&key, &earlier).await;
    assert!(
        store.consume_challenge(&issued.word, &taken("kitchen", "first", after(1))).await.unwrap().is_some()
    );
}

/// A step of a random sequence, with one of three codes.
#[derive(Clone, Debug)]
enum Step {
    Wait(Duration),
    /// The clock is set back by a day.
    Back,
    Issue(usize, &'static str),
    Take(usize, &'static str),
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let over = PairingChallenge::LASTS;
    let waits = [Duration::from_secs(1), over.saturating_sub(Duration::from_millis(1)), over];
    let step = prop_oneof![
        3 => proptest::sample::select(waits.to_vec()).prop_map(Step::Wait),
        1 => Just(Step::Back),
        4 => (0..3_usize, proptest::sample::select(vec!["Kitchen", "Hall"]))
            .prop_map(|(code, player)| Step::Issue(code, player)),
        6 => (0..3_usize, proptest::sample::select(vec!["first", "second", "third"]))
            .prop_map(|(code, request)| Step::Take(code, request)),
    ];
    proptest::collection::vec(step, 1..most)
}

/// Codes are issued and taken as the pure rule has it, also where a store says the rule in a condition.
pub(crate) async fn random_sequences_leave_what_the_rule_leaves(fixture: &Fixture) {
    let (cases, most) = if fixture.is_remote() { (24, 24) } else { (128, 40) };
    fixture.each_agrees(cases, steps(most), &async |store, steps| agree(store, &steps).await);
}

async fn agree(store: &dyn Store, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut model: BTreeMap<usize, PairingChallenge> = BTreeMap::new();
    let mut now = T0;
    for step in steps {
        match step {
            Step::Wait(span) => now = now.plus(*span),
            Step::Back => now = now.minus(Duration::from_hours(24)),
            Step::Issue(code, player) => {
                let issued = challenge(player, *code, now);
                let expected = issues(&mut model, *code, &issued, now);
                prop_assert_eq!(store.put_challenge(&issued, now).await.unwrap(), expected, "{:?}", step);
            }
            Step::Take(code, request) => {
                let word = OneTimeWord::from_index(*code);
                let taken = taken(request, request, now);
                let expected = model.get_mut(code).and_then(|challenge| {
                    (challenge.take(&taken) != Transition::Rejected).then(|| challenge.clone())
                });
                let found = store.consume_challenge(&word, &taken).await.unwrap();
                prop_assert_eq!(found, expected, "{:?}", step);
            }
        }
        for code in 0..3 {
            let expected = model.get(&code).filter(|challenge| challenge.is_open(now)).cloned();
            let found = store.challenge(&OneTimeWord::from_index(code), now).await.unwrap();
            prop_assert_eq!(found, expected, "{:?}", step);
        }
    }
    Ok(())
}

/// The rule of a new challenge: a code that can come back still is of no other one.
fn issues(
    model: &mut BTreeMap<usize, PairingChallenge>,
    code: usize,
    issued: &PairingChallenge,
    now: Timestamp,
) -> bool {
    if let Some(known) = model.get(&code).filter(|known| known.is_open(now)) {
        return known.is_same(issued);
    }
    model.insert(code, issued.clone());
    true
}
