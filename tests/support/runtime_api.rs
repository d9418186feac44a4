//! A small Lambda: runs a function's real binary as the service does (AWS Lambda, "Lambda runtime API"), and an
//! HTTP API before it (Amazon API Gateway, payload format 2.0).
#![expect(clippy::unwrap_used, reason = "a test whose function cannot run has failed")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ma_alexa::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::machine;
use crate::program::{Output, Program};

/// Time limit of an invocation, with the start of the function.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Largest body that is passed on, in bytes (AWS Lambda, quotas).
const MAX_BODY: usize = 6 * 1024 * 1024;

/// Outcome of an invocation: the bytes of the answer, or the function's error.
pub type Outcome = Result<Vec<u8>, Value>;

/// A function, and the service that runs it. Both end when it is dropped.
#[derive(Debug)]
pub struct Function {
    name: String,
    variables: Vec<(String, String)>,
    invoked: AtomicU64,
    process: Process,
}

/// One process of a function, and the service that it alone talks to: what a process that was killed still
/// waits for must not take an invocation away from the next one.
#[derive(Debug)]
struct Process {
    service: Arc<Service>,
    server: JoinHandle<()>,
    program: Option<Program>,
}

#[derive(Debug)]
struct Service {
    /// Invocations that wait for the function.
    queue: mpsc::UnboundedSender<Invocation>,
    next: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    /// Callers that wait for an answer, by the id of the invocation.
    waiting: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    /// Reason why the function reported that it cannot start.
    cannot_start: Mutex<Option<Value>>,
}

#[derive(Debug)]
struct Invocation {
    id: String,
    event: Vec<u8>,
}

impl Function {
    /// Starts the binary `name` of this workspace, with these variables and no others.
    pub async fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let process = Process::start(name, &variables).await;
        Self { name: name.to_owned(), variables, invoked: AtomicU64::new(0), process }
    }

    /// The same function in another process.
    async fn another(&self) -> Self {
        let variables: Vec<(&str, &str)> =
            self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Self::start(&self.name, &variables).await
    }

    /// Ends the process at once and starts another: all that it had in memory is gone.
    pub async fn restart(&mut self) {
        self.process.end();
        self.process = Process::start(&self.name, &self.variables).await;
    }

    /// The id of its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.process.program.as_ref().unwrap().id()
    }

    /// Freezes the process, as the service does between invocations.
    pub fn freeze(&self) {
        self.process.program.iter().for_each(Program::freeze);
    }

    /// Lets the process go on, as the service does for the next invocation.
    pub fn thaw(&self) {
        self.process.program.iter().for_each(Program::thaw);
    }

    /// Invokes the function.
    ///
    /// # Errors
    /// What the function reported as its error.
    pub async fn invoke(&self, event: &[u8]) -> Outcome {
        let id = format!("00000000-0000-4000-8000-{:012x}", self.invoked.fetch_add(1, Ordering::Relaxed));
        let (answer, answered) = oneshot::channel();
        let service = &self.process.service;
        service.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), answer);
        service.queue.send(Invocation { id, event: event.to_vec() }).unwrap();
        let Ok(Ok(outcome)) = tokio::time::timeout(TIMEOUT, answered).await else {
            panic!("{} did not answer; it said:\n{}", self.name, self.said());
        };
        outcome
    }

    /// Reason why the function cannot start: its report to the service, and its output when it had ended.
    ///
    /// # Panics
    /// When it runs on.
    #[must_use]
    pub fn cannot_start(mut self) -> (Option<Value>, Output) {
        let output = self.process.program.take().unwrap().finish(TIMEOUT);
        let service = &self.process.service;
        (service.cannot_start.lock().unwrap_or_else(PoisonError::into_inner).take(), output)
    }

    /// Log of the process so far.
    #[must_use]
    pub fn said(&self) -> String {
        let program = self.process.program.as_ref();
        program.map(|program| program.stdout() + &program.stderr()).unwrap_or_default()
    }

    /// The first line that the process logs with `text` in it. What it logged before it answered may be read after
    /// the answer.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn wait_for_log(&self, text: &str) -> String {
        self.process.program.as_ref().unwrap().wait_for_stdout(text)
    }

    /// The id of the process, for measurements.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.process.program.as_ref().map(Program::id)
    }
}

