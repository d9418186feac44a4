//! Clocks: a set-up goes on after the wall clock was set by an hour, 30 days, a year, and makes one skill.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::time::Duration;

use end_to_end::amazon::Fault;
use ma_alexa::clock::Clock as _;
use ma_alexa::smapi::{Job, TaskState};

use super::harness::{FUNCTION, Harness, wish_for};

/// By how much the clock is set.
const SHIFTS: [Duration; 3] =
    [Duration::from_hours(1), Duration::from_hours(30 * 24), Duration::from_hours(365 * 24)];

/// The longest span of a set-up: how long Amazon is waited for.
const LONGEST: Duration = Duration::from_mins(15);

/// In which direction the clock is set.
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

/// Goes on to the end, within the longest span.
async fn drive(harness: &Harness, case: &str) -> Job {
    let until = harness.clock.monotonic() + LONGEST;
    loop {
        let job = harness.manager.step().await.unwrap().unwrap();
        if job.finished_at.is_some() {
            return job;
        }
        assert!(harness.clock.monotonic() < until, "{case}: {job:#?}");
        harness.clock.advance(Duration::from_secs(1));
    }
}

/// Goes on to the end, and presses the button again where the clock made Amazon look slow.
async fn finish(harness: &Harness, case: &str) {
    let mut job = drive(harness, case).await;
    if !job.succeeded() {
        let failed = job.tasks.iter().filter(|task| task.state == TaskState::Failed);
        let codes: Vec<&str> = failed.map(|task| task.problem.as_ref().unwrap().code.as_str()).collect();
        assert!(codes.iter().all(|code| code.ends_with("-slow")), "{case}: {codes:?}");
        harness.manager.begin(&wish_for(FUNCTION, &["de-DE"])).await.unwrap();
        job = drive(harness, case).await;
    }
    assert!(job.succeeded(), "{case}: {job:#?}");
    assert!(harness.only_skill().enabled, "{case}");
    let creations = harness.writes().iter().filter(|write| *write == "POST /v1/skills").count();
    assert_eq!(creations, 1, "{case}");
}

#[tokio::test]
async fn a_set_up_goes_on_wherever_the_clock_is_set() {
    for (set, steps) in Set::all().flat_map(|set| (0..6).map(move |steps| (set, steps))) {
        let harness = Harness::signed_in().await;
        harness.amazon.behave(|quirks| quirks.smapi.manifest_polls = 3);
        harness.manager.begin(&wish_for(FUNCTION, &["de-DE"])).await.unwrap();
        for _ in 0..steps {
            let job = harness.manager.step().await.unwrap().unwrap();
            harness.wait_for(&job);
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
        harness.manager.begin(&wish_for(FUNCTION, &["de-DE"])).await.unwrap();
        for _ in 0..3 {
            let job = harness.manager.step().await.unwrap().unwrap();
            harness.wait_for(&job);
        }
        harness.clock.set_back(shift);
        let job = drive(&harness, &format!("{shift:?}")).await;
        assert!(job.succeeded(), "{shift:?}: {job:#?}");
    }
}

/// Whoever died at work holds its lease for no longer than the lease lasts.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_died_goes_on_wherever_the_clock_is_set() {
    for set in Set::all() {
        let harness = Harness::signed_in().await;
        harness.amazon.fault_after(5, "/v1/", Fault::DoneWithoutAnswer, 1);
        harness.manager.begin(&wish_for(FUNCTION, &["de-DE"])).await.unwrap();
        let (doomed, clock) = (harness.another_process(), harness.clock.clone());
        let killed = tokio::spawn(async move {
            while doomed.step().await.unwrap().unwrap().finished_at.is_none() {
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
