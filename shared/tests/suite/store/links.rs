//! Which of Amazon's devices an Echo is, and the player of that name.

use ma_alexa::playback::{
    Claim, Decision, NoStreamReason, PairingKind, PlayerId, PlayerState, RETENTION, Recorded, ReportKind,
    StartReason, Transition,
};
use ma_alexa::store::{ActivityKind, StoreError};
use serde_json::json;

use super::fixture::Fixture;
use super::samples::{
    T0, UNSEEN, after, ask, asked, bind, by_hand, claim, device, event, household, player, push, rebind,
    served_by, token, user,
};

pub(crate) async fn a_link_makes_a_player_that_cannot_be_played(fixture: &Fixture) {
    let store = &fixture.store;
    assert_eq!(store.bind(&bind("A", "kitchen", "link", T0)).await.unwrap(), Transition::Applied);
    let found = household(&**store, after(1)).await;
    let [known] = &found.players[..] else { panic!("{:?}", found.players) };
    assert_eq!((known.version(), known.start(), known.expires_at), (0, None, None));
    assert!(!known.is_playable(after(1)) && !known.is_fresh(after(1)) && !known.is_contested());
    let pairing = known.pairing.as_ref().unwrap();
    assert_eq!((pairing.kind, &pairing.device), (PairingKind::Word, &Some(device("kitchen"))));
    let view = found.view(known, after(1));
    assert_eq!((view.state, view.since), (PlayerState::Idle, None));

    let [echo] = &found.echos[..] else { panic!("{:?}", found.echos) };
    assert_eq!((echo.serial.as_deref(), echo.name.as_deref()), (Some("G0A"), Some("A")));
    assert_eq!((echo.locale.as_deref(), &echo.user), (Some("en-US"), &Some(user())));

    // It asks, and there is nothing; what another player starts is not for it.
    let asks = asked("kitchen", "ask", after(2));
    store.record_request(&asks).await.unwrap();
    let found = household(&**store, after(2)).await;
    assert!(matches!(found.select_stream(&ask(&asks)), Decision::NoStream(NoStreamReason::NotPlayable(_))));
    store.push(&push("B", "one", after(3))).await.unwrap();
    let found = household(&**store, after(3)).await;
    let asks = asked("kitchen", "again", after(3));
    let Decision::Elsewhere(elsewhere) = found.select_stream(&ask(&asks)) else { panic!("it knows of B") };
    assert_eq!(elsewhere.started.player, PlayerId::from("B"));
    assert_eq!(found.view(found.player(&PlayerId::from("A")).unwrap(), after(3)).state, PlayerState::Idle);

    let told = store.recent(9, after(3)).await.unwrap();
    let paired = ActivityKind::Paired {
        player: PlayerId::from("A"),
        echo: device("kitchen").short_hash(),
        how: PairingKind::Word,
    };
    assert_eq!(told.iter().map(|told| (told.at, &told.kind)).collect::<Vec<_>>(), [(T0, &paired)]);
}

pub(crate) async fn the_first_push_behind_a_link_is_the_first_version(fixture: &Fixture) {
    let store = &fixture.store;
    store.bind(&bind("A", "kitchen", "link", T0)).await.unwrap();
    let first = store.push(&push("A", "one", after(1))).await.unwrap();
    assert_eq!((first.version, first.started), (1, true));
    let known = player(&**store, "A", after(1)).await;
    assert_eq!((known.started_at(), known.previous_started_at()), (Some(after(1)), None));
    assert!(
        known.present.as_ref().unwrap().replaced.is_empty() && known.had_echo && known.expires_at.is_none()
    );
    assert_eq!(known.pairing.as_ref().unwrap().kind, PairingKind::Word);
    let asks = asked("kitchen", "ask", after(2));
    store.record_request(&asks).await.unwrap();
    let found = household(&**store, after(2)).await;
    let Decision::Start(started) = found.select_stream(&ask(&asks)) else { panic!("{found:?}") };
    assert_eq!(started.player, PlayerId::from("A"));
    assert_eq!(store.push(&push("A", "two", after(3))).await.unwrap().version, 2);
    assert_eq!(served_by(&**store, "A", after(3)).await, Some(device("kitchen")));
}

