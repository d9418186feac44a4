//! The stream over hours and days: when it is opened, replaced and given up.

use std::time::Duration;

use ma_alexa::amazon::SpeakerVolume;
use ma_alexa::amazon::live::{LiveProblem, LiveRegion, LiveStage, LiveValue, MAX_PART};
use ma_alexa::clock::Clock as _;
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::host::{BOUNDARY, Plan, Run};
use super::wire::{part, volume};

const KITCHEN: &str = "G0KITCHEN00000001";

/// Lets the runtime do all that can be done at once.
async fn settle() {
    sleep(Duration::from_millis(10)).await;
}

#[tokio::test(start_paused = true)]
async fn a_volume_arrives_at_once() {
    let mut run = Run::begin(&[Plan::Live]);
    settle().await;
    assert_eq!(run.states.report().stage, LiveStage::Open);
    let at = run.host.clock.now().millis();
    run.host.say(part(BOUNDARY, &volume(KITCHEN, 42, at)));
    let change = timeout(Duration::from_secs(1), run.changes.recv()).await.unwrap().unwrap();
    assert_eq!(change.serial, KITCHEN);
    assert_eq!(change.value, LiveValue::Volume(SpeakerVolume { volume: 42, muted: false }));
}

#[tokio::test(start_paused = true)]
async fn a_day_has_few_openings_and_no_more_tasks_at_its_end() {
    let run = Run::begin(&[Plan::Live]);
    settle().await;
    let tasks = Handle::current().metrics().num_alive_tasks();
    sleep(Duration::from_hours(24)).await;
    let opens = run.host.opens();
    assert!((24..=30).contains(&opens.len()), "{} openings", opens.len());
    let bearers: std::collections::BTreeSet<_> = opens.iter().map(|(.., bearer)| bearer).collect();
    assert_eq!(bearers.len(), opens.len(), "each has a new token");
    assert!(Handle::current().metrics().num_alive_tasks() <= tasks, "a task stayed");
    assert!(run.host.pings() > 24 * 60 / 5, "{} pings", run.host.pings());
    assert_eq!(*run.host.queries.lock().unwrap(), opens.len(), "each begins with queries");
    assert_eq!(run.states.report().stage, LiveStage::Open);
    assert_eq!(run.states.report().region, Some(LiveRegion::Europe));
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_it_is_stopped() {
    let run = Run::begin(&[Plan::Live]);
    settle().await;
    run.stop.send(()).await.unwrap();
    timeout(Duration::from_secs(1), run.task).await.unwrap().unwrap();
    timeout(Duration::from_secs(1), run.states.ended()).await.unwrap();
    settle().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0, "the connection has ended, too");
}

