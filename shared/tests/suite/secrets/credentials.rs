//! Credentials in files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{Clock as _, NoRandomness, Random, SystemClock, SystemRandom};
use ma_alexa::grant::{Grant, GrantKind};
use ma_alexa::playback::PlayerId;
use ma_alexa::secrets::{Created, Credentials, FileSecrets, SecretStore as _, SecretsError};
use secrecy::ExposeSecret;

use super::mode;

#[tokio::test]
async fn missing_credentials_are_made_once() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("data").join("secrets");
    let secrets = FileSecrets::new(&folder);
    assert!(secrets.credentials().await.unwrap().is_none());
    let Created::New(made) = secrets.create_missing(Arc::new(SystemRandom)).await.unwrap() else {
        panic!("they were not there");
    };
    assert_eq!(made.owner.username(), "owner");
    assert_eq!(made.music_assistant.username(), "music-assistant");
    assert_ne!(made.owner.password(), made.music_assistant.password());
    for password in [made.owner.password(), made.music_assistant.password()] {
        // 32 characters of 5 bits are 160 bits.
        assert_eq!(password.len(), 32);
        assert!(password.bytes().all(|b| b"0123456789abcdefghjkmnpqrstvwxyz".contains(&b)), "{password}");
    }
    let file = folder.join("credentials.json");
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    assert_eq!(mode(&folder.join(".lock")), 0o600);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);

    let again = FileSecrets::new(&folder);
    let Created::Existing(found) = again.create_missing(Arc::new(SystemRandom)).await.unwrap() else {
        panic!("they were there");
    };
    assert_eq!(found.owner.password(), made.owner.password());
    let read = again.credentials().await.unwrap().unwrap();
    assert_eq!(read.music_assistant.password(), made.music_assistant.password());
}

/// The credentials of an earlier release, with a member of a later one.
const OLD: &str = r#"{
    "owner": { "username": "owner", "password": "owner-password-0001" },
    "music_assistant": { "username": "ma", "password": "other-password-0001" },
    "later": { "kept": true }
}"#;

#[tokio::test]
async fn credentials_of_an_earlier_release_get_their_keys_once() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    fs::write(&file, OLD).unwrap();
    let secrets = FileSecrets::new(home.path());
    let keys = |created: Created| match created {
        Created::Existing(Credentials { session_key, grant_keys, .. }) => (
            session_key.unwrap().expose_secret().to_owned(),
            grant_keys.unwrap().text().expose_secret().to_owned(),
        ),
        Created::New(_) => panic!("they were there"),
    };
    let first = keys(secrets.create_missing(Arc::new(SystemRandom)).await.unwrap());
    assert_eq!((first.0.len(), first.1.len()), (32, 2 + 43));
    assert_eq!(mode(&file), 0o600);
    assert_eq!(keys(secrets.create_missing(Arc::new(SystemRandom)).await.unwrap()), first);
    let mut written: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(written.as_object_mut().unwrap().remove("session_key"), Some(first.0.into()));
    assert_eq!(written.as_object_mut().unwrap().remove("grant_keys"), Some(first.1.into()));
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(OLD).unwrap(), "nothing else changes");
}

#[tokio::test]
async fn old_credentials_that_can_only_be_read_are_good() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("credentials.json"), OLD).unwrap();
    // Root writes into any folder; what stands in the way of the lock stops root, too.
    fs::create_dir(home.path().join(".lock")).unwrap();
    let secrets = FileSecrets::new(home.path());
    let Created::Existing(found) = secrets.create_missing(Arc::new(SystemRandom)).await.unwrap() else {
        panic!("they were there");
    };
    assert_eq!(found.owner.password(), "owner-password-0001");
    assert!(found.session_key.is_none() && found.grant_keys.is_none());
}

