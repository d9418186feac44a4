//! A backup of state and secrets, and what is restored from it.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ma_alexa::backup::{self, BackupError, StatePlaces};
use ma_alexa::clock::SystemRandom;
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::secrets::{FileSecrets, SecretStore as _, SecretVersion};
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::store::{OpenError, PlaybackStore as _};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::secrets::{TOKEN, session};
use crate::store::samples::{T0, push};

/// The files of a server in a folder of its own.
struct Home {
    folder: TempDir,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// One with the player `name` and secrets.
    async fn with(name: &str) -> Self {
        let home = Self::new();
        home.store().push(&push(name, "one", T0)).await.unwrap();
        let secrets = home.secrets();
        secrets.create_missing(Arc::new(SystemRandom)).await.unwrap();
        secrets.put_amazon(&session("A person"), &SecretVersion::unwritten()).await.unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn places(&self) -> StatePlaces {
        StatePlaces::new(self.path("data/state.db"), self.path("data/secrets"))
    }

    fn store(&self) -> SqliteStore {
        open(&self.path("data/state.db")).unwrap()
    }

    fn secrets(&self) -> FileSecrets {
        FileSecrets::new(self.path("data/secrets"))
    }

    async fn password(&self) -> String {
        self.secrets().credentials().await.unwrap().unwrap().owner.password().to_owned()
    }

    async fn players(&self) -> Vec<String> {
        let household = self.store().household(T0).await.unwrap();
        household.players.iter().map(|player| player.player.to_string()).collect()
    }

    /// The names of everything under the folder of the state, with the sizes of files.
    fn listing(&self) -> Vec<(PathBuf, u64)> {
        let mut found = Vec::new();
        let mut open = vec![self.path("data")];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    open.push(entry.path());
                } else {
                    found.push((entry.path(), entry.metadata().unwrap().len()));
                }
            }
        }
        found.retain(|(path, _)| path.extension().is_none_or(|extension| extension != "lock"));
        found.sort();
        found
    }
}

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, Arc::new(ManualClock::at(T0)), Arc::new(SeededRandom::new(1)))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn contains(path: &Path, text: &str) -> bool {
    fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_backup_beside_an_open_store_is_restored_in_another_home() {
    let home = Home::with("Kitchen").await;
    let running = home.store();
    running.push(&push("Office", "one", T0)).await.unwrap();
    let file = home.path("home.backup");
    backup::make(&home.places(), &file, T0).unwrap();
    assert_eq!(mode(&file), 0o600);
    running.push(&push("Late", "one", T0)).await.unwrap();

    let other = Home::new();
    let restored = backup::restore(&other.places(), &file, T0).unwrap();
    assert_eq!((restored.made_at, restored.before), (T0.rfc3339(), Vec::new()));
    assert_eq!(other.players().await, ["Kitchen", "Office"]);
    assert_eq!(other.password().await, home.password().await);
    let amazon = other.secrets().amazon().await.unwrap().session;
    assert_eq!(amazon.alexa.unwrap().name.as_deref(), Some("A person"));
    for (name, expected) in [("data", 0o700), ("data/secrets", 0o700), ("data/state.db", 0o600)] {
        assert_eq!(mode(&other.path(name)), expected, "{name}");
    }
    assert_eq!(mode(&other.path("data/secrets/credentials.json")), 0o600);
    assert!(contains(&file, TOKEN), "the secrets are in the backup");
    assert!(!contains(&other.path("data/state.db"), TOKEN), "a secret stays in the state");
}

#[tokio::test]
async fn what_was_there_is_kept_aside() {
    let (home, other) = (Home::with("Kitchen").await, Home::with("Office").await);
    let (file, before) = (home.path("home.backup"), other.password().await);
    backup::make(&home.places(), &file, T0).unwrap();
    let restored = backup::restore(&other.places(), &file, T0).unwrap();
    assert_eq!(other.players().await, ["Kitchen"]);
    let [state, secrets] = &restored.before[..] else { panic!("{restored:?}") };
    let old = open(&state.join("state.db")).unwrap().household(T0).await.unwrap();
    assert_eq!(old.players[0].player.to_string(), "Office");
    let old = FileSecrets::new(secrets).credentials().await.unwrap().unwrap();
    assert_eq!(old.owner.password(), before);
    assert_eq!((mode(state), mode(secrets)), (0o700, 0o700));
}

#[tokio::test]
async fn a_backup_replaces_no_file_and_leaves_none_behind() {
    let home = Home::with("Kitchen").await;
    let file = home.path("notes.txt");
    fs::write(&file, "mine").unwrap();
    let refused = backup::make(&home.places(), &file, T0).unwrap_err();
    assert!(matches!(refused, BackupError::Exists(_)), "{refused}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let refused = backup::make(&Home::new().places(), &home.path("none"), T0).unwrap_err();
    assert!(matches!(refused, BackupError::NoState(_)), "{refused}");
    let nowhere = home.path("no/such/folder/a.backup");
    assert!(matches!(backup::make(&home.places(), &nowhere, T0), Err(BackupError::File { .. })));
    let names: Vec<_> =
        fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// Changes a database without our help.
fn change(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_whole_backup_changes_nothing() {
    let home = Home::with("Kitchen").await;
    let good = home.path("good.backup");
    backup::make(&home.places(), &good, T0).unwrap();
    let named = |name: &str| {
        let path = home.path(name);
        fs::copy(&good, &path).unwrap();
        path
    };
    let newer = named("newer.backup");
    change(&newer, "PRAGMA user_version = 99");
    let truncated = named("truncated.backup");
    let length = fs::metadata(&good).unwrap().len();
    fs::File::options().write(true).open(&truncated).unwrap().set_len(length / 2).unwrap();
    let more = named("more.backup");
    change(&more, "CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM items; END");
    let elsewhere = named("elsewhere.backup");
    change(&elsewhere, "UPDATE backup_secrets SET name = '../../owned' WHERE name = 'amazon.json'");
    let unreadable = named("unreadable.backup");
    change(&unreadable, "UPDATE backup_secrets SET content = '{}' WHERE name = 'credentials.json'");
    let text = home.path("text");
    fs::write(&text, "no database\n".repeat(100)).unwrap();
    let foreign = home.path("foreign.db");
    change(&foreign, "CREATE TABLE songs (name TEXT)");
    let state = home.path("copy-of-state.db");
    change(&home.path("data/state.db"), &format!("VACUUM INTO '{}'", state.display()));

    let target = Home::with("Office").await;
    let before = target.listing();
    for (path, reason) in [
        (&newer, "has layout 99"),
        (&truncated, "is not a whole backup"),
        (&more, "it has other tables"),
        (&elsewhere, "no secret has such a name"),
        (&unreadable, "credentials.json is malformed"),
        (&text, "is not a whole backup"),
        (&foreign, "the database of another program"),
        (&state, "it is a state file, without the secrets"),
        (&home.path("missing"), "cannot be used"),
        (&home.folder.path().to_owned(), "it is not a file"),
    ] {
        let refused = backup::restore(&target.places(), path, T0).unwrap_err().to_string();
        assert!(refused.contains(reason), "{}: {refused}", path.display());
        assert_eq!(target.listing(), before, "{}", path.display());
    }
    assert_eq!(target.players().await, ["Office"]);
}

#[tokio::test]
async fn a_state_in_use_is_not_replaced() {
    let home = Home::with("Kitchen").await;
    let file = home.path("home.backup");
    backup::make(&home.places(), &file, T0).unwrap();
    let running = home.store();
    let refused = backup::restore(&home.places(), &file, T0).unwrap_err();
    assert!(matches!(refused, BackupError::InUse(_)), "{refused}");
    running.push(&push("Office", "one", T0)).await.unwrap();
    drop(running);
    backup::restore(&home.places(), &file, T0).unwrap();
    assert_eq!(home.players().await, ["Kitchen"]);
}

#[tokio::test]
async fn a_restore_that_cannot_write_the_secrets_puts_the_state_back() {
    let (home, other) = (Home::with("Kitchen").await, Home::with("Office").await);
    let file = home.path("home.backup");
    backup::make(&home.places(), &file, T0).unwrap();
    fs::remove_dir_all(other.path("data/secrets")).unwrap();
    fs::write(other.path("data/secrets"), "in the way").unwrap();
    let refused = backup::restore(&other.places(), &file, T0).unwrap_err();
    assert!(matches!(refused, BackupError::Secrets(_)), "{refused}");
    assert_eq!(other.players().await, ["Office"]);
}

#[tokio::test]
async fn a_download_is_the_backup_as_a_file_has_it() {
    let home = Home::with("Kitchen").await;
    let before = home.listing();
    let bytes = backup::to_bytes(&home.places(), T0).unwrap();
    assert_eq!(home.listing(), before, "something is left behind");
    let (file, other) = (home.path("download"), Home::new());
    fs::write(&file, bytes).unwrap();
    backup::restore(&other.places(), &file, T0).unwrap();
    assert_eq!(other.players().await, ["Kitchen"]);
}

#[tokio::test]
async fn a_copy_that_a_dead_process_left_goes_with_the_next_backup() {
    let home = Home::with("Kitchen").await;
    let left = |name: &str| {
        let path = home.path(&format!("data/{name}"));
        fs::write(&path, "half a copy").unwrap();
        path
    };
    let dead = left(".ma-alexa-backup-4000001");
    let alive = left(".ma-alexa-backup-4000002");
    let other = left(".ma-alexa-backup-notes");
    let lock = fs::File::open(&alive).unwrap();
    lock.try_lock().unwrap();
    assert!(!backup::to_bytes(&home.places(), T0).unwrap().is_empty());
    assert_eq!([dead, alive, other].map(|path| path.exists()), [false, true, true]);
}

/// A power cut between the move of the old state and the name of the new one.
#[tokio::test]
async fn after_a_restore_that_was_cut_off_no_empty_household_begins() {
    let home = Home::with("Kitchen").await;
    let file = home.path("home.backup");
    backup::make(&home.places(), &file, T0).unwrap();
    fs::create_dir(home.path("data/before-restore-1")).unwrap();
    fs::rename(home.path("data/state.db"), home.path("data/before-restore-1/state.db")).unwrap();
    let left = home.path("data/.ma-alexa-restore-4000001");
    fs::write(&left, "half a copy").unwrap();
    let refused = open(&home.path("data/state.db")).unwrap_err().to_string();
    assert!(refused.contains("before-restore-") && refused.contains(left.to_str().unwrap()), "{refused}");
    assert!(!home.path("data/state.db").exists(), "nothing was begun");
    backup::restore(&home.places(), &file, T0).unwrap();
    assert_eq!(home.players().await, ["Kitchen"]);
}
