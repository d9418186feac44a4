//! How credentials are read from Secrets Manager.

use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials as AwsCredentials, Region};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use ma_alexa::clock::SystemRandom;
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
    SecretsManagerStore::new(
        aws_sdk_secretsmanager::Client::from_conf(config),
        "home",
        Arc::new(SystemRandom),
    )
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
    assert_eq!(store.location(), "home/credentials");
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
