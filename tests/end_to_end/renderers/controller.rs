//! A controller that a test plays: it calls actions of a renderer and takes its events.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use end_to_end::api::http_client;
use reqwest::Method;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::household::RealServer;
use super::queues::PATIENCE;

pub(super) const TRANSPORT: &str = "AVTransport";
pub(super) const RENDERING: &str = "RenderingControl";

/// A controller of one renderer.
pub(super) struct Controller {
    base: String,
    /// The last value of each variable that an event told.
    values: watch::Receiver<BTreeMap<String, String>>,
    _tasks: JoinSet<()>,
}

impl Controller {
    /// Subscribes to the events of a renderer.
    pub(super) async fn of(server: &RealServer, serial: &str) -> Self {
        let (told, values) = watch::channel(BTreeMap::new());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let callback = format!("<http://{}/>", listener.local_addr().unwrap());
        let router = Router::new().fallback(async move |body: String| {
            told.send_modify(|values| values.extend(changes(&body)));
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let controller = Self { base: server.url(serial, ""), values, _tasks: tasks };
        for service in [TRANSPORT, RENDERING] {
            controller.subscribe(service, &callback).await;
        }
        controller
    }

    async fn subscribe(&self, service: &str, callback: &str) {
        let method = Method::from_bytes(b"SUBSCRIBE").unwrap();
        let request = http_client().request(method, format!("{}{service}/event", self.base));
        let request = request.header("CALLBACK", callback).header("NT", "upnp:event");
        let answer = request.header("TIMEOUT", "Second-300").send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// Calls an action. The outputs as XML, or the number of the error.
    pub(super) async fn call(
        &self,
        service: &str,
        action: &str,
        inputs: &[(&str, &str)],
    ) -> Result<String, u32> {
        let kind = format!("urn:schemas-upnp-org:service:{service}:1");
        let input = |(name, value): &(&str, &str)| format!("<{name}>{}</{name}>", escaped(value));
        let inputs: String = [("InstanceID", "0")].iter().chain(inputs).map(input).collect();
        let body = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
             <u:{action} xmlns:u=\"{kind}\">{inputs}</u:{action}></s:Body></s:Envelope>"
        );
        let request = http_client().post(format!("{}{service}/control", self.base)).body(body);
        let request = request.header("SOAPACTION", format!("\"{kind}#{action}\""));
        let answer = request.header("content-type", "text/xml; charset=\"utf-8\"").send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        let code = element(&body, "errorCode").and_then(|code| code.parse().ok());
        if status.is_success() { Ok(body) } else { Err(code.unwrap_or_else(|| panic!("{body}"))) }
    }

    /// Sets an item and plays it, as Music Assistant does.
    pub(super) async fn play(&self, uri: &str, didl: &str) {
        self.call(TRANSPORT, "Stop", &[]).await.unwrap();
        let inputs = [("CurrentURI", uri), ("CurrentURIMetaData", didl)];
        self.call(TRANSPORT, "SetAVTransportURI", &inputs).await.unwrap();
        self.resume().await;
    }

    /// Plays what is there.
    pub(super) async fn resume(&self) {
        self.call(TRANSPORT, "Play", &[("Speed", "1")]).await.unwrap();
    }

    /// The position of what plays.
    pub(super) async fn position(&self) -> Duration {
        let answer = self.call(TRANSPORT, "GetPositionInfo", &[]).await.unwrap();
        let time = element(&answer, "RelTime").unwrap();
        let parts = time.split('.').next().unwrap().split(':').map(|part| part.parse::<u64>().unwrap());
        Duration::from_secs(parts.fold(0, |all, part| all * 60 + part))
    }

    /// Waits for the event after which a variable has this value.
    pub(super) async fn sees(&mut self, variable: &str, value: &str) {
        let is_it =
            |values: &BTreeMap<String, String>| values.get(variable).is_some_and(|seen| seen == value);
        let seen = timeout(PATIENCE, self.values.wait_for(is_it)).await.is_ok();
        assert!(seen, "{variable} is never {value}: {:?}", self.values.borrow());
    }
}

/// The variables in the `LastChange` of an event.
fn changes(event: &str) -> Vec<(String, String)> {
    let change = element(event, "LastChange").unwrap_or_default();
    let change =
        change.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let tags = change.split('<').filter_map(|tag| {
        let (name, rest) = tag.split_once(' ')?;
        let (_, rest) = rest.split_once("val=\"")?;
        Some((name.to_owned(), rest.split_once('"')?.0.replace("&amp;", "&")))
    });
    tags.collect()
}

fn element(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
