//! Fetches of streams, each with the readers that share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::BoxError;
use axum::body::Bytes;
use tokio::sync::{Notify, SetOnce};
use tokio::time::Instant;

use super::DoorLimits;
use super::health::DoorFailureKind;
use super::ring::{Ring, SourceEnd, Taken};
use super::upstream::Head;

/// One stream on its way from Music Assistant. A task of its own reads the source; readers take from the ring.
#[derive(Debug)]
pub(super) struct Fetch {
    /// The beginning of the answer, or the reason why there is none.
    head: SetOnce<Result<Head, DoorFailureKind>>,
    state: Mutex<State>,
    /// Wakes readers: there are bytes, an end or a cut.
    changed: Notify,
    /// Wakes the task: a reader came, took something or left.
    attention: Notify,
}

#[derive(Debug)]
struct State {
    ring: Ring,
    /// No reader may join any more.
    is_closed: bool,
}

/// The outcome of an attempt to join.
#[derive(Debug)]
pub(super) enum Joined {
    /// It gets the stream.
    Reader(Reader),
    /// There are too many readers, and all of them take what they get.
    Full,
    /// The stream is over, or its beginning is gone.
    TooLate,
}

/// The state of a fetch, which its task reads before it waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) room: usize,
    pub(super) readers: usize,
    /// The reader that keeps another waiting, and since when.
    pub(super) laggard: Option<(u64, Instant)>,
}

impl Fetch {
    pub(super) fn new(limits: &DoorLimits) -> Arc<Self> {
        Arc::new(Self {
            head: SetOnce::new(),
            state: Mutex::new(State { ring: Ring::new(limits.ring_bytes), is_closed: false }),
            changed: Notify::new(),
            attention: Notify::new(),
        })
    }

    /// A new reader, at the oldest byte that is here; where `from_start`, only if that is the first one. One reader too
    /// many takes the place of the one that has taken nothing for longest, if that is [`DoorLimits::stall`] ago.
    pub(super) fn join(self: &Arc<Self>, limits: &DoorLimits, from_start: bool, now: Instant) -> Joined {
        let mut state = self.lock();
        let is_over = state.is_closed || state.ring.ending() == Some(SourceEnd::Broken);
        let needs_start = from_start || state.ring.ending().is_some();
        if is_over || (needs_start && state.ring.oldest() > 0) {
            return Joined::TooLate;
        }
        if state.ring.readers() >= limits.readers {
            let idlest = state.ring.idlest().filter(|(_, since)| now >= *since + limits.stall);
            let Some((id, _)) = idlest else { return Joined::Full };
            state.ring.leave(id);
            self.changed.notify_waiters();
        }
        let start = state.ring.oldest();
        let id = state.ring.join(now);
        drop(state);
        self.attention.notify_one();
        Joined::Reader(Reader { fetch: Arc::clone(self), id, start })
    }

    pub(super) fn look(&self) -> Look {
        let state = self.lock();
        Look { room: state.ring.room(), readers: state.ring.readers(), laggard: state.ring.laggard() }
    }

    /// Waits for a reader to come, take something or leave. What happened since the last call counts.
    pub(super) async fn attention(&self) {
        self.attention.notified().await;
    }

    pub(super) fn begin(&self, head: Result<Head, DoorFailureKind>) {
        // It begins once.
        let _ = self.head.set(head);
    }

    /// Takes as much of `source` as there is room for, and leaves the rest.
    pub(super) fn push(&self, source: &mut Bytes, now: Instant) {
        let taken = self.lock().ring.push(source, now);
        if taken > 0 {
            drop(source.split_to(taken));
            self.changed.notify_waiters();
        }
    }

    pub(super) fn finish(&self, ending: SourceEnd) {
        self.lock().ring.finish(ending);
        self.changed.notify_waiters();
    }

    pub(super) fn cut(&self, reader: u64) {
        self.lock().ring.leave(reader);
        self.changed.notify_waiters();
    }

    /// Lets no further reader join.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
    }

    /// Lets no further reader join, unless one is there. Whether none is.
    pub(super) fn close_if_alone(&self) -> bool {
        let mut state = self.lock();
        let is_alone = state.ring.readers() == 0;
        state.is_closed |= is_alone;
        is_alone
    }

    /// Whether the ring has the whole stream, for a reader that comes after its end.
    pub(super) fn is_whole(&self) -> bool {
        let state = self.lock();
        state.ring.ending() == Some(SourceEnd::Whole) && state.ring.oldest() == 0
    }

    /// A panic leaves it whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One answer that takes a stream. It leaves when it is dropped.
#[derive(Debug)]
pub(super) struct Reader {
    fetch: Arc<Fetch>,
    id: u64,
    start: u64,
}

/// The end of a body that did not come whole: its connection is closed before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream was cut")]
pub(super) struct WasCut;

/// Ends a body before its end. The server first gets the chance to send what it holds, as it sends nothing after an error.
pub(super) async fn cut_off() -> WasCut {
    tokio::task::yield_now().await;
    WasCut
}

impl Reader {
    /// The position in the stream at which it begins.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// The beginning of the answer.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn head(&self) -> Result<Head, DoorFailureKind> {
        self.fetch.head.wait().await.clone()
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// When the source broke off, or this reader was cut.
    pub(super) async fn next(&self) -> Option<Result<Bytes, BoxError>> {
        loop {
            // It hears of everything that happens from here on.
            let changed = self.fetch.changed.notified();
            let taken = self.fetch.lock().ring.take(self.id, Instant::now());
            match taken {
                Taken::Bytes(bytes) => {
                    self.fetch.attention.notify_one();
                    return Some(Ok(bytes));
                }
                Taken::Nothing => changed.await,
                Taken::End(SourceEnd::Whole) => return None,
                Taken::End(SourceEnd::Broken) | Taken::Cut => return Some(Err(cut_off().await.into())),
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.fetch.lock().ring.leave(self.id);
        self.fetch.attention.notify_one();
    }
}