pub(crate) async fn a_link_is_no_question_for_music(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    store.bind(&bind("A", "kitchen", "link", after(1))).await.unwrap();
    let echo = async |at| household(&**store, at).await.echo(&device("kitchen")).unwrap().clone();
    let linked = echo(after(1)).await;
    assert_eq!((linked.asked_at, &linked.asked_request, linked.asked_before), (None, &None, None));
    assert_eq!(linked.expires_at, after(1).plus(RETENTION).seconds());
    let found = household(&**store, after(1)).await;
    assert_eq!(found.view(&found.players[0], after(3)).state, PlayerState::Idle, "no Echo asked");

    let first = asked("kitchen", "one", after(2));
    assert_eq!(store.record_request(&first).await.unwrap(), Transition::Applied);
    assert_eq!(store.record_request(&first).await.unwrap(), Transition::AlreadyApplied);
    let noted = echo(after(2)).await;
    assert_eq!((noted.asked_at, noted.asked_before), (Some(after(2)), None));
    assert_eq!(noted.asked_before("one"), None, "the request is not its own forerunner");
    store.record_request(&asked("kitchen", "two", after(3))).await.unwrap();
    let noted = echo(after(3)).await;
    assert_eq!((noted.asked_at, noted.asked_before), (Some(after(3)), Some(after(2))));
    assert_eq!((noted.serial.as_deref(), noted.name.as_deref()), (Some("G0A"), Some("A")), "it is kept");
    assert_eq!(noted.expires_at, after(3).plus(RETENTION).seconds());

    store.bind(&bind("A", "kitchen", "link-2", after(4))).await.unwrap();
    let again = echo(after(4)).await;
    assert_eq!((again.asked_at, again.asked_request.as_deref()), (Some(after(3)), Some("two")));
    assert_eq!(again.asked_before, Some(after(2)));
}

/// The skill was enabled again, and the same Echo has another id.
pub(crate) async fn a_serial_number_belongs_to_one_echo(fixture: &Fixture) {
    let store = &fixture.store;
    store.bind(&bind("A", "old", "one", T0)).await.unwrap();
    store.record_request(&asked("old", "ask", after(1))).await.unwrap();
    store.bind(&bind("B", "hall", "two", after(1))).await.unwrap();
    store.bind(&bind("A", "new", "three", after(2))).await.unwrap();
    let found = household(&**store, after(2)).await;
    let linked = |echo: &str| {
        let echo = found.echo(&device(echo)).unwrap();
        (echo.serial.as_deref(), echo.name.as_deref())
    };
    assert_eq!(linked("old"), (None, None));
    assert_eq!(linked("new"), (Some("G0A"), Some("A")));
    assert_eq!(linked("hall"), (Some("G0B"), Some("B")));
    assert_eq!(found.echo(&device("old")).unwrap().asked_at, Some(after(1)));
    assert_eq!(served_by(&**store, "A", after(2)).await, Some(device("new")));

    // The same Echo under another name is another player, and the Echo serves both.
    let renamed = ma_alexa::playback::DeviceBinding {
        serial: "G0A".to_owned(),
        ..bind("Bureau", "new", "four", after(3))
    };
    store.bind(&renamed).await.unwrap();
    let echo = household(&**store, after(3)).await.echo(&device("new")).unwrap().clone();
    assert_eq!((echo.serial.as_deref(), echo.name.as_deref()), (Some("G0A"), Some("Bureau")));
    for name in ["A", "Bureau"] {
        assert_eq!(served_by(&**store, name, after(3)).await, Some(device("new")), "{name}");
    }
}

