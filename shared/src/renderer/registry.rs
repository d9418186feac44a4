//! The renderers of a household, which follow the devices of the account.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::timeout;

use super::actor::ActorMessage;
use super::echo_renderer::{EchoRenderer, Task};
use super::echos::{Echos, News, NewsFeed};
use super::timer::Timer;
use crate::playback::HeardReport;
use crate::renderer_report::RENDERERS_AT_MOST;
use crate::speakers::{Member, Observed, Speaker, SpeakerLevel};
use crate::task;
use crate::upnp::{MediaRenderer, RendererList};

/// Pause between two looks at the list of devices and at the store; where each of them costs, a longer one.
const LOOK_EVERY: Duration = Duration::from_secs(30);
const LOOK_FAR_EVERY: Duration = Duration::from_mins(2);

/// The same while no account with Echos is signed in: Music Assistant looks every five minutes, and a person who has just
/// signed in waits for it.
const LOOK_FOR_ACCOUNT: Duration = Duration::from_secs(3);
const LOOK_FAR_FOR_ACCOUNT: Duration = Duration::from_secs(30);

/// Looks at the list between two questions for the volumes, and the same where each look costs. What changes meanwhile
/// comes as news.
const LEVELS_EVERY: u32 = 20;
const LEVELS_FAR_EVERY: u32 = 5;

/// Longest time that one look takes.
const LOOK_AT_MOST: Duration = Duration::from_secs(25);

/// Offers the devices of `echos` as renderers, for as long as the list has a holder.
#[must_use]
pub fn offer(echos: Arc<dyn Echos>, feed: &NewsFeed, timer: Arc<dyn Timer>) -> RendererList {
    let (list, renderers) = watch::channel(Vec::new());
    let (offered, members) = (Vec::new(), Vec::new());
    let registry =
        Registry { echos, timer, list, offered, members, is_changed: false, looks: 0, has_no_account: false };
    task::spawn(registry.run(feed.subscribe()));
    renderers
}

struct Registry {
    echos: Arc<dyn Echos>,
    timer: Arc<dyn Timer>,
    list: watch::Sender<Vec<Arc<dyn MediaRenderer>>>,
    offered: Vec<Offered>,
    /// New members of renderers that have not heard of them yet.
    members: Vec<(Task, Vec<Member>)>,
    /// Whether the list is not offered yet as it is: a look that took too long may have been given up before.
    is_changed: bool,
    /// Number of looks since the last question for the volumes.
    looks: u32,
    /// No account is signed in, or it has no Echo to offer.
    has_no_account: bool,
}

struct Offered {
    speaker: Speaker,
    /// Names that its members had before their present ones: what plays may have begun under them.
    former: Vec<String>,
    task: Task,
    renderer: Arc<EchoRenderer>,
}

