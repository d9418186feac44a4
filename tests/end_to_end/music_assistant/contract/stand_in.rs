//! Stand-ins for Music Assistants that cannot be had: a newer and an older one, with queues that play nothing.
#![expect(clippy::unwrap_used, reason = "a test without its server has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use ma_alexa::control::Repeating;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::provider::{Effect, Provider};

/// Number of tracks: `Tone 1` to this one, by `Artist 1` to this one.
const TRACKS: u64 = 5;

/// What a server is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) version: &'static str,
    pub(super) schema: u64,
    pub(super) oldest_schema: u64,
    /// The token that it takes; none before logins.
    pub(super) token: Option<&'static str>,
}

/// A server on a loopback port. It ends with its test.
#[derive(Clone, Debug)]
pub(super) struct StandIn {
    pub(super) address: String,
    kind: Kind,
    state: Arc<Mutex<Library>>,
    provider: Option<Provider>,
}

#[derive(Debug, Default)]
struct Library {
    queues: BTreeMap<String, Queue>,
    favourites: BTreeSet<u64>,
}

#[derive(Clone, Debug, Default)]
struct Queue {
    items: Vec<u64>,
    index: Option<usize>,
    state: &'static str,
    shuffled: bool,
    repeat: String,
}

/// A command that fails; over HTTP the server does not say why.
struct Fails;

impl StandIn {
    pub(super) async fn start(kind: Kind, players: &[&str]) -> Self {
        Self::start_with_provider(kind, players, None).await
    }

    /// The same, with an Alexa provider, which has all of its players.
    pub(super) async fn start_with_provider(
        kind: Kind,
        players: &[&str],
        provider: Option<Provider>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let idle = Queue { state: "idle", repeat: "off".to_owned(), ..Queue::default() };
        let queues = players.iter().map(|player| ((*player).to_owned(), idle.clone())).collect();
        let state = Arc::new(Mutex::new(Library { queues, ..Library::default() }));
        let server = Self { address, kind, state, provider };
        let router =
            Router::new().route("/info", get(info)).route("/api", post(command)).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    /// Its own page has a queue do something.
    pub(super) async fn carries_out(&self, queue: &str, command: &str, mut args: Value) {
        args["queue_id"] = json!(queue);
        assert!(self.take(&format!("player_queues/{command}"), &args).await.is_ok(), "{command}");
    }

    /// What a queue repeats.
    pub(super) fn repeated(&self, queue: &str) -> Repeating {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::from_value(json!(state.queues[queue].repeat)).unwrap()
    }

    /// Carries a command out, and has the provider do its part, as the server does before it answers.
    async fn take(&self, command: &str, args: &Value) -> Result<Value, Fails> {
        let answer = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.answer(self.kind, command, args)
        }?;
        if let Some(provider) = &self.provider {
            for (member, effect) in effects(command, args) {
                provider.acts(args[member].as_str().unwrap(), effect).await;
            }
        }
        Ok(answer)
    }
}

/// What a command does at players, and which member of its arguments names each.
fn effects(command: &str, args: &Value) -> Vec<(&'static str, Effect)> {
    match command.rsplit('/').next().unwrap() {
        "play_media" if args["option"] == "replace" => vec![("queue_id", Effect::Starts)],
        "play_index" | "seek" | "resume" => vec![("queue_id", Effect::Starts)],
        "transfer" => vec![("source_queue_id", Effect::Stops), ("target_queue_id", Effect::Starts)],
        "pause" => vec![("queue_id", Effect::Pauses)],
        "play" => vec![("queue_id", Effect::Resumes)],
        "stop" => vec![("queue_id", Effect::Stops)],
        _ => Vec::new(),
    }
}

async fn info(State(StandIn { kind, .. }): State<StandIn>) -> Json<Value> {
    Json(json!({
        "server_id": "one", "server_version": kind.version, "schema_version": kind.schema,
        "min_supported_schema_version": kind.oldest_schema, "base_url": "http://here",
    }))
}

