//! The Echos of a server: what they are to hear comes to a test.

use std::net::Ipv4Addr;
use std::time::Instant;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;

use crate::network::OURS;

/// An event at an Echo of Music Assistant's.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The player's name.
    pub player: String,
    /// Spoken text, or the volume that is set, in percent.
    pub what: Spoken,
    /// Time of the event.
    pub at: Instant,
}

/// A sentence, or a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// A sentence.
    Text(String),
    /// 0 to 100.
    Volume(u64),
}

/// The Echos of a server: what they hear comes out of a channel. They end when this is dropped.
#[derive(Debug)]
pub struct Echos {
    pub(super) address: String,
    server: JoinHandle<()>,
}

impl Echos {
    /// Listens on a free loopback port.
    pub async fn listen() -> (Self, UnboundedReceiver<Heard>) {
        Self::listen_at(Ipv4Addr::LOCALHOST).await
    }

    /// Listens where a server on another host finds it.
    pub async fn listen_to_other_host() -> (Self, UnboundedReceiver<Heard>) {
        Self::listen_at(OURS).await
    }

    async fn listen_at(address: Ipv4Addr) -> (Self, UnboundedReceiver<Heard>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let address = format!("http://{}/hear", listener.local_addr().unwrap());
        let router = Router::new().route("/hear", post(hear)).with_state(sender);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (Self { address, server }, receiver)
    }
}

impl Drop for Echos {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn hear(State(heard): State<UnboundedSender<Heard>>, Json(body): Json<Value>) {
    let player = body["player"].as_str().unwrap().to_owned();
    let text = body["text"].as_str().map(|text| Spoken::Text(text.to_owned()));
    let what = text.unwrap_or_else(|| Spoken::Volume(body["volume"].as_u64().unwrap()));
    // A test that no longer listens has ended.
    heard.send(Heard { player, what, at: Instant::now() }).ok();
}
