//! Stand-ins for Duck DNS, deSEC and a resolver, over real HTTP.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(super) const TOKEN: &str = "a7c4d0ad-114e-40ef-ba1d-d217904a50f2";

/// What both providers keep, and what they were asked.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// By type and whole name, such as `TXT _acme-challenge.kitchen-1234.duckdns.org`.
    pub(super) records: BTreeMap<String, String>,
    /// Changes, in their order.
    pub(super) changes: Vec<String>,
    /// How often the resolver does not show a record yet.
    pub(super) hidden: u32,
    pub(super) looks: u32,
    /// The answer to every change instead.
    pub(super) refusal: Option<(u16, &'static str)>,
}

/// Providers and a resolver on one address.
#[derive(Clone, Debug)]
pub(super) struct Providers {
    pub(super) address: SocketAddr,
    pub(super) kept: Arc<Mutex<Kept>>,
}

impl Providers {
    pub(super) async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let routes = Router::new()
            .route("/update", get(duck_dns))
            .route("/api/v1/domains/", get(domains))
            .route("/api/v1/domains/{domain}/rrsets/", axum::routing::put(rrsets))
            .route("/resolve", get(resolve))
            .with_state(Arc::clone(&kept));
        let (_, stops) = tokio::sync::mpsc::channel(1);
        tokio::spawn(ma_alexa::server::serve(socket, routes, super::front::options(), stops));
        Self { address, kept }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn record(&self, of: &str) -> Option<String> {
        self.kept.lock().unwrap().records.get(of).cloned()
    }

    pub(super) fn changes(&self) -> Vec<String> {
        self.kept.lock().unwrap().changes.clone()
    }
}

type Shared = State<Arc<Mutex<Kept>>>;

/// As duckdns.org/spec.jsp says; every answer has the status 200.
async fn duck_dns(State(kept): Shared, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let mut kept = kept.lock().unwrap();
    if let Some((status, text)) = kept.refusal {
        return (StatusCode::from_u16(status).unwrap(), text).into_response();
    }
    let given = |name: &str| query.get(name).map(String::as_str);
    let (Some(domain), Some(TOKEN)) = (given("domains"), given("token")) else { return "KO".into_response() };
    if domain.contains('.') {
        return "KO".into_response();
    }
    let name = format!("{domain}.duckdns.org");
    if let Some(txt) = given("txt") {
        // One TXT record, which every name below shows too.
        let record = format!("TXT _acme-challenge.{name}");
        if given("clear") == Some("true") {
            kept.changes.push(format!("clear {record}"));
            kept.records.remove(&record);
        } else {
            kept.changes.push(format!("set {record}"));
            kept.records.insert(record, txt.to_owned());
        }
    }
    for (parameter, kind) in [("ip", "A"), ("ipv6", "AAAA")] {
        if let Some(address) = given(parameter) {
            kept.changes.push(format!("set {kind} {name}"));
            kept.records.insert(format!("{kind} {name}"), address.to_owned());
        }
    }
    "OK".into_response()
}

fn is_let_in(headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|value| value == &format!("Token {TOKEN}"))
}

async fn domains(
    State(kept): Shared,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    if let Some((status, text)) = kept.lock().unwrap().refusal {
        return (StatusCode::from_u16(status).unwrap(), [("retry-after", "120")], text).into_response();
    }
    if !is_let_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let owns = query.get("owns_qname").is_some_and(|name| name.ends_with("home.dedyn.io"));
    let domains = if owns { json!([{"name": "home.dedyn.io", "minimum_ttl": 60}]) } else { json!([]) };
    Json(domains).into_response()
}

async fn rrsets(
    State(kept): Shared,
    headers: HeaderMap,
    Path(domain): Path<String>,
    Json(sets): Json<Vec<Value>>,
) -> Response {
    if !is_let_in(&headers) || domain != "home.dedyn.io" {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut kept = kept.lock().unwrap();
    for set in &sets {
        let (label, kind) = (set["subname"].as_str().unwrap(), set["type"].as_str().unwrap());
        if set["ttl"].as_u64().is_none_or(|ttl| ttl < 60) {
            return (StatusCode::BAD_REQUEST, "the TTL is below the minimum").into_response();
        }
        let name = if label.is_empty() { domain.clone() } else { format!("{label}.{domain}") };
        let record = format!("{kind} {name}");
        let records = set["records"].as_array().unwrap();
        if let Some(value) = records.first() {
            kept.changes.push(format!("set {record}"));
            kept.records.insert(record, value.as_str().unwrap().trim_matches('"').to_owned());
        } else {
            kept.changes.push(format!("clear {record}"));
            kept.records.remove(&record);
        }
    }
    Json(sets).into_response()
}

/// As a public resolver's JSON.
async fn resolve(State(kept): Shared, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let mut kept = kept.lock().unwrap();
    kept.looks += 1;
    if kept.hidden > 0 {
        kept.hidden -= 1;
        return Json(json!({"Status": 3})).into_response();
    }
    let (name, kind) = (query.get("name").unwrap(), query.get("type").unwrap());
    assert_eq!(kind, "TXT");
    let value = kept.records.get(&format!("TXT {name}"));
    let answer =
        value.map(|value| json!([{"name": name, "type": 16, "TTL": 60, "data": format!("\"{value}\"")}]));
    Json(json!({"Status": 0, "Answer": answer.unwrap_or(json!([]))})).into_response()
}
