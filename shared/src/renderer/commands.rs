//! Commands of a renderer on their way to Echos, and their answers on the way back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::actor::ActorMessage;
use super::command::{CommandId, Effect, Input};
use super::echos::{COMMAND_AT_MOST, Echos, short};
use super::ensemble::{Effects, Ensemble};
use crate::speakers::{MediaItem, Refusal};
use crate::task;

/// Longest wait of a member of a group for the others, so that all are made to ask in one request.
const TOGETHER: Duration = Duration::from_secs(1);

/// The answer to a command of a member.
#[derive(Debug)]
pub(super) struct Answered {
    /// Serial number of the member.
    pub(super) member: String,
    /// The command.
    pub(super) ticket: CommandId,
    /// The answer.
    pub(super) input: Input,
}

/// The commands of one renderer.
pub(super) struct Commands {
    renderer: String,
    echos: Arc<dyn Echos>,
    own: mpsc::WeakSender<ActorMessage>,
    /// The senders to the tasks that keep the next item of each player, by its name.
    keepers: BTreeMap<String, watch::Sender<Option<FollowingItem>>>,
    /// Items that are about to be stored, by member.
    storing: BTreeSet<(String, CommandId)>,
    /// Those that are to ask as soon as the items of all are stored, and since when.
    asks: Vec<(String, CommandId, u64)>,
    asks_since: Option<Duration>,
}

/// The next item that is to be kept after a version.
type FollowingItem = (u64, Option<MediaItem>);

impl Commands {
    pub(super) fn new(renderer: &str, echos: Arc<dyn Echos>, own: mpsc::WeakSender<ActorMessage>) -> Self {
        let (keepers, storing, asks) = Default::default();
        Self { renderer: renderer.to_owned(), echos, own, keepers, storing, asks, asks_since: None }
    }

    /// The next moment at which time alone sends something; none where nothing waits.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        self.asks_since.map(|since| since + TOGETHER)
    }

    /// Notes that a command has its answer.
    pub(super) fn answered(&mut self, member: &str, ticket: CommandId) {
        self.storing.remove(&(member.to_owned(), ticket));
    }

    /// Forgets the names of players, which have changed.
    pub(super) fn forget_players(&mut self) {
        self.keepers.clear();
    }

    /// Sends what members want, and what waited for others.
    pub(super) fn send(&mut self, now: Duration, effects: Effects, ensemble: &Ensemble) {
        let mut stops = Vec::new();
        for (member, effect) in effects {
            match effect {
                Effect::KeepNext(version, next) => {
                    if let Some(player) = ensemble.player(&member) {
                        self.keep_next(player, (version, next));
                    }
                }
                Effect::Store(ticket, item) => self.store(member, ticket, item),
                Effect::Ask(ticket, version) => {
                    self.asks.push((member, ticket, version));
                    self.asks_since.get_or_insert(now);
                }
                // An Echo that asks again goes on where it was stopped.
                Effect::Pause(ticket) | Effect::Stop(ticket) => stops.push((member, ticket)),
            }
        }
        if !stops.is_empty() {
            self.stop(stops);
        }
        if self.storing.is_empty() || self.wakes_at().is_some_and(|at| now >= at) {
            self.asks_since = None;
            if !self.asks.is_empty() {
                self.ask();
            }
        }
    }

    fn store(&mut self, member: String, ticket: CommandId, item: MediaItem) {
        self.storing.insert((member.clone(), ticket));
        let (echos, renderer, stored) = (Arc::clone(&self.echos), self.renderer.clone(), member.clone());
        self.run(vec![(member, ticket)], async move {
            let version = echos.store(&renderer, &stored, &item).await;
            vec![version.map(|version| Input::Stored { ticket, version })]
        });
    }

    fn ask(&mut self) {
        let asks = std::mem::take(&mut self.asks);
        let (echos, renderer) = (Arc::clone(&self.echos), self.renderer.clone());
        let tickets: Vec<_> = asks.iter().map(|(member, ticket, _)| (member.clone(), *ticket)).collect();
        let sent = tickets.clone();
        self.run(tickets, async move {
            let versions: Vec<_> = asks.into_iter().map(|(member, _, version)| (member, version)).collect();
            answers(&sent, echos.ask(&renderer, &versions).await)
        });
    }

    fn stop(&self, stops: Vec<(String, CommandId)>) {
        let (echos, renderer, sent) = (Arc::clone(&self.echos), self.renderer.clone(), stops.clone());
        self.run(stops, async move {
            let members: Vec<String> = sent.iter().map(|(member, _)| member.clone()).collect();
            answers(&sent, echos.stop(&renderer, &members).await)
        });
    }

    /// Runs a command in a task of its own, and brings the answers back, one for each member.
    fn run(
        &self,
        sent: Vec<(String, CommandId)>,
        command: impl Future<Output = Vec<Result<Input, Refusal>>> + Send + 'static,
    ) {
        let own = self.own.clone();
        task::spawn(async move {
            let answers = timeout(COMMAND_AT_MOST, command).await;
            let mut answers = answers.unwrap_or_else(|_elapsed| {
                tracing::warn!("a command of a renderer took too long");
                Vec::new()
            });
            answers.reverse();
            for (member, ticket) in sent {
                let input = match answers.pop() {
                    Some(Ok(input)) => input,
                    Some(Err(Refusal { reason, .. })) => {
                        let device = short(&member);
                        tracing::warn!(device, reason, "an Echo did not do what its renderer wants");
                        Input::Refused(ticket)
                    }
                    None => Input::Refused(ticket),
                };
                if let Some(own) = own.upgrade() {
                    let _ = own.send(ActorMessage::Answer(Answered { member, ticket, input })).await;
                }
            }
        });
    }

    fn keep_next(&mut self, player: &str, kept: FollowingItem) {
        let keeper =
            self.keepers.entry(player.to_owned()).or_insert_with(|| keeper(player, Arc::clone(&self.echos)));
        keeper.send_replace(Some(kept));
    }
}

/// The answers to a command that was sent for each of these.
fn answers(sent: &[(String, CommandId)], outcomes: Vec<Result<(), Refusal>>) -> Vec<Result<Input, Refusal>> {
    sent.iter().zip(outcomes).map(|((_, ticket), outcome)| outcome.map(|()| Input::Sent(*ticket))).collect()
}

/// Keeps next items of a player one after the other; of several at once, the last one.
fn keeper(player: &str, echos: Arc<dyn Echos>) -> watch::Sender<Option<FollowingItem>> {
    let (sender, mut wanted) = watch::channel(None::<FollowingItem>);
    let player = player.to_owned();
    task::spawn(async move {
        while wanted.changed().await.is_ok() {
            let kept = wanted.borrow_and_update().clone();
            let Some((version, next)) = kept else { continue };
            match timeout(COMMAND_AT_MOST, echos.keep_next(&player, version, next.as_ref())).await {
                Ok(Ok(())) => {}
                Ok(Err(Refusal { reason, .. })) => tracing::warn!(reason, "a next item was not kept"),
                Err(_elapsed) => tracing::warn!("a next item was not kept in time"),
            }
        }
    });
    sender
}
