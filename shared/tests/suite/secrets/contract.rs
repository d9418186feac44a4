//! What every place for secrets does with the session.

use std::sync::Arc;

use ma_alexa::account::AmazonSession;
use ma_alexa::secrets::{FileSecrets, PutResult, SecretStore, SecretVersion, SecretsError};
use tempfile::TempDir;

use super::{TOKEN, name, same, session};

/// Runs each function against every place.
macro_rules! contract {
    ($($name:ident),* $(,)?) => {
        mod in_files {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(&super::Place::files()).await;
            })*
        }
        #[cfg(all(feature = "secrets-manager", feature = "http"))]
        mod in_secrets_manager_as_documented {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(&crate::secrets::fake::FakeManager::start().await.place()).await;
            })*
        }
        #[cfg(all(feature = "secrets-manager", feature = "dynamodb", feature = "sqlite"))]
        mod in_secrets_manager_as_emulated {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(place) = crate::secrets::emulated::place().await {
                    super::$name(&place).await;
                }
            })*
        }
    };
}

contract! {
    a_written_secret_is_read_back,
    a_stale_write_changes_nothing,
    one_of_sixteen_writers_wins,
    writers_that_try_again_lose_no_write,
    an_unreadable_secret_is_not_shown,
}

/// Puts a text where the session is, past everything.
pub(super) type Overwrite = Box<dyn AsyncOverwrite>;

#[async_trait::async_trait]
pub(super) trait AsyncOverwrite: Send + Sync {
    async fn overwrite(&self, text: &str);
}

/// A place for secrets of one test alone and that holds no session yet.
pub(super) struct Place {
    pub(super) secrets: Arc<dyn SecretStore>,
    pub(super) overwrite: Overwrite,
}

struct Folder(TempDir);

#[async_trait::async_trait]
impl AsyncOverwrite for Folder {
    async fn overwrite(&self, text: &str) {
        std::fs::write(self.0.path().join("amazon.json"), text).unwrap();
    }
}

impl Place {
    fn files() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { secrets: Arc::new(FileSecrets::new(folder.path())), overwrite: Box::new(Folder(folder)) }
    }
}

/// Writes over `read`, which has to succeed.
pub(super) async fn write(
    secrets: &dyn SecretStore,
    session: &AmazonSession,
    read: &SecretVersion,
) -> SecretVersion {
    match secrets.put_amazon(session, read).await.unwrap() {
        PutResult::Stored(version) => version,
        PutResult::Conflict => panic!("no other process writes"),
    }
}

async fn a_written_secret_is_read_back(place: &Place) {
    let secrets = &*place.secrets;
    let mut held = secrets.amazon().await.unwrap();
    assert!(!held.session.is_signed_in());
    let mut seen = vec![held.version.clone()];
    for next in ["one", "two", "three"] {
        let written = session(next);
        let version = write(secrets, &written, &held.version).await;
        assert!(!seen.contains(&version) && !version.is_unwritten(), "{version:?} {seen:?}");
        held = secrets.amazon().await.unwrap();
        assert!(same(&held.session, &written), "{held:?}");
        assert_eq!(held.version, version);
        assert!(!format!("{held:?}").contains(TOKEN), "{held:?}");
        seen.push(version);
    }
    // No account is signed in any more, which is no secret that was never written.
    let out = write(secrets, &AmazonSession::default(), &held.version).await;
    held = secrets.amazon().await.unwrap();
    assert!(!held.session.is_signed_in());
    assert_eq!(held.version, out);
    assert!(!out.is_unwritten());
}

async fn a_stale_write_changes_nothing(place: &Place) {
    let secrets = &*place.secrets;
    let never = secrets.amazon().await.unwrap().version;
    let first = write(secrets, &session("first"), &never).await;
    let second = write(secrets, &session("second"), &first).await;
    let made_up = SecretVersion::new("0f8fad5b-d9cb-469f-a165-70867728950e");
    for stale in [never, first, SecretVersion::unwritten(), made_up] {
        let put = secrets.put_amazon(&session("late"), &stale).await.unwrap();
        assert_eq!(put, PutResult::Conflict, "{stale:?}");
        let held = secrets.amazon().await.unwrap();
        assert_eq!((name(&held.session), &held.version), (Some("second"), &second));
    }
    write(secrets, &session("third"), &second).await;
    assert_eq!(name(&secrets.amazon().await.unwrap().session), Some("third"));
}

/// Once over a secret that was never written, once over one that was.
async fn one_of_sixteen_writers_wins(place: &Place) {
    for round in 0..2 {
        let read = place.secrets.amazon().await.unwrap().version;
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..16 {
            let (secrets, read) = (Arc::clone(&place.secrets), read.clone());
            writers.spawn(async move {
                let name = format!("{round}-{writer}");
                let put = secrets.put_amazon(&session(&name), &read).await.unwrap();
                (name, put)
            });
        }
        let outcomes = writers.join_all().await;
        let winners: Vec<_> =
            outcomes.iter().filter(|(_, put)| matches!(put, PutResult::Stored(_))).collect();
        let [(winner, put)] = &winners[..] else { panic!("{outcomes:?}") };
        let held = place.secrets.amazon().await.unwrap();
        assert_eq!(name(&held.session), Some(winner.as_str()));
        assert_eq!(*put, PutResult::Stored(held.version));
    }
}

async fn writers_that_try_again_lose_no_write(place: &Place) {
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let secrets = Arc::clone(&place.secrets);
        writers.spawn(async move {
            for _ in 0..5 {
                count_up(&*secrets).await;
            }
        });
    }
    writers.join_all().await;
    assert_eq!(name(&place.secrets.amazon().await.unwrap().session), Some("20"));
}

/// Adds one to the number that is the name, however often others come first.
pub(super) async fn count_up(secrets: &dyn SecretStore) -> u32 {
    loop {
        let held = secrets.amazon().await.unwrap();
        let next = name(&held.session).map_or(0, |count| count.parse().unwrap()) + 1;
        let put = secrets.put_amazon(&session(&next.to_string()), &held.version).await.unwrap();
        if let PutResult::Stored(_) = put {
            return next;
        }
    }
}

async fn an_unreadable_secret_is_not_shown(place: &Place) {
    let malformed = [
        TOKEN.to_owned(),
        format!("[\"{TOKEN}\"]"),
        format!("{{\"alexa\":\"{TOKEN}\"}}"),
        format!("{{\"schema\":\"{TOKEN}\"}}"),
        format!("{{\"leaving\":[{{\"serial\":\"{TOKEN}\"}}]}}"),
        format!("{{\"alexa\":{{\"refresh_token\":\"{TOKEN}\""),
    ];
    for text in malformed {
        place.overwrite.overwrite(&text).await;
        let error = place.secrets.amazon().await.unwrap_err();
        assert!(matches!(error, SecretsError::Malformed { .. }), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("amazon") && !shown.contains("Atnr"), "{shown}");
    }
    place.overwrite.overwrite(&format!("{{\"schema\":2,\"alexa\":{{\"new_token\":\"{TOKEN}\"}}}}")).await;
    let error = place.secrets.amazon().await.unwrap_err();
    assert!(matches!(error, SecretsError::Newer { .. }), "{error}");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("schema 2") && shown.contains("install the newer release"), "{shown}");
    assert!(!shown.contains("Atnr"), "{shown}");
}
