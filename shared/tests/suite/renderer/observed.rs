//! What a renderer makes of a stored player.

use std::time::Duration;

use ma_alexa::alexa::DeviceId;
use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::Timestamp;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::playback::{
    EchoReport, Failure, KeepNext, Metadata, PlayToken, Player, PlayerId, Push, PushOutcome, ReportKind,
    StartReason, StreamUrl, Transition,
};
use ma_alexa::renderer::{Observed, ObservedState};

const START: Timestamp = Timestamp::from_millis(1_795_334_280_000);

fn push(item: &str) -> Push {
    let stream = format!("http://192.168.1.5:8097/single/s/uuid:1/{item}/uuid:1.mp3");
    Push {
        player: PlayerId::from("Kitchen"),
        stream: StreamUrl::parse(&stream).unwrap(),
        grant: None,
        metadata: Metadata { title: Some(item.to_owned()), ..Metadata::default() },
        at: START,
        request: item.to_owned(),
        is_play: true,
        can_skip_speech: None,
        reports_home: false,
    }
}

fn started() -> Player {
    let PushOutcome::Taken(player) = push("one").take(None) else { panic!("it is the first") };
    *player
}

fn reported(kind: ReportKind, seconds: u64, offset_ms: u64, error: Option<&str>) -> Player {
    let mut player = started();
    let at = START.plus(Duration::from_secs(seconds));
    let random = SeededRandom::new(1);
    let token = PlayToken::issue(player.player.key(), 1, START, StartReason::Start, &random).unwrap();
    let event = EchoReport {
        token,
        kind,
        at,
        offset_ms,
        error: error.map(|kind| Failure { kind: MediaErrorType::from(kind), message: None }),
        superseded: false,
        device: Some(DeviceId::from("kitchen".to_owned())),
        request: "report".to_owned(),
    };
    assert_eq!(player.record(&event, at), Transition::Applied);
    player
}

fn state(player: &Player, seconds: u64) -> Option<(ObservedState, Duration)> {
    let observed = Observed::of(player, false, START.plus(Duration::from_secs(seconds)));
    observed.report.map(|report| (report.state, report.position))
}

#[test]
fn a_position_goes_on_while_it_plays() {
    let playing = reported(ReportKind::Started, 10, 2500, None);
    assert_eq!(state(&playing, 15), Some((ObservedState::Playing, Duration::from_millis(7500))));
    let stopped = reported(ReportKind::Stopped, 10, 2500, None);
    assert_eq!(state(&stopped, 15), Some((ObservedState::Stopped, Duration::from_millis(2500))));
    let finished = reported(ReportKind::Finished, 10, 2500, None);
    assert_eq!(state(&finished, 15).map(|(state, _)| state), Some(ObservedState::Finished));
}

/// An Echo whose last word is from yesterday does not play any more.
#[test]
fn an_old_report_is_no_music() {
    let playing = reported(ReportKind::Started, 10, 0, None);
    assert_eq!(state(&playing, 13 * 3600).map(|(state, _)| state), Some(ObservedState::Finished));
    let stopped = reported(ReportKind::Stopped, 10, 0, None);
    assert_eq!(state(&stopped, 13 * 3600).map(|(state, _)| state), Some(ObservedState::Finished));
    let unheard = started();
    let now = Observed::of(&unheard, false, START);
    assert_eq!((now.version, now.item.and_then(|item| item.title)), (1, Some("one".to_owned())));
    assert_eq!(Observed::of(&unheard, false, START.plus(Duration::from_hours(13))).item, None);
}

#[test]
fn a_failure_that_is_tried_once_more_is_marked() {
    let passing = reported(ReportKind::Failed, 10, 0, Some("MEDIA_ERROR_SERVICE_UNAVAILABLE"));
    assert_eq!(state(&passing, 11).map(|(state, _)| state), Some(ObservedState::Retrying));
    assert_eq!(state(&passing, 60).map(|(state, _)| state), Some(ObservedState::Failed));
    let lasting = reported(ReportKind::Failed, 10, 0, Some("MEDIA_ERROR_INVALID_REQUEST"));
    assert_eq!(state(&lasting, 11).map(|(state, _)| state), Some(ObservedState::Failed));
}

#[test]
fn the_next_item_is_known() {
    let mut player = started();
    let next = Some(push("two"));
    let keep =
        KeepNext { player: player.player.clone(), after: 1, next, at: START, request: "next".to_owned() };
    assert_eq!(player.keep_next(&keep), Transition::Applied);
    let observed = Observed::of(&player, true, START);
    assert_eq!(observed.next.and_then(|item| item.title).as_deref(), Some("two"));
    assert!(observed.is_next_given);
}
