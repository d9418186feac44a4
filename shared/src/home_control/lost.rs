//! Music that an answer got and that no Echo began: Music Assistant starts it once more at our request, and speaks then.
//!
//! Music Assistant leaves its sentence out where a person's answer has the stream. Where that answer is lost, it believes that
//! the Echo plays. Each player has one watch at most, which ends with the process.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;

use super::home::{HomeControl, Shared};
use super::transport::again;
use super::turn::Turn;
use crate::alexa::DeviceId;
use crate::clock::Moment;
use crate::music_assistant::{MusicAssistantError, PlaybackState};
use crate::playback::PlayerId;
use crate::store::note_silence;
use crate::task;

/// Time after a hand-over in which its Echo reports. Without a report, the answer was lost.
const REPORTED_WITHIN: Duration = Duration::from_secs(10);

/// The same after a request of functions in AWS, to which music may be handed 4.5 s later.
const REPORTED_FAR_WITHIN: Duration = Duration::from_secs(15);

/// Time between two starts of a player that are made by this.
const AGAIN_AFTER: Duration = Duration::from_mins(1);

/// The most players that are watched, and the most Echos of which a stop is remembered.
const AT_MOST: usize = 100;

/// The watches, and what they have to know.
#[derive(Debug, Default)]
pub(super) struct LostStarts(Mutex<WatchTable>);

#[derive(Debug, Default)]
struct WatchTable {
    watches: BTreeMap<PlayerId, Watch>,
    /// The Echos that people stopped, the last one at the end.
    silenced: VecDeque<(DeviceId, Moment)>,
}

#[derive(Debug)]
struct Watch {
    task: AbortHandle,
    /// The last start that was made by it.
    healed_at: Option<Moment>,
}

impl LostStarts {
    /// Does `work` for a player once its Echo has had the time to report, instead of what was to be done before.
    fn watch(
        &self,
        player: &PlayerId,
        now: Moment,
        within: Duration,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let mut state = self.lock();
        let is_recent = |at: Moment| now.since(at) < AGAIN_AFTER;
        state.watches.retain(|_, watch| !watch.task.is_finished() || watch.healed_at.is_some_and(is_recent));
        let before = state.watches.get(player);
        if before.is_none() && state.watches.len() >= AT_MOST {
            return;
        }
        let healed_at = before.and_then(|before| before.healed_at);
        if let Some(before) = before {
            before.task.abort();
        }
        let task = task::spawn(async move {
            tokio::time::sleep(within).await;
            work.await;
        });
        state.watches.insert(player.clone(), Watch { task: task.abort_handle(), healed_at });
    }

    /// A person stops an Echo.
    fn silence(&self, device: &DeviceId, now: Moment) {
        let silenced = &mut self.lock().silenced;
        silenced.retain(|(other, at)| other != device && now.since(*at) < AGAIN_AFTER);
        if silenced.len() >= AT_MOST {
            silenced.pop_front();
        }
        silenced.push_back((device.clone(), now));
    }

    /// Whether a player may be started once more for an Echo that was handed music at a moment: it was not stopped since, and
    /// the player was not started by this within a minute.
    /// `device` is none where the stops of people are noted elsewhere.
    fn may_start(
        &self,
        player: &PlayerId,
        device: Option<&DeviceId>,
        handed_at: Moment,
        now: Moment,
    ) -> bool {
        let mut state = self.lock();
        let is_silenced = |(other, at): &(DeviceId, Moment)| {
            Some(other) == device && now.since(*at) <= now.since(handed_at)
        };
        if state.silenced.iter().any(is_silenced) {
            return false;
        }
        let Some(watch) = state.watches.get_mut(player) else { return false };
        if watch.healed_at.is_some_and(|at| now.since(at) < AGAIN_AFTER) {
            return false;
        }
        watch.healed_at = Some(now);
        true
    }

    fn lock(&self) -> MutexGuard<'_, WatchTable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LostStarts {
    fn drop(&mut self) {
        for watch in self.lock().watches.values() {
            watch.task.abort();
        }
    }
}

