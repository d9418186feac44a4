//! Which Echo serves which player.

use std::sync::Arc;

use ma_alexa::playback::{
    Claim, PairingKind, Player, PlayerId, RETENTION, RecordStray, Recorded, ReportKind, StartReason,
    StrayRequest, Transition,
};

use super::fixture::Fixture;
use super::samples::{
    T0, UNSEEN, after, asked, by_hand, claim, device, event, household, player, push, rebind, revocation,
    served_by, token, user,
};

pub(crate) async fn a_claim_wins_once(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    let mut claims = tokio::task::JoinSet::new();
    for echo in 0..16 {
        let store = Arc::clone(store);
        claims.spawn(async move {
            let claim = claim("A", 1, &format!("{echo}"), &format!("claim-{echo}"), after(1));
            (store.claim(&claim, &UNSEEN).await.unwrap(), claim.device)
        });
    }
    let mut winners = claims.join_all().await;
    winners.retain(|(transition, _)| *transition == Transition::Applied);
    let [(_, winner)] = &winners[..] else { panic!("{winners:?}") };
    let known = player(&**store, "A", after(1)).await;
    let pairing = known.pairing.unwrap();
    assert_eq!(pairing.device.as_ref(), Some(winner));
    assert_eq!((pairing.kind, pairing.version), (PairingKind::Learned, 1));
    assert!(known.had_echo);
    assert_eq!(known.expires_at, Some(after(1).plus(RETENTION).seconds()));
}

pub(crate) async fn a_claim_of_what_changed_is_refused(fixture: &Fixture) {
    let store = &fixture.store;
    let refused = async |name: &str, version| {
        let claim = claim(name, version, "kitchen", "late", after(5));
        store.claim(&claim, &UNSEEN).await.unwrap()
    };
    assert_eq!(refused("A", 1).await, Transition::Rejected, "unknown");
    store.push(&push("A", "one", T0)).await.unwrap();
    store.push(&push("A", "two", after(1))).await.unwrap();
    assert_eq!(refused("A", 1).await, Transition::Rejected, "of another version");
    store.pair(&by_hand("A", "hall", "pair", after(2))).await.unwrap();
    let mut manual = claim("A", 2, "kitchen", "late", after(5));
    manual.seen = Some("pair".to_owned());
    assert_eq!(store.claim(&manual, &UNSEEN).await.unwrap(), Transition::Rejected, "paired by hand");
    store.unpair(&device("hall"), None, after(3)).await.unwrap();
    assert_eq!(refused("A", 2).await, Transition::Rejected, "contested");
}

pub(crate) async fn a_claim_takes_over_from_the_echo_that_was_seen(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    store.claim(&claim("A", 1, "kitchen", "first", after(1)), &UNSEEN).await.unwrap();
    let mut next = claim("A", 1, "hall", "second", after(2));
    assert_eq!(store.claim(&next, &UNSEEN).await.unwrap(), Transition::Rejected);
    next.seen = Some("another".to_owned());
    assert_eq!(store.claim(&next, &UNSEEN).await.unwrap(), Transition::Rejected);
    next.seen = Some("first".to_owned());
    assert_eq!(store.claim(&next, &UNSEEN).await.unwrap(), Transition::Applied);
    assert_eq!(served_by(&**store, "A", after(2)).await, Some(device("hall")));
}

/// The Echo that serves a player keeps it by asking, whether or not the other one has seen that.
pub(crate) async fn a_claim_loses_to_the_echo_that_asked_since(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    store.claim(&claim("A", 1, "kitchen", "first", after(1)), &UNSEEN).await.unwrap();
    let takes_over = async |echo: &str, seen: &str, asked: Option<&str>| {
        let claim = Claim {
            seen: Some(seen.to_owned()),
            seen_echo: Some((device("kitchen"), asked.map(str::to_owned))),
            ..claim("A", 1, echo, &format!("of-{echo}"), after(9))
        };
        store.claim(&claim, &UNSEEN).await.unwrap()
    };
    store.record_request(&asked("kitchen", "ask-1", after(2))).await.unwrap();
    assert_eq!(takes_over("hall", "first", None).await, Transition::Rejected);
    store.record_request(&asked("kitchen", "ask-2", after(3))).await.unwrap();
    assert_eq!(takes_over("hall", "first", Some("ask-1")).await, Transition::Rejected);
    assert_eq!(served_by(&**store, "A", after(9)).await, Some(device("kitchen")));
    assert_eq!(takes_over("hall", "another", Some("ask-2")).await, Transition::Rejected);
    assert_eq!(takes_over("hall", "first", Some("ask-2")).await, Transition::Applied);
    assert_eq!(takes_over("hall", "first", Some("ask-2")).await, Transition::AlreadyApplied);
    assert_eq!(served_by(&**store, "A", after(9)).await, Some(device("hall")));
}

