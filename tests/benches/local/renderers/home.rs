//! A household whose Amazon is a stand-in, and a server for it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use end_to_end::amazon::{Device, FakeAmazon, Utterance};
use end_to_end::api::{Api, http_client};
use end_to_end::envelope::{Envelope, Played};
use end_to_end::measured;
use end_to_end::signing::{CERTIFICATE_URL, sign};
use ma_alexa::account::OneTimeWord;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::server::Server;

/// Devices of the stand-in that can be renderers.
const FIRST: usize = 4;

/// How often something is looked for, a tenth of a second apart.
const LOOKS: usize = 200;

/// An Amazon with so many devices that can be renderers.
pub(super) async fn household(renderers: usize) -> FakeAmazon {
    let amazon = FakeAmazon::start().await;
    amazon.move_to("de");
    for number in 0..renderers.saturating_sub(FIRST) {
        let name = format!("Room {number}");
        amazon.add_device(Device::new(&name, &serial(number), "A32DOYMUN6DTXA", "ECHO"));
    }
    amazon
}

/// The serial number of a room's Echo.
pub(super) fn serial(room: usize) -> String {
    format!("G0ROOM{room:011}")
}

/// A server that is signed in.
pub(super) struct Home {
    pub(super) server: Server,
    pub(super) api: Api,
    /// The address of the renderers.
    pub(super) renderers: SocketAddr,
}

impl Home {
    /// Starts it with its state in `folder`, and signs in.
    pub(super) async fn start(folder: &Path, amazon: &FakeAmazon, offers: bool) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let server = Server::start_with_amazon(folder, &amazon.url(), offers)?;
        let api = Api::at(&format!("http://{}", server.address));
        let (_, begun) = api.ask(Method::POST, "/v1/amazon/login", Some(&json!({}))).await;
        let address = amazon.sign_in(begun["url"].as_str().context("no sign-in")?).await;
        let body = json!({ "address": address });
        let (_, done) = api.ask(Method::POST, "/v1/amazon/login/complete", Some(&body)).await;
        ensure!(done["ready"] == true, "{done}");
        api.get("/v1/devices").await;
        drop(server);
        // One that starts looks at once whether an account is signed in.
        let server = Server::start_with_amazon(folder, &amazon.url(), offers)?;
        let renderers = server.renderers.context("no renderers are served")?;
        let api = Api::at(&format!("http://{}", server.address));
        Ok(Self { server, api, renderers })
    }

    /// Waits until so many devices are offered, and both servers hear live events.
    pub(super) async fn offers(&self, renderers: usize, amazon: &FakeAmazon) -> anyhow::Result<()> {
        for _ in 0..LOOKS {
            let answer = self.api.get("/v1/renderers").await;
            let all = answer["renderers"].as_array().map_or(&[][..], Vec::as_slice);
            let offered = all.iter().filter(|one| !one["state"].is_null()).count();
            if offered == renderers && amazon.live_streams() == 2 {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("the renderers are not offered")
    }

    /// An Echo brings its word to the skill. The token of the play that it gets.
    pub(super) async fn echo_asks(&self, heard: &Utterance) -> anyhow::Result<String> {
        let word = heard.text.split_whitespace().find_map(OneTimeWord::parse).context("no word")?;
        let asks = Envelope::new("identify-echo")
            .with("/request/intent/slots/code/value", json!(word.as_str()))
            .with("/request/intent/slots/code/slotValue/value", json!(word.as_str()))
            .from_echo(&device(&heard.serial));
        Ok(Played::of(&self.alexa(&asks).await?).token)
    }

    /// An Echo reports that it plays.
    pub(super) async fn reports(&self, serial: &str, token: &str) -> anyhow::Result<()> {
        let report = Envelope::report("PlaybackStarted", token, 0).from_echo(&device(serial));
        self.alexa(&report).await.map(drop)
    }

    async fn alexa(&self, envelope: &Envelope) -> anyhow::Result<Value> {
        let body = envelope.to_vec();
        let request = http_client()
            .post(format!("http://{}/", self.server.address))
            .header("SignatureCertChainUrl", CERTIFICATE_URL)
            .header("Signature-256", sign(&body))
            .header("Content-Type", "application/json")
            .body(body);
        let answer = request.send().await?;
        ensure!(answer.status() == 200, "{}", answer.status());
        Ok(serde_json::from_str(&answer.text().await?)?)
    }

    pub(super) fn processor(&self) -> anyhow::Result<Duration> {
        measured::processor_time(self.server.process_id()).context("the system does not tell processor times")
    }

    /// Memory that it has, in MB.
    pub(super) fn memory(&self) -> anyhow::Result<f64> {
        let file = PathBuf::from(format!("/proc/{}/status", self.server.process_id()));
        let status = std::fs::read_to_string(file)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }
}

/// The id for the skill of the Echo with this serial number.
fn device(serial: &str) -> String {
    format!("amzn1.ask.device.{serial}")
}