impl HomeControl {
    /// Looks after the music that a start of a player handed to an answer. Where its Echo reports nothing within 10 s, Music
    /// Assistant is asked to start it again, once a minute at most.
    pub fn look_after(&self, player: &PlayerId, version: u64) {
        let (shared, handed_at) = (Arc::downgrade(&self.0), self.0.clock.moment());
        let watched = player.clone();
        self.0.lost.watch(player, handed_at, REPORTED_WITHIN, async move {
            // The watches belong to what they hold: a strong reference would keep both for ever.
            let Some(shared) = shared.upgrade() else { return };
            note(&shared, &watched, start_if_lost(&shared, &watched, version, handed_at).await).await;
        });
    }

    /// The same for music that a request at a player may hand to an answer of functions in AWS. `is_lost` asks them 15 s later:
    /// they know whether it did, and whether a person stopped the Echo since.
    pub fn look_after_far(&self, player: &PlayerId, is_lost: impl Future<Output = bool> + Send + 'static) {
        let (shared, asked_at) = (Arc::downgrade(&self.0), self.0.clock.moment());
        let watched = player.clone();
        self.0.lost.watch(player, asked_at, REPORTED_FAR_WITHIN, async move {
            if !is_lost.await {
                return;
            }
            let Some(shared) = shared.upgrade() else { return };
            if shared.lost.may_start(&watched, None, asked_at, shared.clock.moment()) {
                note(&shared, &watched, start_again(&shared, &watched, asked_at).await).await;
            }
        });
    }

    /// A person stops an Echo, where nothing is to begin by itself then.
    pub(super) fn is_silenced(&self, device: &DeviceId) {
        self.0.lost.silence(device, self.0.clock.moment());
    }

    /// Notes the stop in the store, where those look who make an Echo begin.
    pub(super) fn note_silence(&self, device: &DeviceId) {
        let (store, device, now) = (Arc::clone(&self.0.store), device.clone(), self.0.clock.now());
        task::spawn(async move {
            let noted = async {
                let household = store.household(now).await?;
                note_silence(store.as_ref(), &[device], &household, now).await
            };
            if let Err(error) = noted.await {
                tracing::warn!(%error, "the stop of an Echo was not noted");
            }
        });
    }
}

/// Starts music again that no Echo began, unless its queue was stopped elsewhere. Whether it did.
async fn start_if_lost(
    shared: &Shared,
    player: &PlayerId,
    version: u64,
    handed_at: Moment,
) -> Result<bool, MusicAssistantError> {
    let household = shared.store.household(shared.clock.now()).await.map_err(|error| {
        tracing::error!(%error, "the store did not serve");
        MusicAssistantError::StoreUnavailable
    })?;
    let lost = household.player(player).and_then(|player| player.lost_hand_over(version));
    let now = shared.clock.moment();
    if !lost.is_some_and(|device| shared.lost.may_start(player, Some(device), handed_at, now)) {
        return Ok(false);
    }
    start_again(shared, player, handed_at).await
}

/// Has Music Assistant start the present item again, where it was meant to be by now. Whether it did: a queue that was paused
/// or stopped since stays so.
async fn start_again(shared: &Shared, player: &PlayerId, since: Moment) -> Result<bool, MusicAssistantError> {
    let turn = Turn::new(&shared.clock, None, player.as_str(), &shared.starts, &shared.notes);
    let house = shared.connection.house().await?;
    let queue = house.queue_of(player.as_str()).await?;
    if queue.state != PlaybackState::Playing {
        return Ok(false);
    }
    again(&turn, &house.server, &queue, shared.clock.moment().since(since)).await.map(|()| true)
}

