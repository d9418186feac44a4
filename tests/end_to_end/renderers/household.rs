//! What Echos of a test need of the household that they are in: the Amazon that speaks to them, and the skill.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use end_to_end::amazon::FakeAmazon;
use end_to_end::api::{Api, CREDENTIALS, http_client};
use end_to_end::envelope::Envelope;
use end_to_end::program::Program;
use ma_alexa::renderer::udn;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;
use tokio::time::sleep;

use super::queues::PATIENCE;
use crate::amazon::harness::{Harness, sign_in};
use crate::local::{command, serve};

/// A household, as its Echos see it.
#[async_trait]
pub(super) trait Household: Send + Sync {
    /// The Amazon of its account.
    fn amazon(&self) -> &FakeAmazon;

    /// The answer of its skill.
    async fn ask_skill(&self, envelope: &Envelope) -> Value;
}

#[async_trait]
impl Household for Harness {
    fn amazon(&self) -> &FakeAmazon {
        &self.amazon
    }

    async fn ask_skill(&self, envelope: &Envelope) -> Value {
        Self::ask_skill(self, envelope).await
    }
}

/// A household that the real binary serves. Its skill runs in processes of its own, as in AWS.
pub(super) struct RealHousehold {
    folder: TempDir,
    amazon: FakeAmazon,
}

/// The real binary while it runs.
pub(super) struct RealServer {
    pub(super) program: Program,
    pub(super) api: Api,
    /// Where its renderers are served, by an address of this host.
    pub(super) renderers: SocketAddr,
}

impl RealHousehold {
    pub(super) async fn new() -> Arc<Self> {
        Arc::new(Self { folder: TempDir::new().unwrap(), amazon: FakeAmazon::start().await })
    }

    /// Starts the binary, with its renderers on `bind`.
    pub(super) fn start(&self, bind: &str) -> RealServer {
        let mut local = command(self.folder.path(), &[]);
        local.env("AMAZON_ENDPOINT", self.amazon.url()).env("RENDERER_BIND", bind).envs(CREDENTIALS);
        let (program, base) = serve(&mut local);
        let line: Value = serde_json::from_str(&program.wait_for("\"serving renderers\"")).unwrap();
        let bound: SocketAddr = line["bind"].as_str().unwrap().parse().unwrap();
        RealServer { program, api: Api::at(&base), renderers: ([127, 0, 0, 1], bound.port()).into() }
    }

    /// Signs the account in.
    pub(super) async fn sign_in(&self, server: &RealServer) {
        self.amazon.move_to("de");
        sign_in(&self.amazon, &server.api).await;
    }
}

#[async_trait]
impl Household for RealHousehold {
    fn amazon(&self) -> &FakeAmazon {
        &self.amazon
    }

    async fn ask_skill(&self, envelope: &Envelope) -> Value {
        block_in_place(|| {
            let mut ask = command(self.folder.path(), &["ask", "-"]);
            let output = Program::run_with_input(&mut ask, &envelope.to_vec());
            assert!(output.status.success(), "{}", output.stderr);
            serde_json::from_str(&output.stdout).unwrap()
        })
    }
}

impl RealServer {
    /// The address of a part of the renderer of a device.
    pub(super) fn url(&self, serial: &str, part: &str) -> String {
        format!("http://{}/{}/{part}", self.renderers, udn(serial))
    }

    /// Waits until an Echo is offered.
    pub(super) async fn offers(&self, serial: &str) {
        let url = self.url(serial, "description.xml");
        let deadline = Instant::now() + PATIENCE;
        while !http_client().get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(Instant::now() < deadline, "not offered\n{}", self.program.stderr());
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// What the API says of the renderer of a device.
    pub(super) async fn renderer(&self, serial: &str) -> Value {
        renderer(&self.api, serial).await
    }
}

/// What an API says of the renderer of a device.
pub(super) async fn renderer(api: &Api, serial: &str) -> Value {
    let body = api.get("/v1/renderers").await;
    let mut renderers = body["renderers"].as_array().unwrap().iter();
    renderers.find(|renderer| renderer["serial"] == serial).unwrap().clone()
}