impl Registry {
    async fn run(mut self, mut news: broadcast::Receiver<News>) {
        let timer = Arc::clone(&self.timer);
        let mut next_look = Duration::ZERO;
        loop {
            let wait = next_look.saturating_sub(timer.clock().monotonic());
            tokio::select! {
                () = self.list.closed() => return,
                () = timer.sleep(wait) => {
                    if timeout(LOOK_AT_MOST, self.look()).await.is_err() {
                        tracing::warn!("a look at the devices for the renderers took too long");
                    }
                    let rest = match (self.has_no_account, self.echos.is_far()) {
                        (true, false) => LOOK_FOR_ACCOUNT,
                        (true, true) => LOOK_FAR_FOR_ACCOUNT,
                        (false, false) => LOOK_EVERY,
                        (false, true) => LOOK_FAR_EVERY,
                    };
                    next_look = timer.clock().monotonic() + rest;
                }
                heard = news.recv() => match heard {
                    Ok(News::Reported(report)) => self.reported(&report),
                    Ok(News::Player { name, observed }) => self.player(&name, &observed),
                    Ok(News::Speaker(observation)) => self.level(&observation.serial, observation.level),
                    // What was missed stands in the store.
                    Err(RecvError::Lagged(_)) => next_look = Duration::ZERO,
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    /// Follows the list of devices, and reads what is known of their players.
    async fn look(&mut self) {
        let speakers = self.echos.speakers().await;
        self.has_no_account = speakers.as_ref().is_some_and(Vec::is_empty);
        if let Some(speakers) = speakers.filter(|speakers| !self.offers(speakers)) {
            self.is_changed = true;
            // Nothing is waited for while the list is taken apart.
            let changed = self.follow(speakers);
            self.members.extend(changed);
        }
        while let Some((task, members)) = self.members.first() {
            task.send(ActorMessage::Members(members.clone())).await;
            self.members.remove(0);
        }
        self.read_players().await;
        if self.is_changed {
            self.publish().await;
            self.is_changed = false;
        }
        if self.looks == 0 && !self.offered.is_empty() {
            let serials: Vec<String> =
                self.offered.iter().map(|offered| offered.speaker.serial.clone()).collect();
            for (serial, level) in self.echos.levels(&serials).await {
                self.level(&serial, level);
            }
        }
        let every = if self.echos.is_far() { LEVELS_FAR_EVERY } else { LEVELS_EVERY };
        self.looks = if self.offered.is_empty() { 0 } else { (self.looks + 1) % every };
    }

    /// Whether exactly these devices are offered.
    fn offers(&self, speakers: &[Speaker]) -> bool {
        let most = speakers.iter().take(RENDERERS_AT_MOST);
        most.eq(self.offered.iter().map(|offered| &offered.speaker))
    }

    /// Reads what is known of the players.
    async fn read_players(&self) {
        let names = self.offered.iter().flat_map(Offered::names);
        let names: Vec<String> = names.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect();
        if names.is_empty() {
            return;
        }
        for (name, observed) in self.echos.players(&names).await.unwrap_or_default() {
            self.player(&name, &observed);
        }
    }

    /// Offers the renderers, each with the state that is known of it: a controller that finds one again takes its first
    /// state for the truth.
    async fn publish(&self) {
        for offered in &self.offered {
            offered.task.settle().await;
        }
        let renderers =
            self.offered.iter().map(|offered| Arc::clone(&offered.renderer) as Arc<dyn MediaRenderer>);
        self.list.send_replace(renderers.collect());
    }

    /// Takes over the list of devices, under their present names. Returns the members of those that have others, or other
    /// names.
    fn follow(&mut self, mut speakers: Vec<Speaker>) -> Vec<(Task, Vec<Member>)> {
        speakers.truncate(RENDERERS_AT_MOST);
        let mut changed = Vec::new();
        let mut known: HashMap<String, Offered> =
            self.offered.drain(..).map(|offered| (offered.speaker.serial.clone(), offered)).collect();
        for speaker in speakers {
            let offered = match known.remove(&speaker.serial) {
                Some(offered) if offered.speaker == speaker => offered,
                Some(Offered { speaker: before, mut former, task, .. }) => {
                    if before.members != speaker.members {
                        changed.push((task.clone(), speaker.members.clone()));
                        let is_gone = |name: &String| speaker.members.iter().all(|now| now.name != *name);
                        former = before.members.into_iter().map(|member| member.name).collect();
                        former.retain(is_gone);
                    }
                    Offered::new(speaker, former, task)
                }
                None => {
                    self.looks = 0;
                    let task = Task::start(&speaker, &self.echos, &self.timer);
                    Offered::new(speaker, Vec::new(), task)
                }
            };
            self.offered.push(offered);
        }
        changed
    }

    fn reported(&self, report: &HeardReport) {
        let now = self.timer.clock().now();
        let observed = Observed::of(&report.player, report.is_next_given, now);
        self.player(report.player.player.as_str(), &observed);
    }

    fn player(&self, name: &str, observed: &Observed) {
        for offered in self.offered.iter().filter(|offered| offered.is_called(name)) {
            offered.task.hand(ActorMessage::Player(name.to_owned(), observed.clone()));
        }
    }

    fn level(&self, serial: &str, level: SpeakerLevel) {
        for offered in self.offered.iter().filter(|offered| offered.speaker.serial == serial) {
            offered.task.hand(ActorMessage::Level(level));
        }
    }
}

impl Offered {
    fn new(speaker: Speaker, former: Vec<String>, task: Task) -> Self {
        let renderer = Arc::new(EchoRenderer::new(&speaker, task.clone()));
        Self { speaker, former, task, renderer }
    }

    fn is_called(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The names of the players of its members.
    fn names(&self) -> impl Iterator<Item = &str> {
        let members = self.speaker.members.iter().map(|member| &member.name);
        members.chain(&self.former).map(String::as_str)
    }
}
