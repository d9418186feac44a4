//! Pushes, and what Echos report of them.

use ma_alexa::playback::{Player, Recorded, ReportKind, StartReason, StreamState, Transition};
use ma_alexa::store::{PushResult, StoreError};

use super::fixture::Fixture;
use super::samples::{
    T0, UNSEEN, after, asked, by_hand, claim, device, event, household, named, player, push, push_of, rebind,
    token,
};

const STARTED: fn(u64) -> (u64, bool) = |version| (version, true);
const NOT_STARTED: fn(u64) -> (u64, bool) = |version| (version, false);

/// The version, and whether the push started it.
fn outcome(pushed: Result<PushResult, StoreError>) -> (u64, bool) {
    let pushed = pushed.unwrap();
    assert!(!pushed.handed);
    (pushed.version, pushed.started)
}

pub(crate) async fn a_push_starts_describes_or_comes_late(fixture: &Fixture) {
    let store = &fixture.store;
    let first = named(push("Küche 🍳", "one", T0), "Song", "Singer");
    assert_eq!(outcome(store.push(&first).await), STARTED(1));

    let mut again = named(push("Küche 🍳", "one", after(2)), "Other", "Singer");
    again.request = String::from("again");
    assert_eq!(outcome(store.push(&again).await), NOT_STARTED(1));
    let known = player(&**store, "Küche 🍳", after(2)).await;
    assert_eq!(known.metadata().title.as_deref(), Some("Other"));
    assert_eq!((known.started_at(), known.pushed_at()), (Some(T0), Some(after(2))));

    let second = push_of("flow/two/queue/another/Küche 🍳.flac", "push-two", after(5));
    assert_eq!(outcome(store.push(&second).await), STARTED(2));
    let known = player(&**store, "Küche 🍳", after(5)).await;
    assert_eq!(known.metadata().title, None, "names belong to their version");
    assert_eq!(known.previous_started_at(), Some(T0));

    let mut late = named(push("Küche 🍳", "one", after(6)), "Late", "Singer");
    late.request = String::from("late");
    assert_eq!(outcome(store.push(&late).await), NOT_STARTED(1));
    assert_eq!(player(&**store, "Küche 🍳", after(6)).await, known, "nothing changed");
}

pub(crate) async fn a_push_without_names_fills_what_is_missing(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&named(push("A", "one", T0), "Song", "")).await.unwrap();
    let mut more = named(push("A", "one", after(1)), "", "Singer");
    more.metadata.image_url = Some("https://example.com/art.jpg".to_owned());
    more.request = String::from("more");
    store.push(&more).await.unwrap();
    let mut late = named(push("A", "one", after(2)), "", "An artist");
    late.request = String::from("late");
    store.push(&late).await.unwrap();
    let metadata = player(&**store, "A", after(2)).await.metadata().clone();
    assert_eq!(metadata.title.as_deref(), Some("Song"));
    assert_eq!(metadata.artist.as_deref(), Some("Singer"));
    assert_eq!(metadata.image_url.as_deref(), Some("https://example.com/art.jpg"));
}

pub(crate) async fn an_overtaken_push_does_not_turn_back_the_clock(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    for (at, request) in [(after(9), "later"), (after(5), "earlier")] {
        let mut again = named(push("A", "one", at), request, "");
        again.request = request.to_owned();
        assert_eq!(outcome(store.push(&again).await), NOT_STARTED(1));
    }
    let known = player(&**store, "A", after(9)).await;
    assert_eq!(known.pushed_at(), Some(after(9)));
    assert_eq!(known.metadata().title.as_deref(), Some("earlier"));
}

pub(crate) async fn a_reused_address_starts_again(fixture: &Fixture) {
    let store = &fixture.store;
    let say = |request: &str, at| push_of("announcement/A.mp3", request, at);
    assert_eq!(outcome(store.push(&say("r1", T0)).await), STARTED(1));
    assert_eq!(outcome(store.push(&say("r2", after(10))).await), NOT_STARTED(1));
    assert_eq!(outcome(store.push(&say("r3", after(11))).await), STARTED(2));
    let over = event(token("A", 2, after(11), StartReason::Start), ReportKind::Finished, 900, after(12));
    store.record(&over, after(12)).await.unwrap();
    assert_eq!(outcome(store.push(&say("r4", after(13))).await), STARTED(3));
    assert_eq!(player(&**store, "A", after(13)).await.state(), None);
}

