//! One request: its time, and what it may still send.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::notes::Notes;
use crate::clock::{Clock, Timestamp};
use crate::music_assistant::{MusicAssistantError, Server};
use crate::task;

/// The longest time of a request.
pub(super) const ALL: Duration = Duration::from_secs(5);

/// Time for which a command that starts music is looked after. Music Assistant answers it once the sound was asked for,
/// which may take many seconds; what cannot be played fails at once.
const LOOKED_AFTER: Duration = Duration::from_millis(400);

/// The longest time of a command that starts music.
const STARTING: Duration = Duration::from_secs(20);

/// The most commands that start music at a time.
const STARTING_AT_MOST: usize = 16;

/// The commands that start music and are not done.
#[derive(Clone, Debug)]
pub(super) struct StartSlots(Arc<Semaphore>);

impl Default for StartSlots {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STARTING_AT_MOST)))
    }
}

/// A request that is carried out.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    clock: Arc<dyn Clock>,
    until: Timestamp,
    end: Instant,
    player: String,
    starts: StartSlots,
    notes: Notes,
}

impl Turn {
    /// A request for a player, which begins now and may be carried out to `until`, and for five seconds at most.
    pub(super) fn new(
        clock: &Arc<dyn Clock>,
        until: Option<Timestamp>,
        player: &str,
        starts: &StartSlots,
        notes: &Notes,
    ) -> Self {
        let now = clock.now();
        let until = until.unwrap_or_else(|| now.plus(ALL));
        Self {
            clock: Arc::clone(clock),
            until,
            end: Instant::now() + until.since(now).min(ALL),
            player: player.to_owned(),
            starts: starts.clone(),
            notes: notes.clone(),
        }
    }

    /// The moment at which it is answered at the latest.
    pub(super) fn end(&self) -> Instant {
        self.end
    }

    /// Whether something may still be changed for it.
    pub(super) fn may_send(&self) -> Result<(), MusicAssistantError> {
        if self.clock.now() > self.until || Instant::now() >= self.end {
            return Err(MusicAssistantError::Slow);
        }
        Ok(())
    }

    /// Sends what starts music, and returns a failure that shows at once. It goes on by itself otherwise.
    pub(super) async fn start<F>(
        &self,
        server: &Server,
        with: impl FnOnce(Server) -> F,
    ) -> Result<(), MusicAssistantError>
    where
        F: Future<Output = Result<(), MusicAssistantError>> + Send + 'static,
    {
        self.may_send()?;
        let permit = Arc::clone(&self.starts.0).try_acquire_owned().map_err(|_| MusicAssistantError::Slow)?;
        let sent = with(server.clone().with_patience(STARTING));
        let mut task = task::spawn(async move {
            let _permit = permit;
            sent.await
        });
        let looked_after = LOOKED_AFTER.min(self.end.saturating_duration_since(Instant::now()));
        if let Ok(done) = timeout(looked_after, &mut task).await {
            return done.unwrap_or(Err(MusicAssistantError::Slow));
        }
        let (notes, player) = (self.notes.clone(), self.player.clone());
        task::spawn(async move {
            if let Ok(Err(error)) = task.await {
                notes.failed(&player, &error).await;
            }
        });
        Ok(())
    }
}
