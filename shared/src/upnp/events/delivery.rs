//! Sending events: one after the other for each subscription, and never more often than they may come.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, Uri, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::message;
use super::subscriptions::Subscriptions;
use crate::task;
use crate::upnp::media_renderer::{RendererList, RendererSnapshot};
use crate::upnp::registry;
use crate::upnp::services::Service;

/// Time between two events of one subscription (AVTransport:1, section 2.3.1).
const BETWEEN: Duration = Duration::from_millis(200);

/// Time before the first event: the controller has to know the subscription by then.
const BEFORE_FIRST: Duration = Duration::from_millis(100);

/// Time limit for one event at one address.
const PATIENCE: Duration = Duration::from_secs(5);

/// Time limit for a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// Events that fail one after the other, after which a subscription ends.
const FAILURES: u32 = 3;

/// Time before a failed event is sent again, for each failure.
const BACKOFF: Duration = Duration::from_secs(1);

/// Most bytes of an answer's header.
const BUFFER: usize = 8 * 1024;

/// Sends events. It follows no redirect, asks no proxy, resolves no name and keeps no connection.
#[derive(Clone)]
pub(in crate::upnp) struct Notifier {
    client: Client<HttpConnector, Body>,
    subscriptions: Arc<Subscriptions>,
    renderers: RendererList,
}

/// One subscription, as its events need it.
#[derive(Debug)]
pub(in crate::upnp) struct Recipient {
    /// Its id.
    pub(in crate::upnp) sid: String,
    /// The renderer.
    pub(in crate::upnp) udn: String,
    /// The service.
    pub(in crate::upnp) service: Service,
    /// The addresses for its events; the first that takes one gets it.
    pub(in crate::upnp) callbacks: Vec<Uri>,
}

/// The end of one attempt.
enum AttemptEnd {
    Taken,
    Failed,
    /// The controller knows no such subscription.
    Unknown,
}

impl Notifier {
    pub(in crate::upnp) fn new(subscriptions: Arc<Subscriptions>, renderers: RendererList) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT));
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .retry_canceled_requests(false)
            .http1_title_case_headers(true)
            .http1_max_buf_size(BUFFER)
            .build(connector);
        Self { client, subscriptions, renderers }
    }

    /// Sends the events of a subscription, in a task that ends with it.
    pub(in crate::upnp) fn begin(&self, recipient: Recipient) {
        let (mut notifier, sid) = (self.clone(), recipient.sid.clone());
        let delivery = task::spawn(async move {
            notifier.deliver(&recipient).await;
            notifier.subscriptions.remove(&recipient.sid);
        });
        self.subscriptions.attach(&sid, delivery.abort_handle());
    }

    /// Sends events until the subscription or the renderer ends, or too many fail.
    async fn deliver(&mut self, recipient: &Recipient) {
        let service = recipient.service;
        let mut source = Source::Lost;
        let (mut told, mut sequence, mut failures) = (None, 0_u32, 0);
        sleep(BEFORE_FIRST).await;
        loop {
            if matches!(source, Source::Lost) {
                let found = registry::find(&self.renderers.borrow_and_update(), &recipient.udn);
                let Some(renderer) = found else { return };
                source = Source::Renderer(renderer.snapshots());
            }
            let is = message::values(service, &source.latest());
            let event = match &told {
                None => Some(message::all(service, &is)),
                Some(was) => message::changes(service, was, &is),
            };
            let Some(event) = event else {
                let Some(left) = self.subscriptions.left(&recipient.sid) else { return };
                tokio::select! {
                    () = source.changed() => {}
                    changed = self.renderers.changed() => match changed {
                        Ok(()) => source = Source::Lost,
                        Err(_) => return,
                    },
                    () = sleep(left) => {}
                }
                continue;
            };
            match self.send(recipient, sequence, &event).await {
                AttemptEnd::Taken => (told, failures) = (Some(is), 0),
                AttemptEnd::Failed => failures += 1,
                AttemptEnd::Unknown => return,
            }
            // The first event is 0, and no later one is (UPnP Device Architecture 1.0, section 4.2.1).
            sequence = sequence.checked_add(1).unwrap_or(1);
            if failures >= FAILURES || self.subscriptions.left(&recipient.sid).is_none() {
                return;
            }
            sleep(if failures == 0 { BETWEEN } else { BACKOFF * failures }).await;
        }
    }

    /// Sends one event to the first address that takes it.
    async fn send(&self, recipient: &Recipient, sequence: u32, event: &str) -> AttemptEnd {
        for callback in &recipient.callbacks {
            let request = Request::builder()
                .method("NOTIFY".parse::<Method>().unwrap_or_default())
                .uri(callback)
                .header(header::CONTENT_TYPE, "text/xml; charset=\"utf-8\"")
                .header("nt", "upnp:event")
                .header("nts", "upnp:propchange")
                .header("sid", &recipient.sid)
                .header("seq", sequence)
                .body(Body::from(event.to_owned()));
            let Ok(request) = request else { continue };
            match timeout(PATIENCE, self.client.request(request)).await {
                Ok(Ok(answer)) if answer.status().is_success() => return AttemptEnd::Taken,
                Ok(Ok(answer)) if answer.status() == StatusCode::PRECONDITION_FAILED => {
                    return AttemptEnd::Unknown;
                }
                Ok(Ok(answer)) => tracing::debug!(status = %answer.status(), "an event was refused"),
                Ok(Err(error)) => tracing::debug!(%error, "an event was not sent"),
                Err(_) => tracing::debug!("an event took too long"),
            }
        }
        AttemptEnd::Failed
    }
}

/// The source of the state of the renderer.
enum Source {
    Renderer(watch::Receiver<RendererSnapshot>),
    /// It has to be looked up.
    Lost,
}

impl Source {
    fn latest(&mut self) -> RendererSnapshot {
        match self {
            Self::Renderer(snapshots) => snapshots.borrow_and_update().clone(),
            Self::Lost => RendererSnapshot::default(),
        }
    }

    /// A change; none comes of a renderer that is gone, which the list shows.
    async fn changed(&mut self) {
        if let Self::Renderer(snapshots) = self
            && snapshots.changed().await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