pub(crate) async fn the_address_of_a_group_starts_again_and_its_tracks_do_not(fixture: &Fixture) {
    let store = &fixture.store;
    let play = |request: &str, at| push_of("ugp/ugp_1.flac?player_id=A", request, at);
    assert_eq!(outcome(store.push(&play("r1", T0)).await), STARTED(1));
    assert_eq!(outcome(store.push(&named(play("r2", after(60)), "Song", "Singer")).await), NOT_STARTED(1));
    assert_eq!(outcome(store.push(&play("r3", after(61))).await), STARTED(2));
    assert_eq!(player(&**store, "A", after(61)).await.metadata().title.as_deref(), Some("Song"));
}

pub(crate) async fn an_address_without_a_session_starts_again_once_it_ended(fixture: &Fixture) {
    let store = &fixture.store;
    let play = |request: &str, at| push_of("flow/A/item.flac", request, at);
    assert_eq!(outcome(store.push(&play("r1", T0)).await), STARTED(1));
    assert_eq!(outcome(store.push(&play("r2", after(60))).await), NOT_STARTED(1));
    for (version, kind) in [(1, ReportKind::Finished), (2, ReportKind::Stopped), (3, ReportKind::Failed)] {
        let at = after(100 * version);
        let over = event(token("A", version, at, StartReason::Start), kind, 900, at);
        store.record(&over, at).await.unwrap();
        let again = play(&format!("again-{version}"), after(100 * version + 1));
        assert_eq!(outcome(store.push(&again).await), STARTED(version + 1), "{kind:?}");
    }
}

pub(crate) async fn a_start_takes_the_names_that_were_pushed_just_before_it(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    for (skip, seconds) in [("two", 10), ("three", 20)] {
        let mut names =
            named(push("A", if skip == "two" { "one" } else { "two" }, after(seconds)), skip, "Singer");
        names.request = format!("names of {skip}");
        assert!(!store.push(&names).await.unwrap().started);
        let start = push("A", skip, after(seconds + 1));
        assert!(store.push(&start).await.unwrap().started);
        let known = player(&**store, "A", after(seconds + 1)).await;
        assert_eq!(
            (known.metadata().title.as_deref(), known.present.as_ref().unwrap().named_at),
            (Some(skip), None)
        );
    }
    let another = push_of("flow/four/queue/another/A.flac", "push-four", after(23));
    assert!(store.push(&another).await.unwrap().started);
    assert_eq!(player(&**store, "A", after(23)).await.metadata().title, None);
}

pub(crate) async fn at_most_two_hundred_players_are_kept(fixture: &Fixture) {
    const MOST: u64 = 200;
    let store = &fixture.store;
    let name = |number: u64| format!("Player {number}");
    for number in 0..MOST {
        store.push(&push(&name(number), "one", after(number))).await.unwrap();
    }
    store.claim(&claim(&name(0), 1, "kitchen", "claim", after(MOST)), &UNSEEN).await.unwrap();
    store.push(&push(&name(1), "two", after(MOST))).await.unwrap();
    for number in MOST..MOST + 3 {
        store.push(&push(&name(number), "one", after(number + 1))).await.unwrap();
    }
    let now = after(MOST + 9);
    let known = household(&**store, now).await.players;
    assert_eq!(known.len(), 200);
    let is_there = |number: u64| known.iter().any(|player| player.player.as_str() == name(number));
    assert_eq!([0, 1, 2, 3, 4, 5].map(is_there), [true, true, false, false, false, true]);
    assert!((MOST..MOST + 3).all(is_there), "what was pushed last stays");
}