#[tokio::test]
async fn a_rotation_keeps_what_was_granted_and_all_else() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    fs::write(&file, OLD).unwrap();
    let secrets = FileSecrets::new(home.path());
    let random = Arc::new(SystemRandom);
    let Created::Existing(before) = secrets.create_missing(random.clone()).await.unwrap() else {
        panic!("they were there");
    };
    let now = SystemClock.now();
    let grant = Grant::new(GrantKind::Stream, PlayerId::from("Kitchen").key(), "/flow/a".to_owned(), now);
    let text = before.grant_keys.unwrap().seal(&grant, random.as_ref()).unwrap();
    let rotated = secrets.rotate_grant_keys(random.clone()).await.unwrap().unwrap();
    let stored = secrets.credentials().await.unwrap().unwrap().grant_keys.unwrap();
    assert_eq!(stored.text().expose_secret(), rotated.text().expose_secret());
    assert!(stored.open(&text, GrantKind::Stream, now).is_some());
    assert!(fs::read_to_string(&file).unwrap().contains("\"kept\": true"));
    let empty = tempfile::tempdir().unwrap();
    assert!(FileSecrets::new(empty.path()).rotate_grant_keys(random).await.unwrap().is_none());
}

#[tokio::test]
async fn a_half_written_file_of_a_dead_process_is_in_nobodys_way() {
    let home = tempfile::tempdir().unwrap();
    let aside = home.path().join(".credentials.json.new");
    fs::write(&aside, "{").unwrap();
    let secrets = FileSecrets::new(home.path());
    assert!(matches!(secrets.create_missing(Arc::new(SystemRandom)).await.unwrap(), Created::New(_)));
    assert!(!aside.exists());
    assert_eq!(mode(&home.path().join("credentials.json")), 0o600);
}

#[tokio::test]
async fn of_many_who_make_credentials_at_once_one_does() {
    let home = tempfile::tempdir().unwrap();
    let mut makers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let secrets = FileSecrets::new(home.path());
        makers.spawn(async move { secrets.create_missing(Arc::new(SystemRandom)).await.unwrap() });
    }
    let made = makers.join_all().await;
    let new = made.iter().filter(|created| matches!(created, Created::New(_)));
    assert_eq!(new.count(), 1);
    let mut passwords = made.iter().map(|created| match created {
        Created::New(credentials) | Created::Existing(credentials) => credentials.owner.password(),
    });
    let first = passwords.next().unwrap();
    assert!(passwords.all(|password| password == first), "what was printed is what counts");
}

#[tokio::test]
async fn a_file_that_others_can_read_is_closed() {
    let home = tempfile::tempdir().unwrap();
    let secrets = FileSecrets::new(home.path());
    secrets.create_missing(Arc::new(SystemRandom)).await.unwrap();
    let file = home.path().join("credentials.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(secrets.credentials().await.unwrap().is_some());
    assert_eq!(mode(&file), 0o600);
}

#[tokio::test]
async fn a_folder_that_was_there_and_open_is_closed() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("secrets");
    fs::create_dir(&folder).unwrap();
    let secrets = FileSecrets::new(&folder);
    for open in [0o755, 0o777] {
        fs::set_permissions(&folder, fs::Permissions::from_mode(open)).unwrap();
        secrets.create_missing(Arc::new(SystemRandom)).await.unwrap();
        assert_eq!(mode(&folder), 0o700);
    }
}

#[tokio::test]
async fn a_folder_of_another_user_is_refused_with_the_remedy() {
    let home = tempfile::tempdir().unwrap();
    let secrets = FileSecrets::new(home.path());
    secrets.create_missing(Arc::new(SystemRandom)).await.unwrap();
    for path in [home.path().to_owned(), home.path().join("credentials.json")] {
        if std::os::unix::fs::chown(&path, Some(4711), None).is_err() {
            // Only root can give a file away.
            return;
        }
        let error = secrets.credentials().await.unwrap_err().to_string();
        assert!(error.contains("the user 4711 owns it") && error.contains("chown"), "{error}");
        std::os::unix::fs::chown(&path, Some(0), None).unwrap();
        assert!(secrets.credentials().await.unwrap().is_some());
    }
}

