//! What an Echo learns of its routes.

use std::time::Duration;

use ma_alexa::alexa::DeviceId;
use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::SKEW;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::config::Route;
use ma_alexa::playback::{
    Echo, EchoReport, Failure, KnownRoutes, LastRequest, PlayToken, PlayerId, ReportKind, RouteOutcome,
    RouteStanding, StartReason, Transition,
};
use proptest::prelude::*;

use super::at;

fn outcome(route: Route, works: bool, seconds: i64) -> RouteOutcome {
    RouteOutcome { route, works, at: at(seconds * 1000), played_ms: None, error: None }
}

fn event(standing: RouteStanding, origin: StartReason, kind: ReportKind, offset_ms: u64) -> EchoReport {
    let key = PlayerId::from("Kitchen").key();
    let token = PlayToken::issue(key, 1, at(0), origin, &SeededRandom::new(1)).unwrap();
    EchoReport {
        token: token.by(Route::Door, standing),
        kind,
        at: at(60_000),
        offset_ms,
        error: (kind == ReportKind::Failed)
            .then_some(Failure { kind: MediaErrorType::InvalidRequest, message: None }),
        superseded: false,
        device: Some(DeviceId::from("kitchen".to_owned())),
        request: "report".to_owned(),
    }
}

/// Each row: what was known, why it played, the report and its offset, whether the route works by it, and whether the
/// failure is worth one more play.
#[test]
fn a_report_proves_a_route_that_was_not_known() {
    use ReportKind::{Failed, Finished, NearlyFinished, Started, Stopped};
    use RouteStanding::{LastChoice, OneOfSeveral, Works};
    use StartReason::{Replayed, ResumedAtOffset, Start, Tested};
    for (standing, origin, kind, offset_ms, works, replayed) in [
        (OneOfSeveral, Start, Started, 9000, None, false),
        (OneOfSeveral, Start, NearlyFinished, 0, None, false),
        (OneOfSeveral, Start, NearlyFinished, 5000, Some(true), false),
        (OneOfSeveral, Start, Stopped, 4999, None, false),
        (OneOfSeveral, Start, Stopped, 5000, Some(true), false),
        (LastChoice, Start, Finished, 5000, Some(true), false),
        (LastChoice, Replayed, Finished, 5000, Some(true), false),
        (OneOfSeveral, Start, Failed, 0, Some(false), true),
        (LastChoice, Start, Failed, 0, Some(false), false),
        (OneOfSeveral, Replayed, Failed, 0, Some(false), false),
        (OneOfSeveral, Start, Failed, 5000, Some(true), false),
        (OneOfSeveral, ResumedAtOffset, Failed, 0, None, true),
        (OneOfSeveral, ResumedAtOffset, Stopped, 90_000, None, false),
        (OneOfSeveral, Tested, Failed, 0, None, true),
        (Works, Start, Finished, 9000, None, false),
        (Works, Start, Failed, 0, None, false),
        (Works, Replayed, Failed, 0, Some(false), false),
    ] {
        let event = event(standing, origin, kind, offset_ms);
        let row = format!("{standing:?} {origin:?} {kind:?} {offset_ms}");
        let proven = event.route_outcome();
        assert_eq!(proven.as_ref().map(|outcome| outcome.works), works, "{row}");
        assert_eq!(event.is_worth_a_replay(), replayed, "{row}");
        if let Some(proven) = proven {
            let error = (!proven.works).then_some("MEDIA_ERROR_INVALID_REQUEST");
            assert_eq!((proven.route, proven.error.as_deref()), (Route::Door, error), "{row}");
            assert_eq!(proven.played_ms, proven.works.then_some(offset_ms), "{row}");
        }
    }
    let superseded = EchoReport { superseded: true, ..event(OneOfSeveral, Start, Failed, 0) };
    assert_eq!((superseded.route_outcome(), superseded.is_worth_a_replay()), (None, false));
}

#[test]
fn the_first_route_that_works_is_learned() {
    let mut known = KnownRoutes::default();
    assert_eq!(known.learned(), None);
    for (route, works, learned) in [
        (Route::Direct, true, Some(Route::Direct)),
        (Route::Playlist, false, Some(Route::Direct)),
        (Route::Door, true, Some(Route::Door)),
        (Route::Lan, true, Some(Route::Lan)),
        (Route::Playlist, true, Some(Route::Playlist)),
    ] {
        assert!(known.learn(outcome(route, works, 1), at(2000)));
        assert_eq!(known.learned(), learned);
    }
    assert!(!known.learn(outcome(Route::Lan, true, 9), at(9000)), "nothing new");
    assert_eq!(known.outcome(Route::Lan).map(|outcome| outcome.at), Some(at(1000)));
    assert!(!known.learn(outcome(Route::Lan, false, 0), at(9000)), "it is older");
    assert!(known.learn(outcome(Route::Lan, false, 2), at(9000)));
    let ahead = at(9000).plus(SKEW).plus(Duration::from_secs(1));
    assert!(known.learn(RouteOutcome { at: ahead, ..outcome(Route::Lan, true, 0) }, ahead));
    assert!(known.learn(outcome(Route::Lan, false, 9), at(9000)), "the clock was set back");
}

proptest! {
    /// Only an outcome of another kind that is not older changes what is known, and it is known as it was read and written.
    #[test]
    fn an_outcome_is_taken_or_changes_nothing(
        outcomes in prop::collection::vec((prop::sample::select(Route::ALL.to_vec()), any::<bool>(), 1..9_i64), 1..12),
    ) {
        let mut known = KnownRoutes::default();
        for (route, works, second) in outcomes {
            let (before, outcome) = (known.clone(), outcome(route, works, second));
            let changed = known.learn(outcome.clone(), at(10_000));
            let earlier = before.outcome(route);
            prop_assert_eq!(changed, earlier.is_none_or(|known| known.works != works && known.at <= outcome.at));
            prop_assert_eq!(known.outcome(route), if changed { Some(&outcome) } else { earlier });
        }
        let written = serde_json::to_string(&known).unwrap();
        prop_assert_eq!(serde_json::from_str::<KnownRoutes>(&written).unwrap(), known);
    }
}

#[test]
fn a_request_keeps_what_was_learned() {
    let asked = |request: &str, seconds: i64| LastRequest {
        device: DeviceId::from("kitchen".to_owned()),
        endpoint: None,
        user: None,
        locale: None,
        request: request.to_owned(),
        at: at(seconds * 1000),
    };
    let mut echo = Echo::first(&asked("one", 1));
    echo.routes.learn(outcome(Route::Door, true, 1), at(1000));
    assert_eq!(echo.record_request(&asked("two", 2)), Transition::Applied);
    assert_eq!(echo.routes.learned(), Some(Route::Door));
}