/// A new player counts also where it is the first that a process puts there, as most are on functions.
pub(crate) async fn where_all_had_an_echo_the_one_unused_for_longest_goes(fixture: &Fixture) {
    const MOST: u64 = 200;
    let (store, another) = (&fixture.store, fixture.reopened());
    let name = |number: u64| format!("Player {number}");
    for number in 0..MOST {
        store.push(&push(&name(number), "one", after(number))).await.unwrap();
        let (echo, request) = (format!("echo-{number}"), format!("claim-{number}"));
        store.claim(&claim(&name(number), 1, &echo, &request, after(number)), &UNSEEN).await.unwrap();
    }
    store.push(&push(&name(0), "two", after(MOST))).await.unwrap();
    store.unpair(&device("echo-9"), None, after(MOST)).await.unwrap();
    let kept = async |now: u64| {
        let known = household(&**store, after(now)).await.players;
        assert_eq!(known.len(), 200, "at {now}");
        [0, 1, 2, 9, MOST, MOST + 1].map(|number| known.iter().any(|it| it.player.as_str() == name(number)))
    };
    another.push(&push(&name(MOST), "one", after(MOST + 1))).await.unwrap();
    assert_eq!(kept(MOST + 1).await, [true, true, true, false, true, false], "an Echo serves the others");
    store.claim(&claim(&name(MOST), 1, "echo-200", "claim-200", after(MOST + 2)), &UNSEEN).await.unwrap();
    another.push(&push(&name(MOST + 1), "one", after(MOST + 3))).await.unwrap();
    assert_eq!(kept(MOST + 3).await, [true, false, true, false, true, true], "the first was used since");
}

pub(crate) async fn events_count_in_their_own_order(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    let play = token("A", 1, after(1), StartReason::Start);
    let started = event(play, ReportKind::Started, 0, after(2));
    let stopped = event(play, ReportKind::Stopped, 7000, after(9));
    let counted = store.record(&stopped, after(9)).await.unwrap();
    let Recorded::Applied(known) = &counted else { panic!("{counted:?}") };
    assert_eq!((known.state(), known.offset_ms()), (Some(StreamState::Stopped), 7000));
    assert_eq!(store.record(&started, after(9)).await.unwrap(), Recorded::Stale);
    assert_eq!(store.record(&stopped, after(9)).await.unwrap(), counted);

    let mut twin = stopped.clone();
    twin.request = String::from("twin");
    assert_eq!(store.record(&twin, after(9)).await.unwrap(), Recorded::Stale);

    // A later play of the same version goes before whatever an earlier one still reports.
    let resumed = token("A", 1, after(20), StartReason::ResumedAtOffset);
    let playing = event(resumed, ReportKind::Started, 7000, after(9));
    assert!(matches!(store.record(&playing, after(20)).await.unwrap(), Recorded::Applied(_)));
    let late = event(play, ReportKind::Finished, 9000, after(21));
    assert_eq!(store.record(&late, after(21)).await.unwrap(), Recorded::Stale);

    let other = event(token("A", 2, after(30), StartReason::Start), ReportKind::Started, 0, after(30));
    assert_eq!(store.record(&other, after(30)).await.unwrap(), Recorded::Stale);
    let unknown = event(token("B", 1, after(30), StartReason::Start), ReportKind::Started, 0, after(30));
    assert_eq!(store.record(&unknown, after(30)).await.unwrap(), Recorded::Stale);
    assert_eq!(household(&**store, after(30)).await.players.len(), 1);
}

pub(crate) async fn a_failure_is_replayed_once(fixture: &Fixture) {
    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    let failed = event(token("A", 1, after(1), StartReason::Start), ReportKind::Failed, 0, after(2));
    for _ in 0..2 {
        let recorded = store.record(&failed, after(2)).await.unwrap();
        assert!(recorded.replay(&failed).is_some(), "and once more for a lost answer");
    }
    let again = event(token("A", 1, after(3), StartReason::Start), ReportKind::Failed, 0, after(4));
    let recorded = store.record(&again, after(4)).await.unwrap();
    assert!(matches!(recorded, Recorded::Applied(_)));
    assert!(recorded.replay(&again).is_none());
}

