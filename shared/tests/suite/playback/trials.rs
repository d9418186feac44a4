//! Trials: reports in whatever order, and the tones that answer them.

use std::time::Duration;

use ma_alexa::alexa::DeviceId;
use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::config::Route;
use ma_alexa::playback::{
    EchoReport, Failure, Form, PlayToken, PlayerId, ReportKind, RouteStanding, StartReason, TONE_REQUESTS,
    TRIAL_LENGTH, TRIAL_PATIENCE, ToneKind, ToneOutcome, TonePart, TonePath, ToneRequest, Trial, TrialStage,
};
use proptest::prelude::*;

use super::at;

const ROUTES: [Route; 3] = [Route::Playlist, Route::Lan, Route::Door];

fn kitchen() -> PlayerId {
    PlayerId::from("Kitchen")
}

fn echo() -> DeviceId {
    DeviceId::from("amzn1.ask.device.kitchen".to_owned())
}

fn trial() -> Trial {
    let tones = ROUTES.map(|route| (ToneKind::Route(route), format!("https://door.example/t/{route}.mp3")));
    Trial::new("G0KITCHEN", &kitchen(), tones.into(), at(0))
}

/// A trial whose Echo asked.
fn asked() -> Trial {
    let mut trial = trial();
    trial.ask(&echo(), &"ask".to_owned(), at(1000));
    trial
}

fn report(trial: &Trial, route: Route, kind: ReportKind, offset_ms: u64, seconds: i64) -> EchoReport {
    let key = Trial::key_of(&kitchen());
    let random = SeededRandom::new(1);
    let place = (0..).zip(ROUTES).find(|(_, known)| *known == route).unwrap().0;
    let version = trial.number + place;
    let token = PlayToken::issue(key, version, at(0), StartReason::Tested, &random).unwrap();
    EchoReport {
        token: token.by(route, RouteStanding::LastChoice),
        kind,
        at: at(seconds * 1000),
        offset_ms,
        error: (kind == ReportKind::Failed)
            .then_some(Failure { kind: MediaErrorType::InvalidRequest, message: None }),
        superseded: false,
        device: Some(echo()),
        request: format!("{route}{kind:?}{offset_ms}{seconds}"),
    }
}

fn answer(trial: &Trial, request: &str) -> Option<ToneKind> {
    trial.sent_by(request).map(|(_, tone)| tone.kind)
}

fn outcomes(trial: &Trial) -> Vec<Option<ToneOutcome>> {
    trial.tones.iter().map(|tone| tone.outcome.clone()).collect()
}

fn sent(trial: &Trial) -> usize {
    trial.tones.iter().filter(|tone| tone.sent_at.is_some()).count()
}

fn reports() -> impl Strategy<Value = Vec<EchoReport>> {
    use ReportKind::{Failed, Finished, NearlyFinished, Started, Stopped};
    let kinds = prop::sample::select(vec![Started, NearlyFinished, Stopped, Failed, Finished]);
    let offsets = prop::sample::select(vec![0, 2999, 3000, 5040]);
    let one = (prop::sample::select(ROUTES.to_vec()), kinds, offsets, 1..20_i64);
    prop::collection::vec(one, 1..10).prop_map(|reports| {
        let trial = asked();
        let report = |(route, kind, offset_ms, seconds)| report(&trial, route, kind, offset_ms, seconds);
        reports.into_iter().map(report).collect()
    })
}

