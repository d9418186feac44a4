//! The session in a file, between processes, one of which is killed.

use std::fs;

use ma_alexa::secrets::{FileSecrets, SecretStore as _};

use super::contract::{count_up, write};
use super::{mode, name, session};
use crate::process::{Process, ready, say};

const FOLDER: &str = "SECRETS_TEST_FOLDER";
const TIMES: &str = "SECRETS_TEST_TIMES";

fn count_in_a_process(folder: &tempfile::TempDir, times: usize) -> Process {
    let folder = folder.path().join("secrets").display().to_string();
    Process::spawn("secrets::file::body", [(FOLDER, folder), (TIMES, times.to_string())])
}

/// The body of a child process: counts up the name in the session. Nothing where no test started one.
#[tokio::test]
async fn body() {
    let (Ok(folder), Ok(times)) = (std::env::var(FOLDER), std::env::var(TIMES)) else {
        return;
    };
    let secrets = FileSecrets::new(folder);
    ready();
    for _ in 0..times.parse::<usize>().unwrap() {
        say(&count_up(&secrets).await.to_string());
    }
}

#[tokio::test]
async fn no_write_is_lost_between_four_processes() {
    let home = tempfile::tempdir().unwrap();
    let mut processes: Vec<_> = (0..4).map(|_| count_in_a_process(&home, 25)).collect();
    processes.iter_mut().for_each(Process::wait_until_ready);
    processes.iter_mut().for_each(Process::go);
    let mut counted: Vec<u32> =
        processes.into_iter().flat_map(Process::finish).map(|count| count.parse().unwrap()).collect();
    counted.sort_unstable();
    assert_eq!(counted, (1..=100).collect::<Vec<_>>(), "two writes that both began at one version");
}

#[tokio::test]
async fn a_killed_writer_leaves_a_whole_session_and_blocks_no_other() {
    let home = tempfile::tempdir().unwrap();
    let secrets = FileSecrets::new(home.path().join("secrets"));
    let mut acknowledged: u32 = 0;
    for round in 0..8 {
        let mut process = count_in_a_process(&home, usize::MAX);
        process.wait_until_ready();
        process.go();
        for _ in 0..10 + 3 * round {
            acknowledged = process.line().unwrap().parse().unwrap();
        }
        if let Some(last) = process.kill().last() {
            acknowledged = last.parse().unwrap();
        }
        let held = secrets.amazon().await.unwrap();
        let count: u32 = name(&held.session).unwrap().parse().unwrap();
        // One more may have been written whose acknowledgement was lost.
        assert!((acknowledged..=acknowledged + 1).contains(&count), "{acknowledged} {count}");
        assert_eq!(count_up(&secrets).await, count + 1);
    }
}

/// What a process leaves that dies before it has put its file in place.
#[tokio::test]
async fn an_unfinished_write_counts_for_nothing() {
    let home = tempfile::tempdir().unwrap();
    let secrets = FileSecrets::new(home.path());
    let never = secrets.amazon().await.unwrap().version;
    assert!(never.is_unwritten());
    let aside = home.path().join(".amazon.json.new");
    fs::write(&aside, "{\"alexa\":").unwrap();
    assert_eq!(secrets.amazon().await.unwrap().version, never);
    let first = write(&secrets, &session("first"), &never).await;
    assert!(!aside.exists());
    fs::write(&aside, "{\"alexa\":").unwrap();
    let held = secrets.amazon().await.unwrap();
    assert_eq!((name(&held.session), &held.version), (Some("first"), &first));
    write(&secrets, &session("second"), &first).await;
    assert_eq!(name(&secrets.amazon().await.unwrap().session), Some("second"));
    assert_eq!(mode(&home.path().join("amazon.json")), 0o600);
    let mut files: Vec<_> =
        fs::read_dir(home.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, [".lock", "amazon.json"]);
}

#[tokio::test]
async fn the_session_and_the_credentials_do_not_disturb_each_other() {
    let home = tempfile::tempdir().unwrap();
    let secrets = FileSecrets::new(home.path());
    let version = secrets.amazon().await.unwrap().version;
    write(&secrets, &session("one"), &version).await;
    assert!(secrets.credentials().await.unwrap().is_none());
    let random = std::sync::Arc::new(ma_alexa::clock::SystemRandom);
    secrets.create_missing(random).await.unwrap();
    assert_eq!(name(&secrets.amazon().await.unwrap().session), Some("one"));
    assert!(secrets.credentials().await.unwrap().is_some());
}
