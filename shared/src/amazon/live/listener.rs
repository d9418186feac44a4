//! The task that keeps one stream open for the account, and opens it again.
//!
//! A lease in the store lets one process do so. Each stream begins with queries, since Amazon never repeats what was
//! missed. It is replaced before its token ends: an old one goes on and carries no more events.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout};

use super::account::{LiveAccount, LiveBearer, OwnAccount};
use super::connection::{EventStream, LiveConnection};
use super::dial::Dial;
use super::event::events;
use super::frame::Frame;
use super::health::{LiveProblem, LiveStage};
use super::pace::{Pace, PauseReason};
use super::region::LiveRegion;
use super::states::LiveStates;
use super::watch::{Beside, StreamEnd, Watch, ended, no_token};
use crate::account::Marketplace;
use crate::amazon::devices::DeviceClient;
use crate::clock::{Clock, Moment, Random, Timestamp};
use crate::deps::Deps;
use crate::task;

/// Length of the lease. A process that dies keeps the stream from others for so long.
const LEASE: Duration = Duration::from_mins(2);

/// Time between two looks at the stream, or at the lease of another process.
const TICK: Duration = Duration::from_secs(20);

/// Ticks from one renewal of the lease to the next: each is a write to a disk that may be a memory card.
const LEASE_TICKS: u32 = 3;

/// Longest time in which the lease is given back at the end.
const RELEASE: Duration = Duration::from_secs(1);

/// Ticks from one ping to the next: 280 s (docs/amazon-api.md, 8.3).
const PING_TICKS: u32 = 14;

/// The shortest life of a token that a stream is opened with.
const TOKEN_LASTS: Duration = Duration::from_mins(55);

/// Pause between two looks for a sign-in.
const SIGN_IN_LOOK: Duration = Duration::from_secs(30);

/// Looks for a new sign-in after a refusal, until Amazon is asked once more: an hour.
const SIGN_IN_LOOKS: u32 = 120;

/// Keeps the stream open.
#[derive(Debug)]
pub struct LiveListener {
    account: Arc<dyn LiveAccount>,
    dial: Arc<dyn Dial>,
    states: LiveStates,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// The memory from one stream to the next.
#[derive(Debug, Default)]
struct Memory {
    pace: Pace,
    /// The sign-in of the rest.
    serial: Option<String>,
    /// Whether Amazon knows what we can do.
    is_registered: bool,
    /// The region that Amazon named.
    region: Option<LiveRegion>,
    /// Time of issue of the token that Amazon refused.
    refused: Option<Timestamp>,
    opened_at: Option<Moment>,
}

type Work<'a> = FuturesUnordered<Pin<Box<dyn Future<Output = Beside> + Send + 'a>>>;

impl LiveListener {
    /// For the account of a client; `dial` makes the connections. From now on this process is one that hears from Amazon.
    #[must_use]
    pub fn new(deps: &Deps, client: DeviceClient, dial: Arc<dyn Dial>) -> Self {
        let states = client.live().clone();
        let account = Arc::new(OwnAccount { client, deps: deps.clone() });
        Self::of(account, dial, states, Arc::clone(&deps.clock), Arc::clone(&deps.random))
    }

    /// For any account, whose devices are in `states`.
    #[must_use]
    pub fn of(
        account: Arc<dyn LiveAccount>,
        dial: Arc<dyn Dial>,
        states: LiveStates,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        states.closed(LiveStage::Connecting, None);
        Self { account, dial, states, clock, random }
    }

    /// Listens until `stop` has a message, and then ends everything that waits for changes.
    pub async fn run(self, mut stop: mpsc::Receiver<()>) {
        let Some(holder) = self.id() else {
            tracing::error!("there is no randomness: live events are not heard");
            return;
        };
        tokio::select! {
            () = task::stopped(&mut stop) => {}
            () = self.forever(&holder) => {}
        }
        self.states.closed(LiveStage::Connecting, None);
        self.states.end();
        // A store that does not answer holds up no end.
        let _ = timeout(RELEASE, self.account.release(&holder)).await;
    }

