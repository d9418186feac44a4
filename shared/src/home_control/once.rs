//! Requests that were carried out within the last minute, so that each is carried out once.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

use crate::clock::Moment;
use crate::control::{ControlError, Reply};
use crate::playback::RequestId;
use crate::task::run_to_completion;

/// Time for which a request is remembered.
const REMEMBERED: Duration = Duration::from_mins(1);

/// The most requests that are remembered; people do not ask as much in a minute.
const MOST: usize = 256;

/// The replies to requests, of which some may still be made.
#[derive(Default)]
pub(super) struct Once(Mutex<VecDeque<Arrival>>);

/// A request that arrived.
struct Arrival {
    id: RequestId,
    at: Moment,
    reply: FutureReply,
}

/// A reply that may still be made; all clones of it are the same one.
type FutureReply = Shared<BoxFuture<'static, Reply>>;

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

impl Once {
    /// The reply to a request: that of its first arrival. `work` goes on when its caller goes away.
    pub(super) fn reply<F>(&self, id: &RequestId, now: Moment, work: impl FnOnce() -> F) -> FutureReply
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|known| now.since(known.at) < REMEMBERED);
        if let Some(known) = known.iter().find(|known| known.id == *id) {
            return known.reply.clone();
        }
        if known.len() >= MOST {
            known.pop_front();
        }
        let done = run_to_completion(work());
        let reply = done.map(|reply| reply.unwrap_or(Reply::Failed(ControlError::Failed))).boxed().shared();
        known.push_back(Arrival { id: id.clone(), at: now, reply: reply.clone() });
        reply
    }
}