impl Process {
    async fn start(name: &str, variables: &[(String, String)]) -> Self {
        let (queue, next) = mpsc::unbounded_channel();
        let next = tokio::sync::Mutex::new(next);
        let service =
            Arc::new(Service { queue, next, waiting: Mutex::default(), cannot_start: Mutex::default() });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = runtime_routes(Arc::clone(&service));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let mut command = Command::new(machine::binary(name));
        command
            .env_clear()
            .current_dir(std::env::temp_dir())
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
            .envs(variables.iter().map(|(name, value)| (name, value)));
        Self { service, server, program: Some(Program::start(&mut command)) }
    }

    /// The program first: without its service it would complain.
    fn end(&mut self) {
        if let Some(program) = self.program.take() {
            program.kill();
        }
        self.server.abort();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

fn runtime_routes(service: Arc<Service>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/init/error", post(cannot_start))
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(respond))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(fail))
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .with_state(service)
}

async fn next(State(service): State<Arc<Service>>) -> Response {
    let Some(Invocation { id, event }) = service.next.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemClock.now().plus(TIMEOUT).millis().to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", id.as_str()),
        ("lambda-runtime-deadline-ms", deadline.as_str()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:test"),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0"),
    ];
    (headers, event).into_response()
}

async fn respond(State(service): State<Arc<Service>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    service.finish(&id, Ok(body.to_vec()))
}

async fn fail(State(service): State<Arc<Service>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    service.finish(&id, Err(serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

async fn cannot_start(State(service): State<Arc<Service>>, body: Bytes) -> StatusCode {
    let error = serde_json::from_slice(&body).unwrap_or(Value::Null);
    *service.cannot_start.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    StatusCode::ACCEPTED
}

impl Service {
    fn finish(&self, id: &str, outcome: Outcome) -> StatusCode {
        match self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(id) {
            // A test that does not wait any more has failed already.
            Some(waiting) => waiting.send(outcome).map_or(StatusCode::GONE, |()| StatusCode::ACCEPTED),
            None => StatusCode::NOT_FOUND,
        }
    }
}

/// An HTTP API whose every request invokes a function.
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    server: JoinHandle<()>,
}

/// A function as the service runs it: a process has one request at a time, and a request that finds none free starts another.
#[derive(Clone, Debug)]
struct Instances {
    first: Arc<Function>,
    /// The processes without a request, the last used one at the end.
    free: Arc<Mutex<Vec<Arc<Function>>>>,
    /// Whether more than one process may run.
    may_grow: bool,
}

impl Instances {
    async fn invoke(&self, event: &[u8]) -> Outcome {
        if !self.may_grow {
            return self.first.invoke(event).await;
        }
        let free = self.free().pop();
        let function = match free {
            Some(function) => function,
            None => Arc::new(self.first.another().await),
        };
        let outcome = function.invoke(event).await;
        self.free().push(function);
        outcome
    }

    fn free(&self) -> MutexGuard<'_, Vec<Arc<Function>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gateway {
    /// Listens on a free loopback port. The one process of the function has all requests, one after the other.
    pub async fn start(function: Arc<Function>) -> Self {
        Self::over(function, false).await
    }

    /// The same with as many processes as there are requests at a time.
    pub async fn growing(function: Arc<Function>) -> Self {
        Self::over(function, true).await
    }

    async fn over(function: Arc<Function>, may_grow: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let free = Arc::new(Mutex::new(vec![Arc::clone(&function)]));
        let instances = Instances { first: function, free, may_grow };
        let router = Router::new().fallback(pass_on).with_state(instances);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, server }
    }

    /// Its address.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass_on(State(function): State<Instances>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap();
    let event = http_event(&parts, std::str::from_utf8(&body).unwrap());
    match function.invoke(event.to_string().as_bytes()).await {
        Ok(answer) => http_response(&serde_json::from_slice(&answer).unwrap()),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

/// Event that an HTTP API makes of a request.
#[must_use]
pub fn http_event(parts: &Parts, body: &str) -> Value {
    let text = |value: &HeaderValue| json!(String::from_utf8_lossy(value.as_bytes()));
    let headers: serde_json::Map<String, Value> =
        parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let path = parts.uri.path();
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "test",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "test",
            },
            "requestId": "test",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:08:00:00 +0000",
            "timeEpoch": SystemClock.now().millis(),
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

fn http_response(answer: &Value) -> Response {
    let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap();
    let body = answer["body"].as_str().unwrap_or_default();
    let body = if answer["isBase64Encoded"] == true {
        STANDARD.decode(body).unwrap()
    } else {
        body.as_bytes().to_vec()
    };
    let mut response = Response::builder().status(status).body(Body::from(body)).unwrap();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let name: HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, value.as_str().unwrap().parse().unwrap());
    }
    response
}
