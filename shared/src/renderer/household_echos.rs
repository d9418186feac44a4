//! The Echos of a household: what renderers want of them, as requests to the functions that know them.
//!
//! What takes longer than a command runs here in a task of its own, since a function in AWS does nothing between two
//! requests.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::echo_renderer::udn;
use super::echos::{Echos, NewsFeed, short};
use super::media;
use super::starts::Starts;
use crate::clock::Clock;
use crate::renderer_report::{OfferedDevice, RendererReports, RendererState};
use crate::speakers::{
    EchoAccess, EchoAnswer, EchoRequest, LevelChange, MediaItem, Observed, Refusal, RendererFailure, Speaker,
    SpeakerLevel, Stopping,
};
use crate::task;
use crate::upnp::{ActionError, RendererSnapshot, TransportState};

/// Time after a hand-over in which its Echo reports. Without a report, the answer was lost.
const REPORTED_WITHIN: Duration = Duration::from_secs(6);

/// The Echos that one [`EchoAccess`] leads to; cheap to clone.
#[derive(Clone)]
pub struct HouseholdEchos(Arc<Shared>);

struct Shared {
    access: Arc<dyn EchoAccess>,
    feed: NewsFeed,
    reports: RendererReports,
    clock: Arc<dyn Clock>,
    /// Whether media of the home reaches an Echo, by the settings as they were read last.
    has_door: AtomicBool,
    starts: Starts,
    /// The names of the players, by the serial numbers of their devices.
    names: Mutex<HashMap<String, String>>,
}

impl fmt::Debug for HouseholdEchos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HouseholdEchos").field("access", &self.0.access).finish_non_exhaustive()
    }
}

