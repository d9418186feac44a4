//! The routes of the renderers: descriptions, calls and subscriptions.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, map_response};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use tower_http::catch_panic::CatchPanicLayer;

use super::events::{self, Asker, Full, Notifier, Recipient, Subscribe, SubscriptionError, Subscriptions};
use super::guard::{Guard, peer};
use super::media_renderer::{Identity, MediaRenderer};
use super::network::may_call_back;
use super::services::Service;
use super::soap::{self, Fault};
use super::{PRODUCT, UpnpServices, actions, description, registry};
use crate::routing::{any, get, post};

/// Largest message, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Most bytes beyond it that are read and thrown away, so that the sender gets the answer.
const MAX_DISCARDED: usize = 1024 * 1024;

/// Time limit for a whole message.
const BODY_TIME: Duration = Duration::from_secs(10);

const XML: &str = "text/xml; charset=\"utf-8\"";

#[derive(Clone)]
struct Site {
    services: Arc<UpnpServices>,
    subscriptions: Arc<Subscriptions>,
    notifier: Notifier,
}

/// The routes of all renderers. They have to be served with the address of each peer.
pub fn router(services: &Arc<UpnpServices>) -> Router {
    let limits = (services.limits.subscriptions_per_renderer, services.limits.subscriptions);
    let (clock, random) = (Arc::clone(&services.clock), Arc::clone(&services.random));
    let subscriptions = Arc::new(Subscriptions::new(limits, clock, random));
    let notifier = Notifier::new(Arc::clone(&subscriptions), services.renderers.clone());
    let site = Site { services: Arc::clone(services), subscriptions, notifier };
    let guard = Guard::new(services.hosts.clone());
    Router::new()
        .route("/{udn}/description.xml", get(device))
        .route("/{udn}/icon.png", get(icon))
        .route("/{udn}/", get(page))
        .route("/{udn}/{service}/scpd.xml", get(scpd))
        .route("/{udn}/{service}/control", post(control))
        .route("/{udn}/{service}/event", any(event))
        .with_state(site)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(move |request, next| guard.clone().pass(request, next)))
        .layer(map_response(async |mut response: Response| {
            response.headers_mut().insert(header::SERVER, HeaderValue::from_static(PRODUCT));
            response
        }))
}

async fn device(State(site): State<Site>, Path(udn): Path<String>, request: Request) -> Response {
    let Some(renderer) = site.renderer(&udn) else { return StatusCode::NOT_FOUND.into_response() };
    site.note(&udn, &request);
    xml(description::device(&renderer.identity()))
}

