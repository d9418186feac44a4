//! Credentials in files and in Secrets Manager.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{NoRandomness, Random, SystemRandom};
use ma_alexa::secrets::{AmazonSession, Created, Credentials, FileSecrets, SecretStore as _, SecretsError};
use secrecy::ExposeSecret;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

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
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);

    let again = FileSecrets::new(&folder);
    let Created::Existing(found) = again.create_missing(Arc::new(SystemRandom)).await.unwrap() else {
        panic!("they were there");
    };
    assert_eq!(found.owner.password(), made.owner.password());
    let read = again.credentials().await.unwrap().unwrap();
    assert_eq!(read.music_assistant.password(), made.music_assistant.password());
}

#[tokio::test]
async fn a_half_written_file_of_a_dead_process_is_in_nobodys_way() {
    let home = tempfile::tempdir().unwrap();
    let aside = home.path().join(format!(".credentials.json.{}", std::process::id()));
    fs::write(&aside, "{").unwrap();
    let secrets = FileSecrets::new(home.path());
    assert!(matches!(secrets.create_missing(Arc::new(SystemRandom)).await.unwrap(), Created::New(_)));
    assert!(!aside.exists());
    assert_eq!(mode(&home.path().join("credentials.json")), 0o600);
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

#[tokio::test]
async fn nobody_is_signed_in_until_somebody_was() {
    let home = tempfile::tempdir().unwrap();
    let secrets = FileSecrets::new(home.path());
    assert_eq!(secrets.amazon().await.unwrap(), None);
    let file = home.path().join("amazon.json");
    let written = [
        ("{}", AmazonSession::default()),
        (r#"{"alexa":null}"#, AmazonSession::default()),
        (r#"{"alexa":{"refresh_token":"Atnr|1"}}"#, AmazonSession { alexa: true, developer: false }),
        (r#"{"developer":{},"future":1}"#, AmazonSession { alexa: false, developer: true }),
    ];
    for (json, expected) in written {
        fs::write(&file, json).unwrap();
        let session = secrets.amazon().await.unwrap().unwrap();
        assert_eq!(session, expected, "{json}");
        assert_eq!(session.is_signed_in(), expected != AmazonSession::default(), "{json}");
    }
    for malformed in ["", "Atnr|1", r#"["Atnr|1"]"#, r#"{"alexa":"Atnr|1""#] {
        fs::write(&file, malformed).unwrap();
        let text = secrets.amazon().await.unwrap_err().to_string();
        assert!(text.contains("amazon.json is malformed"), "{text}");
        assert!(!text.contains("Atnr"), "{text}");
    }
}

#[cfg(all(feature = "secrets-manager", feature = "http"))]
mod secrets_manager {
    use std::sync::{Arc, Mutex};

    use aws_sdk_secretsmanager::config::retry::RetryConfig;
    use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials as AwsCredentials, Region};
    use axum::Router;
    use axum::extract::State;
    use axum::http::{StatusCode, header};
    use ma_alexa::secrets::{SecretStore as _, SecretsError, SecretsManagerStore};
    use serde_json::{Value, json};

    type Said = Arc<Mutex<(StatusCode, Value)>>;

    /// A store whose service says what the test wants to every request that asks for the right secret.
    async fn store(said: &Said) -> SecretsManagerStore {
        let router = Router::new()
            .fallback(|State(said): State<Said>, body: String| async move {
                let asked: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(asked["SecretId"], "home/credentials");
                let (status, body) = said.lock().unwrap().clone();
                let headers = [(header::CONTENT_TYPE, "application/x-amz-json-1.1")];
                (status, headers, body.to_string())
            })
            .with_state(Arc::clone(said));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(AwsCredentials::new("id", "key", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(endpoint)
            .build();
        SecretsManagerStore::new(aws_sdk_secretsmanager::Client::from_conf(config), "home")
    }

    #[tokio::test]
    async fn the_secret_is_read_by_its_name() {
        let secret = json!({
            "owner": {"username": "owner", "password": "owner-password-0001"},
            "music_assistant": {"username": "ma", "password": "push-password-00001"},
            "ma_token": "token",
        });
        let said: Said = Arc::new(Mutex::new((StatusCode::OK, json!({"SecretString": secret.to_string()}))));
        let store = store(&said).await;
        assert_eq!(store.place(), "home/credentials");
        let read = store.credentials().await.unwrap().unwrap();
        assert_eq!(read.owner.password(), "owner-password-0001");
        assert!(read.ma_token.is_some());

        for unwritten in [json!({"Name": "home/credentials"}), json!({"SecretString": ""})] {
            *said.lock().unwrap() = (StatusCode::OK, unwritten);
            assert!(store.credentials().await.unwrap().is_none());
        }

        let missing = json!({"__type": "ResourceNotFoundException", "Message": "no such secret"});
        *said.lock().unwrap() = (StatusCode::BAD_REQUEST, missing);
        assert!(store.credentials().await.unwrap().is_none());

        let denied = json!({"__type": "AccessDeniedException", "Message": "arn:aws:iam::1234 may not"});
        *said.lock().unwrap() = (StatusCode::BAD_REQUEST, denied);
        assert_eq!(
            store.credentials().await.unwrap_err(),
            SecretsError::Unavailable {
                place: "home/credentials".to_owned(),
                reason: "AccessDeniedException".to_owned(),
            }
        );

        *said.lock().unwrap() = (StatusCode::OK, json!({"SecretString": "{}"}));
        let malformed = store.credentials().await.unwrap_err();
        assert!(matches!(malformed, SecretsError::Malformed { .. }), "{malformed}");
    }
}
