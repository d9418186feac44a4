//! The item that follows a version.

use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::playback::{
    EchoReport, Following, KeepNext, PlayToken, Player, Push, PushOutcome, ReportKind, StartReason,
    StreamState, Transition,
};

use super::{at, device, push};

fn started() -> Player {
    let PushOutcome::Taken(player) = push("Kitchen", "one", 0).take(None) else { panic!("it is the first") };
    *player
}

fn keep(after: u64, session: &str, millis: i64) -> KeepNext {
    let next = push("Kitchen", session, millis);
    KeepNext {
        player: next.player.clone(),
        after,
        at: at(millis),
        request: next.request.clone(),
        next: Some(next),
    }
}

fn report(player: &Player, version: u64, kind: ReportKind, millis: i64) -> EchoReport {
    let random = SeededRandom::new(1);
    let token = PlayToken::issue(player.player.key(), version, at(millis - 100), StartReason::Start, &random);
    EchoReport {
        token: token.unwrap(),
        kind,
        at: at(millis),
        offset_ms: 0,
        error: None,
        superseded: false,
        device: Some(device("kitchen")),
        request: format!("report-{millis}"),
    }
}

#[test]
fn a_next_item_becomes_the_present_one_when_its_echo_begins_it() {
    let mut player = started();
    player.record(&report(&player, 1, ReportKind::Started, 1000), at(1000));
    assert_eq!(player.keep_next(&keep(1, "two", 2000)), Transition::Applied);
    assert_eq!(player.keep_next(&keep(1, "two", 2000)), Transition::AlreadyApplied, "its answer was lost");
    let next = player.next().unwrap().clone();
    assert_eq!((player.version(), next.version.get()), (1, 2));
    player.record(&report(&player, 1, ReportKind::Finished, 3000), at(3000));
    assert_eq!(player.state(), Some(StreamState::Finished));

    let begun = report(&player, 2, ReportKind::Started, 3100);
    assert_eq!(player.record(&begun, at(3100)), Transition::Applied);
    assert_eq!((player.version(), player.state()), (2, Some(StreamState::Playing)));
    assert_eq!(player.start().unwrap().stream, next.stream);
    assert_eq!(player.next(), None);
    assert_eq!(player.record(&begun, at(3200)), Transition::AlreadyApplied);
    let late = report(&player, 1, ReportKind::Finished, 3300);
    assert_eq!(player.record(&late, at(3300)), Transition::Rejected, "it is of the item before");
    // Its Echo has taken it: it asks for nothing that it had not.
    assert_eq!(player.started_at(), Some(at(0)));
}

#[test]
fn no_other_start_gets_a_reserved_version() {
    let mut player = started();
    player.keep_next(&keep(1, "two", 1000));
    player.keep_next(&keep(1, "three", 2000));
    let dropped = KeepNext { next: None, ..keep(1, "none", 3000) };
    assert_eq!(player.keep_next(&dropped), Transition::Applied);
    assert_eq!(player.keep_next(&dropped), Transition::AlreadyApplied);
    // The Echo begins what it was given before.
    let before = player.clone();
    for version in [2, 3] {
        let begun = report(&player, version, ReportKind::Started, 4000);
        assert_eq!(player.record(&begun, at(4000)), Transition::Rejected);
        assert!(player.has_dropped(&begun));
        assert!(!player.has_dropped(&report(&player, version, ReportKind::Stopped, 4000)));
    }
    assert_eq!(player, before);
    for version in [0, 1, 4] {
        assert!(!player.has_dropped(&report(&player, version, ReportKind::Started, 4000)), "{version}");
    }
    let other = Push { request: "other".to_owned(), ..push("Kitchen", "four", 5000) };
    let PushOutcome::Taken(player) = other.take(Some(player)) else { panic!("it is a start") };
    let present = player.present.unwrap();
    assert_eq!((present.number.get(), present.following), (4, Following::Nothing));
}

#[test]
fn what_is_not_begun_stays_next() {
    let mut player = started();
    player.keep_next(&keep(1, "two", 1000));
    let mut failed = report(&player, 2, ReportKind::Failed, 2000);
    failed.error = Some(ma_alexa::playback::Failure { kind: MediaErrorType::Unspecified, message: None });
    assert_eq!(player.record(&failed, at(2000)), Transition::Rejected);
    assert_eq!(player.next().map(|next| next.version.get()), Some(2));
    assert_eq!(player.keep_next(&keep(7, "three", 3000)), Transition::Rejected, "that version is not there");
}