async fn icon(State(site): State<Site>, Path(udn): Path<String>) -> Response {
    match site.renderer(&udn) {
        Some(renderer) => {
            let icon = renderer.identity().model.icon();
            ([(header::CONTENT_TYPE, "image/png")], icon).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The page for a person who follows the `presentationURL`.
async fn page(State(site): State<Site>, Path(udn): Path<String>) -> Response {
    let Some(renderer) = site.renderer(&udn) else { return StatusCode::NOT_FOUND.into_response() };
    let Identity { name, model, .. } = renderer.identity();
    format!("{name} ({}), offered by Music Assistant for Alexa\n", model.name()).into_response()
}

async fn scpd(State(site): State<Site>, Path((udn, service)): Path<(String, String)>) -> Response {
    match site.target(&udn, &service) {
        Some((_, service)) => xml(description::service(service)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn control(
    State(site): State<Site>,
    Path((udn, service)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some((renderer, service)) = site.target(&udn, &service) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    site.note(&udn, &request);
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_TIME, read(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(status)) => return closing(status),
        Err(_) => return closing(StatusCode::REQUEST_TIMEOUT),
    };
    let mut actions = head.headers.get_all("soapaction").iter();
    let action = match (actions.next(), actions.next()) {
        (Some(action), None) => action.to_str().ok(),
        _ => None,
    };
    let answered = async {
        let body = str::from_utf8(&body).map_err(|_| Fault::InvalidArguments)?;
        let call = soap::read(service, action, body)?;
        let outputs = actions::perform(renderer.as_ref(), service, &call).await?;
        Ok(soap::write_answer(service, call.action, &outputs))
    };
    match answered.await {
        Ok(answer) => ([(header::CONTENT_TYPE, XML)], [("ext", "")], answer).into_response(),
        Err(fault) => fault_response(fault),
    }
}

async fn event(
    State(site): State<Site>,
    Path((udn, service)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some((_, service)) = site.target(&udn, &service) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    site.note(&udn, &request);
    match request.method().as_str() {
        "SUBSCRIBE" => match site.subscribe(&udn, service, &request) {
            Ok((sid, timeout)) => {
                let timeout = format!("Second-{}", timeout.as_secs());
                [("sid", sid), ("timeout", timeout)].into_response()
            }
            Err(status) => status.into_response(),
        },
        "UNSUBSCRIBE" => match events::read_sid(request.headers()) {
            Ok(sid) if site.subscriptions.end(&sid, &udn, service) => StatusCode::OK.into_response(),
            Ok(_) => SubscriptionError::Precondition.status().into_response(),
            Err(refusal) => refusal.status().into_response(),
        },
        _ => (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "SUBSCRIBE, UNSUBSCRIBE")]).into_response(),
    }
}

impl Site {
    fn renderer(&self, udn: &str) -> Option<Arc<dyn MediaRenderer>> {
        registry::find(&self.services.renderers.borrow(), udn)
    }

    /// Notes who asks for a renderer.
    fn note(&self, udn: &str, request: &Request) {
        let Some(asker) = peer(request) else { return };
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        self.services.reports.found(udn, asker, agent, self.services.clock.now());
    }

    fn target(&self, udn: &str, service: &str) -> Option<(Arc<dyn MediaRenderer>, Service)> {
        Some((self.renderer(udn)?, Service::named(service)?))
    }

    /// Opens or renews a subscription: its id, and how long it lasts.
    fn subscribe(
        &self,
        udn: &str,
        service: Service,
        request: &Request,
    ) -> Result<(String, Duration), StatusCode> {
        let (callbacks, timeout) = match events::read(request.headers()).map_err(SubscriptionError::status)? {
            Subscribe::New { callbacks, timeout } => (callbacks, timeout),
            Subscribe::Renew { sid, timeout } => {
                let renewed = self.subscriptions.renew(&sid, (udn, service), timeout);
                return renewed.then_some((sid, timeout)).ok_or(SubscriptionError::Precondition.status());
            }
        };
        let address = peer(request).ok_or(StatusCode::FORBIDDEN)?;
        let interfaces = self.services.interfaces.list().unwrap_or_default();
        let allowed =
            callbacks.into_iter().filter(|callback| may_call_back(callback.host, address, &interfaces));
        let callbacks: Vec<_> = allowed.map(|callback| callback.uri).collect();
        if callbacks.is_empty() {
            self.services.warn("a controller asks for events at an address that is not its own");
            return Err(SubscriptionError::Precondition.status());
        }
        let asker = Asker { address, udn: udn.to_owned(), service };
        let sid = self.subscriptions.open(asker, timeout).map_err(|full| {
            match full {
                Full::Subscriptions => self.services.warn("there are too many subscriptions to renderers"),
                Full::Randomness => self.services.warn("there is no randomness for a subscription"),
            }
            StatusCode::SERVICE_UNAVAILABLE
        })?;
        self.notifier.begin(Recipient { sid: sid.clone(), udn: udn.to_owned(), service, callbacks });
        Ok((sid, timeout))
    }
}

/// The whole body, at most [`MAX_BODY`] bytes.
async fn read(body: Body) -> Result<Vec<u8>, StatusCode> {
    let mut whole = Vec::new();
    let mut length = 0;
    let mut stream = body.into_data_stream();
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(|_| StatusCode::BAD_REQUEST)?;
        length += bytes.len();
        if length <= MAX_BODY {
            whole.extend_from_slice(&bytes);
        } else if length > MAX_BODY + MAX_DISCARDED {
            break;
        }
    }
    if length > MAX_BODY { Err(StatusCode::PAYLOAD_TOO_LARGE) } else { Ok(whole) }
}

fn closing(status: StatusCode) -> Response {
    (status, [(header::CONNECTION, "close")]).into_response()
}

fn xml(text: Result<String, askama::Error>) -> Response {
    match text {
        Ok(text) => ([(header::CONTENT_TYPE, XML)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a description cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A fault has the status 500, whatever it says (SOAP 1.1, section 6.2).
fn fault_response(fault: Fault) -> Response {
    let (code, _) = fault.error();
    tracing::debug!(code, "a call is refused");
    let headers = [(header::CONTENT_TYPE, XML)];
    (StatusCode::INTERNAL_SERVER_ERROR, headers, [("ext", "")], soap::write_fault(fault)).into_response()
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic.message = text.unwrap_or_default(), "a request to a renderer panicked");
    fault_response(Fault::ActionFailed)
}
