//! What passes between Music Assistant, our server and the Echos, and in which order.
#![expect(clippy::unwrap_used, reason = "a story of half of what passed is worth nothing")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use end_to_end::api::http_client;
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The largest body of either side, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// All that has passed, by player. Its clones write into the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Story(Arc<Mutex<BTreeMap<String, Chapter>>>);

/// What has passed for one player.
#[derive(Debug, Default)]
struct Chapter {
    /// Each stream, without its format, and when it first came.
    streams: Vec<(String, Instant)>,
    lines: Vec<(Instant, String)>,
}

impl Story {
    fn chapters(&self) -> MutexGuard<'_, BTreeMap<String, Chapter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line with what happened `at` a moment.
    pub(super) fn add(&self, player: &str, at: Instant, line: &str) {
        self.chapters().entry(player.to_owned()).or_default().lines.push((at, line.to_owned()));
    }

    /// Adds that this stream was pushed, with its title, or played. Its line has its number.
    pub(super) fn add_stream(&self, player: &str, what: &str, url: &str, title: Option<&str>) {
        let mut chapters = self.chapters();
        let chapter = chapters.entry(player.to_owned()).or_default();
        let stream = path_of(url);
        let known = chapter.streams.iter().position(|(known, _)| *known == stream);
        let number = known.unwrap_or_else(|| {
            chapter.streams.push((stream, Instant::now()));
            chapter.streams.len() - 1
        });
        let title = title.map(|title| format!(": {title}")).unwrap_or_default();
        chapter.lines.push((Instant::now(), format!("{what} {}{title}", number + 1)));
    }

    /// The lines of a player, in the order of their moments.
    pub(super) fn of(&self, player: &str) -> Vec<String> {
        let mut lines = self.chapters().get(player).map(|chapter| chapter.lines.clone()).unwrap_or_default();
        lines.sort_by_key(|(at, _)| *at);
        lines.into_iter().map(|(_, line)| line).collect()
    }

    /// The newest stream of a player, and when it was first pushed.
    pub(super) fn newest(&self, player: &str) -> Option<(String, Instant)> {
        self.chapters().get(player)?.streams.last().cloned()
    }
}

/// The path of a stream without its format, which we choose ourselves.
fn path_of(url: &str) -> String {
    let path = url.splitn(4, '/').nth(3).unwrap();
    path.rsplit_once('.').unwrap().0.to_owned()
}

/// Stands before our server and writes down what is pushed. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Wire {
    /// Its address, as `http://127.0.0.1:5000`.
    pub(super) base: String,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Upstream {
    base: String,
    client: Client,
    story: Story,
}

impl Wire {
    /// Listens on a free loopback port for requests to `base`.
    pub(super) async fn start(base: &str, story: &Story) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = Upstream { base: base.to_owned(), client: http_client(), story: story.clone() };
        let router = Router::new().fallback(pass_on).with_state(upstream);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base: format!("http://{address}"), server }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass_on(State(upstream): State<Upstream>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap();
    if let Ok(push) = serde_json::from_slice::<Value>(&body) {
        let url = push["streamUrl"].as_str().unwrap();
        upstream.story.add_stream(player_of(url), "push", url, push["title"].as_str());
    }
    let mut request =
        upstream.client.request(head.method, format!("{}{}", upstream.base, head.uri)).body(body);
    for name in [AUTHORIZATION, CONTENT_TYPE] {
        if let Some(value) = head.headers.get(&name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let body = answer.bytes().await.unwrap();
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap()
}

/// The player of a stream, which the file of its address is called after.
pub(super) fn player_of(url: &str) -> &str {
    let (_, file) = url.rsplit_once('/').unwrap();
    file.rsplit_once('.').unwrap().0
}
