//! Music Assistant's provider, on its way to us: as it is, or as newer ones are, which leave out a sentence that is not needed.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Response};
use end_to_end::api::{MUSIC_ASSISTANT, http_client};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::music_assistant::wire::player_of;

/// The largest body of either side, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// What gets lost on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// The next start does not reach us.
    Push,
    /// Our answer to the next start does not reach the provider.
    Answer,
}

/// Stands between the provider and our API. It ends when it is dropped.
pub(super) struct Provider {
    /// The address that the provider gets.
    pub(super) base: String,
    upstream: Upstream,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Upstream {
    api: String,
    client: Client,
    state: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    /// Players of a newer provider.
    newer: BTreeSet<String>,
    /// Whether each start of a player that was not spoken for yet needs no sentence, oldest first.
    live: BTreeMap<String, VecDeque<bool>>,
    losses: BTreeMap<String, Loss>,
    /// The moments at which the last start of each player reached us.
    started: BTreeMap<String, Instant>,
    /// What passed, for failures.
    history: Vec<String>,
}

impl Provider {
    /// Listens on a free loopback port for requests to `api`. The players in `newer` have a newer provider.
    pub(super) async fn start(api: &str, newer: &[&str]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let newer = newer.iter().map(|player| (*player).to_owned()).collect();
        let state = Arc::new(Mutex::new(Known { newer, ..Known::default() }));
        let upstream = Upstream { api: api.to_owned(), client: http_client(), state };
        let router = Router::new().fallback(pass_on).with_state(upstream.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, upstream, server }
    }

    /// Has the next start of a player get lost.
    pub(super) fn loses(&self, player: &str, what: Loss) {
        self.upstream.known().losses.insert(player.to_owned(), what);
    }

    /// How long after a moment the last start of a player reached us; none where it was before.
    pub(super) fn started_after(&self, player: &str, moment: Instant) -> Option<Duration> {
        self.upstream.known().started.get(player)?.checked_duration_since(moment)
    }

    /// What passed so far.
    pub(super) fn history(&self) -> String {
        self.upstream.known().history.join("\n")
    }

    /// Which of its sentences are heard.
    pub(super) fn speech(&self) -> Speech {
        Speech(self.upstream.clone())
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The sentences of the provider.
pub(super) struct Speech(Upstream);

impl Speech {
    /// Whether a sentence is heard: a newer provider leaves out what an answer made superfluous.
    pub(super) async fn is_heard(&self, player: &str, intent: &str) -> bool {
        let is_heard = self.0.speaks(player, intent).await;
        self.0.known().history.push(format!("{player}: {intent}, heard: {is_heard}"));
        is_heard
    }
}

impl Upstream {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn speaks(&self, player: &str, intent: &str) -> bool {
        if !self.known().newer.contains(player) {
            return true;
        }
        let command = match intent {
            "PlayAudio" => {
                return self.known().live.get_mut(player).and_then(VecDeque::pop_front) != Some(true);
            }
            "MaPause" => "pause",
            "MaResume" => "resume",
            // It always speaks to stop.
            _ => return true,
        };
        let body = json!({ "playerId": player, "command": command, "canSkipSpeech": true }).to_string();
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, "application/json".parse().unwrap())]);
        let (name, password) = MUSIC_ASSISTANT;
        let request = self.request(Method::POST, "/ma/control", &headers, body.into_bytes());
        let answer = request.basic_auth(name, Some(password)).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["pageLive"] != true
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: &HeaderMap,
        body: Vec<u8>,
    ) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.api)).body(body);
        let kept = [AUTHORIZATION, CONTENT_TYPE]
            .into_iter()
            .filter_map(|name| Some((headers.get(&name)?.clone(), name)));
        kept.fold(request, |request, (value, name)| request.header(name, value))
    }
}

async fn pass_on(State(upstream): State<Upstream>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let mut body = to_bytes(body, MAX_BODY).await.unwrap().to_vec();
    let mut player = None;
    if let Ok(mut push) = serde_json::from_slice::<Value>(&body)
        // A push of names has a title, if only an empty one.
        && push.get("title").is_none()
        && let Some(url) = push["streamUrl"].as_str()
    {
        let name = player_of(url).to_owned();
        if upstream.known().newer.contains(&name) {
            push["canSkipSpeech"] = json!(true);
            push["playerId"] = json!(name);
            body = push.to_string().into_bytes();
        }
        player = Some(name);
    }
    let loss = player.as_ref().and_then(|player| upstream.known().losses.remove(player));
    if loss == Some(Loss::Push) {
        return failed();
    }
    if let Some(player) = &player {
        upstream.known().started.insert(player.clone(), Instant::now());
    }
    let answer =
        upstream.request(head.method, &head.uri.to_string(), &head.headers, body).send().await.unwrap();
    let (status, body) = (answer.status(), answer.bytes().await.unwrap());
    if loss == Some(Loss::Answer) {
        return failed();
    }
    if let Some(player) = player {
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        upstream.known().history.push(format!("{player}: start, {told}"));
        upstream.known().live.entry(player).or_default().push_back(told["pageLive"] == true);
    }
    let answer = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    answer.body(Body::from(body)).unwrap()
}

fn failed() -> Response<Body> {
    Response::builder().status(502).body(Body::empty()).unwrap()
}