proptest! {
    /// Reports come late, twice and out of order. What is known of a route depends on what came, and not on its order.
    #[test]
    fn outcomes_do_not_depend_on_the_order(
        reports in reports(),
        deliveries in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        seed in any::<u64>(),
    ) {
        let mut delivered: Vec<&EchoReport> = deliveries.iter().map(|index| index.get(&reports)).collect();
        let mut first = asked();
        for report in &delivered {
            first.report(report, at(2000));
        }
        let length = delivered.len();
        delivered.rotate_left(usize::try_from(seed % 20).unwrap() % length);
        delivered.reverse();
        let mut second = asked();
        for report in &delivered {
            second.report(report, at(2000));
        }
        prop_assert_eq!(outcomes(&first), outcomes(&second));
    }

    /// A tone is sent after the one before it, once, by one request; that request again gets the same one.
    #[test]
    fn tones_are_sent_one_after_the_other(
        reports in reports(),
        deliveries in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
    ) {
        let mut trial = asked();
        prop_assert_eq!(answer(&trial, "ask"), Some(ToneKind::Route(ROUTES[0])));
        for index in deliveries {
            let report = index.get(&reports);
            let before = trial.clone();
            trial.report(report, at(2000));
            prop_assert!(sent(&trial) <= sent(&before) + 1);
            prop_assert!(trial.tones.iter().skip(sent(&trial)).all(|tone| tone.sent_at.is_none()));
            for (tone, earlier) in trial.tones.iter().zip(&before.tones) {
                prop_assert!(earlier.sent_by.is_none() || earlier.sent_by == tone.sent_by);
            }
            if sent(&trial) > sent(&before) {
                prop_assert!(matches!(report.kind, ReportKind::Failed | ReportKind::NearlyFinished));
                prop_assert_eq!(report.token.route, ROUTES[sent(&before) - 1]);
                prop_assert!(!before.is_stopped);
            }
            let answered = answer(&trial, &report.request);
            let after = trial.clone();
            trial.report(report, at(2500));
            prop_assert_eq!(answer(&trial, &report.request), answered);
            prop_assert_eq!(trial, after.clone(), "a report that comes twice is one");
            trial = after;
        }
    }

    /// Whatever came, a while without a sign ends it, and nothing begins it again but another trial.
    #[test]
    fn a_trial_ends(reports in reports(), has_asked: bool) {
        let mut trial = if has_asked { asked() } else { trial() };
        for (second, report) in (2..).zip(&reports) {
            trial.report(report, at(second * 1000));
        }
        let late = trial.changed_at.plus(TRIAL_PATIENCE);
        prop_assert!(trial.stage(late).is_over());
        let (over, count) = (trial.stage(late), sent(&trial));
        for report in &reports {
            trial.report(report, late);
            trial.ask(&echo(), &"late".to_owned(), late);
            prop_assert!(trial.stage(late).is_over());
        }
        prop_assert_eq!(sent(&trial), count);
        prop_assert_eq!(over == TrialStage::NeverAsked, !has_asked);
        let next = Trial::new("G0KITCHEN", &kitchen(), vec![], late);
        let mut known = Some(trial);
        Trial::begin(&mut known, &next);
        prop_assert_eq!(known, Some(next));
    }

    #[test]
    fn reports_of_others_change_nothing(reports in reports()) {
        let mut trial = asked();
        let before = trial.clone();
        for report in &reports {
            let device = Some(DeviceId::from("amzn1.ask.device.hall".to_owned()));
            trial.report(&EchoReport { device, ..report.clone() }, at(2000));
            let mut token = report.token;
            token.version += 3;
            trial.report(&EchoReport { token, ..report.clone() }, at(2000));
        }
        prop_assert_eq!(trial, before);
    }
}

#[test]
fn an_echo_that_takes_all_routes_plays_them_in_their_order() {
    let mut trial = asked();
    for (second, route) in (1..).step_by(6).zip(ROUTES) {
        assert_eq!(trial.stage(at(second * 1000)), TrialStage::Running);
        for (kind, offset, after) in [
            (ReportKind::Started, 0, 0),
            (ReportKind::NearlyFinished, 10, 1),
            (ReportKind::Finished, 5040, 5),
        ] {
            let seconds = second + after;
            trial.report(&report(&trial, route, kind, offset, seconds), at(seconds * 1000));
        }
    }
    assert!(outcomes(&trial).iter().all(|outcome| outcome.as_ref().is_some_and(|outcome| outcome.works)));
    assert_eq!(trial.stage(at(20_000)), TrialStage::Done);
}

