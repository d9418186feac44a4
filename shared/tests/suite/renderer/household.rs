//! Echos that a test plays, and a time that it lets go by.

use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ma_alexa::clock::{Clock, Timestamp};
use ma_alexa::renderer::{
    Echos, LevelChange, Member, NewsFeed, Observed, ObservedReport, ObservedState, Refusal, Speaker,
    SpeakerLevel, Timer, offer,
};
use ma_alexa::upnp::{
    ActionError, MediaItem, MediaRenderer, RendererList, RendererModel, RendererSnapshot, TransportState,
};
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::samples::item;

/// Longest wait for a state, in the time of the test.
const PATIENCE: Duration = Duration::from_mins(2);

/// Turns in which every task that can go on does so.
const TURNS: usize = 40;

/// Time that a test lets go by.
#[derive(Debug, Default)]
pub(super) struct TestTimer {
    /// The present moment, and those that a task waits for.
    times: Mutex<(Duration, BTreeMap<Duration, usize>)>,
    moved: Notify,
}

impl TestTimer {
    fn lock(&self) -> MutexGuard<'_, (Duration, BTreeMap<Duration, usize>)> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the tasks run, and then time go on to the next moment that one waits for, at the latest to `end`.
    pub(super) async fn step(&self, end: Duration) {
        for _ in 0..TURNS {
            yield_now().await;
        }
        {
            let mut times = self.lock();
            let next = times.1.keys().find(|at| **at > times.0).copied();
            times.0 = next.unwrap_or(end).min(end);
        }
        self.moved.notify_waiters();
        for _ in 0..TURNS {
            yield_now().await;
        }
    }

    /// Lets time go by.
    pub(super) async fn pass(&self, span: Duration) {
        let end = self.monotonic() + span;
        while self.monotonic() < end {
            self.step(end).await;
        }
    }

    /// Lets time go by until something holds; whether it did.
    pub(super) async fn until(&self, mut holds: impl FnMut() -> bool) -> bool {
        let end = self.monotonic() + PATIENCE;
        loop {
            for _ in 0..TURNS {
                yield_now().await;
            }
            if holds() {
                return true;
            }
            if self.monotonic() >= end {
                return false;
            }
            self.step(end).await;
        }
    }
}

/// A wait that ends with its future.
struct Wait<'a>(&'a TestTimer, Duration);

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut times = self.0.lock();
        if let Some(waiting) = times.1.get_mut(&self.1) {
            *waiting -= 1;
            if *waiting == 0 {
                times.1.remove(&self.1);
            }
        }
    }
}

#[async_trait]
impl Timer for TestTimer {
    fn clock(&self) -> &dyn Clock {
        self
    }

    async fn sleep(&self, span: Duration) {
        let at = self.monotonic() + span;
        *self.lock().1.entry(at).or_default() += 1;
        let _wait = Wait(self, at);
        loop {
            let mut moved = pin!(self.moved.notified());
            moved.as_mut().enable();
            if self.monotonic() >= at {
                return;
            }
            moved.await;
        }
    }
}

impl Clock for TestTimer {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_334_280_000).plus(self.monotonic())
    }

    fn monotonic(&self) -> Duration {
        self.lock().0
    }
}

#[derive(Debug, Default)]
struct State {
    speakers: Vec<Speaker>,
    players: HashMap<String, Observed>,
    /// What was done, in words.
    done: Vec<String>,
    /// Reasons of the next refusals.
    refusals: Vec<Refusal>,
    levels: HashMap<String, SpeakerLevel>,
    /// Time that each command takes.
    slow: Duration,
}

/// Echos of which a test decides everything.
#[derive(Debug, Default)]
pub(super) struct FakeEchos(Mutex<State>, Arc<TestTimer>);

impl FakeEchos {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn does(&self, what: String) -> Result<(), Refusal> {
        self.does_all(&[what]).await.remove(0)
    }

    /// Does all of it in one request.
    async fn does_all(&self, what: &[String]) -> Vec<Result<(), Refusal>> {
        let slow = self.lock().slow;
        self.1.sleep(slow).await;
        let mut state = self.lock();
        state.done.push(what.join(", "));
        let refuse =
            |_: &String| if state.refusals.is_empty() { Ok(()) } else { Err(state.refusals.remove(0)) };
        what.iter().map(refuse).collect()
    }

