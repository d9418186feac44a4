//! The fetches of certificate chains that are under way: few, one for each URL, and never in the way of Alexa.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{AbortHandle, BoxFuture, Shared, WeakShared, abortable};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::chain::SigningCertificate;
use super::{CertificateUrl, FetchError, VerificationError};

/// Most fetches at one time.
const PLACES: usize = 4;
/// Most of them for requests that name no skill of ours. Amazon's requests name it, a stranger has to know it.
const STRANGERS: usize = 2;
/// Time for which a fetch keeps its place from a newer one. S3 answers in less.
const PATIENCE: Duration = Duration::from_secs(1);

/// Result of a fetch.
pub(super) type Fetched = Result<Arc<SigningCertificate>, VerificationError>;
type Fetch = Shared<BoxFuture<'static, Fetched>>;

/// Fetches under way. Dropped by every request that waits for it, a fetch ends.
#[derive(Debug, Default)]
pub(super) struct Flights {
    state: Mutex<State>,
    /// Notified when a place is free, or when the request that waits for one has to give way.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Running fetches, oldest first.
    running: VecDeque<Flight>,
    /// Number of the one request that waits for a place, which is the newest that found none.
    waiting: u64,
}

#[derive(Debug)]
struct Flight {
    url: CertificateUrl,
    addressed: bool,
    began: Instant,
    fetch: WeakShared<BoxFuture<'static, Fetched>>,
    abort: AbortHandle,
}

/// Whether there is a place.
enum FlightSlot {
    Taken(Fetch),
    /// None before this moment, unless a fetch ends earlier.
    Full(Instant),
}

impl Flights {
    /// The outcome of `fetch` for `url`, or of the fetch for it that is under way. `addressed` is whether the request
    /// names a skill of ours.
    ///
    /// Above the limits a request is refused at once. But an addressed request takes the place of a stranger's, or of a
    /// fetch that hangs. The newest addressed request waits until a fetch hangs.
    pub(super) async fn join(
        &self,
        url: &CertificateUrl,
        addressed: bool,
        fetch: impl Fn() -> BoxFuture<'static, Fetched> + Send,
    ) -> Fetched {
        let mut number = None;
        loop {
            // Listens before it looks, so that no change is missed.
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let until = match self.take_place(url, addressed, &fetch) {
                FlightSlot::Taken(fetch) => return self.finish(url, fetch).await,
                FlightSlot::Full(_) if !addressed => return Err(FetchError::Busy.into()),
                FlightSlot::Full(until) => until,
            };
            match number {
                None => number = Some(self.wait_in_turn()),
                Some(number) if self.state().waiting != number => return Err(FetchError::Busy.into()),
                Some(_) => {}
            }
            let _ = timeout_at(until, changed).await;
        }
    }

    fn take_place(
        &self,
        url: &CertificateUrl,
        addressed: bool,
        fetch: &impl Fn() -> BoxFuture<'static, Fetched>,
    ) -> FlightSlot {
        let mut state = self.state();
        state.running.retain(|flight| flight.fetch.upgrade().is_some_and(|fetch| fetch.peek().is_none()));
        if let Some(flight) = state.running.iter_mut().find(|flight| &flight.url == url)
            && let Some(fetch) = flight.fetch.upgrade()
        {
            flight.addressed |= addressed;
            return FlightSlot::Taken(fetch);
        }
        let now = Instant::now();
        if let Err(until) = state.make_room(addressed, now) {
            return FlightSlot::Full(until);
        }
        let (fetch, abort) = abortable(fetch());
        let fetch = fetch.map(|fetched| fetched.unwrap_or(Err(FetchError::Busy.into()))).boxed().shared();
        if let Some(weak) = fetch.downgrade() {
            let url = url.clone();
            state.running.push_back(Flight { url, addressed, began: now, fetch: weak, abort });
        }
        FlightSlot::Taken(fetch)
    }

    /// Waits for a fetch, and gives its place back.
    async fn finish(&self, url: &CertificateUrl, fetch: Fetch) -> Fetched {
        let fetched = fetch.clone().await;
        self.state().running.retain(|flight| {
            &flight.url != url || !flight.fetch.upgrade().is_some_and(|running| running.ptr_eq(&fetch))
        });
        self.changed.notify_waiters();
        fetched
    }

    /// Becomes the request that waits; the one before it gives way.
    fn wait_in_turn(&self) -> u64 {
        let mut state = self.state();
        state.waiting += 1;
        let number = state.waiting;
        drop(state);
        self.changed.notify_waiters();
        number
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No entry is ever half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes sure that one more fetch may begin; until when not, otherwise.
    fn make_room(&mut self, addressed: bool, now: Instant) -> Result<(), Instant> {
        let strangers = self.running.iter().filter(|flight| !flight.addressed).count();
        if !addressed {
            let has_room = strangers < STRANGERS && self.running.len() < PLACES;
            return if has_room { Ok(()) } else { Err(now) };
        }
        if self.running.len() < PLACES {
            return Ok(());
        }
        let stranger = self.running.iter().position(|flight| !flight.addressed);
        let oldest = self.running.front().map_or(now, |flight| flight.began + PATIENCE);
        let Some(position) = stranger.or((oldest <= now).then_some(0)) else {
            return Err(oldest);
        };
        if let Some(flight) = self.running.remove(position) {
            flight.abort.abort();
        }
        Ok(())
    }
}