pub(crate) async fn a_report_of_another_echo_is_a_move_or_nothing(fixture: &Fixture) {
    use ReportKind::{Failed, Finished, NearlyFinished, Started, Stopped};

    let store = &fixture.store;
    store.push(&push("A", "one", T0)).await.unwrap();
    store.pair(&by_hand("A", "kitchen", "pair", T0)).await.unwrap();
    let play = token("A", 1, after(1), StartReason::Start);
    let by = |echo: &str, kind, seconds| {
        let mut event = event(play, kind, 5000, after(seconds));
        event.request = format!("{echo} {kind:?} {seconds}");
        event.device = Some(device(echo));
        event
    };
    let heard = |player: &Player| {
        let heard = player.effective_report().unwrap();
        (heard.state(), heard.moved_to.cloned())
    };
    store.record(&by("kitchen", Started, 2), after(2)).await.unwrap();
    for kind in [NearlyFinished, Stopped, Failed, Finished] {
        let foreign = by("hall", kind, 3);
        assert_eq!(store.record(&foreign, after(3)).await.unwrap(), Recorded::Stale, "{kind:?}");
    }
    // The other half of a pair reports as well, and ends first.
    let moving = by("hall", Started, 4);
    let moved = store.record(&moving, after(4)).await.unwrap();
    let Recorded::Applied(known) = &moved else { panic!("{moved:?}") };
    assert_eq!(heard(known), (StreamState::Playing, Some(device("hall"))));
    assert!(known.moved().unwrap().was_made_by(&moving));
    assert_eq!(store.record(&moving, after(4)).await.unwrap(), moved, "and once more for a lost answer");
    store.record(&by("hall", Stopped, 5), after(5)).await.unwrap();
    assert_eq!(heard(&player(&**store, "A", after(5)).await), (StreamState::Playing, None));
    // The music moving: the Echo that was given it stops, late, and the other one plays on.
    store.record(&by("hall", Started, 6), after(6)).await.unwrap();
    store.record(&by("kitchen", Stopped, 7), after(7)).await.unwrap();
    let known = player(&**store, "A", after(7)).await;
    assert_eq!(heard(&known), (StreamState::Playing, Some(device("hall"))));
    assert_eq!(known.moved().unwrap().since, after(4));
    assert_eq!(store.record(&by("attic", Finished, 8), after(8)).await.unwrap(), Recorded::Stale);
    store.record(&by("hall", Finished, 9), after(9)).await.unwrap();
    let known = player(&**store, "A", after(9)).await;
    assert_eq!(heard(&known), (StreamState::Finished, Some(device("hall"))));
    assert!(!known.is_playable(after(9)));
    // It comes back.
    store.record(&by("kitchen", Started, 10), after(10)).await.unwrap();
    assert_eq!(heard(&player(&**store, "A", after(10)).await), (StreamState::Playing, None));

    // Another Echo serves the player from now on: the one that plays still says when it ends.
    store.pair(&by_hand("A", "hall", "pair again", after(11))).await.unwrap();
    store.record(&by("kitchen", Stopped, 12), after(12)).await.unwrap();
    assert_eq!(heard(&player(&**store, "A", after(12)).await), (StreamState::Stopped, None));
    store.push(&push("A", "two", after(13))).await.unwrap();
    assert_eq!(
        player(&**store, "A", after(13)).await.effective_report(),
        None,
        "a start takes none of it along"
    );
}