    fn name(&self, serial: &str) -> String {
        let state = self.lock();
        let members = state.speakers.iter().flat_map(|speaker| &speaker.members);
        let groups = state.speakers.iter().map(|speaker| (&speaker.serial, &speaker.name));
        let mut all = members.map(|member| (&member.serial, &member.name)).chain(groups);
        all.find(|(known, _)| *known == serial).unwrap().1.clone()
    }
}

#[async_trait]
impl Echos for FakeEchos {
    async fn speakers(&self) -> Option<Vec<Speaker>> {
        Some(self.lock().speakers.clone())
    }

    async fn players(&self, names: &[String]) -> Option<Vec<(String, Observed)>> {
        let slow = self.lock().slow;
        self.1.sleep(slow).await;
        let state = self.lock();
        let player = |name: &String| Some((name.clone(), state.players.get(name)?.clone()));
        Some(names.iter().filter_map(player).collect())
    }

    async fn levels(&self, serials: &[String]) -> Vec<(String, SpeakerLevel)> {
        let state = self.lock();
        serials.iter().filter_map(|serial| Some((serial.clone(), *state.levels.get(serial)?))).collect()
    }

    fn check(&self, _serial: &str, item: &MediaItem) -> Result<(), ActionError> {
        if item.uri.starts_with("http") { Ok(()) } else { Err(ActionError::NotPlayable) }
    }

    async fn store(&self, _: &str, member: &str, item: &MediaItem) -> Result<u64, Refusal> {
        let name = self.name(member);
        self.does(format!("store {} for {name}", item.title.clone().unwrap_or_default())).await?;
        let mut state = self.lock();
        let player = state.players.entry(name).or_default();
        *player = Observed {
            version: player.version + 1,
            revision: player.revision + 1,
            item: Some(MediaItem { didl: String::new(), ..item.clone() }),
            ..Observed::default()
        };
        Ok(player.version)
    }

    async fn ask(&self, _: &str, versions: &[(String, u64)]) -> Vec<Result<(), Refusal>> {
        let asks =
            versions.iter().map(|(member, version)| format!("{} asks for {version}", self.name(member)));
        let asks: Vec<String> = asks.collect();
        self.does_all(&asks).await
    }

    async fn stop(&self, _: &str, members: &[String]) -> Vec<Result<(), Refusal>> {
        let stops: Vec<String> =
            members.iter().map(|member| format!("{} stops", self.name(member))).collect();
        self.does_all(&stops).await
    }

    async fn keep_next(&self, name: &str, version: u64, next: Option<&MediaItem>) -> Result<(), Refusal> {
        let title = next.and_then(|next| next.title.clone()).unwrap_or_else(|| "nothing".to_owned());
        self.does(format!("keep {title} after {version} of {name}")).await
    }

    async fn change_level(&self, serial: &str, change: LevelChange) -> Result<SpeakerLevel, Refusal> {
        let name = self.name(serial);
        self.does(format!("{name} {change:?}")).await?;
        Ok(match change {
            LevelChange::To(volume) => SpeakerLevel { volume: Some(volume), muted: Some(false) },
            LevelChange::Muted(muted) => SpeakerLevel { volume: None, muted: Some(muted) },
        })
    }

    fn is_far(&self) -> bool {
        false
    }

    fn shown(&self, _serial: &str, _snapshot: &RendererSnapshot) {}
}

/// Renderers of a house.
pub(super) struct House {
    pub(super) echos: Arc<FakeEchos>,
    pub(super) feed: NewsFeed,
    pub(super) list: RendererList,
    pub(super) timer: Arc<TestTimer>,
}

impl House {
    /// A house with these Echos; their serial numbers are their names in upper case.
    pub(super) fn new(names: &[&str]) -> Self {
        let echos = Arc::new(FakeEchos::default());
        echos.lock().speakers = names.iter().map(|name| speaker(name)).collect();
        Self::over(echos)
    }

