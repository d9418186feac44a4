//! Requests of persons that wait for a start.

use ma_alexa::playback::{AwaitStart, Household, Player, PlayerId, Push, Transition, WaitState};

use super::fixture::Fixture;
use super::samples::{T0, after, by_hand, device, household, player, push};

/// Number of tries at a race.
const TRIES: u64 = 8;

/// A push of a sender that leaves its sentence out for a hand-over.
fn silent_push(session: &str, seconds: u64) -> Push {
    Push { can_skip_speech: Some(true), ..push("A", session, after(seconds)) }
}

fn wait(request: &str, seconds: u64, steps: i32) -> AwaitStart {
    AwaitStart {
        player: PlayerId::from("A"),
        device: device("kitchen"),
        request: request.to_owned(),
        at: after(seconds),
        resumes: false,
        steps,
    }
}

/// The player `A` with a first stream, and the Echo `kitchen` that serves it.
async fn served(fixture: &Fixture) -> Household {
    fixture.store.push(&silent_push("first", 0)).await.unwrap();
    assert!(fixture.store.pair(&by_hand("A", "kitchen", "pairing", T0)).await.unwrap());
    household(&*fixture.store, T0).await
}

async fn known(fixture: &Fixture, seconds: u64) -> Player {
    player(&*fixture.store, "A", after(seconds)).await
}

pub(crate) async fn a_request_is_handed_what_starts(fixture: &Fixture) {
    let store = &fixture.store;
    let seen = served(fixture).await;
    let (key, mut hand_overs) = (PlayerId::from("A").key(), store.hand_overs());
    assert_eq!(store.await_start(&wait("next", 1, 0), &seen).await.unwrap(), Transition::Applied);
    assert_eq!(store.wait_state(key, "next", after(1)).await.unwrap(), WaitState::Waiting);
    assert!(!hand_overs.has_changed().unwrap());
    let pushed = store.push(&silent_push("second", 2)).await.unwrap();
    assert_eq!((pushed.version, pushed.started, pushed.handed), (2, true, true));
    assert!(hand_overs.has_changed().unwrap());
    hand_overs.mark_unchanged();
    let WaitState::Handed(handed) = store.wait_state(key, "next", after(2)).await.unwrap() else {
        panic!("it was handed over")
    };
    assert_eq!((handed.version, handed.at), (2, after(2)));
    assert_eq!(store.end_wait(key, "next", after(3)).await.unwrap(), WaitState::Handed(handed));
    assert!(!store.push(&silent_push("third", 3)).await.unwrap().handed);
    assert!(!hand_overs.has_changed().unwrap());

    store.await_start(&wait("late", 10, 0), &seen).await.unwrap();
    assert_eq!(store.end_wait(key, "late", after(11)).await.unwrap(), WaitState::Over);
    assert_eq!(store.wait_state(key, "late", after(11)).await.unwrap(), WaitState::Over);
    assert!(!store.push(&silent_push("fourth", 12)).await.unwrap().handed);
    let before = known(fixture, 12).await;
    assert_eq!(store.end_wait(key, "late", after(12)).await.unwrap(), WaitState::Over);
    assert_eq!(known(fixture, 12).await, before, "nothing is written for nothing");
    let nowhere = PlayerId::from("B").key();
    assert_eq!(store.end_wait(nowhere, "late", after(12)).await.unwrap(), WaitState::Over);
    assert_eq!(store.wait_state(nowhere, "late", after(12)).await.unwrap(), WaitState::Over);
}

pub(crate) async fn a_stop_ends_a_hand_over_that_no_echo_began(fixture: &Fixture) {
    let store = &fixture.store;
    let seen = served(fixture).await;
    let (key, kitchen) = (PlayerId::from("A").key(), device("kitchen"));
    store.await_start(&wait("next", 1, 0), &seen).await.unwrap();
    assert!(store.push(&silent_push("second", 2)).await.unwrap().handed);
    assert_eq!(known(fixture, 3).await.lost_hand_over(2), Some(&kitchen));
    assert_eq!(store.silence(key, &device("bath"), after(3)).await.unwrap(), Transition::Rejected);
    assert_eq!(store.silence(key, &kitchen, after(3)).await.unwrap(), Transition::Applied);
    let stopped = known(fixture, 4).await;
    assert_eq!((stopped.lost_hand_over(2), stopped.version()), (None, 2));
    assert_eq!(store.silence(key, &kitchen, after(4)).await.unwrap(), Transition::Rejected);
    assert_eq!(known(fixture, 4).await, stopped, "nothing is written for nothing");
    let nowhere = PlayerId::from("B").key();
    assert_eq!(store.silence(nowhere, &kitchen, after(4)).await.unwrap(), Transition::Rejected);
}

pub(crate) async fn a_push_and_a_request_that_gives_up_never_both_win(fixture: &Fixture) {
    let store = &fixture.store;
    let seen = served(fixture).await;
    let key = PlayerId::from("A").key();
    for number in 0..TRIES {
        let (request, begins) = (format!("next-{number}"), 10 * (number + 1));
        store.await_start(&wait(&request, begins, 0), &seen).await.unwrap();
        let new = silent_push(&format!("session-{number}"), begins + 1);
        let (pushed, state) =
            tokio::join!(store.push(&new), store.end_wait(key, &request, after(begins + 1)));
        let is_played = matches!(state.unwrap(), WaitState::Handed(_));
        assert_eq!(pushed.unwrap().handed, is_played, "{request}");
    }
}

pub(crate) async fn presses_at_once_become_one_command(fixture: &Fixture) {
    let store = &fixture.store;
    let seen = served(fixture).await;
    let key = PlayerId::from("A").key();
    let presses = ["one", "two", "three"].map(|request| wait(request, 1, 1));
    let [one, two, three] = &presses;
    let (one, two, three) = tokio::join!(
        store.await_start(one, &seen),
        store.await_start(two, &seen),
        store.await_start(three, &seen),
    );
    assert_eq!([one, two, three].map(Result::unwrap), [Transition::Applied; 3]);
    let mut sent = Vec::new();
    for press in &presses {
        sent.extend(store.send_steps(key, &press.request, after(1)).await.unwrap());
    }
    assert_eq!(sent, [3]);
}

pub(crate) async fn a_version_is_handed_over_without_a_push(fixture: &Fixture) {
    let store = &fixture.store;
    let seen = served(fixture).await;
    let (key, hand_overs) = (PlayerId::from("A").key(), store.hand_overs());
    assert_eq!(store.hand_over(key, 1, after(1)).await.unwrap(), Transition::Rejected);
    assert!(!hand_overs.has_changed().unwrap());
    store.await_start(&AwaitStart { resumes: true, ..wait("resume", 1, 0) }, &seen).await.unwrap();
    assert_eq!(store.hand_over(key, 2, after(1)).await.unwrap(), Transition::Rejected);
    assert_eq!(store.hand_over(key, 1, after(1)).await.unwrap(), Transition::Applied);
    assert!(hand_overs.has_changed().unwrap());
    assert!(known(fixture, 1).await.was_handed(1));
}
