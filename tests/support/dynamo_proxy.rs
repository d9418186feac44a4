//! A proxy before an emulator of DynamoDB: counts the operations, counts how many of them wait for one
//! another, stops one where something else is to come first, and loses answers.
//!
//! It speaks just enough HTTP/1.1 to pass on messages with a `Content-Length`, because only a plain socket can
//! be closed in the middle of an exchange.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

/// How long it has to be quiet before the requests that wait are taken for all that come at once.
const QUIET: Duration = Duration::from_millis(25);

/// What passed since the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The operations in the order in which they came, such as `UpdateItem`.
    pub operations: Vec<String>,
    /// In how many rounds they came, each of which waited for the one before; counted while requests are held.
    pub rounds: usize,
}

/// The proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct DynamoProxy {
    address: SocketAddr,
    state: Arc<State>,
    tasks: [JoinHandle<()>; 2],
}

#[derive(Debug, Default)]
struct State {
    inner: Mutex<Inner>,
    arrived: Notify,
    stopped: Notify,
    resumed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    traffic: Traffic,
    holds: bool,
    waiting: Vec<oneshot::Sender<()>>,
    /// How many more writes are answered before one is not.
    answered_before_loss: Option<usize>,
    /// How many more writes pass before one is stopped.
    passed_before_stop: Option<usize>,
}

/// Counts down to the one write that is meant, and forgets it there.
fn is_reached(counter: &mut Option<usize>) -> bool {
    let reached = *counter == Some(0);
    *counter = if reached { None } else { counter.map(|more| more - 1) };
    reached
}

impl State {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DynamoProxy {
    /// Listens on a free loopback port for requests to `upstream`, which speaks plain HTTP.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let accepts = Arc::clone(&state);
        let accept = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = Arc::clone(&accepts);
                // A connection that breaks is what this proxy is for.
                tokio::spawn(async move { serve(client, upstream, &state).await.ok() });
            }
        });
        let releases = Arc::clone(&state);
        let release = tokio::spawn(async move { release_rounds(&releases).await });
        Ok(Self { address, state, tasks: [accept, release] })
    }

    /// The address for `AWS_ENDPOINT_URL_DYNAMODB`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether to hold every request until no other one comes, and so to count rounds.
    pub fn hold(&self, holds: bool) {
        self.state.inner().holds = holds;
    }

    /// Passes on the `nth` write from now, counted from 1, and closes the connection instead of answering it.
    pub fn lose_answer_of_write(&self, nth: usize) {
        self.state.inner().answered_before_loss = Some(nth.saturating_sub(1));
    }

    /// Has the `nth` write from this call, counted from 1, wait before it is passed on until `meanwhile` is
    /// done, which begins only then.
    pub fn before_write<T>(&self, nth: usize, meanwhile: impl Future<Output = T>) -> impl Future<Output = T> {
        self.state.inner().passed_before_stop = Some(nth.saturating_sub(1));
        async {
            self.state.stopped.notified().await;
            let done = meanwhile.await;
            self.state.resumed.notify_one();
            done
        }
    }

    /// Whether an answer that was to be lost has been.
    #[must_use]
    pub fn has_lost_answer(&self) -> bool {
        self.state.inner().answered_before_loss.is_none()
    }

    /// What passed since this was last asked.
    #[must_use]
    pub fn take_traffic(&self) -> Traffic {
        std::mem::take(&mut self.state.inner().traffic)
    }
}

impl Drop for DynamoProxy {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Lets all requests that wait go at once, whenever no more come.
async fn release_rounds(state: &State) {
    loop {
        state.arrived.notified().await;
        while tokio::time::timeout(QUIET, state.arrived.notified()).await.is_ok() {}
        let mut inner = state.inner();
        if inner.waiting.is_empty() {
            continue;
        }
        inner.traffic.rounds += 1;
        for request in inner.waiting.drain(..) {
            request.send(()).ok();
        }
    }
}

async fn serve(client: TcpStream, upstream: SocketAddr, state: &State) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    let upstream = TcpStream::connect(upstream).await?;
    upstream.set_nodelay(true)?;
    let mut upstream = BufReader::new(upstream);
    while let Some(request) = read_message(&mut client).await? {
        let operation = operation(&request);
        let held = {
            let mut inner = state.inner();
            inner.traffic.operations.push(operation.clone());
            inner.holds.then(|| {
                let (release, released) = oneshot::channel();
                inner.waiting.push(release);
                released
            })
        };
        if let Some(released) = held {
            state.arrived.notify_one();
            released.await.ok();
        }
        let stops = is_write(&operation) && is_reached(&mut state.inner().passed_before_stop);
        if stops {
            state.stopped.notify_one();
            state.resumed.notified().await;
        }
        upstream.write_all(&request).await?;
        let Some(answer) = read_message(&mut upstream).await? else {
            return Ok(());
        };
        let loses = is_write(&operation) && is_reached(&mut state.inner().answered_before_loss);
        if loses {
            return Ok(());
        }
        client.write_all(&answer).await?;
    }
    Ok(())
}

fn is_write(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems")
}

/// Head and body of a request or an answer; nothing where the connection ended before it.
async fn read_message(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut message).await? == 0 {
            return Ok(None);
        }
    }
    let length = header(&message, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let head = message.len();
    message.resize(head + length, 0);
    stream.read_exact(&mut message[head..]).await?;
    Ok(Some(message))
}

fn operation(request: &[u8]) -> String {
    let target = header(request, "x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

fn header(message: &[u8], wanted: &str) -> Option<String> {
    let head = message.split(|byte| *byte == b'\n').take_while(|line| line.len() > 1);
    head.filter_map(|line| std::str::from_utf8(line).ok()?.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim().to_owned())
}
