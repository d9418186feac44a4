//! An emulator of DynamoDB.
#![expect(clippy::unwrap_used, reason = "a test without the emulator that it was promised has failed")]

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Config;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use ma_alexa::clock::{Random as _, SystemRandom};
use ma_alexa::store::dynamodb;

use crate::machine;

/// Time limit of the emulator for a new table.
const PATIENCE: Duration = Duration::from_secs(20);

/// The emulator that `TEST_DYNAMODB_ENDPOINT` names.
#[derive(Clone, Debug)]
pub struct Emulator {
    endpoint: String,
}

impl Emulator {
    /// Nothing, and a line that says so, where there is none.
    #[must_use]
    pub fn find() -> Option<Self> {
        let endpoint = machine::tool("TEST_DYNAMODB_ENDPOINT", "functions over DynamoDB")?;
        Some(Self { endpoint: endpoint.trim_end_matches('/').to_owned() })
    }

    /// Its socket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let host = self.endpoint.trim_start_matches("http://");
        host.to_socket_addrs().unwrap().next().unwrap()
    }

    /// The variables that a function needs for it.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 4] {
        variables(&self.endpoint)
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        client(&self.endpoint)
    }

    /// A new table, as the deployment makes it.
    pub async fn create_table(&self) -> String {
        let mut nonce = [0; 8];
        SystemRandom.fill(&mut nonce).unwrap();
        let table = format!("end-to-end-{:016x}", u64::from_be_bytes(nonce));
        let mut create =
            self.client().create_table().table_name(&table).billing_mode(BillingMode::PayPerRequest);
        for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            let attribute =
                AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
            let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
            create =
                create.attribute_definitions(attribute.build().unwrap()).key_schema(key.build().unwrap());
        }
        // The emulator, just started, takes its time; the client's own limit is that of the functions.
        let patient = TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build();
        let patient = Config::builder().timeout_config(patient);
        if let Err(error) = create.customize().config_override(patient).send().await {
            // The client asks again where its first request took too long.
            let error = error.into_service_error();
            assert!(error.is_resource_in_use_exception(), "{error:?}");
        }
        table
    }
}

/// A client of the emulator, or of what stands before it.
#[must_use]
pub fn client(endpoint: &str) -> Client {
    let variables = variables(endpoint);
    let lookup =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    dynamodb::client(&lookup).unwrap()
}

/// The variables that a function needs for the emulator, or for what stands before it.
#[must_use]
pub fn variables(endpoint: &str) -> [(&'static str, String); 4] {
    [
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
    ]
}