/// Both at once: it may not be that each of them learns that the player is its own.
pub(crate) async fn an_asking_echo_and_a_claim_at_once_do_not_both_win(fixture: &Fixture) {
    let store = &fixture.store;
    for round in 0..8 {
        let name = format!("A{round}");
        let kitchen = format!("kitchen-{round}");
        store.push(&push(&name, "one", T0)).await.unwrap();
        store.claim(&claim(&name, 1, &kitchen, "first", after(1)), &UNSEEN).await.unwrap();
        store.record_request(&asked(&kitchen, "ask-1", after(2))).await.unwrap();
        let takes_over = Claim {
            seen: Some("first".to_owned()),
            seen_echo: Some((device(&kitchen), Some("ask-1".to_owned()))),
            ..claim(&name, 1, "hall", "second", after(9))
        };
        let again = asked(&kitchen, "ask-2", after(9));
        let (claimed, noted) = tokio::join!(store.claim(&takes_over, &UNSEEN), store.record_request(&again));
        noted.unwrap();
        let serves = served_by(&**store, &name, after(9)).await;
        let winner = if claimed.unwrap().succeeded() { "hall" } else { kitchen.as_str() };
        assert_eq!(serves, Some(device(winner)));
        let late = store.claim(&takes_over, &UNSEEN).await.unwrap();
        assert_eq!(late.succeeded(), winner == "hall", "nothing changes any more");
    }
}

pub(crate) async fn a_withdrawn_claim_contests_its_start(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    let doubt = revocation("A", 1, "kitchen", after(2));
    assert_eq!(store.revoke(&doubt, &UNSEEN).await.unwrap(), Transition::Rejected);
    store.claim(&claim("A", 1, "kitchen", "claim", after(1)), &UNSEEN).await.unwrap();
    let other = revocation("A", 1, "hall", after(2));
    assert_eq!(store.revoke(&other, &UNSEEN).await.unwrap(), Transition::Rejected);
    assert_eq!(store.revoke(&doubt, &UNSEEN).await.unwrap(), Transition::Applied);
    assert_eq!(store.revoke(&doubt, &UNSEEN).await.unwrap(), Transition::AlreadyApplied);
    let known = player(&**store, "A", after(2)).await;
    assert!(known.is_contested() && known.pairing.is_none());
    store.push(&push("A", "two", after(3))).await.unwrap();
    assert!(!player(&**store, "A", after(3)).await.is_contested());
}

pub(crate) async fn a_manual_pairing_takes_the_player_and_forgets_what_was_learned(fixture: &Fixture) {
    let store = &fixture.store;
    for name in ["A", "B", "C", "D"] {
        store.push(&push(name, &format!("of-{name}"), T0)).await.unwrap();
    }
    store.pair(&by_hand("C", "kitchen", "c", after(1))).await.unwrap();
    store.claim(&claim("A", 1, "hall", "a", after(1)), &UNSEEN).await.unwrap();
    store.claim(&claim("B", 1, "kitchen", "b", after(1)), &UNSEEN).await.unwrap();
    store.claim(&claim("D", 1, "bath", "d", after(1)), &UNSEEN).await.unwrap();
    assert_eq!(served_by(&**store, "B", after(1)).await, Some(device("kitchen")));

    assert!(store.pair(&by_hand("A", "kitchen", "pair", after(2))).await.unwrap());
    let now = after(3);
    assert_eq!(served_by(&**store, "A", now).await, Some(device("kitchen")));
    assert_eq!(served_by(&**store, "B", now).await, None);
    assert_eq!(served_by(&**store, "C", now).await, Some(device("kitchen")), "by hand");
    assert_eq!(served_by(&**store, "D", now).await, Some(device("bath")), "of another Echo");
    let paired = player(&**store, "A", now).await;
    assert_eq!(paired.expires_at, None, "a manual pairing is kept for ever");
    assert!(player(&**store, "B", now).await.is_contested());
}

pub(crate) async fn an_unknown_player_is_not_paired(fixture: &Fixture) {
    let store = &fixture.store;
    assert!(!store.pair(&by_hand("A", "kitchen", "pair", T0)).await.unwrap());
    assert!(fixture.items().await.is_empty());
}

