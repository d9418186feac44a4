//! The task that hears Music Assistant's events.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::super::answers::{MaPlayer, Queue};
use super::super::client::Server;
use super::super::connection::Connection;
use super::super::error::MusicAssistantError;
use super::queues::LiveQueues;
use super::socket::Socket;
use crate::clock::{Clock, Random};
use crate::task;

/// Time until a connection that the owner makes is seen.
const LOOK: Duration = Duration::from_secs(5);

/// The pauses between two attempts grow from the first of these to the second.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));

/// The life of a socket after which earlier ends count no more.
const LIVED: Duration = Duration::from_mins(1);

/// Time for which changes of a queue are collected before its items are read.
const COLLECT: Duration = Duration::from_millis(300);

/// The longest time of reading players, queues or items.
const READ: Duration = Duration::from_secs(10);

/// The items that are kept of what comes next in a queue.
const COMING: usize = 20;

/// The most queues that are read at the beginning.
const QUEUES_AT_MOST: usize = 50;

/// Hears Music Assistant's events for this process.
#[derive(Debug)]
pub struct Follower {
    connection: Connection,
    live: LiveQueues,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Follower {
    /// The follower of a connection. It does nothing until it runs.
    pub(crate) fn new(connection: Connection, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        let live = connection.live().clone();
        Self { connection, live, clock, random }
    }

    /// Follows until `stop` has a message.
    pub async fn run(self, mut stop: mpsc::Receiver<()>) {
        tokio::select! {
            () = task::stopped(&mut stop) => {}
            () = self.forever() => {}
        }
        self.live.end();
    }

    async fn forever(&self) {
        let mut pauses = pauses();
        // A line for each kind of failure, and one for the first socket, until one lives.
        let mut said = None;
        let mut has_opened = false;
        loop {
            let (error, lived) = self.one_socket(&mut has_opened).await;
            self.live.end();
            if lived >= LIVED {
                (pauses, said, has_opened) = (self::pauses(), None, false);
            }
            let pause = match &error {
                MusicAssistantError::NotConnected => LOOK,
                _ => pauses.next().unwrap_or(PAUSES.1),
            };
            if said.as_ref() != Some(&error) && error != MusicAssistantError::NotConnected {
                tracing::warn!(%error, "Music Assistant's events are not heard");
            }
            said = Some(error);
            sleep(pause).await;
        }
    }

    /// Opens a socket, and hears events to its end. Returns with the reason of the end the time for which it was open.
    async fn one_socket(&self, has_opened: &mut bool) -> (MusicAssistantError, Duration) {
        let opened = async {
            let reached = timeout(READ, self.connection.reach()).await;
            let server = reached.unwrap_or(Err(MusicAssistantError::Slow))?;
            let socket = Socket::open(server.target(), self.random.as_ref()).await?;
            let (players, queues) =
                timeout(READ, players_and_queues(&server)).await.unwrap_or(Err(MusicAssistantError::Slow))?;
            Ok((server, socket, players, queues))
        };
        let (server, socket, players, queues) = match opened.await {
            Ok(opened) => opened,
            Err(error) => return (error, Duration::ZERO),
        };
        if !std::mem::replace(has_opened, true) {
            tracing::info!(host = server.host(), "Music Assistant's events are heard");
        }
        let opened_at = Instant::now();
        let stale = queues.iter().filter(|queue| queue.current_index.is_some());
        let stale = stale.map(|queue| queue.queue_id.clone()).collect();
        self.live.begin(players, queues, self.clock.now());
        (self.hear(&server, socket, stale).await, opened_at.elapsed())
    }

    /// Takes events until the socket ends, or another server is connected. `stale` are the queues whose next items are to be read.
    async fn hear(
        &self,
        server: &Server,
        mut socket: Socket,
        mut stale: BTreeSet<String>,
    ) -> MusicAssistantError {
        let mut due = Instant::now();
        let mut elsewhere = std::pin::pin!(self.connection.is_elsewhere(server));
        loop {
            tokio::select! {
                event = socket.event() => match event {
                    Ok(event) => {
                        let first = stale.is_empty();
                        stale.extend(self.live.apply(event, self.clock.now()));
                        if first {
                            due = Instant::now() + COLLECT;
                        }
                    }
                    Err(error) => return error,
                },
                () = &mut elsewhere => return MusicAssistantError::NotConnected,
                () = sleep_until(due), if !stale.is_empty() => {
                    if let Some(id) = stale.pop_first() {
                        self.read_coming(server, &id).await;
                    }
                }
            }
        }
    }

    /// Reads the items that come next. Where that fails, those of before stay.
    async fn read_coming(&self, server: &Server, id: &str) {
        let Some(place) = self.live.next_place(id) else { return };
        match timeout(READ, server.items(id, place, COMING)).await {
            Ok(Ok(coming)) => self.live.take_coming(id, coming),
            Ok(Err(error)) => tracing::debug!(%error, "the items of a queue are not read"),
            Err(_) => tracing::debug!("the items of a queue are not read in time"),
        }
    }
}

fn pauses() -> ExponentialBackoff {
    let (first, longest) = PAUSES;
    ExponentialBuilder::new().with_min_delay(first).with_max_delay(longest).without_max_times().build()
}

/// The players with their queues. A queue that cannot be read comes with its next change.
async fn players_and_queues(server: &Server) -> Result<(Vec<MaPlayer>, Vec<Queue>), MusicAssistantError> {
    let players = server.players().await?;
    let queues = players.iter().take(QUEUES_AT_MOST).map(|player| server.active_queue(&player.player_id));
    let queues = join_all(queues).await.into_iter().filter_map(Result::ok).collect();
    Ok((players, queues))
}
