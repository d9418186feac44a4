//! What Echos report, in whatever order.

use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::Timestamp;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::playback::{
    EchoReport, Failure, PlayPlan, PlayToken, Player, Push, Recorded, ReportKind, ReportedPosition,
    StartReason, StreamState, Transition,
};
use proptest::prelude::*;

use super::{at, push};

fn player() -> Player {
    Player::started(None, &push("Kitchen", "s1", 0))
}

fn token(player: &Player, issued_ms: i64, origin: StartReason) -> PlayToken {
    PlayToken::issue(player.player.key(), player.version(), at(issued_ms), origin, &SeededRandom::new(7))
        .unwrap()
}

fn event(token: PlayToken, kind: ReportKind, seconds: i64, offset_ms: u64) -> EchoReport {
    EchoReport {
        token,
        kind,
        at: at(seconds * 1000),
        offset_ms,
        error: (kind == ReportKind::Failed).then(|| failure("MEDIA_ERROR_INVALID_REQUEST")),
        superseded: false,
        device: None,
        request: format!("{token:?}{kind:?}{seconds}{offset_ms}"),
    }
}

fn failure(kind: &str) -> Failure {
    Failure { kind: MediaErrorType::from(kind), message: None }
}

fn kinds() -> impl Strategy<Value = ReportKind> {
    use ReportKind::{Failed, Finished, NearlyFinished, Started, Stopped};
    prop::sample::select(vec![Started, NearlyFinished, Stopped, Failed, Finished])
}

proptest! {
    /// Events come late, twice and out of order, and some never: the state is what the last of those that came
    /// justifies.
    #[test]
    fn the_last_event_decides(
        events in prop::collection::vec((0..3i64, kinds(), 0..5i64, 0..4u64), 1..8),
        deliveries in prop::collection::vec(any::<prop::sample::Index>(), 1..24),
    ) {
        let mut kitchen = player();
        let all: Vec<EchoReport> = events
            .iter()
            .map(|(play, kind, seconds, offset)| event(token(&kitchen, play * 1000, StartReason::Start), *kind, *seconds, *offset))
            .collect();
        let delivered: Vec<&EchoReport> = deliveries.iter().map(|index| index.get(&all)).collect();
        for event in &delivered {
            kitchen.record(event, at(0));
        }
        let last = delivered.iter().max_by_key(|event| event.order()).unwrap();
        prop_assert_eq!(kitchen.state(), Some(last.kind.state()));
        prop_assert_eq!(kitchen.offset_ms(), last.offset_ms);
        prop_assert_eq!(kitchen.report().map(|report| report.at), Some(last.at));
        prop_assert_eq!(kitchen.report().and_then(|report| report.state.error()).is_some(), last.kind == ReportKind::Failed);
    }

    #[test]
    fn the_order_is_that_of_its_parts(
        a in (0..i64::MAX / 2, 0..i64::MAX / 2, 0..1_000_000_000_000u64, kinds()),
        b in (0..i64::MAX / 2, 0..i64::MAX / 2, 0..1_000_000_000_000u64, kinds()),
    ) {
        let order = |(issued, at, offset_ms, kind): (i64, i64, u64, ReportKind)| {
            let mut token = token(&player(), 0, StartReason::Start);
            token.issued_at = Timestamp::from_millis(issued);
            EchoReport { at: Timestamp::from_millis(at), ..event(token, kind, 0, offset_ms) }.order()
        };
        prop_assert_eq!(order(a).cmp(&order(b)), a.cmp(&b));
    }
}

#[test]
fn a_repeated_event_is_no_late_one() {
    let mut kitchen = player();
    let started = event(token(&kitchen, 0, StartReason::Start), ReportKind::Started, 1, 0);
    assert_eq!(kitchen.record(&started, at(0)), Transition::Applied);
    assert_eq!(kitchen.record(&started, at(0)), Transition::AlreadyApplied);
    let again = EchoReport { request: "another".to_owned(), ..started };
    assert_eq!(kitchen.record(&again, at(0)), Transition::Rejected);
}

#[test]
fn an_event_of_another_version_or_player_changes_nothing() {
    let mut kitchen = player();
    let old = token(&kitchen, 0, StartReason::Start);
    kitchen = Player::started(Some(&kitchen), &push("Kitchen", "s2", 10));
    let before = kitchen.clone();
    assert_eq!(kitchen.record(&event(old, ReportKind::Finished, 60, 5), at(0)), Transition::Rejected);
    let bath = Player::started(None, &push("Bath", "s1", 0));
    let foreign = token(&bath, 0, StartReason::Start);
    assert_eq!(kitchen.record(&event(foreign, ReportKind::Started, 1, 0), at(0)), Transition::Rejected);
    assert_eq!(kitchen, before);
}

