//! The Supervisor's API, asked for addresses (Home Assistant developer documentation, Supervisor endpoints).
//!
//! Only `…/info` is asked, which the role `default` may read (home-assistant/supervisor `api/middleware/security.py`).

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::Context as _;
use ma_alexa::config::Env;
use ma_alexa::http_client;
use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::RootCertStore;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

/// The address of the Supervisor for every add-on.
const ADDRESS: &str = "http://supervisor";

/// Time limit of one question.
const PATIENCE: Duration = Duration::from_secs(3);

/// The largest answer in bytes.
const LARGEST: usize = 1024 * 1024;

/// The add-ons of Music Assistant: the released one, its beta and its nightly (music-assistant/home-assistant-addon).
const MUSIC_ASSISTANT: [&str; 3] =
    ["d5369777_music_assistant", "d5369777_music_assistant_beta", "d5369777_music_assistant_dev"];

/// The port of Music Assistant's API.
const MUSIC_ASSISTANT_PORT: u16 = 8095;

/// The port of this add-on's own API in its container, as `BIND` of the add-on has it.
const OWN_PORT: u16 = 5000;

/// A client of the Supervisor's API.
pub(super) struct Supervisor {
    client: Client,
    base: String,
    token: SecretString,
}

impl Supervisor {
    /// The client; none without `SUPERVISOR_TOKEN`.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub(super) fn from_env(env: &Env) -> anyhow::Result<Option<Self>> {
        let Some(token) = env.get("SUPERVISOR_TOKEN") else { return Ok(None) };
        // It speaks plain http, inside the machine: no certificate is accepted.
        let tls = http_client::tls(RootCertStore::empty())?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .build()?;
        let base = env.get("SUPERVISOR_URL").unwrap_or_else(|| ADDRESS.to_owned());
        let base = base.trim_end_matches('/').to_owned();
        Ok(Some(Self { client, base, token: token.into() }))
    }

    /// The variables that follow from what it knows. What it does not answer is left out: the set-up asks for it.
    pub(super) async fn addresses(&self) -> Vec<(&'static str, String)> {
        let (music_assistant, own) = tokio::join!(self.music_assistant(), self.own());
        let found = [("MA_API_URL", music_assistant), ("API_URL", own)];
        found.into_iter().filter_map(|(name, address)| Some((name, address?))).collect()
    }

    /// The address of Music Assistant's API, if its add-on runs.
    async fn music_assistant(&self) -> Option<String> {
        for slug in MUSIC_ASSISTANT {
            let Ok(info) = self.info(&format!("addons/{slug}")).await else { continue };
            if info["state"] == "started"
                && let Some(host) = host_name(&info)
            {
                return Some(format!("http://{host}:{MUSIC_ASSISTANT_PORT}"));
            }
        }
        None
    }

    /// The address of this add-on for Music Assistant: on the machine's own network where its port is mapped, and by its
    /// name among the add-ons otherwise.
    async fn own(&self) -> Option<String> {
        let info = self.info("addons/self").await.ok()?;
        let mapped =
            info["network"][format!("{OWN_PORT}/tcp")].as_u64().and_then(|port| u16::try_from(port).ok());
        if let Some(port) = mapped
            && let Ok(network) = self.info("network").await
            && let Some(address) = primary_address(&network)
        {
            return Some(format!("http://{address}:{port}"));
        }
        host_name(&info).map(|host| format!("http://{host}:{OWN_PORT}"))
    }

    async fn info(&self, of: &str) -> anyhow::Result<Value> {
        let request = self.client.get(format!("{}/{of}/info", self.base));
        let response = request.bearer_auth(self.token.expose_secret()).send().await?;
        let response = response.error_for_status()?;
        let body = http_client::body(response, LARGEST).await?;
        let mut answer: Value = serde_json::from_slice(&body).context("the answer is no JSON")?;
        Ok(answer["data"].take())
    }
}

/// The name of an add-on in the network of add-ons; none where it is no plain name.
fn host_name(info: &Value) -> Option<&str> {
    let name = info["hostname"].as_str()?;
    let is_plain = (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    is_plain.then_some(name)
}

/// The address of the machine in the network of the home: the first of IPv4 of the primary interface.
fn primary_address(network: &Value) -> Option<Ipv4Addr> {
    let interfaces = network["interfaces"].as_array()?;
    let primary = interfaces.iter().find(|interface| interface["primary"] == true)?;
    let written = primary["ipv4"]["address"].as_array()?.iter().filter_map(Value::as_str);
    let addresses = written.filter_map(|text| text.split('/').next()?.parse::<IpAddr>().ok());
    let mut usable = addresses.filter_map(|address| match address {
        IpAddr::V4(address) if !address.is_unspecified() && !address.is_loopback() => Some(address),
        _ => None,
    });
    usable.next()
}
