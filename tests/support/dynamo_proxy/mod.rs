//! A proxy before an emulator of DynamoDB: counts the operations and how often each is tried, counts how many of
//! them wait for one another, stops one where something else is to come first, loses answers, misbehaves, and dies.
//!
//! It speaks just enough HTTP/1.1 to pass on messages with a `Content-Length`, because only a plain socket can
//! be closed in the middle of an exchange.

mod faults;
mod wire;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::{JoinHandle, JoinSet};

pub use faults::{Fault, Victims};

use faults::Reaction;

/// Time of quiet after which the requests that wait count as all that come at once: many times their distance, also
/// where the machine has other work to do.
const QUIET: Duration = Duration::from_millis(150);

/// Number of connections that may wait to be accepted.
const BACKLOG: u32 = 128;

/// Requests that passed since the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The operations in the order in which they came, such as `UpdateItem`.
    pub operations: Vec<String>,
    /// In how many rounds they came, each of which waited for the one before; counted while requests are held.
    pub rounds: usize,
}

/// One operation, with all its attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Such as `UpdateItem`.
    pub operation: String,
    /// Body of the request, in JSON.
    pub body: String,
    /// Number of attempts.
    pub attempts: usize,
}

/// The proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct DynamoProxy {
    address: SocketAddr,
    upstream: SocketAddr,
    /// Keeps the port while no program listens there.
    _reserved: TcpSocket,
    state: Arc<State>,
    accept: JoinHandle<()>,
    release: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    inner: Mutex<Inner>,
    arrived: Notify,
    stopped: Notify,
    resumed: Notify,
    ends: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    traffic: Traffic,
    calls: Vec<Call>,
    /// Place of an invocation of the client in `calls`.
    known: HashMap<String, usize>,
    holds: bool,
    waiting: Vec<oneshot::Sender<()>>,
    /// Number of writes that are answered before one is not.
    answered_before_loss: Option<usize>,
    /// Number of writes that pass before one is stopped.
    passed_before_stop: Option<usize>,
    /// The fault, and the requests that it happens to.
    fault: Option<(Fault, Victims)>,
    /// Number of connections so far.
    connections: usize,
    /// Number of them, from the first, that are dead without having been closed.
    stalled: usize,
}

/// A request that came in.
struct Arrival {
    operation: String,
    /// Number of this attempt, counted from 1.
    nth: usize,
    fault: Option<Fault>,
    held: Option<oneshot::Receiver<()>>,
}

impl Inner {
    fn arrive(&mut self, request: &[u8]) -> Arrival {
        let operation = wire::operation(request);
        self.traffic.operations.push(operation.clone());
        // The SDK keeps this for all attempts of one operation.
        let invocation = wire::header(request, "amz-sdk-invocation-id").unwrap_or_default();
        let calls = &mut self.calls;
        let index = *self.known.entry(invocation).or_insert_with(|| {
            let body = String::from_utf8_lossy(wire::body(request)).into_owned();
            calls.push(Call { operation: operation.clone(), body, attempts: 0 });
            calls.len() - 1
        });
        let call = &mut calls[index];
        call.attempts += 1;
        let call = &*call;
        let nth = call.attempts;
        let hit = |(fault, victims): &(Fault, Victims)| victims.include(call).then_some(*fault);
        let fault = self.fault.as_ref().and_then(hit);
        let held = self.holds.then(|| {
            let (release, released) = oneshot::channel();
            self.waiting.push(release);
            released
        });
        Arrival { operation, nth, fault, held }
    }
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
    /// Listens on a free loopback port for requests to `upstream`, which speaks plain HTTP. Needs the runtime that it
    /// is to run on.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(upstream: SocketAddr) -> io::Result<Self> {
        let reserved = bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = reserved.local_addr()?;
        let state = Arc::new(State::default());
        let accept = tokio::spawn(accept(bind(address)?.listen(BACKLOG)?, upstream, Arc::clone(&state)));
        let releases = Arc::clone(&state);
        let release = tokio::spawn(async move { release_rounds(&releases).await });
        Ok(Self { address, upstream, _reserved: reserved, state, accept, release })
    }

    /// Closes the listener and every connection. A connection is refused until [`DynamoProxy::revive`].
    pub async fn die(&mut self) {
        self.state.ends.notify_one();
        // Nothing else ends it.
        (&mut self.accept).await.ok();
    }

    /// Listens again, on the same port.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn revive(&mut self) -> io::Result<()> {
        let listener = bind(self.address)?.listen(BACKLOG)?;
        self.accept = tokio::spawn(accept(listener, self.upstream, Arc::clone(&self.state)));
        Ok(())
    }

    /// Has every request of `victims` end in `fault`, until [`DynamoProxy::heal`].
    pub fn fail(&self, fault: Fault, victims: Victims) {
        self.state.inner().fault = Some((fault, victims));
    }

    /// Serves again.
    pub fn heal(&self) {
        self.state.inner().fault = None;
    }

    /// Serves nothing any more on the connections that there are, and leaves them open.
    pub fn stall(&self) {
        let mut inner = self.state.inner();
        inner.stalled = inner.connections;
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

    /// Requests that passed since the last call.
    #[must_use]
    pub fn take_traffic(&self) -> Traffic {
        std::mem::take(&mut self.state.inner().traffic)
    }

    /// The operations since this was last asked, in the order of their first attempts.
    #[must_use]
    pub fn take_calls(&self) -> Vec<Call> {
        let mut inner = self.state.inner();
        inner.known.clear();
        std::mem::take(&mut inner.calls)
    }
}