impl HouseholdEchos {
    /// The Echos by `access`. `feed` hears what they report, and `reports` what fails.
    #[must_use]
    pub fn new(
        access: Arc<dyn EchoAccess>,
        feed: &NewsFeed,
        reports: RendererReports,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Shared {
            access,
            feed: feed.clone(),
            reports,
            clock,
            has_door: AtomicBool::default(),
            starts: Starts::default(),
            names: Mutex::default(),
        }))
    }

    /// Asks the functions. A refusal of what a renderer wanted is noted for its owner.
    async fn request(&self, renderer: &str, request: EchoRequest) -> Result<EchoAnswer, Refusal> {
        let asked = self.0.access.ask(request).await;
        asked.inspect_err(|refusal| self.failed(renderer, refusal))
    }

    fn failed(&self, renderer: &str, Refusal { code, reason, .. }: &Refusal) {
        self.0.reports.failed(renderer, code.clone(), reason, self.0.clock.now());
    }

    /// Makes devices ask, and looks in a task of its own whether they did.
    async fn make_ask(&self, renderer: &str, versions: Vec<(String, u64)>) -> Vec<Result<(), Refusal>> {
        if versions.is_empty() {
            return Vec::new();
        }
        let count = versions.len();
        match self.request(renderer, EchoRequest::Ask(versions)).await {
            Ok(EchoAnswer::Asked { refusals, words }) => {
                refusals.iter().flatten().for_each(|refusal| self.failed(renderer, refusal));
                if !words.is_empty() {
                    self.await_words(renderer, words);
                }
                refusals.into_iter().map(|refusal| refusal.map_or(Ok(()), Err)).collect()
            }
            Ok(_) => vec![Err(unexpected()); count],
            Err(refusal) => vec![Err(refusal); count],
        }
    }

    /// Notes for the owner where a word did not come back. An Echo of another person of the household may need its sentence
    /// in that person's name meanwhile, which the functions see to.
    fn await_words(&self, renderer: &str, words: Vec<String>) {
        let (echos, renderer) = (self.clone(), renderer.to_owned());
        task::spawn(async move {
            let asked = EchoRequest::AwaitWords { serial: renderer.clone(), words };
            let Err(refusal) = echos.0.access.ask(asked).await else { return };
            let (device, reason) = (short(&renderer), &refusal.reason);
            // What keeps the functions from looking says nothing of the Echo.
            if refusal.is_of_way() {
                return tracing::warn!(
                    device,
                    reason,
                    "it is not known whether an Echo asked for its stream"
                );
            }
            tracing::warn!(device, reason, "an Echo that was to play did not ask for its stream");
            echos.failed(&renderer, &refusal);
        });
    }

    /// Hands a version over to a person's request that waits. Whether it did, and whether the version is a new start.
    async fn hand_over(&self, serial: &str, version: u64) -> Option<Handed> {
        if let Some(is_handed) = self.0.starts.take(serial, version) {
            return is_handed.then_some(Handed { is_start: true });
        }
        let request = EchoRequest::HandOver { serial: serial.to_owned(), version };
        let handed = self.0.access.ask(request).await;
        (handed == Ok(EchoAnswer::Handed(true))).then_some(Handed { is_start: false })
    }

    /// Makes an Echo ask that does not begin what the answer to a person had.
    fn see_that_it_begins(&self, renderer: &str, serial: &str, version: u64) {
        let (echos, renderer, serial) = (self.clone(), renderer.to_owned(), serial.to_owned());
        task::spawn(async move {
            tokio::time::sleep(REPORTED_WITHIN).await;
            let Some(name) = echos.name(&serial) else { return };
            let players = echos.players(&[name]).await.unwrap_or_default();
            let is_silent = |player: &Observed| player.version == version && player.report.is_none();
            if players.iter().any(|(_, player)| is_silent(player) && player.may_begin != Some(false)) {
                tracing::warn!(
                    device = short(&serial),
                    "an Echo did not begin what its answer had: it is made to ask"
                );
                echos.make_ask(&renderer, vec![(serial, version)]).await;
            }
        });
    }

    /// Stops a device in a task of its own, as soon as no person's request waits for its player any more.
    fn stop_later(&self, renderer: &str, serial: &str, version: u64) {
        let (echos, renderer) = (self.clone(), renderer.to_owned());
        let request = EchoRequest::StopUnlessStarted { serial: serial.to_owned(), version };
        task::spawn(async move {
            if let Err(Refusal { reason, .. }) = echos.request(&renderer, request).await {
                tracing::warn!(device = short(&renderer), reason, "an Echo was not stopped");
            }
        });
    }

    fn name(&self, serial: &str) -> Option<String> {
        self.0.names.lock().unwrap_or_else(PoisonError::into_inner).get(serial).cloned()
    }
}

/// A version that a person's request was handed.
struct Handed {
    /// Whether it is a start. A resumed version has a report from before, which says nothing of whether the Echo begins
    /// it.
    is_start: bool,
}

#[async_trait]
impl Echos for HouseholdEchos {
    async fn speakers(&self) -> Option<Vec<Speaker>> {
        let Ok(EchoAnswer::Offered { speakers, has_door }) = self.0.access.ask(EchoRequest::Offered {}).await
        else {
            return None;
        };
        self.0.has_door.store(has_door, Ordering::Relaxed);
        let members = speakers.iter().flat_map(|speaker| &speaker.members);
        let names = members.map(|member| (member.serial.clone(), member.name.clone())).collect();
        *self.0.names.lock().unwrap_or_else(PoisonError::into_inner) = names;
        let offered = |Speaker { serial, name, .. }: &Speaker| OfferedDevice {
            serial: serial.clone(),
            name: name.clone(),
            udn: udn(serial),
        };
        self.0.reports.offers(speakers.iter().map(offered).collect(), self.0.clock.now());
        Some(speakers)
    }

    async fn players(&self, names: &[String]) -> Option<Vec<(String, Observed)>> {
        let answer = self.0.access.ask(EchoRequest::Players(names.to_vec())).await;
        let Ok(EchoAnswer::Players(mut players)) = answer else { return None };
        if self.0.feed.has_reports() {
            // Their reports say whether they were given the next item.
            for (_, player) in &mut players {
                player.is_next_given = false;
            }
        }
        Some(players)
    }

