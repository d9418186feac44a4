//! All fetches of streams, and the task of each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, Uri};
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::DoorLimits;
use super::fetch::{Fetch, Joined, Look, Reader};
use super::health::{DoorFailureKind, Recorder};
use super::path;
use super::ring::SourceEnd;
use super::upstream::{self, Upstream};
use crate::grant::{Grant, GrantKind};
use crate::playback::PlayerKey;
use crate::task;

/// The key of a stream: two requests with one key ask for one stream.
type Key = (PlayerKey, GrantKind, String);

/// The fetches of streams that run.
#[derive(Debug)]
pub(super) struct Fetches {
    upstream: Upstream,
    recorder: Recorder,
    limits: DoorLimits,
    /// Those that a reader may join.
    shared: Mutex<HashMap<Key, Arc<Fetch>>>,
    places: Arc<Semaphore>,
}

/// There is no place for another stream, or for another reader of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

/// One fetch, for its task.
struct Job {
    fetches: Arc<Fetches>,
    fetch: Arc<Fetch>,
    key: Key,
    /// Whether others may join it.
    is_shared: bool,
    /// The end of the grant, where that ends the stream.
    until: Option<Instant>,
    _place: OwnedSemaphorePermit,
}

/// The end of waiting for a reader.
struct Abandoned;

impl Fetches {
    pub(super) fn new(upstream: Upstream, recorder: Recorder, limits: DoorLimits) -> Arc<Self> {
        let places = Arc::new(Semaphore::new(limits.streams));
        Arc::new(Self { upstream, recorder, limits, shared: Mutex::default(), places })
    }

    /// A reader of the stream of `grant` at `address`: of the fetch that runs, or of a new one. A part of a stream is
    /// always fetched by itself. What has a longest time ends after it.
    pub(super) fn read(
        self: &Arc<Self>,
        grant: &Grant,
        address: Uri,
        range: Option<HeaderValue>,
        lasts: Option<Duration>,
    ) -> Result<Reader, NoRoom> {
        let key = (grant.player, grant.kind, grant.path.clone());
        let (is_shared, now) = (range.is_none(), Instant::now());
        let from_start = grant.kind == GrantKind::Media || !path::is_endless(&grant.path);
        let mut shared = self.lock();
        if let Some(fetch) = shared.get(&key).filter(|_| is_shared) {
            match fetch.join(&self.limits, from_start, now) {
                Joined::Reader(reader) => return Ok(reader),
                Joined::Full => return Err(NoRoom),
                Joined::TooLate => {}
            }
        }
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| NoRoom)?;
        let fetch = Fetch::new(&self.limits);
        let Joined::Reader(reader) = fetch.join(&self.limits, true, now) else { return Err(NoRoom) };
        if is_shared {
            shared.insert(key.clone(), Arc::clone(&fetch));
        }
        drop(shared);
        let until = lasts.map(|lasts| now + lasts);
        let job = Job { fetches: Arc::clone(self), fetch, key, is_shared, until, _place: place };
        task::spawn(job.run(address, range));
        Ok(reader)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Fetch>>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    async fn run(self, address: Uri, range: Option<HeaderValue>) {
        let (player, kind) = (self.key.0, self.key.1);
        let recorder = &self.fetches.recorder;
        let answer = tokio::select! {
            answer = self.fetches.upstream.get(address, kind, range) => answer,
            Abandoned = self.abandoned() => return,
        };
        match answer {
            Ok((head, body)) => {
                recorder.answered(kind, player, head.status);
                let has_body = matches!(head.status, StatusCode::OK | StatusCode::PARTIAL_CONTENT);
                if !has_body {
                    self.fetch.close();
                }
                self.fetch.begin(Ok(head));
                if has_body {
                    self.copy(body).await;
                }
            }
            Err(failure) => {
                recorder.failed(failure, kind, player);
                // The next request tries again.
                self.fetch.close();
                self.fetch.begin(Err(failure));
            }
        }
    }