/// Whatever a host does, it is not opened too often, and the report says why.
#[tokio::test(start_paused = true)]
async fn no_fault_is_a_storm() {
    let cut = part(BOUNDARY, &volume(KITCHEN, 1, 0));
    let junk = vec![b'x'; MAX_PART + 1];
    let faults = [
        (Plan::Ends(Vec::new()), LiveProblem::Ended),
        (Plan::Ends(cut.clone()), LiveProblem::Ended),
        (Plan::Breaks(cut[..cut.len() / 2].to_vec()), LiveProblem::Ended),
        (Plan::Breaks(Vec::new()), LiveProblem::Ended),
        (Plan::Ends(junk), LiveProblem::Malformed),
        (Plan::Silent, LiveProblem::Silent),
        (Plan::Status(503), LiveProblem::Ended),
        (Plan::Status(429), LiveProblem::Ended),
        (Plan::GoesAway(Duration::from_secs(3)), LiveProblem::Ended),
        (Plan::GoesAway(Duration::from_secs(150)), LiveProblem::Ended),
        (Plan::NoHttp2, LiveProblem::NoHttp2),
        (Plan::Status(401), LiveProblem::Refused),
        (Plan::Status(403), LiveProblem::Refused),
    ];
    for (plan, problem) in faults {
        let run = Run::begin(std::slice::from_ref(&plan));
        sleep(Duration::from_hours(3)).await;
        assert!(run.host.most_in_a_minute() <= 6, "{plan:?}: {}", run.host.most_in_a_minute());
        let opens = run.states.report().opens;
        assert!(opens <= 21, "{plan:?}: {opens} openings in the last hour");
        sleep(Duration::from_secs(1)).await;
        let found = run.states.report().problem.map(|(problem, _)| problem);
        assert!(
            found == Some(problem) || run.states.report().stage == LiveStage::Open,
            "{plan:?}: {found:?}"
        );
        run.task.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_cut_it_is_back_within_six_seconds() {
    let cut = part(BOUNDARY, &volume(KITCHEN, 1, 0));
    for length in 0..=cut.len() {
        let run = Run::begin(&[Plan::Breaks(cut[..length].to_vec()), Plan::Live]);
        sleep(Duration::from_millis(6_100)).await;
        assert_eq!(run.states.report().stage, LiveStage::Open, "cut at {length}");
        assert_eq!(run.host.opens().len(), 2, "cut at {length}");
        run.task.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_megabyte_of_junk_ends_the_stream_and_the_next_one_serves() {
    let mut run = Run::begin(&[Plan::Ends(vec![b'{'; 2 * MAX_PART]), Plan::Live]);
    sleep(Duration::from_secs(7)).await;
    let at = run.host.clock.now().millis();
    run.host.say(part(BOUNDARY, &volume(KITCHEN, 5, at)));
    let change = timeout(Duration::from_secs(1), run.changes.recv()).await.unwrap().unwrap();
    assert_eq!(change.serial, KITCHEN);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_and_then_a_person_has_to_sign_in() {
    let run = Run::begin(&[Plan::Status(401), Plan::Live]);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(run.host.opens().len(), 2);
    assert_eq!(run.states.report().stage, LiveStage::Open, "a new token serves");
    run.task.abort();

    let run = Run::begin(&[Plan::Status(403), Plan::Status(403), Plan::Live]);
    sleep(Duration::from_mins(50)).await;
    assert_eq!(run.host.opens().len(), 2, "Amazon is not asked again");
    assert!(matches!(run.states.report().problem, Some((LiveProblem::Refused, _))));
    "two".clone_into(&mut run.host.serial.lock().unwrap());
    sleep(Duration::from_secs(40)).await;
    assert_eq!(run.states.report().stage, LiveStage::Open, "a person has signed in");
}

#[tokio::test(start_paused = true)]
async fn a_token_without_a_device_opens_no_stream() {
    let run = Run::begin(&[Plan::Live]);
    *run.host.registers_with.lock().unwrap() = 403;
    sleep(Duration::from_mins(30)).await;
    assert_eq!(run.host.opens().len(), 0);
    assert!(matches!(run.states.report().problem, Some((LiveProblem::NoDevice, _))));
}

#[tokio::test(start_paused = true)]
async fn without_a_sign_in_amazon_is_not_asked() {
    let run = Run::begin(&[Plan::Live]);
    run.host.serial.lock().unwrap().clear();
    sleep(Duration::from_hours(2)).await;
    assert_eq!((run.states.report().stage, run.host.opens().len()), (LiveStage::SignedOut, 0));
    "one".clone_into(&mut run.host.serial.lock().unwrap());
    sleep(Duration::from_secs(31)).await;
    assert_eq!(run.states.report().stage, LiveStage::Open);
}

#[tokio::test(start_paused = true)]
async fn another_process_has_the_stream_until_it_ends() {
    let run = Run::begin(&[Plan::Live]);
    *run.host.is_leased_elsewhere.lock().unwrap() = true;
    sleep(Duration::from_hours(1)).await;
    assert_eq!((run.states.report().stage, run.host.opens().len()), (LiveStage::OtherProcess, 0));
    *run.host.is_leased_elsewhere.lock().unwrap() = false;
    sleep(Duration::from_secs(21)).await;
    assert_eq!(run.states.report().stage, LiveStage::Open);
    *run.host.is_leased_elsewhere.lock().unwrap() = true;
    sleep(Duration::from_secs(61)).await;
    assert_eq!(run.states.report().stage, LiveStage::OtherProcess);
}

#[tokio::test(start_paused = true)]
async fn the_right_region_is_taken_at_once_and_kept() {
    let run = Run::begin(&[Plan::Live]);
    let right = "https://alexa.na.gateway.devices.a2z.com".to_owned();
    *run.host.endpoint.lock().unwrap() = Some(right);
    // The host of the other family of names counts as right, too.
    sleep(Duration::from_secs(61)).await;
    let hosts: Vec<String> = run.host.opens().into_iter().map(|(_, host, _)| host).collect();
    assert_eq!(hosts, ["bob-dispatch-prod-eu.amazon.com", "bob-dispatch-prod-na.amazon.com"]);
    assert_eq!(run.states.report().region, Some(LiveRegion::America));
    *run.host.endpoint.lock().unwrap() = Some("https://bob-dispatch-prod-na.amazon.com".to_owned());
    sleep(Duration::from_hours(3)).await;
    assert!(run.host.opens()[1..].iter().all(|(_, host, _)| host == "bob-dispatch-prod-na.amazon.com"));
}

#[tokio::test(start_paused = true)]
async fn a_foreign_host_gets_no_token() {
    let run = Run::begin(&[Plan::Live]);
    *run.host.endpoint.lock().unwrap() =
        Some("https://bob-dispatch-prod-eu.amazon.com.evil.example".to_owned());
    sleep(Duration::from_hours(2)).await;
    assert!(run.host.opens().iter().all(|(_, host, _)| host == "bob-dispatch-prod-eu.amazon.com"));
    assert!(run.host.most_in_a_minute() <= 2);
}

#[tokio::test(start_paused = true)]
async fn short_tokens_are_no_storm() {
    let run = Run::begin(&[Plan::Live]);
    *run.host.lasts.lock().unwrap() = Duration::from_secs(1);
    sleep(Duration::from_hours(2)).await;
    assert!(run.host.most_in_a_minute() <= 6);
    assert!(run.states.report().opens <= 21, "{}", run.states.report().opens);
}