    async fn levels(&self, serials: &[String]) -> Vec<(String, SpeakerLevel)> {
        match self.0.access.ask(EchoRequest::Levels(serials.to_vec())).await {
            Ok(EchoAnswer::Levels(levels)) => levels,
            _ => Vec::new(),
        }
    }

    fn check(&self, serial: &str, item: &MediaItem) -> Result<(), ActionError> {
        media::check(item, self.0.has_door.load(Ordering::Relaxed)).map_err(|refusal| {
            let (code, now) = (RendererFailure::MediaRefused, self.0.clock.now());
            self.0.reports.failed(serial, code, &refusal.to_string(), now);
            refusal.into()
        })
    }

    async fn store(&self, renderer: &str, member: &str, item: &MediaItem) -> Result<u64, Refusal> {
        let request = EchoRequest::Store { serial: member.to_owned(), item: item.clone() };
        let EchoAnswer::Stored { version, handed } = self.request(renderer, request).await? else {
            return Err(unexpected());
        };
        self.0.starts.note(member, version, handed);
        Ok(version)
    }

    async fn ask(&self, renderer: &str, versions: &[(String, u64)]) -> Vec<Result<(), Refusal>> {
        let (mut left, mut is_handed) = (Vec::new(), Vec::with_capacity(versions.len()));
        for (serial, version) in versions {
            let handed = self.hand_over(serial, *version).await;
            is_handed.push(handed.is_some());
            match handed {
                Some(Handed { is_start: true }) => self.see_that_it_begins(renderer, serial, *version),
                Some(Handed { is_start: false }) => {}
                None => left.push((serial.clone(), *version)),
            }
        }
        let mut asked = self.make_ask(renderer, left).await.into_iter();
        let outcome = |is_handed| if is_handed { Some(Ok(())) } else { asked.next() };
        is_handed.into_iter().filter_map(outcome).collect()
    }

    async fn stop(&self, renderer: &str, members: &[String]) -> Vec<Result<(), Refusal>> {
        let stopped = match self.request(renderer, EchoRequest::Stop(members.to_vec())).await {
            Ok(EchoAnswer::Stopped(stopped)) => stopped,
            Ok(_) => return vec![Err(unexpected()); members.len()],
            Err(refusal) => return vec![Err(refusal); members.len()],
        };
        let outcome = |(member, stopping): (&String, Stopping)| match stopping {
            Stopping::Sent => Ok(()),
            Stopping::Awaited(version) => {
                self.stop_later(renderer, member, version);
                Ok(())
            }
            Stopping::Refused(refusal) => {
                self.failed(renderer, &refusal);
                Err(refusal)
            }
        };
        members.iter().zip(stopped).map(outcome).collect()
    }

    async fn keep_next(&self, name: &str, version: u64, next: Option<&MediaItem>) -> Result<(), Refusal> {
        let next = next.cloned();
        self.0.access.ask(EchoRequest::KeepNext { player: name.to_owned(), version, next }).await.map(drop)
    }

    async fn change_level(&self, serial: &str, change: LevelChange) -> Result<SpeakerLevel, Refusal> {
        match self.0.access.ask(EchoRequest::ChangeLevel { serial: serial.to_owned(), change }).await? {
            EchoAnswer::Level(level) => Ok(level),
            _ => Err(unexpected()),
        }
    }

    fn is_far(&self) -> bool {
        self.0.access.is_far()
    }

    fn shown(&self, serial: &str, snapshot: &RendererSnapshot) {
        let state = match snapshot.state {
            TransportState::NoMediaPresent => RendererState::Empty,
            TransportState::Stopped => RendererState::Stopped,
            TransportState::Transitioning => RendererState::Starting,
            TransportState::Playing => RendererState::Playing,
            TransportState::Paused => RendererState::Paused,
        };
        self.0.reports.shows(serial, state, snapshot.failed, self.0.clock.now());
    }
}

/// The functions answered another request.
fn unexpected() -> Refusal {
    Refusal::of_way("functions_unexpected", "the functions answered something that is not known here")
}
