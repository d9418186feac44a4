//! A proxy before the emulator that writes down what each function asks of AWS.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::http_client;

/// Time limit of a function for an expected request.
const PATIENCE: Duration = Duration::from_mins(1);

/// Largest request that is passed on, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// One thing that a function may do: an action, as a policy names it, on a table, a secret, a queue or a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The name of the function.
    pub function: String,
    /// Such as `dynamodb:Query`.
    pub action: String,
    /// The name of the table, the secret, the queue or the role.
    pub resource: String,
}

/// The proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct Recorder {
    endpoint: String,
    state: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    upstream: String,
    client: Client,
    calls: watch::Sender<BTreeSet<Call>>,
    refuses: AtomicBool,
}

impl Recorder {
    /// Listens on a free loopback port for requests to `upstream`.
    pub async fn start(upstream: &str) -> Self {
        let state = Arc::new(Shared {
            upstream: upstream.to_owned(),
            client: http_client(),
            calls: watch::Sender::default(),
            refuses: AtomicBool::default(),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass_on).with_state(Arc::clone(&state));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { endpoint, state, server }
    }

    /// The address for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Calls so far, each once.
    #[must_use]
    pub fn calls(&self) -> BTreeSet<Call> {
        self.state.calls.borrow().clone()
    }

    /// Waits until a function has asked for something.
    pub async fn wait_for(&self, function: &str, action: &str) {
        let mut calls = self.state.calls.subscribe();
        let asked = |call: &Call| call.function == function && call.action == action;
        let came = calls.wait_for(|calls| calls.iter().any(asked));
        let came = tokio::time::timeout(PATIENCE, came).await.is_ok_and(|calls| calls.is_ok());
        assert!(came, "{function} did not ask for {action}");
    }

    /// Whether every request from now on is answered as AWS does when it has a bad day.
    pub fn refuse(&self, refuses: bool) {
        self.state.refuses.store(refuses, Ordering::SeqCst);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass_on(State(state): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap();
    let calls = calls(&parts.headers, &body);
    state.calls.send_modify(|known| known.extend(calls));
    if state.refuses.load(Ordering::SeqCst) {
        let error = json!({ "__type": "InternalServerError", "message": "a bad day" });
        return (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(error)).into_response();
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let request = state.client.request(parts.method, format!("{}{path}", state.upstream));
    let answer = request.headers(parts.headers).body(body).send().await.unwrap();
    (answer.status(), answer.headers().clone(), answer.bytes().await.unwrap()).into_response()
}

/// Calls of a request, in the words of a policy. A transaction is allowed by what its parts do (Amazon DynamoDB, "IAM
/// policies for transactions").
fn calls(headers: &HeaderMap, body: &Bytes) -> Vec<Call> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (target, agent) = (header("x-amz-target"), header("user-agent"));
    let function = agent.split(' ').find_map(|part| part.strip_prefix("app/")).unwrap_or(agent);
    let form = body;
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let call = |action: String, place: &Value| Call {
        function: function.to_owned(),
        action,
        resource: place.as_str().unwrap_or_default().to_owned(),
    };
    match target.split_once('.') {
        Some(("DynamoDB_20120810", "TransactWriteItems")) => {
            let parts = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
            parts
                .flatten()
                .map(|(kind, part)| {
                    let item =
                        if kind == "ConditionCheck" { "ConditionCheckItem" } else { &format!("{kind}Item") };
                    call(format!("dynamodb:{item}"), &part["TableName"])
                })
                .collect()
        }
        Some(("DynamoDB_20120810", operation)) => {
            vec![call(format!("dynamodb:{operation}"), &body["TableName"])]
        }
        Some(("AmazonSQS", operation)) => vec![call(format!("sqs:{operation}"), &last(&body["QueueUrl"]))],
        Some((service, operation)) => vec![call(format!("{service}:{operation}"), &body["SecretId"])],
        None if !in_form(form, "RoleArn").is_null() => {
            let operation = in_form(form, "Action");
            let operation = operation.as_str().unwrap_or_default();
            vec![call(format!("sts:{operation}"), &last(&in_form(form, "RoleArn")))]
        }
        None => vec![call(format!("{} {}", header("host"), target), &Value::Null)],
    }
}

/// The name at the end of an address or an ARN.
fn last(place: &Value) -> Value {
    json!(place.as_str().and_then(|place| place.rsplit('/').next()))
}

/// A member of a form, as the query protocol of AWS sends one; null where there is none.
fn in_form(body: &[u8], name: &str) -> Value {
    json!(
        url::form_urlencoded::parse(body)
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    )
}
