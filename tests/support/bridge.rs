//! A home whose functions are in AWS: the function `api` and `ma-alexa bridge` as they are, over an emulator.
#![expect(clippy::unwrap_used, reason = "a test whose bridge cannot be built has failed")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ma_alexa::bridge::control_from_env;
use ma_alexa::clock::{Clock as _, Random as _, SystemClock, SystemRandom, Timestamp};
use ma_alexa::config::{BridgeConfig, Config, Env};
use ma_alexa::control::{Action, Control, ControlError, ControlRequest, Reply};
use ma_alexa::deps::Deps;
use ma_alexa::playback::PlayerId;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::api::{Api, CREDENTIALS, STREAM_BASE_URL, http_client};
use crate::emulator::Emulator;
use crate::machine;
use crate::program::Program;
use crate::runtime_api::{Function, Gateway};

/// The role of the tickets. The emulator needs none of its name.
const ROLE: &str = "arn:aws:iam::000000000000:role/bridge";

/// Time in which a queue is asked again, before something is sent that is measured.
pub const APART: Duration = Duration::from_millis(37);

/// A queue of the emulator.
#[derive(Clone, Debug)]
pub struct Queue {
    endpoint: String,
    client: Client,
    /// Its address, by which it is named.
    pub url: String,
}

/// The functions of a home, and their queue.
#[derive(Debug)]
pub struct Bridge {
    /// The HTTP API of the functions.
    pub api: Api,
    /// The queue of what people say.
    pub queue: Queue,
    /// The queue of what Echos report.
    pub reports: Queue,
    variables: Vec<(String, String)>,
    base: String,
    folder: TempDir,
    _function: Arc<Function>,
    _gateway: Gateway,
}

impl Queue {
    /// A new queue with this end of its name, as the template makes it.
    pub async fn create(emulator: &Emulator, name: &str) -> Self {
        let mut nonce = [0; 8];
        SystemRandom.fill(&mut nonce).unwrap();
        let endpoint = format!("http://{}", emulator.address());
        let mut queue = Self { endpoint, client: http_client(), url: String::new() };
        let retention = if name == "reports" { "300" } else { "60" };
        let attributes = json!({ "MessageRetentionPeriod": retention, "VisibilityTimeout": "10" });
        let name = format!("end-to-end-{:016x}-{name}", u64::from_be_bytes(nonce));
        let made = queue.ask("CreateQueue", json!({ "QueueName": name, "Attributes": attributes })).await;
        made["QueueUrl"].as_str().unwrap().clone_into(&mut queue.url);
        queue
    }

    /// Puts a message into it.
    pub async fn send(&self, body: &str) {
        self.ask("SendMessage", json!({ "QueueUrl": self.url, "MessageBody": body })).await;
    }

    /// Waits up to 20 s for a message, deletes what came, and returns how many messages that were and when they came.
    pub async fn receive(&self) -> (usize, Instant) {
        let got = self.ask("ReceiveMessage", json!({ "QueueUrl": self.url, "WaitTimeSeconds": 20 })).await;
        let came = Instant::now();
        let messages = got["Messages"].as_array().cloned().unwrap_or_default();
        for message in &messages {
            let receipt = &message["ReceiptHandle"];
            self.ask("DeleteMessage", json!({ "QueueUrl": self.url, "ReceiptHandle": receipt })).await;
        }
        (messages.len(), came)
    }

    /// How long each of so many messages takes from one who sends it to one who waits for it: the emulator's own time.
    pub async fn own_times(&self, count: usize) -> Vec<Duration> {
        let mut times = Vec::new();
        for _ in 0..count {
            let queue = self.clone();
            let receiving = tokio::spawn(async move { queue.receive().await });
            tokio::time::sleep(APART).await;
            let began = Instant::now();
            self.send("nothing").await;
            let (received, came) = receiving.await.unwrap();
            assert_eq!(received, 1, "another message came");
            times.push(came.duration_since(began));
        }
        times
    }

    /// The number of messages that are in it, seen or not.
    pub async fn count(&self) -> u64 {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let got =
            self.ask("GetQueueAttributes", json!({ "QueueUrl": self.url, "AttributeNames": names })).await;
        names.iter().filter_map(|name| got["Attributes"][name].as_str()?.parse::<u64>().ok()).sum()
    }

    async fn ask(&self, operation: &str, body: Value) -> Value {
        // Unsigned: the region of the credential is all that the emulator reads.
        let authorization = "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/sqs/aws4_request";
        let request = self.client.post(&self.endpoint).header("authorization", authorization);
        let request = request.header("x-amz-target", format!("AmazonSQS.{operation}"));
        let request = request.header("content-type", "application/x-amz-json-1.0").body(body.to_string());
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{operation}: {}", response.text().await.unwrap());
        serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default()
    }
}

