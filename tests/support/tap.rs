//! Stands before a Music Assistant, passes all on, and notes when each command went by.
#![expect(clippy::unwrap_used, reason = "a test whose connection cannot be made has failed")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What stands before the name of a command in a request.
const BEFORE: &str = "\"command\":\"";

/// Bytes that are passed on at a time: more than a request has.
const AT_A_TIME: usize = 64 * 1024;

/// The tap. It ends when it is dropped.
#[derive(Debug)]
pub struct Tap {
    address: SocketAddr,
    noted: Noted,
    server: JoinHandle<()>,
}

#[derive(Clone, Debug, Default)]
struct Noted(Arc<Mutex<Vec<(Instant, String)>>>);

impl Noted {
    fn all(&self) -> MutexGuard<'_, Vec<(Instant, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let names = text.split(BEFORE).skip(1).filter_map(|rest| rest.split('"').next());
        let now = Instant::now();
        self.all().extend(names.map(|name| (now, name.to_owned())));
    }
}

impl Tap {
    /// Listens on a free loopback port for what is meant for `base`, as `http://10.77.0.1:8095`.
    pub async fn start(base: &str) -> Self {
        let upstream = base.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let noted = Noted::default();
        let passing = noted.clone();
        let server = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // A server that is down closes the connection.
                let Ok(server) = TcpStream::connect(&upstream).await else { continue };
                let ((from, to), (back, answer)) = (server.into_split(), client.into_split());
                tokio::spawn(pass(back, to, Some(passing.clone())));
                tokio::spawn(pass(from, answer, None));
            }
        });
        Self { address, noted, server }
    }

    /// Its own address, as `http://127.0.0.1:8095`.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The moments at which a command of this name went by, and forgets all that went by so far.
    #[must_use]
    pub fn take(&self, command: &str) -> Vec<Instant> {
        let all = std::mem::take(&mut *self.noted.all());
        all.into_iter().filter(|(_, name)| name == command).map(|(at, _)| at).collect()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, notes: Option<Noted>) {
    let mut bytes = vec![0; AT_A_TIME];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if let Some(notes) = &notes {
            notes.note(&bytes[..count]);
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
