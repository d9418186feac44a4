//! What `skill` is measured against: a bare function that makes the same calls of DynamoDB through the same client, set
//! up as leanly as is known, and does nothing else.
//!
//! `FLOOR` says which calls: `play`, `event`, `help` or `get-item`. It finds its table where `skill` does, and the item
//! that it writes or gets under `FLOOR_KEY`.

mod calls;

use std::env;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Region, StalledStreamProtectionConfig};
use aws_smithy_http_client::{Builder, tls};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;

use calls::Table;

/// The roots that `skill` carries.
const ROOTS: &[u8] = include_bytes!("../../../shared/src/aws/roots.pem");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let calls = env::var("FLOOR")?;
    // A function that sends no request needs no client, as `skill` needs none for help but has one.
    let table = if calls == "help" { None } else { Some(table()?) };
    let answer = RawValue::from_string(calls::answer(&calls).to_owned())?;
    lambda_runtime::run(service_fn(async |_: LambdaEvent<Box<RawValue>>| {
        match (calls.as_str(), &table) {
            ("play", Some(table)) => table.play().await?,
            ("event", Some(table)) => table.event().await?,
            ("get-item", Some(table)) => table.get().await?,
            ("help", None) => {}
            _ => return Err(Error::from("FLOOR has to be play, event, help or get-item")),
        }
        Ok::<_, Error>(answer.clone())
    }))
    .await
}

fn table() -> Result<Table, Error> {
    let store = env::var("STORE_URL")?;
    let name = store.strip_prefix("dynamodb://").ok_or("STORE_URL has to be dynamodb://TABLE")?;
    Ok(Table { client: client()?, name: name.to_owned(), key: env::var("FLOOR_KEY")? })
}

fn client() -> Result<Client, Error> {
    let roots = tls::TrustStore::empty()
        .with_pem_certificate(ROOTS)
        .with_pem_certificate(std::fs::read(env::var("AWS_CA_BUNDLE")?)?);
    let http = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .tls_context(tls::TlsContext::builder().with_trust_store(roots).build()?)
        .build_https();
    let credentials = Credentials::new(
        env::var("AWS_ACCESS_KEY_ID")?,
        env::var("AWS_SECRET_ACCESS_KEY")?,
        None,
        None,
        "environment",
    );
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(env::var("AWS_REGION")?))
        .endpoint_url(env::var("AWS_ENDPOINT_URL_DYNAMODB")?)
        .credentials_provider(credentials)
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Ok(Client::from_conf(config))
}