/// A failure is answered with at most one more play of its version, and only where that can help.
#[test]
fn a_failure_is_replayed_once_at_most() {
    let replayed = |origin: StartReason, kind: &str, seconds: i64, superseded: bool| {
        let mut kitchen = player();
        let failed = EchoReport {
            error: Some(failure(kind)),
            superseded,
            ..event(token(&kitchen, 0, origin), ReportKind::Failed, seconds, 0)
        };
        kitchen.record(&failed, at(0));
        Recorded::Applied(Box::new(kitchen)).replay(&failed).is_some()
    };
    for (origin, kind, seconds, expected) in [
        (StartReason::Start, "MEDIA_ERROR_SERVICE_UNAVAILABLE", 3600, true),
        (StartReason::Start, "MEDIA_ERROR_INTERNAL_SERVER_ERROR", 3600, true),
        (StartReason::Start, "MEDIA_ERROR_UNKNOWN", 15, true),
        (StartReason::Start, "MEDIA_ERROR_UNKNOWN", 16, false),
        (StartReason::Start, "MEDIA_ERROR_INVALID_REQUEST", 1, false),
        (StartReason::Start, "MEDIA_ERROR_INTERNAL_DEVICE_ERROR", 1, false),
        (StartReason::Start, "SOMETHING_NEW", 1, false),
        (StartReason::ResumedAtOffset, "MEDIA_ERROR_INVALID_REQUEST", 3600, true),
        (StartReason::ResumedAtStart, "MEDIA_ERROR_INVALID_REQUEST", 1, false),
        (StartReason::Replayed, "MEDIA_ERROR_SERVICE_UNAVAILABLE", 1, false),
    ] {
        assert_eq!(replayed(origin, kind, seconds, false), expected, "{origin:?} {kind} after {seconds} s");
        assert!(!replayed(origin, kind, seconds, true), "never over something else that plays");
    }
}

#[test]
fn the_one_replay_is_used_up_for_every_later_play_of_the_version() {
    let mut kitchen = player();
    let unavailable = |kitchen: &Player, play: i64| EchoReport {
        error: Some(failure("MEDIA_ERROR_SERVICE_UNAVAILABLE")),
        ..event(token(kitchen, play, StartReason::Start), ReportKind::Failed, play, 0)
    };
    let first = unavailable(&kitchen, 1);
    kitchen.record(&first, at(0));
    assert!(kitchen.replay_is_pending(at(2000)) && kitchen.is_playable(at(2000)));
    let second = unavailable(&kitchen, 2);
    kitchen.record(&second, at(0));
    assert_eq!(Recorded::Applied(Box::new(kitchen.clone())).replay(&second), None);
    assert!(!kitchen.is_playable(at(3000)), "it failed for good");
    let next = Player::started(Some(&kitchen), &push("Kitchen", "s2", 4000));
    assert!(
        next.replayed_by().is_none()
            && next.report().and_then(|report| report.state.error()).is_none()
            && next.is_playable(at(4000))
    );
}

fn single(player: &str, session: &str) -> Push {
    super::push_of(&format!("http://192.168.1.5:8097/single/{session}/{player}/item/{player}.mp3"), 0)
}

/// A resume finds its offset although the name has a space, by the token and not by the address.
#[test]
fn resume_is_at_the_offset_that_is_known_best() {
    let mut kitchen = Player::started(None, &single("Office Echo", "s1"));
    let reported = |kitchen: &Player, offset_ms| {
        Some(ReportedPosition { token: token(kitchen, 0, StartReason::Start), offset_ms })
    };
    assert_eq!(PlayPlan::resume(&kitchen, None), PlayPlan::START, "it never played");
    kitchen.record(&event(token(&kitchen, 0, StartReason::Start), ReportKind::Stopped, 60, 59_000), at(0));
    let resumed = |offset_ms| PlayPlan { offset_ms, origin: StartReason::ResumedAtOffset, repeated_ms: 0 };
    assert_eq!(PlayPlan::resume(&kitchen, None), resumed(59_000));
    assert_eq!(PlayPlan::resume(&kitchen, reported(&kitchen, 61_000)), resumed(61_000));
    let of_another_version = Player::started(Some(&kitchen), &single("Office Echo", "s2"));
    assert_eq!(PlayPlan::resume(&kitchen, reported(&of_another_version, 5)), resumed(59_000));
    assert_eq!(PlayPlan::resume(&of_another_version, reported(&kitchen, 5)), PlayPlan::START);
}

#[test]
fn a_stream_that_cannot_resume_begins_again_and_says_so() {
    let path = |path: &str| super::push_of(&format!("http://192.168.1.5:8097/{path}"), 0);
    for begins in [
        path("flow/s/q/i/Kitchen.mp3"),
        path("announcement/Kitchen.mp3"),
        path("pluginsource/spotify/Kitchen.mp3"),
    ] {
        let mut player = Player::started(None, &begins);
        player.record(&event(token(&player, 0, StartReason::Start), ReportKind::Stopped, 60, 59_000), at(0));
        let again = PlayPlan { offset_ms: 0, origin: StartReason::ResumedAtStart, repeated_ms: 59_000 };
        assert_eq!(PlayPlan::resume(&player, None), again, "{begins:?}");
        let reported = ReportedPosition { token: token(&player, 0, StartReason::Start), offset_ms: 62_000 };
        assert_eq!(PlayPlan::resume(&player, Some(reported)).offset_ms, 0, "{begins:?}");
    }
}

/// What is over or was last heard of 12 hours ago is not played again.
#[test]
fn an_old_stream_is_not_played() {
    let hours = |hours: i64| at(hours * 3_600_000);
    let mut kitchen = player();
    assert!(kitchen.is_playable(hours(11)) && !kitchen.is_playable(hours(12)));
    let playing = token(&kitchen, 0, StartReason::Start);
    kitchen.record(&event(playing, ReportKind::Stopped, 3600, 5), at(0));
    assert!(kitchen.is_playable(hours(12)) && !kitchen.is_playable(hours(13)));
    kitchen.record(&event(playing, ReportKind::Finished, 3601, 5), at(0));
    assert_eq!(kitchen.state(), Some(StreamState::Finished));
    assert!(!kitchen.is_playable(hours(1)));
}