pub(crate) async fn a_link_pairs_as_by_hand(fixture: &Fixture) {
    let store = &fixture.store;
    for name in ["A", "B", "C", "D"] {
        store.push(&push(name, &format!("of-{name}"), T0)).await.unwrap();
    }
    store.pair(&by_hand("C", "kitchen", "c", after(1))).await.unwrap();
    store.claim(&claim("A", 1, "hall", "a", after(1)), &UNSEEN).await.unwrap();
    store.claim(&claim("B", 1, "kitchen", "b", after(1)), &UNSEEN).await.unwrap();
    store.claim(&claim("D", 1, "bath", "d", after(1)), &UNSEEN).await.unwrap();

    assert_eq!(store.bind(&bind("A", "kitchen", "link", after(2))).await.unwrap(), Transition::Applied);
    let now = after(3);
    assert_eq!(served_by(&**store, "A", now).await, Some(device("kitchen")));
    assert_eq!(served_by(&**store, "B", now).await, None, "learned, and forgotten");
    assert_eq!(served_by(&**store, "C", now).await, Some(device("kitchen")), "by hand");
    assert_eq!(served_by(&**store, "D", now).await, Some(device("bath")), "of another Echo");
    let linked = player(&**store, "A", now).await;
    let pairing = linked.pairing.as_ref().unwrap();
    assert_eq!((pairing.kind, pairing.version, linked.expires_at), (PairingKind::Word, 1, None));
    assert!(linked.start().is_some(), "its stream stays");
    assert!(player(&**store, "B", now).await.is_contested());

    // Only a person takes it away.
    let learned = Claim { seen: Some("link".to_owned()), ..claim("A", 1, "hall", "late", now) };
    assert_eq!(store.claim(&learned, &UNSEEN).await.unwrap(), Transition::Rejected);
    assert!(store.pair(&by_hand("A", "hall", "hand", now)).await.unwrap());
    assert_eq!(served_by(&**store, "A", now).await, Some(device("hall")));
}

pub(crate) async fn a_link_made_twice_is_one(fixture: &Fixture) {
    let store = &fixture.store;
    let wish = bind("A", "kitchen", "link", T0);
    assert_eq!(store.bind(&wish).await.unwrap(), Transition::Applied);
    let before = fixture.items().await;
    assert_eq!(store.bind(&wish).await.unwrap(), Transition::AlreadyApplied);
    assert_eq!(fixture.items().await, before);
}

pub(crate) async fn an_asking_echo_and_its_link_at_once_both_stand(fixture: &Fixture) {
    let store = &fixture.store;
    for round in 0..8 {
        let (name, echo) = (format!("A{round}"), format!("kitchen-{round}"));
        if round % 2 == 0 {
            store.record_request(&asked(&echo, "before", T0)).await.unwrap();
        }
        let (link, ask) = (bind(&name, &echo, "link", after(1)), asked(&echo, "ask", after(1)));
        let (linked, noted) = tokio::join!(store.bind(&link), store.record_request(&ask));
        assert_eq!((linked.unwrap(), noted.unwrap()), (Transition::Applied, Transition::Applied));
        let known = household(&**store, after(1)).await.echo(&device(&echo)).unwrap().clone();
        assert_eq!(known.asked_at, Some(after(1)));
        assert_eq!(known.asked_before, (round % 2 == 0).then_some(T0));
        assert_eq!(known.serial, Some(link.serial));
    }
}

pub(crate) async fn a_push_and_a_link_at_once_both_stand(fixture: &Fixture) {
    let store = &fixture.store;
    for round in 0..8 {
        let name = format!("A{round}");
        if round % 2 == 0 {
            store.bind(&bind(&name, "hall", "before", T0)).await.unwrap();
        }
        let (link, push) = (bind(&name, "kitchen", "link", after(1)), push(&name, "one", after(1)));
        let (linked, pushed) = tokio::join!(store.bind(&link), store.push(&push));
        assert_eq!(linked.unwrap(), Transition::Applied);
        assert_eq!(pushed.unwrap().version, 1);
        let known = player(&**store, &name, after(1)).await;
        assert!(known.is_playable(after(1)));
        assert_eq!(known.expires_at, None, "a manual pairing is kept for ever");
        assert_eq!(known.pairing.unwrap().device, Some(device("kitchen")));
    }
}