    /// A random id.
    fn id(&self) -> Option<String> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes).ok()?;
        Some(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    async fn forever(&self, holder: &str) {
        let mut memory = Memory::default();
        loop {
            if !self.account.lease(holder, LEASE).await {
                self.states.closed(LiveStage::OtherProcess, None);
                sleep(TICK).await;
                continue;
            }
            let end = self.one_stream(holder, &mut memory).await;
            self.rest(end, &mut memory).await;
        }
    }

    /// Opens a stream, and reads it to its end.
    async fn one_stream(&self, holder: &str, memory: &mut Memory) -> StreamEnd {
        let bearer = match self.account.bearer(TOKEN_LASTS, memory.refused).await {
            Ok(bearer) => bearer,
            Err(error) => return no_token(&error),
        };
        if memory.serial.as_ref() != Some(&bearer.serial) {
            (memory.is_registered, memory.region) = (false, None);
            memory.serial = Some(bearer.serial.clone());
        }
        if !memory.is_registered {
            match self.register(&bearer).await {
                Ok(is_registered) => memory.is_registered = is_registered,
                Err(end) => return end,
            }
        }
        let shop = bearer.marketplace.clone().unwrap_or_else(Marketplace::com);
        let region = memory.region.unwrap_or_else(|| LiveRegion::of(&shop));
        let Some(host) = region.host() else { return StreamEnd::Failed(LiveProblem::Unreachable) };
        self.states.opens(region);
        match LiveConnection::open(self.dial.as_ref(), &host, bearer.token.clone()).await {
            Ok((connection, stream)) => {
                self.states.opened(region, stream.date);
                (memory.opened_at, memory.refused) = (Some(self.clock.moment()), None);
                tracing::info!(region = region.as_str(), "hears live events from Amazon");
                self.listen(holder, &connection, stream, &bearer, region).await
            }
            Err(error) => {
                tracing::warn!(%error, region = region.as_str(), "the stream of live events was not opened");
                ended(&error, &bearer)
            }
        }
    }

    /// Says what we can do; whether Amazon took it. Another answer than a refusal ends nothing: other clients go on.
    async fn register(&self, bearer: &LiveBearer) -> Result<bool, StreamEnd> {
        match self.account.register(&bearer.token).await {
            Ok(200..=299) => Ok(true),
            Ok(401 | 403) => Err(StreamEnd::Refused(LiveProblem::NoDevice, bearer.issued_at)),
            Ok(status) => {
                tracing::warn!(status, "Amazon did not take what this device can do: events may be missing");
                Ok(false)
            }
            Err(error) => {
                tracing::warn!(%error, "Amazon did not take what this device can do");
                Err(StreamEnd::Failed(LiveProblem::Unreachable))
            }
        }
    }

    async fn listen(
        &self,
        holder: &str,
        connection: &LiveConnection,
        mut stream: EventStream,
        bearer: &LiveBearer,
        region: LiveRegion,
    ) -> StreamEnd {
        let mut beside = Work::new();
        beside.push(Box::pin(async {
            self.account.query_everything().await;
            Beside::Queried
        }));
        let mut watch = Watch::new(bearer, self.clock.now());
        let mut ticks = interval_at(Instant::now() + TICK, TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                frames = stream.next() => match frames {
                    Ok(Some(frames)) => {
                        watch.heard_at = Instant::now();
                        let has_keep_alive = frames.contains(&Frame::KeepAlive);
                        self.hear(frames);
                        if has_keep_alive && !watch.is_region_asked {
                            watch.is_region_asked = true;
                            beside.push(Box::pin(self.ask_region(connection)));
                        }
                    }
                    Ok(None) => return StreamEnd::Finished,
                    Err(error) => return ended(&error, bearer),
                },
                _ = ticks.tick() => {
                    if let Some(end) = watch.tick(self.clock.now()) {
                        return end;
                    }
                    if watch.ticks.is_multiple_of(LEASE_TICKS) {
                        beside.push(Box::pin(async { Beside::Lease(self.account.lease(holder, LEASE).await) }));
                    }
                    if watch.ticks.is_multiple_of(PING_TICKS) {
                        beside.push(Box::pin(async { Beside::Pinged(connection.ping().await) }));
                    }
                }
                () = self.states.sessions_wanted() => watch.want_sessions(),
                () = sleep_until(watch.sessions_at.unwrap_or(watch.heard_at)), if watch.sessions_at.is_some() => {
                    (watch.sessions_at, watch.sessions_read_at) = (None, Some(Instant::now()));
                    beside.push(Box::pin(async {
                        self.account.query_sessions().await;
                        Beside::Queried
                    }));
                }
                Some(done) = beside.next(), if !beside.is_empty() => {
                    if let Some(end) = watch.done(done, bearer, region) {
                        return end;
                    }
                }
            }
        }
    }