impl Drop for DynamoProxy {
    fn drop(&mut self) {
        self.accept.abort();
        self.release.abort();
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

/// A socket on which no program listens yet. Several may be bound to one port, of which one may listen.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Serves until it has to end. With the set its connections end, too.
async fn accept(listener: TcpListener, upstream: SocketAddr, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = state.ends.notified() => break,
            Ok((client, _)) = listener.accept() => {
                let state = Arc::clone(&state);
                // A connection that breaks is what this proxy is for.
                connections.spawn(async move { serve(client, upstream, &state).await.ok() });
            }
        }
    }
    // A broken socket does not listen, either.
    close(listener).ok();
    connections.shutdown().await;
}

/// Ends the listening, which closing would not do while a program that is just being started still holds the socket.
fn close(listener: TcpListener) -> io::Result<()> {
    let socket = std::net::TcpStream::from(OwnedFd::from(listener.into_std()?));
    socket.shutdown(std::net::Shutdown::Both)
}

async fn serve(client: TcpStream, upstream: SocketAddr, state: &State) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    let upstream = TcpStream::connect(upstream).await?;
    upstream.set_nodelay(true)?;
    let mut upstream = BufReader::new(upstream);
    let number = {
        let mut inner = state.inner();
        inner.connections += 1;
        inner.connections
    };
    while let Some(request) = wire::read_message(&mut client).await? {
        if number <= state.inner().stalled {
            return wait_for_end(&mut client).await;
        }
        let Arrival { operation, nth, fault, held } = state.inner().arrive(&request);
        if let Some(released) = held {
            state.arrived.notify_one();
            released.await.ok();
        }
        let writes = wire::is_write(&operation);
        if writes && is_reached(&mut state.inner().passed_before_stop) {
            state.stopped.notify_one();
            state.resumed.notified().await;
        }
        let mut answer = Vec::new();
        if fault.is_none_or(Fault::is_done) {
            upstream.write_all(&request).await?;
            let Some(served) = wire::read_message(&mut upstream).await? else {
                return Ok(());
            };
            answer = served;
        }
        match fault.map(|fault| fault.reaction(nth)) {
            None => {}
            Some(Reaction::Answer(instead)) => answer = instead.into_bytes(),
            Some(Reaction::Close) => return Ok(()),
            Some(Reaction::Silence) => return wait_for_end(&mut client).await,
        }
        if writes && is_reached(&mut state.inner().answered_before_loss) {
            return Ok(());
        }
        client.write_all(&answer).await?;
    }
    Ok(())
}

/// Says nothing until the other side has given up.
async fn wait_for_end(client: &mut BufReader<TcpStream>) -> io::Result<()> {
    tokio::io::copy(client, &mut tokio::io::sink()).await.map(drop)
}
