//! A stand-in for Music Assistant that can misbehave.

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use ma_alexa::config::MaApiUrl;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, broadcast};

/// The user name and password that it takes.
pub(crate) const LOGIN: (&str, &str) = ("kim", "correct horse");

/// The token that it takes, and makes.
pub(crate) const TOKEN: &str = "a-long-lived-token";

/// The token of a sign-in.
const SHORT: &str = "a-short-token";

/// How it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    #[default]
    Well,
    /// It takes the request and never answers.
    Silent,
    /// It answers `POST /api` with text.
    Garbage,
    /// It answers `POST /api` with more than 4 MB.
    Huge,
    /// It answers `POST /api` with this status.
    Status(u16),
    /// It leads elsewhere.
    Redirects,
}

/// The state of a stand-in, which a test changes.
#[derive(Clone, Debug)]
pub(crate) struct Household {
    pub(crate) mood: Mood,
    pub(crate) schema: u64,
    pub(crate) oldest_schema: u64,
    pub(crate) role: &'static str,
    pub(crate) players: Value,
    pub(crate) queue: Value,
    pub(crate) results: Value,
    /// What a search of the library alone finds, where that is something else.
    pub(crate) library_results: Option<Value>,
    /// The lists of the library by the names of their kinds, as `artists`.
    pub(crate) library: Arc<Value>,
    /// The addresses of music that there is.
    pub(crate) music: Vec<&'static str>,
    /// The token that it takes, and makes.
    pub(crate) token: &'static str,
    /// A player that plays another source than its queue.
    pub(crate) without_queue: Option<&'static str>,
    /// Whether the time of the queue goes on by a second between two answers.
    pub(crate) goes_on: bool,
    /// A command that fails.
    pub(crate) fails: Option<&'static str>,
    /// A command whose answer waits, see [`StandIn::has_arrived`].
    pub(crate) holds: Option<&'static str>,
    /// What its web socket sends instead of the greeting.
    pub(crate) greets: Option<String>,
}

impl Default for Household {
    fn default() -> Self {
        Self {
            mood: Mood::Well,
            schema: 29,
            oldest_schema: 28,
            role: "user",
            players: json!([{ "player_id": "Kitchen", "name": "Kitchen", "display_name": "Kitchen", "provider": "alexa--a1", "available": true }]),
            queue: json!({
                "queue_id": "Kitchen", "items": 3, "state": "playing", "current_index": 1, "elapsed_time": 12.5,
                "shuffle_enabled": false, "repeat_mode": "off",
                "current_item": item("i2", "Two"), "next_item": item("i3", "Three"),
            }),
            results: json!({ "tracks": [media("Two", "library")], "artists": [], "surprise": [1] }),
            library_results: None,
            library: json!({}).into(),
            music: vec!["library://track/Two"],
            token: TOKEN,
            without_queue: None,
            goes_on: false,
            fails: None,
            holds: None,
            greets: None,
        }
    }
}

/// An item of a queue.
pub(crate) fn item(id: &str, title: &str) -> Value {
    json!({ "queue_item_id": id, "name": format!("Kim - {title}"), "duration": 120, "media_item": media(title, "library") })
}

/// A track.
pub(crate) fn media(title: &str, provider: &str) -> Value {
    json!({
        "uri": format!("{provider}://track/{title}"), "name": title, "media_type": "track", "item_id": "7",
        "provider": provider, "artists": [{ "name": "Kim" }, { "name": "Jo" }], "album": { "name": "Numbers" },
        "favorite": true, "metadata": { "images": null },
    })
}

/// A server on a loopback port. It ends with its test.
#[derive(Clone, Debug)]
pub(crate) struct StandIn {
    address: String,
    household: Arc<Mutex<Household>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
    arrived: Arc<Notify>,
    go_on: Arc<Notify>,
    /// What the web sockets send; an empty text closes them.
    pub(super) events: broadcast::Sender<String>,
}

impl StandIn {
    pub(crate) async fn start(household: Household) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let household = Arc::new(Mutex::new(household));
        let (asked, arrived, go_on) = Default::default();
        let events = broadcast::Sender::new(64);
        let server = Self { address, household, asked, arrived, go_on, events };
        let router = Router::new()
            .route("/info", get(info))
            .route("/auth/login", post(login))
            .route("/auth/logout", post(async |State(server): State<Self>| server.note("logout", json!({}))))
            .route("/api", post(command))
            .route("/ws", get(super::socket::open))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    pub(crate) fn address(&self) -> MaApiUrl {
        MaApiUrl::parse(&self.address).unwrap()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Household)) {
        change(&mut self.household());
    }

    /// The commands so far, each with its arguments.
    pub(crate) fn asked(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for the command that is held.
    pub(crate) async fn has_arrived(&self) {
        self.arrived.notified().await;
    }

    /// Answers the command that is held.
    pub(crate) fn go_on(&self) {
        self.change(|household| household.holds = None);
        self.go_on.notify_one();
    }

    pub(super) fn household(&self) -> MutexGuard<'_, Household> {
        self.household.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The household at the next answer.
    fn next_household(&self) -> Household {
        let mut household = self.household();
        if household.goes_on {
            let elapsed = household.queue["elapsed_time"].as_f64().unwrap();
            household.queue["elapsed_time"] = json!(elapsed + 1.0);
        }
        household.clone()
    }

    pub(super) fn note(&self, command: &str, args: Value) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push((command.to_owned(), args));
    }

    async fn mood(&self) -> Mood {
        let mood = self.household().mood;
        if mood == Mood::Silent {
            pending::<()>().await;
        }
        mood
    }
}