async fn command(State(server): State<StandIn>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let sent = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if server.kind.token.is_some_and(|token| sent != format!("Bearer {token}")) {
        return (StatusCode::UNAUTHORIZED, "Authentication required").into_response();
    }
    let (command, args) = (body["command"].as_str().unwrap(), &body["args"]);
    // An older server knows no genres.
    if server.kind.schema < 28 && command.starts_with("music/genres/") {
        return (StatusCode::BAD_REQUEST, format!("Invalid Command: {command}")).into_response();
    }
    match server.take(command, args).await {
        Ok(answer) => Json(answer).into_response(),
        Err(Fails) => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error").into_response(),
    }
}

impl Library {
    fn answer(&mut self, kind: Kind, command: &str, args: &Value) -> Result<Value, Fails> {
        Ok(match command {
            "players/all" => self.queues.keys().map(|name| player(name)).collect(),
            "players/cmd/volume_set" => Value::Null,
            "auth/me" => json!({ "user_id": "1", "username": "kim", "role": "user" }),
            "player_queues/get_active_queue" => self.shown(args["player_id"].as_str().unwrap(), kind),
            "music/search" => search(args),
            "music/item_by_uri" => self.media(number(args["uri"].as_str().unwrap())?),
            "music/get_library_item" => {
                self.media(args["item_id"].as_str().unwrap().parse().map_err(|_| Fails)?)
            }
            "music/favorites/add_item" => {
                self.favourites.insert(number(args["item"].as_str().unwrap())?);
                Value::Null
            }
            "music/favorites/remove_item" => {
                let id = args["library_item_id"].as_str().unwrap().parse().map_err(|_| Fails)?;
                self.favourites.remove(&id);
                Value::Null
            }
            "music/tracks/library_items" => self.tracks(args),
            listed if listed.ends_with("/library_items") => json!([]),
            "player_queues/transfer" => self.transfer(args)?,
            queue => {
                let (_, command) = queue.split_once("player_queues/").ok_or(Fails)?;
                self.queues.get_mut(args["queue_id"].as_str().unwrap()).ok_or(Fails)?.take(command, args)?
            }
        })
    }

    fn media(&self, number: u64) -> Value {
        let mut media = track(number);
        media["favorite"] = json!(self.favourites.contains(&number));
        media
    }

    fn tracks(&self, args: &Value) -> Value {
        let fits = |track: &Value| args["favorite"].is_null() || args["favorite"] == track["favorite"];
        let (limit, offset) = (args["limit"].as_u64().unwrap(), args["offset"].as_u64().unwrap());
        let tracks = (1..=TRACKS).map(|number| self.media(number)).filter(fits);
        tracks.skip(usize::try_from(offset).unwrap()).take(usize::try_from(limit).unwrap()).collect()
    }

    fn transfer(&mut self, args: &Value) -> Result<Value, Fails> {
        let name = |member: &str| args[member].as_str().unwrap().to_owned();
        let source = self.queues.get_mut(&name("source_queue_id")).ok_or(Fails)?;
        let idle = Queue { state: "idle", repeat: "off".to_owned(), ..Queue::default() };
        let moved = std::mem::replace(source, idle);
        *self.queues.get_mut(&name("target_queue_id")).ok_or(Fails)? = moved;
        Ok(Value::Null)
    }

    fn shown(&self, name: &str, kind: Kind) -> Value {
        let Some(queue) = self.queues.get(name) else { return Value::Null };
        let item = |at: usize| {
            let number = queue.items.get(at)?;
            let media = self.media(*number);
            Some(json!({ "queue_item_id": format!("{name}-{at}"), "duration": 120, "media_item": media }))
        };
        let mut shown = json!({
            "queue_id": name, "items": queue.items.len(), "state": queue.state, "current_index": queue.index,
            "elapsed_time": 12.5, "shuffle_enabled": queue.shuffled, "repeat_mode": queue.repeat,
            "current_item": queue.index.and_then(item), "next_item": queue.index.and_then(|at| item(at + 1)),
        });
        if kind.schema >= 34 {
            shown["is_dynamic"] = json!(false);
            shown["ended"] = json!(false);
            shown["elapsed_time_last_updated"] = json!(0.0);
        }
        shown
    }
}

