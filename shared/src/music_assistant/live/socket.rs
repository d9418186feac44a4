//! One web socket of Music Assistant, signed in.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Upgraded;
use serde_json::json;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::super::client::FIRST_SCHEMA_WITH_LOGINS;
use super::super::error::MusicAssistantError;
use super::super::wire::ApiTarget;
use super::event::{Event, Incoming};
use crate::clock::Random;

/// The longest time until the socket is signed in.
const OPEN: Duration = Duration::from_secs(5);

/// Time without a message after which the server is asked for a sign of life. Its own come each 30 s (`heartbeat`).
const QUIET: Duration = Duration::from_secs(75);

/// Time within which that sign has to come.
const SIGN: Duration = Duration::from_secs(15);

/// The most bytes of a message. That of a queue has some 12 KB, and the answers to commands are not asked for here.
const MESSAGE: usize = 1024 * 1024;

/// The id of the sign-in among the messages.
const SIGN_IN: &str = "sign-in";

/// A web socket that is signed in.
pub(super) struct Socket {
    stream: WebSocketStream<Upgraded>,
    host: String,
}

impl Socket {
    /// Opens a socket and signs in, within 5 s.
    ///
    /// # Errors
    /// When the server does not answer, is no Music Assistant or does not take the token.
    pub(super) async fn open(target: &ApiTarget, random: &dyn Random) -> Result<Self, MusicAssistantError> {
        timeout(OPEN, Self::open_unbounded(target, random)).await.unwrap_or(Err(MusicAssistantError::Slow))
    }

    async fn open_unbounded(target: &ApiTarget, random: &dyn Random) -> Result<Self, MusicAssistantError> {
        let mut key = [0; 16];
        random.fill(&mut key).map_err(|_| target.unreachable("there is no randomness"))?;
        let connection = target.upgrade("/ws", &STANDARD.encode(key)).await?;
        let limits = WebSocketConfig::default().max_message_size(Some(MESSAGE)).max_frame_size(Some(MESSAGE));
        let stream = WebSocketStream::from_raw_socket(connection, Role::Client, Some(limits)).await;
        let mut socket = Self { stream, host: target.host() };
        let schema = loop {
            match socket.message().await? {
                Incoming::Greeting(schema) => break schema,
                Incoming::Answer { .. } | Incoming::Event(_) | Incoming::Other => {}
            }
        };
        if schema >= FIRST_SCHEMA_WITH_LOGINS {
            socket.sign_in(target).await?;
        }
        Ok(socket)
    }

    async fn sign_in(&mut self, target: &ApiTarget) -> Result<(), MusicAssistantError> {
        let token = target.plain_token().ok_or(MusicAssistantError::SignedOut)?;
        let command = json!({ "message_id": SIGN_IN, "command": "auth", "args": { "token": token } });
        self.stream.send(Message::text(command.to_string())).await.map_err(|_| self.broken())?;
        loop {
            match self.message().await? {
                Incoming::Answer { id, done: true } if id == SIGN_IN => return Ok(()),
                Incoming::Answer { id, done: false } if id == SIGN_IN => {
                    return Err(MusicAssistantError::SignedOut);
                }
                Incoming::Greeting(_) | Incoming::Answer { .. } | Incoming::Event(_) | Incoming::Other => {}
            }
        }
    }

    /// The next change.
    ///
    /// # Errors
    /// When the connection ends, or the server gives no sign of life.
    pub(super) async fn event(&mut self) -> Result<Event, MusicAssistantError> {
        loop {
            if let Incoming::Event(event) = self.message().await? {
                return Ok(event);
            }
        }
    }

    async fn message(&mut self) -> Result<Incoming, MusicAssistantError> {
        loop {
            let message = match timeout(QUIET, self.stream.next()).await {
                Ok(message) => message,
                Err(_) => self.sign_of_life().await?,
            };
            match message {
                Some(Ok(Message::Text(text))) => return Ok(Incoming::parse(&text)),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(self.broken()),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Asks for a sign of life, and returns whatever comes then.
    async fn sign_of_life(&mut self) -> Result<Received, MusicAssistantError> {
        let end = Instant::now() + SIGN;
        let asked = timeout_at(end, self.stream.send(Message::Ping(Vec::new().into()))).await;
        if !matches!(asked, Ok(Ok(()))) {
            return Err(self.broken());
        }
        timeout_at(end, self.stream.next()).await.map_err(|_| self.broken())
    }

    fn broken(&self) -> MusicAssistantError {
        MusicAssistantError::Unreachable { host: self.host.clone(), reason: "the connection breaks off" }
    }
}

/// The next message of the stream.
type Received = Option<Result<Message, tokio_tungstenite::tungstenite::Error>>;