    fn hear(&self, frames: Vec<Frame>) {
        for frame in frames {
            let Frame::Message(message) = frame else { continue };
            for event in events(&message) {
                tracing::debug!(event.name, "a live event");
                self.states.hear(event);
            }
        }
    }

    async fn ask_region(&self, connection: &LiveConnection) -> Beside {
        match self.id() {
            Some(id) => Beside::Region(connection.right_region(&id).await),
            None => Beside::Queried,
        }
    }

    /// Waits until the next stream may be opened.
    async fn rest(&self, end: StreamEnd, memory: &mut Memory) {
        let now = self.clock.moment();
        let lived = memory.opened_at.take().map_or(Duration::ZERO, |at| now.since(at));
        let ending = match end {
            StreamEnd::SignedOut => {
                self.states.closed(LiveStage::SignedOut, None);
                return sleep(SIGN_IN_LOOK).await;
            }
            StreamEnd::LeaseLost => {
                self.states.closed(LiveStage::OtherProcess, None);
                return sleep(TICK).await;
            }
            StreamEnd::Refused(problem, issued_at) if memory.refused.is_some() => {
                self.states.closed(LiveStage::Connecting, Some(problem));
                tracing::error!(
                    "Amazon refuses live events, also with a new token: a person has to sign in again"
                );
                self.wait_for_sign_in(memory.serial.as_deref()).await;
                (memory.refused, memory.is_registered) = (Some(issued_at), false);
                return;
            }
            StreamEnd::Refused(problem, issued_at) => {
                self.states.closed(LiveStage::Connecting, Some(problem));
                // Amazon may have forgotten what we can do.
                (memory.refused, memory.is_registered) = (Some(issued_at), false);
                PauseReason::Failed
            }
            StreamEnd::Failed(problem) => {
                self.states.closed(LiveStage::Connecting, Some(problem));
                PauseReason::Failed
            }
            StreamEnd::Moved(region) => {
                self.states.closed(LiveStage::Connecting, None);
                memory.region = Some(region);
                PauseReason::Replaced
            }
            StreamEnd::TokenEnds => {
                self.states.closed(LiveStage::Connecting, None);
                PauseReason::Replaced
            }
            StreamEnd::Finished => {
                self.states.closed(LiveStage::Connecting, Some(LiveProblem::Ended));
                PauseReason::Finished
            }
        };
        let opens = self.states.report().opens;
        let pause = memory.pace.after(ending, lived, opens, now, self.random.as_ref());
        tracing::info!(?end, lived.s = lived.as_secs(), again_in.s = pause.as_secs(), "live events pause");
        sleep(pause).await;
    }

    /// Waits for another sign-in than the one that was refused, for an hour at most.
    async fn wait_for_sign_in(&self, refused: Option<&str>) {
        for _ in 0..SIGN_IN_LOOKS {
            sleep(SIGN_IN_LOOK).await;
            let serial = self.account.serial().await;
            if serial.is_some() && serial.as_deref() != refused {
                return;
            }
        }
    }
}