/// Writes whether music was started again, and why it was not.
async fn note(shared: &Shared, player: &PlayerId, started: Result<bool, MusicAssistantError>) {
    let name = player.as_str();
    match started {
        Ok(true) => tracing::info!(control.player = name, "music that no Echo began is started again"),
        Ok(false) => {}
        Err(error) => shared.notes.failed(name, &error).await,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::*;
    use crate::clock::{Clock, Timestamp};

    /// The time of the runtime, which stands still between the steps of a test.
    #[derive(Debug)]
    struct Paused(Instant);

    impl Clock for Paused {
        fn now(&self) -> Timestamp {
            Timestamp::default().plus(self.monotonic())
        }

        fn monotonic(&self) -> Duration {
            self.0.elapsed()
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        /// An answer gets music of a player, for the Echo of the same number.
        HandOver(u8),
        /// A person stops an Echo.
        Stop(u8),
        /// Nothing, for so many seconds.
        Wait(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (0..3_u8).prop_map(Step::HandOver),
            1 => (0..3_u8).prop_map(Step::Stop),
            4 => (0..45_u64).prop_map(Step::Wait),
        ];
        prop::collection::vec(step, 1..40)
    }

    fn names(number: u8) -> (PlayerId, DeviceId) {
        (PlayerId::from(format!("Room {number}")), DeviceId::from(format!("amzn1.ask.device.{number}")))
    }

    proptest! {
        #[test]
        fn music_is_started_again_after_ten_seconds_once_a_minute_and_never_after_a_stop(steps in steps()) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let (history, started) = runtime.block_on(played(&steps));
            for (at, (number, handed)) in started.iter().enumerate() {
                let started_at = *handed + REPORTED_WITHIN;
                let of_this = |step: &&(Duration, Step)| step.0 >= *handed && step.0 < started_at;
                let later = history.iter().filter(of_this);
                let stops = later.clone().filter(|(_, step)| matches!(step, Step::Stop(other) if other == number));
                prop_assert_eq!(stops.count(), 0, "a stop ends it");
                let newer = later.filter(|(at, step)| at > handed && matches!(step, Step::HandOver(other) if other == number));
                prop_assert_eq!(newer.count(), 0, "a newer hand-over takes its place");
                for (_, before) in started[..at].iter().filter(|(other, _)| other == number) {
                    prop_assert!(*handed >= *before + AGAIN_AFTER, "twice within a minute");
                }
            }
        }
    }

    /// The steps with their times, and the hand-overs that were started again with theirs.
    async fn played(steps: &[Step]) -> (Vec<(Duration, Step)>, Vec<(u8, Duration)>) {
        let lost = Arc::new(LostStarts::default());
        let clock = Arc::new(Paused(Instant::now()));
        let (sender, mut started) = mpsc::unbounded_channel();
        let mut history = Vec::new();
        for step in steps {
            history.push((clock.monotonic(), *step));
            match *step {
                Step::HandOver(number) => {
                    let (player, device) = names(number);
                    let (state, clock, sender) = (Arc::clone(&lost), Arc::clone(&clock), sender.clone());
                    let (handed, at) = (clock.moment(), clock.monotonic());
                    lost.watch(&names(number).0, handed, REPORTED_WITHIN, async move {
                        if state.may_start(&player, Some(&device), handed, clock.moment()) {
                            sender.send((number, at)).unwrap();
                        }
                    });
                }
                Step::Stop(number) => lost.silence(&names(number).1, clock.moment()),
                Step::Wait(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            }
        }
        tokio::time::sleep(REPORTED_WITHIN * 2).await;
        let mut all = Vec::new();
        while let Ok(one) = started.try_recv() {
            all.push(one);
        }
        (history, all)
    }

    #[tokio::test(start_paused = true)]
    async fn a_lone_start_that_is_lost_is_made_again() {
        let steps = [Step::HandOver(0), Step::Wait(70), Step::HandOver(0), Step::Wait(30), Step::HandOver(0)];
        let (_, started) = played(&steps).await;
        assert_eq!(started, [(0, Duration::ZERO), (0, Duration::from_secs(70))]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_watches_and_of_stops_is_bounded() {
        let (lost, clock) = (LostStarts::default(), Paused(Instant::now()));
        for number in 0..=u8::MAX {
            let (player, device) = names(number);
            lost.watch(&player, clock.moment(), REPORTED_WITHIN, async {});
            lost.silence(&device, clock.moment());
        }
        let state = lost.lock();
        assert_eq!((state.watches.len(), state.silenced.len()), (AT_MOST, AT_MOST));
    }
}
