//! The HTTP API, as Music Assistant and the owner call it.
#![expect(clippy::unwrap_used, reason = "a test without an answer has failed")]

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// The owner's user name and password, where a test may choose them.
pub const OWNER: (&str, &str) = ("owner", "owner-password-0001");

/// Music Assistant's.
pub const MUSIC_ASSISTANT: (&str, &str) = ("music-assistant", "push-password-00001");

/// The variables that fix both pairs.
pub const CREDENTIALS: [(&str, &str); 4] = [
    ("API_USERNAME", OWNER.0),
    ("API_PASSWORD", OWNER.1),
    ("PUSH_USERNAME", MUSIC_ASSISTANT.0),
    ("PUSH_PASSWORD", MUSIC_ASSISTANT.1),
];

/// Address by which the Echos fetch music, in every test.
pub const STREAM_BASE_URL: &str = "https://music.example.com";

/// An HTTP client that asks no proxy and waits for no answer for ever.
#[must_use]
pub fn http_client() -> Client {
    // The first one installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

/// The address of a stream that Music Assistant made for `player`.
#[must_use]
pub fn stream_url(session: &str, player: &str) -> String {
    format!("http://192.168.1.5:8097/flow/{session}/{player}/item1/{player}.flac")
}

/// A server, and who calls it.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    client: Client,
    owner: (String, String),
    music_assistant: (String, String),
}

impl Api {
    /// The server at `base`, with [`OWNER`] and [`MUSIC_ASSISTANT`].
    #[must_use]
    pub fn at(base: &str) -> Self {
        let owned = |(name, password): (&str, &str)| (name.to_owned(), password.to_owned());
        Self {
            base: base.to_owned(),
            client: http_client(),
            owner: owned(OWNER),
            music_assistant: owned(MUSIC_ASSISTANT),
        }
    }

    /// With other credentials.
    #[must_use]
    pub fn with_credentials(self, owner: (String, String), music_assistant: (String, String)) -> Self {
        Self { owner, music_assistant, ..self }
    }

    /// Host and port of the server.
    #[must_use]
    pub fn address(&self) -> String {
        self.base.trim_start_matches("http://").to_owned()
    }

    /// A request without credentials.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Response to Music Assistant's push of a stream with names.
    pub async fn push(&self, player: &str, session: &str, title: &str) -> Value {
        let (status, answer) = self.try_push(player, session, title).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The same with its status, also where that is an error.
    pub async fn try_push(&self, player: &str, session: &str, title: &str) -> (u16, Value) {
        let body = json!({
            "streamUrl": stream_url(session, player),
            "title": title, "artist": "Joni Mitchell", "album": "Blue", "imageUrl": null,
        });
        let (name, password) = &self.music_assistant;
        let request = self.request(Method::POST, "/ma/push-url").basic_auth(name, Some(password));
        send(request.json(&body)).await
    }

    /// Response to the owner's request of `path`.
    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Response to the owner's request, with its status.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let (name, password) = &self.owner;
        let request = self.request(method, path).basic_auth(name, Some(password));
        send(if let Some(body) = body { request.json(body) } else { request }).await
    }

    /// State of a player.
    pub async fn player(&self, player: &str) -> Value {
        self.get(&format!("/v1/players/{player}")).await
    }
}

/// Status and body of an answer, which has to be JSON.
pub async fn send(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}, and no JSON: {text}"));
    (status, body)
}
