//! A controller: calls to renderers, and the events that they send.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use end_to_end::api::http_client;
use reqwest::{Client, Method};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

/// Longest wait for an event.
const PATIENCE: Duration = Duration::from_secs(10);

/// An event, and when it came.
pub(super) struct Event {
    at: Instant,
    body: String,
}

impl Event {
    /// Whether it has this value of a variable.
    pub(super) fn says(&self, variable: &str, value: &str) -> bool {
        let told = self.body.split("&lt;").find(|part| part.starts_with(&format!("{variable} ")));
        told.is_some_and(|part| part.contains(&format!("val=&quot;{value}&quot;")))
    }
}

/// A controller with one renderer's server.
pub(super) struct Controller {
    client: Client,
    renderers: SocketAddr,
    callback: String,
    events: Mutex<mpsc::UnboundedReceiver<Event>>,
}

impl Controller {
    pub(super) async fn start(renderers: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let callback = format!("<http://{}/notify>", listener.local_addr()?);
        let (sender, events) = mpsc::unbounded_channel();
        let take = |State(sender): State<mpsc::UnboundedSender<Event>>, body: String| async move {
            // The run may have ended.
            let _ = sender.send(Event { at: Instant::now(), body });
            StatusCode::OK
        };
        let routes = Router::new().fallback(take).with_state(sender);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { client: http_client(), renderers, callback, events: Mutex::new(events) })
    }

    /// Subscribes to the events of a service, and waits for the first one.
    pub(super) async fn subscribe(&self, udn: &str, service: &str) -> anyhow::Result<()> {
        let url = format!("http://{}/{udn}/{service}/event", self.renderers);
        let request = self.client.request(Method::from_bytes(b"SUBSCRIBE")?, url);
        let request = request.header("CALLBACK", &self.callback).header("NT", "upnp:event");
        let answer = request.header("TIMEOUT", "Second-300").send().await?;
        ensure!(answer.status() == 200, "{}", answer.status());
        self.event(|_| true).await.map(drop)
    }

    /// Waits for an event. The time at which it came.
    pub(super) async fn event(&self, is_it: impl Fn(&Event) -> bool) -> anyhow::Result<Instant> {
        let mut events = self.events.lock().await;
        loop {
            let event = timeout(PATIENCE, events.recv()).await.context("no event in time")?;
            let event = event.context("no more events")?;
            if is_it(&event) {
                return Ok(event.at);
            }
        }
    }

    /// Sets the item that the next play starts.
    pub(super) async fn set_item(&self, udn: &str, number: usize) -> anyhow::Result<()> {
        let uri = format!("http://192.168.1.5:8097/flow/s{number}/uuid:{udn}/item1/uuid:{udn}.mp3");
        let item = format!("<CurrentURI>{uri}</CurrentURI><CurrentURIMetaData></CurrentURIMetaData>");
        self.call(udn, "AVTransport", "SetAVTransportURI", &item).await
    }

    pub(super) async fn play(&self, udn: &str) -> anyhow::Result<()> {
        self.call(udn, "AVTransport", "Play", "<Speed>1</Speed>").await
    }

    pub(super) async fn volume(&self, udn: &str) -> anyhow::Result<()> {
        self.call(udn, "RenderingControl", "GetVolume", "<Channel>Master</Channel>").await
    }

    async fn call(&self, udn: &str, service: &str, action: &str, arguments: &str) -> anyhow::Result<()> {
        let kind = format!("urn:schemas-upnp-org:service:{service}:1");
        let body = format!(
            "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>\
             <u:{action} xmlns:u=\"{kind}\"><InstanceID>0</InstanceID>{arguments}</u:{action}>\
             </s:Body></s:Envelope>"
        );
        let request = self.client.post(format!("http://{}/{udn}/{service}/control", self.renderers));
        let request = request.header("SOAPACTION", format!("\"{kind}#{action}\""));
        let answer = request.header("Content-Type", "text/xml; charset=\"utf-8\"").body(body).send().await?;
        let status = answer.status();
        ensure!(status == 200, "{action}: {status} {}", answer.text().await?);
        Ok(())
    }
}