    fn over(echos: Arc<FakeEchos>) -> Self {
        let (feed, timer) = (NewsFeed::default(), Arc::clone(&echos.1));
        let list = offer(Arc::clone(&echos) as Arc<dyn Echos>, &feed, Arc::clone(&timer) as Arc<dyn Timer>);
        Self { echos, feed, list, timer }
    }

    /// The same, with a group of them all.
    pub(super) fn with_group(names: &[&str], group: &str) -> Self {
        let house = Self::new(names);
        house.change_speakers(|speakers| {
            let members = speakers.iter().flat_map(|speaker| speaker.members.clone()).collect();
            speakers.push(Speaker { is_group: true, members, ..speaker(group) });
        });
        house
    }

    /// The same house after the process was started again.
    pub(super) fn restarted(self) -> Self {
        let Self { echos, feed, list, .. } = self;
        drop((feed, list));
        Self::over(echos)
    }

    pub(super) async fn renderer(&self, name: &str) -> Arc<dyn MediaRenderer> {
        let found = || self.list.borrow().iter().find(|known| known.identity().name == name).cloned();
        assert!(self.timer.until(|| found().is_some()).await, "there is no renderer {name}");
        found().unwrap()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.list.borrow().iter().map(|renderer| renderer.identity().name).collect()
    }

    /// What was done since the last look.
    pub(super) fn done(&self) -> Vec<String> {
        std::mem::take(&mut self.echos.lock().done)
    }

    pub(super) fn refuse(&self) {
        self.echos.lock().refusals.push(Refusal::new("device_offline", "it is offline"));
    }

    pub(super) fn slow(&self, each: Duration) {
        self.echos.lock().slow = each;
    }

    pub(super) fn change_speakers(&self, change: impl FnOnce(&mut Vec<Speaker>)) {
        change(&mut self.echos.lock().speakers);
    }

    pub(super) fn set_level(&self, name: &str, level: SpeakerLevel) {
        self.echos.lock().levels.insert(serial(name), level);
    }

    /// The Echo reports to the store, as another process would.
    pub(super) fn report(&self, name: &str, state: ObservedState) {
        let mut echos = self.echos.lock();
        let player = echos.players.get_mut(name).unwrap();
        player.revision += 1;
        let id = player.revision.to_string();
        player.report = Some(ObservedReport { id, state, position: Duration::ZERO });
    }

    /// Waits until something was done.
    pub(super) async fn wait_for(&self, what: &str) {
        let is_done = || self.echos.lock().done.iter().any(|done| done == what);
        assert!(self.timer.until(is_done).await, "{what} was not done, but {:?}", self.done());
    }

    /// Waits until a renderer shows something.
    pub(super) async fn sees(
        &self,
        renderer: &dyn MediaRenderer,
        is_it: impl Fn(&RendererSnapshot) -> bool,
    ) -> RendererSnapshot {
        let shown = renderer.snapshots();
        let seen = self.timer.until(|| is_it(&shown.borrow())).await;
        let shown = shown.borrow().clone();
        assert!(seen, "it never shows that: {shown:?}");
        shown
    }

    /// Waits for a state.
    pub(super) async fn shows(
        &self,
        renderer: &dyn MediaRenderer,
        state: TransportState,
    ) -> RendererSnapshot {
        self.sees(renderer, |shown| shown.state == state).await
    }

    /// Plays an item, up to the report.
    pub(super) async fn play(&self, renderer: &dyn MediaRenderer, name: &str, title: &str) {
        let version = self.echos.lock().players.get(name).map_or(0, |player| player.version) + 1;
        renderer.set_item(item(title)).await.unwrap();
        renderer.play().await.unwrap();
        self.wait_for(&format!("{name} asks for {version}")).await;
        assert_eq!(renderer.snapshots().borrow().state, TransportState::Transitioning);
        self.report(name, ObservedState::Playing);
        self.shows(renderer, TransportState::Playing).await;
        self.done();
    }
}

pub(super) fn speaker(name: &str) -> Speaker {
    let members = vec![Member { serial: serial(name), name: name.to_owned() }];
    Speaker {
        serial: serial(name),
        name: name.to_owned(),
        model: RendererModel::Echo,
        is_group: false,
        members,
    }
}

pub(super) fn serial(name: &str) -> String {
    name.to_uppercase()
}