#[tokio::test]
async fn an_existing_file_is_never_replaced() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials.json");
    fs::write(&file, "{ edited by hand, and broken").unwrap();
    let secrets = FileSecrets::new(home.path());
    let error = secrets.create_missing(Arc::new(SystemRandom)).await.unwrap_err();
    assert!(matches!(error, SecretsError::Malformed { .. }), "{error}");
    assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "{ edited by hand, and broken");
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_an_error_with_its_place() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let secrets = FileSecrets::new(file.join("secrets"));
    let error = secrets.create_missing(Arc::new(SystemRandom)).await.unwrap_err();
    assert!(matches!(error, SecretsError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn without_randomness_nothing_is_written() {
    #[derive(Debug)]
    struct Dry;
    impl Random for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
            Err(NoRandomness)
        }
    }
    let home = tempfile::tempdir().unwrap();
    let secrets = FileSecrets::new(home.path());
    assert_eq!(
        secrets.create_missing(Arc::new(Dry)).await.unwrap_err(),
        SecretsError::NoRandomness(NoRandomness)
    );
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn credentials_survive_their_json_and_show_no_password() {
    let mut made = Credentials::generate(&SeededRandom::new(3)).unwrap();
    made.ma_token = Some("a token of music assistant".into());
    let json = made.to_json();
    let read = Credentials::from_json(json.expose_secret(), "here").unwrap();
    assert_eq!(read.owner.password(), made.owner.password());
    assert_eq!(read.ma_token.as_ref().map(ExposeSecret::expose_secret), Some("a token of music assistant"));
    let shown = format!("{read:?} {json:?}");
    assert!(!shown.contains(read.owner.password()) && !shown.contains("a token"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_music_assistant_is_kept_beside_the_rest_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let secrets = FileSecrets::new(home.path().join("secrets"));
    let token = "a token of music assistant".into();
    assert!(secrets.put_ma_token(Some(&token)).await.is_err(), "there are no credentials");
    secrets.create_missing(Arc::new(SeededRandom::new(3))).await.unwrap();
    let path = home.path().join("secrets/credentials.json");
    let with_future = fs::read_to_string(&path).unwrap().replacen('{', "{\"future\": 1,", 1);
    fs::write(&path, with_future).unwrap();
    let before = secrets.credentials().await.unwrap().unwrap();

    secrets.put_ma_token(Some(&token)).await.unwrap();
    let with_token = secrets.credentials().await.unwrap().unwrap();
    assert_eq!(with_token.ma_token.as_ref().map(ExposeSecret::expose_secret), Some(token.expose_secret()));
    assert_eq!(with_token.owner.password(), before.owner.password());
    assert!(fs::read_to_string(&path).unwrap().contains("future"));
    assert_eq!(mode(&path), 0o600);

    secrets.put_ma_token(None).await.unwrap();
    let without = fs::read_to_string(&path).unwrap();
    assert!(!without.contains("ma_token") && without.contains("future"));
}

#[test]
fn malformed_credentials_are_refused_without_being_shown() {
    let pair = |name: &str, password: &str| format!(r#"{{"username":"{name}","password":"{password}"}}"#);
    let both = |owner: &str, ma: &str| format!(r#"{{"owner":{owner},"music_assistant":{ma},"future":1}}"#);
    let good = pair("ma", "hunter2-hunter2-b");
    let refused = [
        ("hunter2-hunter2".to_owned(), "`.`"),
        (r#""hunter2-hunter2-a""#.to_owned(), "`.`"),
        (both("\"hunter2-hunter2-a\"", &good), "`owner`"),
        (both("{}", &good), "`owner`"),
        (both(r#"{"username":"o","password":["hunter2"]}"#, &good), "`owner.password`"),
        (format!(r#"{{"owner":{good}}}"#), "`.`"),
        (both(&pair("owner", "hunter2"), &good), "at least 16 characters"),
        (both(&pair("", "hunter2-hunter2-a"), &good), "user name"),
        (both(&pair("owner", "hunter2-hunter2-b"), &good), "different passwords"),
        (
            both(&pair("owner", "hunter2-hunter2-a"), &good)
                .replace("\"future\":1", "\"session_key\":\"hunter2\""),
            "`session_key` needs at least 32",
        ),
    ];
    for (json, expected) in refused {
        let text = Credentials::from_json(&json, "here").unwrap_err().to_string();
        assert!(text.starts_with("here is malformed: "), "{text}");
        assert!(text.contains(expected), "{json}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    let taken = both(&pair("owner", "hunter2-hunter2-a"), &good);
    assert!(Credentials::from_json(&taken, "here").unwrap().ma_token.is_none());
}
