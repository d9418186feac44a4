//! Several processes on one store, and one that is killed.

use std::time::Duration;

use ma_alexa::account::{AcquireResult, LEASE};
use ma_alexa::clock::Timestamp;

use super::child::{Job, Process};
use super::fixture::Fixture;
use super::samples::{T0, after, player, push, served_by};

pub(crate) async fn one_of_sixty_four_echos_in_eight_processes_wins(fixture: &Fixture) {
    fixture.store.push(&push("A", "one", T0)).await.unwrap();
    let mut processes: Vec<_> =
        (0..8).map(|process| Process::start(&fixture.url, Job::Claim, &process.to_string())).collect();
    processes.iter_mut().for_each(Process::wait_until_ready);
    processes.iter_mut().for_each(Process::go);
    let winners: Vec<_> = processes.into_iter().flat_map(Process::finish).collect();
    let [winner] = &winners[..] else { panic!("{winners:?}") };
    let serves = served_by(&*fixture.store, "A", after(1)).await;
    assert_eq!(serves, Some(super::samples::device(winner)));
}

pub(crate) async fn no_start_is_lost_between_two_processes(fixture: &Fixture) {
    let mut processes: Vec<_> =
        ["one", "other"].iter().map(|name| Process::start(&fixture.url, Job::Start, name)).collect();
    processes.iter_mut().for_each(Process::wait_until_ready);
    processes.iter_mut().for_each(Process::go);
    let said = processes.into_iter().flat_map(Process::finish);
    let mut versions: Vec<u64> = said.map(|version| version.parse().unwrap()).collect();
    versions.sort_unstable();
    assert_eq!(versions, (1..=50).collect::<Vec<_>>(), "each start has a version of its own");
    assert_eq!(player(&*fixture.store, "A", after(1)).await.version(), 50);
}

/// Of six processes the one that has the lane is killed, until one is left.
pub(crate) async fn a_lane_outlives_a_killed_holder_by_its_lease(fixture: &Fixture) {
    let mut processes: Vec<_> =
        (0..6).map(|process| Process::start(&fixture.url, Job::TakeLane, &process.to_string())).collect();
    processes.iter_mut().for_each(Process::wait_until_ready);
    processes.iter_mut().for_each(Process::go);
    // All at once, since all are told before the first is heard.
    let take = |processes: &mut Vec<Process>, at: Timestamp| -> Vec<String> {
        for process in &mut *processes {
            process.tell(&at.millis().to_string());
        }
        processes.iter_mut().map(|process| process.line().unwrap()).collect()
    };
    let mut now = T0;
    while processes.len() > 1 {
        let until = now.plus(LEASE);
        let busy = format!("{:?}", AcquireResult::Busy(until));
        let answers = take(&mut processes, now);
        let has_it = |answer: &String| answer == "Granted";
        let winner = answers.iter().position(has_it).unwrap();
        let losers = answers.iter().enumerate().filter(|(at, _)| *at != winner);
        assert!(losers.map(|(_, answer)| answer).all(|answer| *answer == busy), "{answers:?}");
        processes.remove(winner).kill();
        for early in [now, until.minus(Duration::from_millis(1))] {
            let answers = take(&mut processes, early);
            assert!(answers.iter().all(|answer| *answer == busy), "{answers:?}");
        }
        now = until;
    }
    assert_eq!(take(&mut processes, now), ["Granted"]);
    for mut process in processes {
        process.tell("end");
        assert_eq!(process.finish(), Vec::<String>::new());
    }
}

/// Eight processes lay out one new file at the same moment.
#[test]
fn a_new_file_is_laid_out_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("new").join("state.db").display());
    let mut processes: Vec<_> =
        (0..8).map(|process| Process::start(&url, Job::Claim, &process.to_string())).collect();
    processes.iter_mut().for_each(Process::wait_until_ready);
    processes.iter_mut().for_each(Process::go);
    for process in processes {
        assert_eq!(process.finish(), Vec::<String>::new(), "there is no start to claim");
    }
}

/// A process is killed in the middle of its writes: what it had acknowledged is there, and the file works.
#[test]
fn a_kill_loses_no_acknowledged_write() {
    let fixture = Fixture::sqlite();
    let mut acknowledged = 0;
    for round in 0..4 {
        let mut process = Process::start(&fixture.url, Job::StartForEver, &round.to_string());
        process.wait_until_ready();
        process.go();
        for _ in 0..20 + 7 * round {
            acknowledged = process.line().unwrap().parse().unwrap();
        }
        if let Some(last) = process.kill().last() {
            acknowledged = last.parse().unwrap();
        }
        let version = super::fixture::run(player(&*fixture.store, "A", after(1))).version();
        // One more may have been written whose acknowledgement was lost.
        assert!((acknowledged..=acknowledged + 1).contains(&version), "{acknowledged} {version}");
    }
}