/// A page of a kind's list. Text in the place of a list is the answer as it is.
fn page(library: &Value, command: &str, args: &Value) -> Value {
    let kind = command.split('/').nth(1).unwrap();
    if library[kind].is_string() {
        return library[kind].clone();
    }
    let (limit, offset) = (args["limit"].as_u64().unwrap(), args["offset"].as_u64().unwrap());
    let fits = |item: &&Value| args["favorite"].is_null() || item["favorite"] == args["favorite"];
    let items = library[kind].as_array().into_iter().flatten().filter(fits);
    items.skip(usize::try_from(offset).unwrap()).take(usize::try_from(limit).unwrap()).cloned().collect()
}

async fn info(State(server): State<StandIn>) -> Json<Value> {
    server.mood().await;
    let household = server.household();
    Json(json!({
        "server_id": "one", "server_version": "2.8.0", "schema_version": household.schema, "name": null,
        "min_supported_schema_version": household.oldest_schema, "base_url": "http://here", "surprise": {},
    }))
}

async fn login(State(server): State<StandIn>, Json(body): Json<Value>) -> Response {
    server.note("login", json!({ "provider_id": body["provider_id"] }));
    if body["credentials"] == json!({ "username": LOGIN.0, "password": LOGIN.1 }) {
        return Json(json!({ "success": true, "token": SHORT, "user": {} })).into_response();
    }
    (StatusCode::UNAUTHORIZED, Json(json!({ "success": false, "error": "Invalid username or password" })))
        .into_response()
}

/// The answer of a server that is not well.
fn ill(mood: Mood) -> Option<Response> {
    Some(match mood {
        Mood::Well | Mood::Silent => return None,
        Mood::Garbage => "<html>".into_response(),
        Mood::Huge => format!("\"{}\"", "x".repeat(4 * 1024 * 1024)).into_response(),
        Mood::Status(status) => {
            (StatusCode::from_u16(status).unwrap(), "Internal server error").into_response()
        }
        Mood::Redirects => (StatusCode::FOUND, [(header::LOCATION, "/info")]).into_response(),
    })
}

fn playing_queue(household: Household, id: &Value) -> Value {
    let is_known = household.players.as_array().unwrap().iter().any(|player| player["player_id"] == *id);
    let plays_it = household.without_queue.is_none_or(|player| id != player);
    if is_known && plays_it { household.queue } else { Value::Null }
}

fn own_queue(household: Household, id: &Value) -> Value {
    let mut queue = household.queue;
    (queue["queue_id"], queue["state"]) = (id.clone(), json!("idle"));
    queue
}

async fn command(State(server): State<StandIn>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if let Some(answer) = ill(server.mood().await) {
        return answer;
    }
    let household = server.next_household();
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_known = [household.token, SHORT].iter().any(|known| token == format!("Bearer {known}"));
    if household.schema >= 28 && !is_known {
        return (StatusCode::UNAUTHORIZED, "Authentication required").into_response();
    }
    let (command, args) = (body["command"].as_str().unwrap(), &body["args"]);
    server.note(command, args.clone());
    let failed = || (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error").into_response();
    if household.holds == Some(command) {
        server.arrived.notify_one();
        server.go_on.notified().await;
    }
    if household.fails == Some(command) {
        return failed();
    }
    let answer = match command {
        "auth/me" => json!({ "user_id": "1", "username": "kim", "role": household.role }),
        "auth/token/create" => json!(household.token),
        "players/all" => household.players,
        "player_queues/get_active_queue" => playing_queue(household, &args["player_id"]),
        "player_queues/get" if household.without_queue.is_some_and(|player| args["queue_id"] == player) => {
            own_queue(household, &args["queue_id"])
        }
        "player_queues/items" => {
            json!([item("i1", "One"), item("i2", "Two"), { "broken": true }, item("i3", "Three")])
        }
        "music/search" if args["providers"] == json!(["library"]) => {
            household.library_results.unwrap_or(household.results)
        }
        "music/search" => household.results,
        listed if listed.ends_with("/library_items") => page(&household.library, listed, args),
        "music/item_by_uri" => match args["uri"].as_str() {
            Some(uri) if household.music.contains(&uri) => media("Two", "library"),
            _ => return failed(),
        },
        "music/get_library_item" => media("Two", "library"),
        known
            if known.starts_with("player_queues/")
                || known.starts_with("players/cmd/")
                || known.starts_with("music/") =>
        {
            Value::Null
        }
        _ => return (StatusCode::BAD_REQUEST, format!("Invalid Command: {command}")).into_response(),
    };
    Json(answer).into_response()
}
