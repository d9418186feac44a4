//! What is particular to the file.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::config::Settings;
use ma_alexa::playback::RETENTION;
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::store::{ActivityStore as _, OpenError, PlaybackStore as _, SetupStore as _, StoreError};
use rusqlite::Connection;

use super::fixture::run;
use super::samples::{T0, UNSEEN, after, asked, claim, push};

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, Arc::new(ManualClock::at(T0)), Arc::new(SeededRandom::new(1)))
}

fn items_in(path: &Path) -> u32 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("SELECT count(*) FROM items", [], |row| row.get(0)).unwrap()
}

#[test]
fn every_commit_of_the_open_connection_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    for _ in ["a new file", "and one that was there"] {
        let store = open(&folder.path().join("state.db")).unwrap();
        let durability = run(store.durability()).unwrap();
        assert_eq!(durability.journal_mode, "wal");
        assert_eq!(durability.synchronous, 2, "FULL");
        assert_eq!(durability.busy_timeout_ms, 5000);
    }
}

#[cfg(unix)]
#[test]
fn file_and_folder_are_their_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("a").join("data");
    let store = open(&data.join("state.db")).unwrap();
    run(store.push(&push("A", "one", T0))).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = data.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 2, "the file and its log");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[cfg(unix)]
#[test]
fn a_state_file_that_was_there_and_open_is_closed_and_one_of_another_user_refused() {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(open(&path).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(open(&path).unwrap());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // Only root can give a file away.
    if chown(&path, Some(4711), None).is_ok() {
        let error = open(&path).unwrap_err().to_string();
        assert!(error.contains("the user 4711 owns it"), "{error}");
    }
}

#[test]
fn a_foreign_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "Not a database, but long enough to be read as one.\n".repeat(50)).unwrap();
    let refused = open(&text).unwrap_err();
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused:?}");
    assert!(refused.to_string().contains("notes.txt is not a state file of this program"));
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("Not a database"));

    let foreign = folder.path().join("other.db");
    let other = Connection::open(&foreign).unwrap();
    other.execute_batch("CREATE TABLE songs (name TEXT)").unwrap();
    assert!(matches!(open(&foreign), Err(OpenError::Foreign { .. })));
    let tables: u32 = other.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
    let mode: String = other.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
    assert!(matches!(open(folder.path()), Err(OpenError::File { .. })));
}

#[test]
fn the_file_of_a_newer_release_is_refused_by_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
    let refused = open(&path).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 9, known: 1, .. }), "{refused:?}");
}

#[test]
fn expired_items_are_removed_on_opening_and_periodically() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let clock = Arc::new(ManualClock::at(T0));
    let open = || SqliteStore::open(&path, clock.clone(), Arc::new(SeededRandom::new(1))).unwrap();
    let store = open();
    run(async {
        for name in ["A", "B"] {
            store.push(&push(name, &format!("of-{name}"), T0)).await.unwrap();
        }
        clock.advance(RETENTION);
        store.put_settings(&Settings::default()).await.unwrap();
        // Clearing runs beside the answer, but before whatever comes next.
        while items_in(&path) > 1 {
            tokio::task::yield_now().await;
        }
        // Not again within the hour.
        store.push(&push("A", "one", T0)).await.unwrap();
        clock.advance(Duration::from_secs(3599));
        let writes = store.statistics().writes;
        store.put_settings(&Settings::default()).await.unwrap();
        store.settings().await.unwrap();
        assert_eq!(store.statistics().writes, writes + 1);
    });
    drop(store);
    assert_eq!(items_in(&path), 2);
    drop(open());
    assert_eq!(items_in(&path), 1);
}

#[test]
fn a_damaged_file_is_malformed_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("DROP TABLE items").unwrap();
    let error = run(store.household(T0)).unwrap_err();
    assert!(!matches!(error, StoreError::Newer { .. }), "{error:?}");
}

/// What each operation asks of SQLite: a commit is what waits for the disk.
#[test]
fn each_operation_is_one_statement_or_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("state.db")).unwrap();
    let before = std::cell::Cell::new(store.statistics());
    let asked_for = |what: &str, commits, reads, writes| {
        let (earlier, now) = (before.get(), store.statistics());
        before.set(now);
        let found = (now.commits - earlier.commits, now.reads - earlier.reads, now.writes - earlier.writes);
        assert_eq!(found, (commits, reads, writes), "{what}");
        let begins = commits;
        assert_eq!(now.statements - earlier.statements, begins + commits + reads + writes, "{what}");
    };
    run(async {
        store.push(&push("A", "one", T0)).await.unwrap();
        asked_for("push of a new player", 1, 2, 1);
        store.push(&push("A", "two", T0)).await.unwrap();
        asked_for("push", 1, 1, 1);
        store.household(T0).await.unwrap();
        asked_for("household", 0, 1, 0);
        store.record_request(&asked("kitchen", "ask", T0)).await.unwrap();
        asked_for("note_asked", 1, 1, 1);
        store.claim(&claim("A", 2, "kitchen", "claim", T0), &UNSEEN).await.unwrap();
        asked_for("claim", 1, 1, 1);
        store.claim(&claim("A", 2, "hall", "late", T0), &UNSEEN).await.unwrap();
        asked_for("claim that is refused", 1, 1, 0);
        store.recent(9, after(1)).await.unwrap();
        asked_for("recent", 0, 1, 0);
    });
}

/// Another process holds the file: all who come wait together, and not one after the other.
#[test]
fn eight_writes_wait_five_seconds_together_for_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    run(async {
        let pushes = (0..8).map(|number| {
            let store = store.clone();
            async move { store.push(&push("A", &format!("session{number}"), T0)).await }
        });
        for refused in futures_util::future::join_all(pushes).await {
            assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        }
    });
    let took = began.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
    other.execute_batch("ROLLBACK").unwrap();
    run(store.push(&push("A", "afterwards", T0))).unwrap();
}

/// Who waited for the connection has only the rest of the time for the file.
#[test]
fn a_later_operation_waits_from_its_own_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    run(async {
        let first = tokio::spawn({
            let store = store.clone();
            async move { store.push(&push("A", "one", T0)).await }
        });
        // The second is asked for while the first waits.
        while store.statistics().statements == 0 {
            tokio::task::yield_now().await;
        }
        let began = Instant::now();
        store.push(&push("B", "two", T0)).await.unwrap_err();
        let took = began.elapsed();
        assert!(took < Duration::from_secs(8), "{took:?}");
        first.await.unwrap().unwrap_err();
    });
}
