//! A proxy before an emulator of DynamoDB that writes down what is asked and what is answered.
#![expect(clippy::unwrap_used, reason = "a recording of half of what passed is worth nothing")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::api::http_client;
use crate::recorded::Exchange;

/// The largest request or answer of DynamoDB, in bytes.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// The proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    tape: Arc<Tape>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Tape {
    upstream: String,
    client: Client,
    /// Nothing while nothing is written down.
    exchanges: Mutex<Option<Vec<Exchange>>>,
}

impl Tape {
    fn exchanges(&self) -> MutexGuard<'_, Option<Vec<Exchange>>> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Listens on a free loopback port for requests to `upstream`.
    pub async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let tape = Arc::new(Tape {
            upstream: format!("http://{upstream}/"),
            client: http_client(),
            exchanges: Mutex::default(),
        });
        let router = Router::new().fallback(pass_on).with_state(Arc::clone(&tape));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, tape, server }
    }

    /// The address for `AWS_ENDPOINT_URL_DYNAMODB`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Writes down from now on what is asked and answered.
    pub fn record(&self) {
        *self.tape.exchanges() = Some(Vec::new());
    }

    /// Requests and answers since then, in the order of the answers. Ends the recording.
    #[must_use]
    pub fn take(&self) -> Vec<Exchange> {
        self.tape.exchanges().take().unwrap_or_default()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass_on(State(tape): State<Arc<Tape>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let asked = to_bytes(body, MAX_BODY).await.unwrap();
    let target = parts.headers["x-amz-target"].to_str().unwrap();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let passed_on = tape.client.request(parts.method, &tape.upstream).headers(parts.headers.clone());
    let answer = passed_on.body(asked.clone()).send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let answered = answer.bytes().await.unwrap();
    if let Some(exchanges) = tape.exchanges().as_mut() {
        exchanges.push(Exchange {
            operation,
            request: serde_json::from_slice(&asked).unwrap(),
            status: status.as_u16(),
            answer: serde_json::from_slice(&answered).unwrap(),
        });
    }
    let mut response = Response::new(Body::from(answered));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    response
}
