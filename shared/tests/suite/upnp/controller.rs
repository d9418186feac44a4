//! A stand-in for a controller that takes events.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::home::{Answer, Home, SOON, element};

/// An event as it came.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) method: String,
    pub(super) sid: String,
    pub(super) sequence: u32,
    pub(super) body: String,
}

impl Event {
    /// The value of a variable in `LastChange`; none where it is not in there.
    pub(super) fn value(&self, variable: &str) -> Option<String> {
        let change = element(&self.body, "LastChange")?;
        let (_, rest) = change.split_once(&format!("<{variable} "))?;
        let (_, rest) = rest.split_once("val=\"")?;
        Some(rest.split_once('"')?.0.to_owned())
    }
}

pub(super) struct Controller {
    pub(super) callback: String,
    pub(super) port: u16,
    events: mpsc::UnboundedReceiver<Event>,
    status: Arc<AtomicU16>,
}

impl Controller {
    pub(super) async fn start() -> Self {
        Self::on(Ipv4Addr::LOCALHOST).await
    }

    /// One that listens on an address.
    pub(super) async fn on(address: Ipv4Addr) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let callback = format!("<http://{address}:{port}/notify?a=b>");
        let (sender, events) = mpsc::unbounded_channel();
        let status = Arc::new(AtomicU16::new(200));
        let answered = Arc::clone(&status);
        let routes = Router::new().fallback(async move |request: Request| {
            let (head, body) = request.into_parts();
            let text = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(
                (text("nt").as_deref(), text("nts").as_deref()),
                (Some("upnp:event"), Some("upnp:propchange"))
            );
            assert_eq!(head.uri.to_string(), "/notify?a=b");
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let event = Event {
                method: head.method.to_string(),
                sid: text("sid").unwrap(),
                sequence: text("seq").unwrap().parse().unwrap(),
                body: String::from_utf8(body.to_vec()).unwrap(),
            };
            // The test may have ended.
            let _ = sender.send(event);
            StatusCode::from_u16(answered.load(Ordering::SeqCst)).unwrap()
        });
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { callback, port, events, status }
    }

    /// Answers with this status from now on.
    pub(super) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub(super) async fn subscribe(&self, home: &Home, service: &str) -> Answer {
        let headers = [("CALLBACK", self.callback.as_str()), ("NT", "upnp:event"), ("TIMEOUT", "Second-300")];
        home.request("SUBSCRIBE", &home.path(&format!("{service}/event")), &headers, "").await
    }

    pub(super) async fn event(&mut self) -> Event {
        tokio::time::timeout(SOON, self.events.recv()).await.unwrap().unwrap()
    }

    /// The next event with this value of a variable, and the number of events up to it.
    pub(super) async fn event_with(&mut self, variable: &str, value: &str) -> (Event, usize) {
        let mut number = 1;
        loop {
            let event = self.event().await;
            if event.value(variable).as_deref() == Some(value) {
                return (event, number);
            }
            number += 1;
        }
    }
}
