//! Both functions as they are deployed, over DynamoDB.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::Arc;

use end_to_end::api::{Api, CREDENTIALS, STREAM_BASE_URL};
use end_to_end::emulator::Emulator;
use end_to_end::envelope::{Envelope, SKILL};
use end_to_end::runtime_api::{Function, Gateway};
use serde_json::Value;

/// One instance of each function, and the HTTP API before `api`.
pub(crate) struct Functions {
    pub(crate) skill: Function,
    pub(crate) api_function: Arc<Function>,
    pub(crate) api: Api,
    _gateway: Gateway,
}

impl Functions {
    /// Over a table of its own.
    pub(crate) async fn start(emulator: &Emulator) -> Self {
        let table = emulator.create_table().await;
        Self::start_over(&emulator.variables(), &table).await
    }

    /// Over `table`, which is found with `variables`.
    pub(crate) async fn start_over(variables: &[(&'static str, String)], table: &str) -> Self {
        let store = format!("dynamodb://{table}");
        let mut variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.extend([
            ("STORE_URL", store.as_str()),
            ("SKILL_ID", SKILL),
            ("STREAM_BASE_URL", STREAM_BASE_URL),
        ]);
        let skill = Function::start("skill", &variables).await;
        variables.extend(CREDENTIALS);
        let api_function = Arc::new(Function::start("api", &variables).await);
        let gateway = Gateway::start(Arc::clone(&api_function)).await;
        let api = Api::at(&gateway.base());
        Self { skill, api_function, api, _gateway: gateway }
    }

    /// What Alexa is answered.
    pub(crate) async fn ask(&self, envelope: &Envelope) -> Value {
        serde_json::from_slice(&self.skill.invoke(&envelope.to_vec()).await.unwrap()).unwrap()
    }
}