pub(crate) async fn an_announcement_gives_back_what_it_lies_over(fixture: &Fixture) {
    let store = &fixture.store;
    let say = |request: &str, at| push_of("announcement/A.mp3", request, at);
    for (round, ends) in
        [ReportKind::Finished, ReportKind::Stopped, ReportKind::Failed].into_iter().enumerate()
    {
        let at = 1000 * (u64::try_from(round).unwrap() + 1);
        let music = named(push("A", &format!("music-{round}"), after(at)), "Song", "Singer");
        let version = store.push(&music).await.unwrap().version;
        let play = token("A", version, after(at + 1), StartReason::Start);
        store.record(&event(play, ReportKind::Started, 0, after(at + 2)), after(at + 2)).await.unwrap();
        for request in ["bell", "second bell"] {
            let bell =
                say(&format!("{request} {round}"), after(at + if request == "bell" { 20 } else { 40 }));
            assert!(store.push(&bell).await.unwrap().started);
        }
        // Where the music was, its Echo says after the announcement has begun.
        let interrupted = event(play, ReportKind::Stopped, 19_000, after(at + 41));
        store.record(&interrupted, after(at + 41)).await.unwrap();
        let bell = player(&**store, "A", after(at + 41)).await;
        assert_eq!((bell.version(), bell.restored(after(at + 41))), (version + 2, None));
        assert_eq!(store.restore(&bell, after(at + 41)).await.unwrap(), Transition::Rejected);

        let said = token("A", bell.version(), after(at + 41), StartReason::Start);
        let mut over = event(said, ends, 3000, after(at + 45));
        over.superseded = true;
        let recorded = store.record(&over, after(at + 45)).await.unwrap();
        let Recorded::Applied(bell) = recorded else { panic!("{recorded:?}") };
        assert_eq!(store.restore(&bell, after(at + 45)).await.unwrap(), Transition::Applied);
        assert_eq!(store.restore(&bell, after(at + 45)).await.unwrap(), Transition::Rejected, "once");

        let known = player(&**store, "A", after(at + 45)).await;
        let restored = bell.restored(after(at + 45)).unwrap();
        assert_eq!(known, Player { revision: known.revision, ..restored });
        assert_eq!(
            (known.version(), known.state(), known.offset_ms()),
            (version + 3, Some(StreamState::Stopped), 19_000)
        );
        assert_eq!(known.start().unwrap().stream, music.stream);
        assert_eq!(known.metadata().title.as_deref(), Some("Song"));
        assert!(known.present.as_ref().unwrap().under.is_none() && known.is_playable(after(at + 45)));
        // The names of either come late.
        let mut late = say(&format!("late {round}"), after(at + 46));
        assert!(!store.push(&late).await.unwrap().started);
        late = named(push("A", &format!("music-{round}"), after(at + 46)), "Song", "Other");
        late.request = format!("late names {round}");
        assert_eq!(outcome(store.push(&late).await), NOT_STARTED(version + 3));
    }
}

pub(crate) async fn plays_that_end_at_once_are_counted(fixture: &Fixture) {
    let store = &fixture.store;
    let mut at = 0;
    let mut silent = Vec::new();
    for offset_ms in [0, 999, 1000, 0] {
        at += 10;
        let version = store.push(&push("A", &format!("{at}"), after(at))).await.unwrap().version;
        let play = token("A", version, after(at), StartReason::Start);
        for (kind, offset_ms) in [(ReportKind::Started, 0), (ReportKind::Stopped, offset_ms)] {
            at += 1;
            let ends = event(play, kind, offset_ms, after(at));
            for _ in 0..2 {
                store.record(&ends, after(at)).await.unwrap();
            }
        }
        silent.push(player(&**store, "A", after(at)).await.silent_plays);
    }
    assert_eq!(silent, [1, 2, 0, 1]);
    let play = token("A", 4, after(at + 1), StartReason::ResumedAtOffset);
    store.record(&event(play, ReportKind::Stopped, 500, after(at + 2)), after(at + 2)).await.unwrap();
    assert_eq!(player(&**store, "A", after(at + 2)).await.silent_plays, 0, "it may have begun there");
}

pub(crate) async fn repeated_requests_change_nothing(fixture: &Fixture) {
    let store = &fixture.store;
    let now = after(9);
    let first = push("A", "one", T0);
    assert_eq!(outcome(store.push(&first).await), STARTED(1));
    assert_eq!(outcome(store.push(&first).await), STARTED(1));

    for expected in [Transition::Applied, Transition::AlreadyApplied] {
        let claim = claim("A", 1, "kitchen", "claim", after(1));
        assert_eq!(store.claim(&claim, &UNSEEN).await.unwrap(), expected);
        let asked = asked("kitchen", "ask", after(1));
        assert_eq!(store.record_request(&asked).await.unwrap(), expected);
        let before = household(&**store, now).await;
        assert_eq!(before.echo(&device("kitchen")).unwrap().asked_before, None);
    }
    for expected in [Transition::Applied, Transition::AlreadyApplied] {
        let rebind = rebind("A", "kitchen", "kitchen-2", after(2));
        assert_eq!(store.rebind(&rebind, &UNSEEN).await.unwrap(), expected);
    }
    let pairing = by_hand("A", "hall", "pair", after(3));
    assert!(store.pair(&pairing).await.unwrap());
    let paired = household(&**store, now).await;
    assert!(store.pair(&pairing).await.unwrap());
    assert_eq!(household(&**store, now).await, paired);
}