/// A player that was never pushed can be paired like any other.
pub(crate) async fn a_linked_player_is_paired_unpaired_slept_and_revived(fixture: &Fixture) {
    let store = &fixture.store;
    store.bind(&bind("A", "kitchen", "link", T0)).await.unwrap();
    let play = event(token("A", 1, T0, StartReason::Start), ReportKind::Started, 0, after(1));
    assert_eq!(store.record(&play, after(1)).await.unwrap(), Recorded::Stale);
    assert!(store.pair(&by_hand("A", "hall", "hand", after(1))).await.unwrap());
    assert_eq!(served_by(&**store, "A", after(1)).await, Some(device("hall")));

    assert_eq!(store.suspend(&user(), after(2)).await.unwrap(), 1);
    assert_eq!(served_by(&**store, "A", after(2)).await, None);
    assert_eq!(
        store.rebind(&rebind("A", "hall", "new", after(3)), &UNSEEN).await.unwrap(),
        Transition::Applied
    );
    assert_eq!(served_by(&**store, "A", after(3)).await, Some(device("new")));

    assert_eq!(store.unpair(&device("new"), None, after(4)).await.unwrap(), 1);
    let known = player(&**store, "A", after(4)).await;
    assert!(known.pairing.is_none() && known.start().is_none());
    assert_eq!(known.expires_at, Some(after(4).plus(RETENTION).seconds()));
    assert_eq!(store.push(&push("A", "one", after(5))).await.unwrap().version, 1);
    assert!(!player(&**store, "A", after(5)).await.is_contested());
}

pub(crate) async fn an_expired_link_begins_again(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    store.bind(&bind("B", "kitchen", "b", T0)).await.unwrap();
    let over = T0.plus(RETENTION);
    let found = household(&**store, over).await;
    assert!(found.echos.is_empty());
    assert_eq!(found.players.iter().map(|player| player.player.as_str()).collect::<Vec<_>>(), ["B"]);

    // The items may still lie there.
    assert_eq!(store.bind(&bind("A", "kitchen", "a", over)).await.unwrap(), Transition::Applied);
    let found = household(&**store, over).await;
    let known = found.player(&PlayerId::from("A")).unwrap();
    assert_eq!((known.version(), known.start()), (0, None), "the stream is forgotten");
    let echo = found.echo(&device("kitchen")).unwrap();
    assert_eq!((echo.asked_at, echo.expires_at), (None, over.plus(RETENTION).seconds()));
}

pub(crate) async fn half_a_start_is_malformed(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    let (key, whole) = fixture.items().await.pop_first().unwrap();
    for attribute in ["stream", "stream_digest", "started_at", "pushed_at", "start_request"] {
        let mut half = whole.clone();
        half.as_object_mut().unwrap().remove(attribute).unwrap();
        fixture.insert(&key, &half).await;
        assert!(household(&**store, after(1)).await.players.is_empty(), "{attribute}");
        let pushed = store.push(&push("A", "two", after(1))).await;
        assert!(matches!(pushed, Err(StoreError::Malformed(_))), "{attribute}: {pushed:?}");
    }
}

pub(crate) async fn a_link_over_a_newer_release_is_refused(fixture: &Fixture) {
    let store = &fixture.store;
    store.bind(&bind("A", "kitchen", "one", T0)).await.unwrap();
    let (key, mut item) =
        fixture.items().await.into_iter().find(|(key, _)| key.starts_with("play#echo#")).unwrap();
    item["schema"] = json!(2);
    fixture.insert(&key, &item).await;
    let before = fixture.items().await;
    let newer = store.bind(&bind("A", "kitchen", "two", after(1))).await.unwrap_err();
    assert!(matches!(newer, StoreError::Newer { found: 2, known: 1 }), "{newer:?}");
    assert_eq!(fixture.items().await, before);
}
