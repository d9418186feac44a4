//! The task of one renderer: it runs the transports, sends their commands and shows their state.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::command::Input;
use super::commands::{Answered, Commands};
use super::echos::{COMMAND_AT_MOST, Echos};
use super::ensemble::{Effects, Ensemble};
use super::timer::Timer;
use crate::speakers::{Member, Observed, Speaker, SpeakerLevel};
use crate::task;
use crate::upnp::{ActionError, RendererSnapshot, TransportState};

/// Messages that wait for a renderer; a further one is refused.
pub(super) const WAITING_AT_MOST: usize = 64;

/// Pause between two looks at the store while the Echo is to report. Its report comes another way where the skill runs
/// elsewhere.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A message to a renderer.
#[derive(Debug)]
pub(super) enum ActorMessage {
    /// An action of a controller.
    Act(Input, oneshot::Sender<Result<(), ActionError>>),
    /// The answer to a command.
    Answer(Answered),
    /// A player of its members, by the name of that.
    Player(String, Observed),
    /// Its volume, as far as it is known.
    Level(SpeakerLevel),
    /// Its members, which have changed.
    Members(Vec<Member>),
}

/// State that a renderer shows, and its position.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Position {
    pub(super) at: Duration,
    pub(super) since: Duration,
    pub(super) moves: bool,
}

/// The channels to which a renderer writes its state.
pub(super) struct RendererView {
    pub(super) snapshots: watch::Sender<RendererSnapshot>,
    pub(super) position: watch::Sender<Position>,
}

/// The task of one renderer.
pub(super) struct Actor {
    serial: String,
    ensemble: Ensemble,
    level: SpeakerLevel,
    commands: Commands,
    echos: Arc<dyn Echos>,
    timer: Arc<dyn Timer>,
    own: mpsc::WeakSender<ActorMessage>,
    looking: Option<JoinHandle<()>>,
    shown: Arc<RendererView>,
}

impl Actor {
    /// A renderer of which nothing is known.
    pub(super) fn new(
        speaker: &Speaker,
        udn: &str,
        echos: Arc<dyn Echos>,
        timer: Arc<dyn Timer>,
        own: mpsc::WeakSender<ActorMessage>,
        shown: Arc<RendererView>,
    ) -> Self {
        Self {
            serial: speaker.serial.clone(),
            ensemble: Ensemble::new(&speaker.members, speaker.is_group.then_some(udn)),
            level: SpeakerLevel::default(),
            commands: Commands::new(&speaker.serial, Arc::clone(&echos), own.clone()),
            looking: None,
            echos,
            timer,
            own,
            shown,
        }
    }

    /// Runs until all that send messages are gone.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<ActorMessage>) {
        loop {
            let (wakes, timer) = (self.wakes_in(), Arc::clone(&self.timer));
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => self.take(message),
                    None => return,
                },
                () = timer.sleep(wakes.unwrap_or_default()), if wakes.is_some() => {
                    self.act(&Input::Tick).unwrap_or_default();
                    self.look();
                }
            }
            self.show();
        }
    }

    fn now(&self) -> Duration {
        self.timer.clock().monotonic()
    }

    fn wakes_in(&self) -> Option<Duration> {
        let moments = self.ensemble.wakes_at().into_iter().chain(self.commands.wakes_at());
        let due = moments.min().map(|at| at.saturating_sub(self.now()));
        let look = (!self.ensemble.expected(self.now()).is_empty()).then_some(LOOK_EVERY);
        let end = self.ensemble.end_is_near_in(self.now());
        due.into_iter().chain(look).chain(end).min()
    }

    /// Looks whether an Echo reported to another process.
    fn look(&mut self) {
        let names = self.ensemble.expected(self.now());
        if names.is_empty() || self.looking.as_ref().is_some_and(|looking| !looking.is_finished()) {
            return;
        }
        let (echos, own) = (Arc::clone(&self.echos), self.own.clone());
        self.looking = Some(task::spawn(async move {
            let looked = timeout(COMMAND_AT_MOST, echos.players(&names)).await;
            for (name, observed) in looked.ok().flatten().into_iter().flatten() {
                if let Some(own) = own.upgrade() {
                    let _ = own.send(ActorMessage::Player(name, observed)).await;
                }
            }
        }));
    }

    fn take(&mut self, message: ActorMessage) {
        let now = self.now();
        match message {
            ActorMessage::Act(input, reply) => {
                let taken = self.act(&input);
                // What the action changes is shown before the controller is answered.
                self.show();
                // The controller may be gone.
                let _ = reply.send(taken);
            }
            ActorMessage::Answer(Answered { member, ticket, input }) => {
                self.commands.answered(&member, ticket);
                let effects = self.ensemble.answer(now, &member, input);
                self.carry_out(effects);
            }
            ActorMessage::Player(name, observed) => {
                let effects = self.ensemble.observe(now, &name, &observed);
                self.carry_out(effects);
            }
            ActorMessage::Level(SpeakerLevel { volume, muted }) => {
                self.level.volume = volume.or(self.level.volume);
                self.level.muted = muted.or(self.level.muted);
            }
            ActorMessage::Members(members) => {
                self.ensemble.follow(&members);
                self.commands.forget_players();
            }
        }
    }

    fn act(&mut self, input: &Input) -> Result<(), ActionError> {
        let effects = self.ensemble.act(self.now(), input)?;
        self.carry_out(effects);
        Ok(())
    }

    fn carry_out(&mut self, effects: Effects) {
        let now = self.now();
        self.commands.send(now, effects, &self.ensemble);
    }

    fn show(&self) {
        let ensemble = &self.ensemble;
        let snapshot = RendererSnapshot {
            state: ensemble.state(),
            failed: ensemble.has_failed(),
            item: ensemble.item().cloned(),
            next: ensemble.next().cloned(),
            volume: self.level.volume,
            muted: self.level.muted,
        };
        let now = self.now();
        let moves = snapshot.state == TransportState::Playing;
        self.shown.position.send_replace(Position { at: ensemble.position(now), since: now, moves });
        self.shown.snapshots.send_if_modified(|shown| {
            let is_new = *shown != snapshot;
            if is_new {
                self.echos.shown(&self.serial, &snapshot);
            }
            *shown = snapshot;
            is_new
        });
    }
}