pub(crate) async fn unpairing_counts_what_it_ends(fixture: &Fixture) {
    let store = &fixture.store;
    for name in ["A", "B", "C"] {
        store.push(&push(name, &format!("of-{name}"), T0)).await.unwrap();
        store.pair(&by_hand(name, "kitchen", &format!("pair-{name}"), after(1))).await.unwrap();
    }
    let unpair = async |echo: &str, player: Option<&str>| {
        let player = player.map(PlayerId::from);
        store.unpair(&device(echo), player.as_ref(), after(2)).await.unwrap()
    };
    assert_eq!(unpair("hall", None).await, 0);
    assert_eq!(unpair("kitchen", Some("D")).await, 0);
    assert_eq!(unpair("kitchen", Some("A")).await, 1);
    assert_eq!(unpair("kitchen", Some("A")).await, 0);
    assert_eq!(unpair("kitchen", None).await, 2);
    let known = player(&**store, "B", after(2)).await;
    assert!(known.is_contested() && known.had_echo && known.pairing.is_none());
    assert_eq!(known.expires_at, Some(after(2).plus(RETENTION).seconds()));
}

pub(crate) async fn a_dormant_pairing_is_revived_by_its_endpoint(fixture: &Fixture) {
    let store = &fixture.store;
    for name in ["A", "B", "C"] {
        store.push(&push(name, &format!("of-{name}"), T0)).await.unwrap();
    }
    store.claim(&claim("A", 1, "kitchen", "a", after(1)), &UNSEEN).await.unwrap();
    store.pair(&by_hand("B", "hall", "b", after(1))).await.unwrap();
    let mut nameless = by_hand("C", "bath", "c", after(1));
    nameless.endpoint = None;
    store.pair(&nameless).await.unwrap();

    store.record_request(&asked("kitchen", "a", after(1))).await.unwrap();
    assert_eq!(household(&**store, after(2)).await.echos.len(), 1);
    assert_eq!(store.suspend(&user(), after(2)).await.unwrap(), 3);
    assert!(household(&**store, after(2)).await.echos.is_empty(), "their ids are void");
    assert_eq!(store.suspend(&user(), after(2)).await.unwrap(), 0);
    let slept = household(&**store, after(2)).await;
    let pairings: Vec<_> = slept.players.iter().map(|player| player.pairing.as_ref()).collect();
    assert!(pairings[2].is_none(), "nothing to find it again by");
    for pairing in pairings[..2].iter().flatten() {
        assert!(pairing.device.is_none() && pairing.user.is_none() && pairing.endpoint.is_some());
    }
    assert!(slept.players.iter().all(Player::is_contested), "no other Echo gets them");
    let later = after(2).plus(RETENTION).seconds();
    assert!(slept.players.iter().all(|player| player.expires_at == Some(later)));

    let rebound = async |player, old, new| {
        let rebind = rebind(player, old, new, after(3));
        store.rebind(&rebind, &UNSEEN).await.unwrap()
    };
    assert_eq!(rebound("A", "hall", "new").await, Transition::Rejected);
    assert_eq!(rebound("C", "bath", "new").await, Transition::Rejected);
    assert_eq!(rebound("A", "kitchen", "kitchen-2").await, Transition::Applied);
    assert_eq!(rebound("B", "hall", "hall-2").await, Transition::Applied);
    let learned = player(&**store, "A", after(3)).await;
    let manual = player(&**store, "B", after(3)).await;
    assert_eq!(learned.expires_at, Some(after(3).plus(RETENTION).seconds()));
    assert_eq!(manual.expires_at, None);
    assert_eq!(manual.pairing.unwrap().device, Some(device("hall-2")));
}

/// Whichever comes first, the player is paired, has its new version, and is kept for ever.
pub(crate) async fn a_start_and_a_pairing_at_once_both_stand(fixture: &Fixture) {
    let store = &fixture.store;
    for round in 0..8 {
        let name = format!("A{round}");
        store.push(&push(&name, "one", T0)).await.unwrap();
        store.claim(&claim(&name, 1, "kitchen", "claim", after(1)), &UNSEEN).await.unwrap();
        let (next, pairing) = (push(&name, "two", after(2)), by_hand(&name, "hall", "pair", after(2)));
        let play = token(&name, 1, after(1), StartReason::Start);
        let stopped = event(play, ReportKind::Stopped, 5, after(2));
        let (pushed, paired, recorded) =
            tokio::join!(store.push(&next), store.pair(&pairing), store.record(&stopped, after(2)));
        assert_eq!(pushed.unwrap().version, 2);
        assert!(paired.unwrap());
        recorded.unwrap();
        let known = player(&**store, &name, after(2)).await;
        assert_eq!((known.version(), known.state(), known.expires_at), (2, None, None));
        assert_eq!(known.pairing.unwrap().device, Some(device("hall")));
    }
}

