//! Clocks: a set-up goes on after the wall clock was set by an hour, 30 days, a year, and makes one skill.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::time::Duration;

use end_to_end::amazon::Fault;
use ma_alexa::clock::Clock as _;
use ma_alexa::smapi::{Provisioning, StepState};

use super::harness::{FUNCTION, Harness, spec_for};

/// The spans by which the clock is set.
const SHIFTS: [Duration; 3] =
    [Duration::from_hours(1), Duration::from_hours(30 * 24), Duration::from_hours(365 * 24)];

/// The longest span of a set-up: the patience with Amazon.
const LONGEST: Duration = Duration::from_mins(15);

/// The direction in which the clock is set.
#[derive(Clone, Copy, Debug)]
enum Set {
    Back(Duration),
    Forward(Duration),
}

impl Set {
    fn all() -> impl Iterator<Item = Self> {
        SHIFTS.into_iter().flat_map(|shift| [Self::Back(shift), Self::Forward(shift)])
    }

    fn apply(self, harness: &Harness) {
        match self {
            Self::Back(shift) => harness.clock.set_back(shift),
            Self::Forward(shift) => harness.clock.set_forward(shift),
        }
    }
}

/// Advances to the end, within the longest span.
async fn drive(harness: &Harness, case: &str) -> Provisioning {
    let until = harness.clock.monotonic() + LONGEST;
    loop {
        let state = harness.manager.advance().await.unwrap().unwrap();
        if state.finished_at.is_some() {
            return state;
        }
        assert!(harness.clock.monotonic() < until, "{case}: {state:#?}");
        harness.clock.advance(Duration::from_secs(1));
    }
}

/// Advances to the end, and starts again where the clock made Amazon look slow.
async fn finish(harness: &Harness, case: &str) {
    let mut state = drive(harness, case).await;
    if !state.succeeded() {
        let failed = state.steps.iter().filter(|step| step.state == StepState::Failed);
        let codes: Vec<&str> = failed.map(|step| step.problem.as_ref().unwrap().code.as_str()).collect();
        assert!(codes.iter().all(|code| code.ends_with("-slow")), "{case}: {codes:?}");
        harness.manager.start(&spec_for(FUNCTION, &["de-DE"])).await.unwrap();
        state = drive(harness, case).await;
    }
    assert!(state.succeeded(), "{case}: {state:#?}");
    assert!(harness.only_skill().enabled, "{case}");
    let creations = harness.writes().iter().filter(|write| *write == "POST /v1/skills").count();
    assert_eq!(creations, 1, "{case}");
}

#[tokio::test]
async fn a_set_up_goes_on_wherever_the_clock_is_set() {
    for (set, steps) in Set::all().flat_map(|set| (0..6).map(move |steps| (set, steps))) {
        let harness = Harness::signed_in().await;
        harness.amazon.behave(|quirks| quirks.smapi.manifest_polls = 3);
        harness.manager.start(&spec_for(FUNCTION, &["de-DE"])).await.unwrap();
        for _ in 0..steps {
            let state = harness.manager.advance().await.unwrap().unwrap();
            harness.wait_for(&state);
        }
        set.apply(&harness);
        finish(&harness, &format!("{set:?} after {steps} steps")).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_amazon_look_no_slower() {
    for shift in SHIFTS {
        let harness = Harness::signed_in().await;
        harness.amazon.behave(|quirks| quirks.smapi.manifest_polls = 5);
        harness.manager.start(&spec_for(FUNCTION, &["de-DE"])).await.unwrap();
        for _ in 0..3 {
            let state = harness.manager.advance().await.unwrap().unwrap();
            harness.wait_for(&state);
        }
        harness.clock.set_back(shift);
        let state = drive(&harness, &format!("{shift:?}")).await;
        assert!(state.succeeded(), "{shift:?}: {state:#?}");
    }
}

/// The lease of a process that died ends with its span.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_died_goes_on_wherever_the_clock_is_set() {
    for set in Set::all() {
        let harness = Harness::signed_in().await;
        harness.amazon.fault_after(5, "/v1/", Fault::DoneWithoutAnswer, 1);
        harness.manager.start(&spec_for(FUNCTION, &["de-DE"])).await.unwrap();
        let (doomed, clock) = (harness.another_process(), harness.clock.clone());
        let killed = tokio::spawn(async move {
            while doomed.advance().await.unwrap().unwrap().finished_at.is_none() {
                clock.advance(Duration::from_secs(11));
            }
        });
        harness.amazon.wait_for("/v1/", 6).await;
        killed.abort();
        assert!(killed.await.is_err(), "it was at work");
        harness.amazon.heal();
        set.apply(&harness);
        finish(&harness, &format!("{set:?}")).await;
    }
}