#[test]
fn a_tone_that_ends_at_once_was_not_heard() {
    let mut trial = asked();
    trial.report(&report(&trial, ROUTES[0], ReportKind::Started, 0, 2), at(2000));
    trial.report(&report(&trial, ROUTES[0], ReportKind::NearlyFinished, 0, 2), at(2000));
    trial.report(&report(&trial, ROUTES[0], ReportKind::Finished, 0, 2), at(2000));
    trial.report(&report(&trial, ROUTES[1], ReportKind::Failed, 0, 3), at(3000));
    let found = outcomes(&trial);
    let first = found[0].as_ref().unwrap();
    assert_eq!((first.works, first.played_ms, first.error.as_deref()), (false, Some(0), None));
    let second = found[1].as_ref().unwrap();
    let error = Some("MEDIA_ERROR_INVALID_REQUEST");
    assert_eq!((second.works, second.played_ms, second.error.as_deref()), (false, None, error));
    assert_eq!((sent(&trial), trial.stage(at(4000))), (3, TrialStage::Running));
}

/// Nothing answers the end of a tone: without the report before it, the trial ends with what it knows.
#[test]
fn without_a_chance_to_send_the_next_tone_it_is_done_after_a_while() {
    let mut finished = asked();
    finished.report(&report(&finished, ROUTES[0], ReportKind::Finished, 5040, 7), at(7000));
    let stage = |seconds: u64| finished.stage(at(7000).plus(Duration::from_secs(seconds)));
    assert_eq!((stage(1), stage(31)), (TrialStage::Running, TrialStage::Done));
    let lost = asked();
    assert_eq!(lost.stage(at(40_000)), TrialStage::NoReport);
    assert_eq!(trial_of(ReportKind::Stopped).stage(at(3000)), TrialStage::Stopped);
    assert_eq!(trial().stage(at(29_000)), TrialStage::Waiting);
    assert_eq!(trial().stage(at(30_000)), TrialStage::NeverAsked);
}

fn trial_of(kind: ReportKind) -> Trial {
    let mut trial = asked();
    trial.report(&report(&trial, ROUTES[0], kind, 1000, 2), at(2000));
    trial
}

#[test]
fn one_trial_runs_at_a_time() {
    let running = asked();
    let next = Trial::new("G0KITCHEN", &kitchen(), vec![], at(2000));
    assert_ne!(Trial::key_of(&kitchen()), kitchen().key(), "its reports are not those of the player");
    let mut known = Some(running.clone());
    Trial::begin(&mut known, &next);
    assert_eq!(known, Some(running));
    let mut none = None;
    Trial::begin(&mut none, &next);
    assert_eq!(none, Some(next));
}

/// The results of the other sort stay beside those of the trial that begins.
#[test]
fn a_trial_of_the_forms_keeps_what_the_routes_did() {
    let mut routes = asked();
    routes.report(&report(&routes, ROUTES[0], ReportKind::Finished, 5040, 7), at(7000));
    let later = at(60_000);
    let of_forms = |now| Trial { is_of_forms: true, ..Trial::new("G0KITCHEN", &kitchen(), vec![], now) };
    let mut known = Some(routes.clone());
    Trial::begin(&mut known, &of_forms(later));
    assert_eq!(known.as_ref().unwrap().earlier, routes.tones);
    Trial::begin(&mut known, &of_forms(at(120_000)));
    assert_eq!(known.as_ref().unwrap().earlier, routes.tones, "another one of the forms");
}

#[test]
fn a_cancelled_trial_sends_no_more() {
    let mut trial = asked();
    assert!(trial.cancel(at(2000)));
    assert_eq!((trial.stage(at(2000)), trial.is_to_stop(at(2000))), (TrialStage::Stopped, true));
    trial.report(&report(&trial, ROUTES[0], ReportKind::NearlyFinished, 10, 3), at(3000));
    assert_eq!(sent(&trial), 1);
    assert!(!trial.cancel(at(3000)), "once");
    assert!(!trial.is_to_stop(at(60_000)), "what plays then is something else");
    let mut waiting = self::trial();
    assert!(waiting.cancel(at(100)));
    waiting.ask(&echo(), &"ask".to_owned(), at(200));
    assert_eq!(sent(&waiting), 0);
}

/// Signs that come again and again do not keep it going.
#[test]
fn a_trial_is_over_after_its_longest_time() {
    let mut trial = asked();
    let end = at(0).plus(TRIAL_LENGTH);
    assert!(Trial::may_run(trial.number, at(1000)) && !Trial::may_run(trial.number, end));
    trial.changed_at = end;
    assert!(trial.stage(end).is_over());
    trial.report(&report(&trial, ROUTES[0], ReportKind::Failed, 0, 300), end);
    assert_eq!(sent(&trial), 1);
}