/// The last second in which an item exists, and the first in which it does not.
pub(crate) async fn expired_players_are_absent(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    store.claim(&claim("A", 1, "kitchen", "claim", T0), &UNSEEN).await.unwrap();
    let over = T0.plus(RETENTION);
    let last = over.minus(std::time::Duration::from_millis(1));
    assert_eq!(household(&**store, last).await.players.len(), 1);
    assert_eq!(household(&**store, over).await.players, vec![]);

    let play = token("A", 1, after(1), StartReason::Start);
    let playing = event(play, ReportKind::Started, 0, after(2));
    assert_eq!(store.record(&playing, over).await.unwrap(), Recorded::Stale);
    let mut next = claim("A", 1, "hall", "late", over);
    next.seen = Some("claim".to_owned());
    assert_eq!(store.claim(&next, &UNSEEN).await.unwrap(), Transition::Rejected);
    assert_eq!(
        store.revoke(&revocation("A", 1, "kitchen", over), &UNSEEN).await.unwrap(),
        Transition::Rejected
    );
    assert_eq!(
        store.rebind(&rebind("A", "kitchen", "new", over), &UNSEEN).await.unwrap(),
        Transition::Rejected
    );
    assert!(!store.pair(&by_hand("A", "kitchen", "pair", over)).await.unwrap());
    assert_eq!(store.suspend(&user(), over).await.unwrap(), 0);
    assert_eq!(store.unpair(&device("kitchen"), None, over).await.unwrap(), 0);

    // The next push begins from nothing, although the item may still lie there.
    store.record_request(&asked("kitchen", "ask", over)).await.unwrap();
    let mut again = push("A", "one", over);
    again.request = String::from("again");
    let pushed = store.push(&again).await.unwrap();
    assert_eq!((pushed.version, pushed.started), (1, true));
    let known = player(&**store, "A", over).await;
    assert!(known.pairing.is_none() && !known.had_echo && known.state().is_none());
}

fn record(version: u64, echo: &str, request: &str, seen: Option<&str>, starts: u32) -> RecordStray {
    RecordStray {
        player: PlayerId::from("A"),
        wanted: StrayRequest { device: device(echo), version, request: request.to_owned(), starts },
        seen: seen.map(str::to_owned),
        at: after(5),
    }
}

pub(crate) async fn a_start_that_another_echo_wants_is_noted_until_it_is_played_or_paired(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    let first = record(1, "hall", "ask-1", None, 1);
    assert_eq!(
        store.record_stray(&record(2, "hall", "ask-1", None, 1), &UNSEEN).await.unwrap(),
        Transition::Rejected
    );
    assert_eq!(store.record_stray(&first, &UNSEEN).await.unwrap(), Transition::Applied);
    assert_eq!(store.record_stray(&first, &UNSEEN).await.unwrap(), Transition::AlreadyApplied);
    let unseen = record(1, "attic", "ask-2", None, 1);
    assert_eq!(store.record_stray(&unseen, &UNSEEN).await.unwrap(), Transition::Rejected);
    // It goes over to the next start, and no further.
    store.push(&push("A", "two", after(6))).await.unwrap();
    assert_eq!(player(&**store, "A", after(6)).await.stray(), Some(&first.wanted));
    let second = record(2, "hall", "ask-3", Some("ask-1"), 2);
    assert_eq!(store.record_stray(&second, &UNSEEN).await.unwrap(), Transition::Applied);
    store.push(&push("A", "three", after(7))).await.unwrap();
    assert_eq!(player(&**store, "A", after(7)).await.stray(), Some(&second.wanted));
    store.push(&push("A", "four", after(8))).await.unwrap();
    assert_eq!(player(&**store, "A", after(8)).await.stray(), None, "a start in between was not wanted");

    store.record_stray(&record(4, "hall", "ask-4", None, 1), &UNSEEN).await.unwrap();
    let started = event(token("A", 4, after(8), StartReason::Start), ReportKind::Started, 0, after(9));
    store.record(&started, after(9)).await.unwrap();
    store.push(&push("A", "five", after(10))).await.unwrap();
    assert_eq!(player(&**store, "A", after(10)).await.stray(), None, "it was played");

    store.record_stray(&record(5, "hall", "ask-5", None, 1), &UNSEEN).await.unwrap();
    store.claim(&claim("A", 5, "kitchen", "claim", after(11)), &UNSEEN).await.unwrap();
    assert_eq!(player(&**store, "A", after(11)).await.stray(), None, "it was claimed");
    store.record_stray(&record(5, "hall", "ask-6", None, 1), &UNSEEN).await.unwrap();
    store.pair(&by_hand("A", "hall", "pair", after(12))).await.unwrap();
    assert_eq!(player(&**store, "A", after(12)).await.stray(), None, "it was paired");
}
