//! Secrets Manager in the emulator, and what the session's writes rely on there.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use ma_alexa::clock::{Random as _, SystemRandom};

use super::contract::{AsyncOverwrite, Place};
use super::fake;
use crate::store::fixture::emulator;

struct Raw {
    client: Client,
    id: String,
}

impl Raw {
    /// A new secret `PREFIX/amazon`, as the deployment makes it; nothing where there is no emulator.
    async fn create() -> Option<(Self, String, String)> {
        let endpoint = emulator()?;
        let mut nonce = [0; 8];
        SystemRandom.fill(&mut nonce).unwrap();
        let prefix = format!("contract-{:016x}", u64::from_be_bytes(nonce));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(&endpoint)
            .build();
        let raw = Self { client: Client::from_conf(config), id: format!("{prefix}/amazon") };
        raw.client.create_secret().name(&raw.id).send().await.unwrap();
        Some((raw, endpoint, prefix))
    }

    async fn put(&self, token: &str, text: &str) -> Result<(), String> {
        let put = self.client.put_secret_value().secret_id(&self.id).client_request_token(token);
        let put = put.secret_string(text).version_stages("AWSPENDING").send().await;
        put.map(drop).map_err(|error| error.code().unwrap_or_default().to_owned())
    }

    async fn make_current(&self, to: &str, from: Option<&str>) -> Result<(), String> {
        let request = self.client.update_secret_version_stage().secret_id(&self.id);
        let request = request.version_stage("AWSCURRENT").move_to_version_id(to);
        let moved = request.set_remove_from_version_id(from.map(str::to_owned)).send().await;
        moved.map(drop).map_err(|error| error.code().unwrap_or_default().to_owned())
    }

    /// The current version and its text.
    async fn current(&self) -> (String, String) {
        let current = self.client.get_secret_value().secret_id(&self.id).send().await.unwrap();
        (current.version_id.unwrap(), current.secret_string.unwrap_or_default())
    }
}

#[async_trait::async_trait]
impl AsyncOverwrite for Raw {
    async fn overwrite(&self, text: &str) {
        self.client.put_secret_value().secret_id(&self.id).secret_string(text).send().await.unwrap();
    }
}

/// A place for secrets of one test alone; nothing where there is no emulator.
pub(super) async fn place() -> Option<Place> {
    let (raw, endpoint, prefix) = Raw::create().await?;
    Some(Place { secrets: fake::open(&endpoint, &prefix), overwrite: Box::new(raw) })
}

const REFUSED: &str = "InvalidParameterException";

fn version(number: u8) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

#[tokio::test]
async fn the_emulator_refuses_a_stale_move() {
    let Some((raw, ..)) = Raw::create().await else { return };
    let (empty, text) = raw.current().await;
    assert_eq!(text, "");
    let (one, two, three) = (version(1), version(2), version(3));
    for (version, text) in [(&one, "one"), (&two, "two"), (&three, "three")] {
        raw.put(version, text).await.unwrap();
        assert_eq!(raw.current().await.0, empty, "what was put aside is not read");
    }
    raw.make_current(&one, Some(&empty)).await.unwrap();
    for stale in [Some(empty.as_str()), Some(two.as_str()), None] {
        assert_eq!(raw.make_current(&two, stale).await, Err(REFUSED.to_owned()), "{stale:?}");
        assert_eq!(raw.current().await, (one.clone(), "one".to_owned()));
    }
    assert_eq!(raw.make_current(&one, Some(&empty)).await, Err(REFUSED.to_owned()), "a repeated move");
    raw.make_current(&three, Some(&one)).await.unwrap();
    assert_eq!(raw.current().await, (three, "three".to_owned()));
}

/// AWS refuses the second content (`ResourceExistsException`). The emulator takes it, so that what the store does with
/// tokens is proven against the documentation's rules alone.
#[tokio::test]
async fn the_emulator_takes_one_token_with_two_contents() {
    let Some((raw, ..)) = Raw::create().await else { return };
    let (empty, _) = raw.current().await;
    raw.put(&version(1), "one").await.unwrap();
    raw.put(&version(1), "other").await.unwrap();
    raw.make_current(&version(1), Some(&empty)).await.unwrap();
    assert_eq!(raw.current().await.1, "other");
}