impl Queue {
    fn take(&mut self, command: &str, args: &Value) -> Result<Value, Fails> {
        match command {
            "play_media" => self.play(args)?,
            "play_index" => {
                let at = match &args["index"] {
                    Value::String(id) => id.rsplit_once('-').and_then(|(_, at)| at.parse().ok()),
                    index => index.as_u64().and_then(|at| usize::try_from(at).ok()),
                };
                self.begin(at.filter(|at| *at < self.items.len()).ok_or(Fails)?);
            }
            "seek" => {
                let is_within = args["position"].as_u64().is_some_and(|position| position <= 120);
                self.index.filter(|_| is_within).ok_or(Fails)?;
            }
            "resume" if self.items.is_empty() => return Err(Fails),
            "resume" => self.begin(self.index.unwrap_or_default()),
            "pause" => self.state = "paused",
            "play" => self.state = "playing",
            "stop" => self.state = "idle",
            "shuffle" => self.shuffled = args["shuffle_enabled"].as_bool().unwrap(),
            "repeat" => args["repeat_mode"].as_str().unwrap().clone_into(&mut self.repeat),
            _ => return Err(Fails),
        }
        Ok(Value::Null)
    }

    fn play(&mut self, args: &Value) -> Result<(), Fails> {
        let media = match &args["media"] {
            Value::Array(media) => media.iter().map(|uri| number(uri.as_str().unwrap())).collect(),
            uri => number(uri.as_str().unwrap()).map(|number| vec![number]),
        }?;
        let behind = self.index.map_or(0, |at| at + 1);
        match args["option"].as_str().unwrap() {
            "replace" => {
                self.items = media;
                self.begin(0);
            }
            "next" => drop(self.items.splice(behind..behind, media)),
            "add" => self.items.extend(media),
            // Music like it is itself.
            "replace_next" => {
                self.items.truncate(behind);
                self.items.extend(media);
            }
            _ => return Err(Fails),
        }
        Ok(())
    }

    fn begin(&mut self, at: usize) {
        self.index = Some(at);
        self.state = "playing";
    }
}

fn player(name: &str) -> Value {
    json!({
        "player_id": name, "name": name, "display_name": name, "provider": "alexa--a1", "type": "player",
        "available": true, "playback_state": "idle", "group_members": [],
    })
}

fn track(number: u64) -> Value {
    json!({
        "uri": format!("library://track/{number}"), "name": format!("Tone {number}"), "media_type": "track",
        "item_id": number.to_string(), "provider": "library", "album": { "name": "Tones" }, "favorite": false,
        "artists": [{ "name": format!("Artist {number}") }],
    })
}

/// The number of a track, by its address or that of its artist.
fn number(uri: &str) -> Result<u64, Fails> {
    let number = uri.strip_prefix("library://track/").or_else(|| uri.strip_prefix("library://artist/"));
    number.and_then(|number| number.parse().ok()).filter(|number| (1..=TRACKS).contains(number)).ok_or(Fails)
}

/// Names that hold the text.
fn search(args: &Value) -> Value {
    let text = args["search_query"].as_str().unwrap().to_lowercase();
    let wants = |kind: &str| {
        args["media_types"].as_array().is_none_or(|kinds| kinds.iter().any(|wanted| wanted == kind))
    };
    let holds = |item: &Value| item["name"].as_str().unwrap().to_lowercase().contains(&text);
    let of = |kind: &str, items: Vec<Value>| -> Value {
        items.into_iter().filter(|item| wants(kind) && holds(item)).collect()
    };
    let artist = |number: u64| {
        json!({
            "uri": format!("library://artist/{number}"), "name": format!("Artist {number}"),
            "media_type": "artist", "item_id": number.to_string(), "provider": "library",
        })
    };
    json!({
        "tracks": of("track", (1..=TRACKS).map(track).collect()),
        "artists": of("artist", (1..=TRACKS).map(artist).collect()),
        "albums": [], "playlists": [], "radio": [], "sound_effects": [],
    })
}