/// A list that grows has three seconds at first. An Echo that plays no more than those asked once.
#[test]
fn a_list_that_grows_is_heard_after_four_seconds() {
    for (played, works) in [(3056, false), (4100, true)] {
        let tones = vec![(ToneKind::Form(Form::HlsLive), "https://door.example/t/a.m3u8".to_owned())];
        let mut trial = Trial::new("G0KITCHEN", &kitchen(), tones, at(0));
        trial.ask(&echo(), &"ask".to_owned(), at(1000));
        let finished = report(&trial, ROUTES[0], ReportKind::Finished, played, 7);
        trial.report(&finished, at(7000));
        assert_eq!(trial.tones[0].outcome.as_ref().unwrap().works, works, "{played}");
        assert_eq!(trial.outcome_of(&finished), None, "a form is no route");
        assert_eq!(trial.tones[0].asked_again(), None);
        let list = |millis| ToneRequest::new(at(millis), false, TonePart::List, None, None);
        for (millis, again) in [(2000, false), (2100, false), (3100, true)] {
            trial.fetch(trial.number, 0, &list(millis));
            assert_eq!(trial.tones[0].asked_again(), Some(again), "{millis}");
        }
    }
}

#[test]
fn the_first_requests_for_a_tone_are_kept() {
    let mut trial = asked();
    let request = |millis, is_head| ToneRequest::new(at(millis), is_head, TonePart::Sound, None, None);
    trial.fetch(trial.number + 1, 0, &request(0, false));
    trial.fetch(trial.number, 9, &request(0, false));
    assert!(trial.tones.iter().all(|tone| tone.requests.is_empty()));
    trial.fetch(trial.number, 0, &request(100, true));
    assert_eq!(trial.tones[0].fetched_at(), None);
    for millis in 200..300 {
        trial.fetch(trial.number, 0, &request(millis, false));
    }
    assert_eq!((trial.tones[0].requests.len(), trial.tones[0].fetched_at()), (TONE_REQUESTS, Some(at(200))));
}

#[test]
fn a_request_keeps_no_address_of_the_one_who_asked() {
    let kept = |range, agent| {
        let request = ToneRequest::new(at(0), false, TonePart::Sound, Some(range), Some(agent));
        (request.range.unwrap(), request.agent.unwrap())
    };
    let long = "bytes=0-".to_owned() + &"0".repeat(99);
    for (range, expected) in [
        ("bytes=0-", "bytes=0-"),
        ("bytes=100-199", "bytes=100-199"),
        ("bytes=-5", "bytes=-5"),
        ("bytes=-", "other"),
        ("bytes=0-1,2-3", "other"),
        ("http://192.168.1.5", "other"),
        (&long, "other"),
    ] {
        assert_eq!(kept(range, "a").0, expected);
    }
    for (agent, expected) in [
        (
            "AlexaMediaPlayer/2.1.4676.0 (Linux;Android 5.1.1) ExoPlayerLib/1.5.9",
            "AlexaMediaPlayer/2.1.4676.0",
        ),
        ("Echo/1.0(APNG)", "Echo/1.0"),
        ("curl", "curl"),
        ("", "other"),
        ("192.168.1.5", "other"),
        ("http://192.168.1.5/", "other"),
        ("kitchen.lan/1.0", "other"),
        ("Küche/1.0", "other"),
        ("a/b/c", "other"),
    ] {
        assert_eq!(kept("bytes=0-", agent).1, expected, "{agent}");
    }
}

#[test]
fn the_path_of_a_tone_is_read_as_it_was_written() {
    let all = ROUTES.map(ToneKind::Route).into_iter().chain(Form::ALL.map(ToneKind::Form));
    for (place, kind) in all.enumerate() {
        let path = TonePath { number: 1_764_409_000_123, at: place, kind };
        assert_eq!(TonePath::parse(&path.to_string()), Some(path));
    }
    for other in [
        "/tone",
        "/tone/",
        "/tone/1/2",
        "/tone/1/2/door/",
        "/tone/1/2/none",
        "/tone/01/2/door",
        "/tone/-1/2/door",
        "tone/1/2/door",
    ] {
        assert_eq!(TonePath::parse(other), None, "{other}");
    }
}