    /// Reads the source into the ring as readers make room, until it ends or all of them have gone.
    async fn copy(&self, body: Incoming) {
        let limits = &self.fetches.limits;
        let mut source = Source { body: Some(body), unread: Bytes::new(), waits_since: None };
        let mut alone_since = None;
        loop {
            let now = Instant::now();
            self.fetch.push(&mut source.unread, now);
            let look = self.fetch.look();
            alone_since = (look.readers == 0).then(|| alone_since.unwrap_or(now));
            if self.until.is_some_and(|until| now >= until) && source.body.is_some() {
                self.end(&mut source, SourceEnd::Broken, "its grant has ended");
            }
            if source.body.is_none() && !(self.is_shared && self.fetch.is_whole()) {
                // The readers have what is left in the ring.
                break;
            }
            if alone_since.is_some_and(|since| now >= since + self.linger()) && self.fetch.close_if_alone() {
                break;
            }
            if let Some((id, since)) = look.laggard.filter(|(_, since)| now >= *since + limits.stall) {
                tracing::debug!(player.key = %self.key.0, since = ?since.elapsed(), "a reader was cut");
                self.fetch.cut(id);
                continue;
            }
            let wants = source.wants(&look, now);
            let until = self.until.filter(|_| source.body.is_some());
            let wake = self.wake(&look, alone_since, source.waits_since.map(|since| since + limits.idle));
            let wake = wake.into_iter().chain(until).min();
            tokio::select! {
                () = self.fetch.attention() => {}
                came = source.next(), if wants => match came {
                    Some(Ok(bytes)) => source.took(bytes),
                    Some(Err(error)) => self.end(&mut source, SourceEnd::Broken, &error.to_string()),
                    None => self.end(&mut source, SourceEnd::Whole, ""),
                },
                () = sleep_until(wake.unwrap_or(now)), if wake.is_some() => {
                    if source.is_idle(limits.idle) {
                        self.end(&mut source, SourceEnd::Broken, "it fell silent");
                    }
                }
            }
        }
    }

    fn end(&self, source: &mut Source, ending: SourceEnd, reason: &str) {
        if ending == SourceEnd::Broken {
            self.fetches.recorder.broke_off(reason, self.key.1, self.key.0);
        }
        // Closes the connection.
        source.body = None;
        source.waits_since = None;
        self.fetch.finish(ending);
    }

    /// The next moment at which something is due without an event.
    fn wake(&self, look: &Look, alone: Option<Instant>, idle: Option<Instant>) -> Option<Instant> {
        let cut = look.laggard.map(|(_, since)| since + self.fetches.limits.stall);
        let closed = alone.map(|since| since + self.linger());
        [cut, closed, idle].into_iter().flatten().min()
    }

    /// Time for which it is kept without a reader: the second request at a start comes after the first was closed.
    fn linger(&self) -> Duration {
        if self.is_shared { self.fetches.limits.linger } else { Duration::ZERO }
    }

    /// Waits until there was no reader for as long as one is waited for.
    async fn abandoned(&self) -> Abandoned {
        loop {
            if self.fetch.look().readers > 0 {
                self.fetch.attention().await;
                continue;
            }
            let end = Instant::now() + self.linger();
            tokio::select! {
                () = self.fetch.attention() => {}
                () = sleep_until(end) => if self.fetch.close_if_alone() {
                    return Abandoned;
                }
            }
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        // Without these a reader waits for a task that has ended, for whatever reason.
        self.fetch.close();
        self.fetch.begin(Err(DoorFailureKind::Garbled));
        self.fetch.finish(SourceEnd::Broken);
        let mut shared = self.fetches.lock();
        if shared.get(&self.key).is_some_and(|fetch| Arc::ptr_eq(fetch, &self.fetch)) {
            shared.remove(&self.key);
        }
    }
}

/// The body of an answer of Music Assistant.
struct Source {
    body: Option<Incoming>,
    /// The bytes that came and found no room yet.
    unread: Bytes,
    /// Since when it is waited for, while there is room.
    waits_since: Option<Instant>,
}

impl Source {
    /// Whether the next bytes may come now.
    fn wants(&mut self, look: &Look, now: Instant) -> bool {
        let wants = self.body.is_some() && self.unread.is_empty() && look.room > 0;
        self.waits_since = wants.then(|| self.waits_since.unwrap_or(now));
        wants
    }

    async fn next(&mut self) -> Option<Result<Bytes, hyper::Error>> {
        match &mut self.body {
            Some(body) => upstream::next(body).await,
            None => std::future::pending().await,
        }
    }

    fn took(&mut self, bytes: Bytes) {
        self.unread = bytes;
        self.waits_since = None;
    }

    fn is_idle(&self, idle: Duration) -> bool {
        self.waits_since.is_some_and(|since| since.elapsed() >= idle)
    }
}