impl Bridge {
    /// The functions, over a table and queues of their own. No home is there yet.
    pub async fn start(emulator: &Emulator) -> Self {
        Self::start_with(emulator, &[]).await
    }

    /// The same, where the function `api` has more variables.
    pub async fn start_with(emulator: &Emulator, more: &[(&str, &str)]) -> Self {
        let table = emulator.create_table().await;
        let (queue, reports) =
            (Queue::create(emulator, "bridge").await, Queue::create(emulator, "reports").await);
        let mut variables: Vec<(String, String)> =
            emulator.variables().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let own = [
            ("AWS_ENDPOINT_URL", format!("http://{}", emulator.address())),
            ("STORE_URL", format!("dynamodb://{table}")),
            ("BRIDGE_QUEUE", queue.url.clone()),
            ("BRIDGE_REPORTS", reports.url.clone()),
            ("STREAM_BASE_URL", STREAM_BASE_URL.to_owned()),
        ];
        variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let mut of_api: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        of_api.extend(CREDENTIALS);
        of_api.push(("BRIDGE_ROLE", ROLE));
        of_api.extend(more);
        let function = Arc::new(Function::start("api", &of_api).await);
        // A stop of a controller waits in one of them, while what it starts comes by another one.
        let gateway = Gateway::growing(Arc::clone(&function)).await;
        let base = gateway.base();
        let folder = TempDir::new().unwrap();
        let api = Api::at(&base);
        Self { api, queue, reports, variables, base, folder, _function: function, _gateway: gateway }
    }

    /// The variables of the function `skill`.
    #[must_use]
    pub fn variables(&self) -> Vec<(&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Address of the HTTP API.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.base
    }

    /// Waits until the functions have seen a home.
    pub async fn wait_for_home(&self) {
        // Before a home was there for the first time, none is connected.
        let unseen = [ControlError::NotConnected, ControlError::HomeSilent].map(Reply::Failed);
        for attempt in 0..100 {
            let seen =
                self.control().carry_out(&request(&format!("look-{attempt}"), Action::WhatIsPlaying)).await;
            if !unseen.contains(&seen) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no home was seen");
    }

    /// Folder of the program at home.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `ma-alexa bridge`, with variables of its own, once it asks the queue.
    #[must_use]
    pub fn start_home(&self, variables: &[(&str, &str)]) -> Program {
        let program = self.try_home(variables);
        let _ = program.wait_for("the functions know that the home is there");
        program
    }

    /// `ma-alexa bridge`, with variables of its own.
    #[must_use]
    pub fn try_home(&self, variables: &[(&str, &str)]) -> Program {
        let endpoint = self.variables.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL");
        let mut command = Command::new(machine::binary("ma-alexa"));
        command
            .arg("bridge")
            .env_clear()
            .current_dir(self.folder.path())
            .env("API_URL", &self.base)
            .env("RUST_LOG", "info,ma_alexa::bridge=debug")
            .env("RENDERER_BIND", "off")
            .envs(CREDENTIALS)
            .envs(endpoint.map(|(name, value)| (name, value)))
            .envs(variables.iter().copied());
        Program::start(&mut command)
    }

    /// What the function `skill` has, in this process.
    #[must_use]
    pub fn control(&self) -> Arc<dyn Control> {
        let (env, deps) = self.opened();
        control_from_env(&env, &BridgeConfig::from_env(&env).unwrap(), &deps).unwrap().unwrap()
    }

    /// Has the functions know no more of the home than that it was there at a time.
    pub async fn saw_home_at(&self, at: Timestamp) {
        self.opened().1.store.note_presence(at).await.unwrap();
    }

    /// The table of the functions, in this process.
    fn opened(&self) -> (Env, Deps) {
        let variables = self.variables.clone();
        let env = Env::new(move |name| {
            variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        });
        let deps = Deps::open(&env, Config::from_env(&env).unwrap()).unwrap();
        (env, deps)
    }

    /// Asks a route of the bridge as the program at home does.
    pub async fn ask(&self, route: &str, body: &Value) -> (u16, Value) {
        self.api.ask(Method::POST, &format!("/v1/bridge/{route}"), Some(body)).await
    }
}

/// A request that ends 4.5 s from now.
#[must_use]
pub fn request(id: &str, action: Action) -> ControlRequest {
    ControlRequest {
        id: id.to_owned(),
        player: PlayerId::from("Kitchen"),
        locale: "en-US".to_owned(),
        until: SystemClock.now().plus(Duration::from_millis(4500)),
        action,
    }
}
