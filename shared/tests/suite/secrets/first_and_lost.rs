//! Writing a secret for the first time, and writing it when an answer is lost.

use ma_alexa::secrets::{PutResult, SecretVersion, SecretsError};

use super::contract::{count_up, write};
use super::fake::FakeManager;
use super::{TOKEN, name, session};

const GET: &str = "GetSecretValue";
const PUT: &str = "PutSecretValue";
const MOVE: &str = "UpdateSecretVersionStage";

#[tokio::test]
async fn the_first_version_needs_no_move_and_every_later_one_moves_once() {
    let fake = FakeManager::start().await;
    let secrets = fake.open();
    let never = secrets.amazon().await.unwrap().version;
    assert!(never.is_unwritten());
    let first = write(&*secrets, &session("first"), &never).await;
    write(&*secrets, &session("second"), &first).await;
    assert_eq!(fake.secret().asked, [GET, PUT, PUT, MOVE]);
}

#[tokio::test]
async fn a_lost_answer_is_no_lost_race() {
    let fake = FakeManager::start().await;
    let secrets = fake.open();
    let mut read = secrets.amazon().await.unwrap().version;
    fake.secret().asked.clear();
    let lost_and_asked: [(_, &[&str]); 4] = [
        (PUT, &[PUT, PUT]),
        (PUT, &[PUT, PUT, MOVE]),
        // The repeated move is refused, since it was made.
        (MOVE, &[PUT, MOVE, MOVE, GET]),
        (MOVE, &[PUT, MOVE, MOVE, GET]),
    ];
    for (at, (lost, asked)) in lost_and_asked.into_iter().enumerate() {
        fake.secret().loses = Some(lost);
        read = write(&*secrets, &session(&at.to_string()), &read).await;
        let mut secret = fake.secret();
        assert_eq!(secret.loses, None, "no answer was lost");
        assert_eq!(std::mem::take(&mut secret.asked), asked, "{lost} {at}");
        assert_eq!(secret.versions.as_ref().unwrap().len(), at + 1, "one version for each write");
        assert_eq!(secret.labels["AWSCURRENT"], read.as_str());
    }
    assert_eq!(name(&secrets.amazon().await.unwrap().session), Some("3"));
}

/// Another process has read what was written, and written on top of it, before the writer knows.
#[tokio::test]
async fn a_writer_that_is_overtaken_after_its_write_has_written() {
    for (first, lost) in [(true, PUT), (false, MOVE)] {
        let fake = FakeManager::start().await;
        let secrets = fake.open();
        let mut read = secrets.amazon().await.unwrap().version;
        if !first {
            read = write(&*secrets, &session("one"), &read).await;
        }
        {
            let mut secret = fake.secret();
            secret.loses = Some(lost);
            secret.is_overtaken_meanwhile = true;
        }
        let version = write(&*secrets, &session("two"), &read).await;
        assert_eq!(fake.secret().loses, None, "no answer was lost");
        assert_eq!(fake.secret().labels["AWSPREVIOUS"], version.as_str());
        assert!(!secrets.amazon().await.unwrap().session.is_signed_in(), "the other one's stays");
    }
}

/// Many who write for the first time and build on each other.
#[tokio::test(flavor = "multi_thread")]
async fn first_writers_lose_no_write_and_repeat_none() {
    for _ in 0..20 {
        let fake = FakeManager::start().await;
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let secrets = fake.open();
            writers.spawn(async move { count_up(&*secrets).await });
        }
        let mut counted = writers.join_all().await;
        counted.sort_unstable();
        assert_eq!(counted, [1, 2, 3, 4]);
    }
}

#[tokio::test]
async fn a_version_is_named_by_a_random_uuid() {
    let fake = FakeManager::start().await;
    let secrets = fake.open();
    let mut read = SecretVersion::unwritten();
    for _ in 0..16 {
        read = write(&*secrets, &session("one"), &read).await;
        let parts: Vec<&str> = read.as_str().split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{read:?}");
        assert!(read.as_str().bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'), "{read:?}");
        assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{read:?}");
    }
    assert_eq!(fake.secret().versions.as_ref().unwrap().len(), 16);
}

/// A deployment that makes secrets with an empty text in them leaves a version to replace.
#[tokio::test]
async fn an_empty_text_is_nobodys_session_and_is_replaced() {
    let fake = FakeManager::start().await;
    let place = fake.place();
    place.overwrite.overwrite("").await;
    let held = place.secrets.amazon().await.unwrap();
    assert!(!held.session.is_signed_in() && !held.version.is_unwritten());
    let late = place.secrets.put_amazon(&session("late"), &SecretVersion::unwritten()).await;
    assert_eq!(late.unwrap(), PutResult::Conflict);
    write(&*place.secrets, &session("one"), &held.version).await;
    assert_eq!(name(&place.secrets.amazon().await.unwrap().session), Some("one"));
}

#[tokio::test]
async fn a_secret_that_does_not_exist_is_read_as_nobodys_and_told_when_it_is_written() {
    let fake = FakeManager::start().await;
    fake.secret().versions = None;
    let secrets = fake.open();
    let held = secrets.amazon().await.unwrap();
    assert!(!held.session.is_signed_in() && held.version.is_unwritten());
    let error = secrets.put_amazon(&session("one"), &held.version).await.unwrap_err();
    assert!(matches!(error, SecretsError::Unavailable { .. }));
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("home/amazon") && shown.contains("deploy again"), "{shown}");
    assert!(!shown.contains(TOKEN), "{shown}");
}

/// The label is where it was, and the service refuses to move it all the same.
#[tokio::test]
async fn a_refusal_that_is_no_lost_race_is_an_error() {
    let fake = FakeManager::start().await;
    let secrets = fake.open();
    let read = write(&*secrets, &session("one"), &SecretVersion::unwritten()).await;
    fake.secret().refuses = Some((MOVE, "AccessDeniedException"));
    let error = secrets.put_amazon(&session("two"), &read).await.unwrap_err();
    assert_eq!(
        error,
        SecretsError::Unavailable {
            place: "home/amazon".to_owned(),
            reason: "AccessDeniedException".to_owned()
        }
    );
    fake.secret().refuses = None;
    assert_eq!(secrets.amazon().await.unwrap().version, read);
    write(&*secrets, &session("two"), &read).await;
}
