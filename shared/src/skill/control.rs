//! Control requests of people: the request, its hand-over, and its outcome.
//!
//! Only a person's words and buttons come here. What Music Assistant makes an Echo say, and what an Echo reports, never does.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio::try_join;

use super::context::SkillRequest;
use super::error::InternalError;
use super::intent::{Hearer, play_or_speak};
use super::play::PlayAnswer;
use super::select::{Requester, Selection, ask, last_request};
use super::{Failure, Skill, reply};
use crate::alexa::DeviceId;
use crate::alexa::response::{AudioPlayerQueueResponse, IntentResponse};
use crate::control::{Action, Control, ControlError, ControlRequest, Reply};
use crate::i18n::{Message, say};
use crate::playback::{
    AwaitStart, HANDED_WITHIN, HandedVersion, Household, PlayPlan, Player, PlayerId, WaitState,
};
use crate::task;

/// Pause between two looks whether a stream was handed over. In a process that takes pushes itself, these wake it.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// Time without a further press of a button after which the presses so far are sent as one.
const SETTLED: Duration = Duration::from_millis(400);

/// The request of a person: an action, or presses of a button.
enum ControlInput {
    Action(Action),
    /// Items that a press of a button goes, forward or back.
    Steps(i32),
}

/// The outcome of a request.
enum Outcome {
    /// Music, or the reason why there is none.
    Music(PlayAnswer),
    /// Music that was handed over, and the reply, where it came by then.
    Handed(PlayAnswer, Option<Reply>),
    /// A reply, and no music with the answer.
    Reply(Reply),
    /// A newer request of the Echo has the answer.
    Replaced,
}

/// Time for which an answer that has its stream waits for the name of what was chosen. The home replies 0.4 s after the
/// command at the latest, and by the bridge the reply takes as long once more.
const NAMED_WITHIN: Duration = Duration::from_millis(800);

/// A request that waits for its stream.
struct Wait<'a> {
    player: &'a PlayerId,
    context: &'a SkillRequest,
    ends_at: Instant,
    /// Whether the answer names what was chosen.
    names: bool,
}

impl Skill {
    /// Carries out what a person says, and answers with the stream that starts by it, or with a sentence.
    pub(super) async fn carry_out(
        &self,
        action: Action,
        context: &SkillRequest,
    ) -> Result<IntentResponse, Failure> {
        let outcome = self.control_outcome(ControlInput::Action(action.clone()), context).await?;
        Ok(spoken(outcome, &action, context))
    }

    /// Carries a press of a button out, which goes so many items forward or back, and answers without a word. Quick presses
    /// are one command.
    pub(super) async fn step(
        &self,
        steps: i32,
        context: &SkillRequest,
    ) -> Result<AudioPlayerQueueResponse, Failure> {
        if self.control.is_none() {
            return Ok(AudioPlayerQueueResponse::Nothing);
        }
        Ok(silently(self.control_outcome(ControlInput::Steps(steps), context).await?))
    }

    /// A person stops the Echo.
    pub(super) fn silence(&self, context: &SkillRequest) {
        if let (Some(control), Some(device)) = (&self.control, &context.device) {
            control.silenced(device);
        }
    }

    /// Goes on with the music, and answers with it or with a sentence.
    pub(super) async fn resume(&self, context: &SkillRequest) -> Result<IntentResponse, Failure> {
        Ok(spoken(self.resumed(context).await?, &Action::Resume, context))
    }

    /// As [`Self::resume`], by a button.
    pub(super) async fn resume_silently(
        &self,
        context: &SkillRequest,
    ) -> Result<AudioPlayerQueueResponse, Failure> {
        Ok(silently(self.resumed(context).await?))
    }

    /// The outcome of a resume. Music that is known here goes on at once, and Music Assistant is asked for the rest.
    /// Where it cannot do it, music that begins again is better than none.
    async fn resumed(&self, context: &SkillRequest) -> Result<Outcome, Failure> {
        let music = self.music(context, Requester::Persons).await?;
        if !self.is_for_control(&music) {
            return Ok(Outcome::Music(music));
        }
        let outcome = self.control_outcome(ControlInput::Action(Action::Resume), context).await?;
        Ok(match outcome {
            Outcome::Reply(Reply::Failed(error))
                if matches!(
                    error,
                    ControlError::NotConnected | ControlError::HomeSilent | ControlError::Unsent
                ) || matches!(music, PlayAnswer::PlayAgain(..)) =>
            {
                Outcome::Music(music)
            }
            outcome => outcome,
        })
    }

    /// Whether Music Assistant can go on where this process cannot: nothing is left to play, or it would begin again.
    fn is_for_control(&self, music: &PlayAnswer) -> bool {
        let is_rest = matches!(
            music,
            PlayAnswer::PlayAgain(..)
                | PlayAnswer::Nothing(Message::NothingToPlay | Message::LastFailed { .. })
        );
        is_rest && self.control.is_some()
    }

    async fn control_outcome(
        &self,
        wanted: ControlInput,
        context: &SkillRequest,
    ) -> Result<Outcome, Failure> {
        let Some(control) = &self.control else {
            return Ok(Outcome::Reply(Reply::Failed(ControlError::NotConnected)));
        };
        if !context.plays_audio {
            return Ok(Outcome::Music(PlayAnswer::Nothing(Message::NoAudioPlayer)));
        }
        let ends_at = Instant::now() + HANDED_WITHIN;
        let device = context.device.as_ref().ok_or(InternalError::NoDevice)?;
        let household = self.store.household(context.at).await?;
        self.settings.see(&household.settings).await;
        let Some(player) = household.last_started_of(device, context.at) else {
            return Ok(Outcome::Music(PlayAnswer::Nothing(self.not_paired(&household))));
        };
        let names = matches!(wanted, ControlInput::Action(Action::Play(_)));
        let wait = Wait { player: &player.player, context, ends_at, names };
        let waits = self.begin_wait(&wanted, player, device, &household, context).await?;
        let action = match wanted {
            ControlInput::Action(action) => action,
            ControlInput::Steps(_) => match self.settled(&wait).await? {
                Some(action) => action,
                None => return Ok(Outcome::Replaced),
            },
        };
        let request = ControlRequest {
            id: context.request.clone(),
            player: player.player.clone(),
            locale: context.locale.clone(),
            until: context.at.plus(HANDED_WITHIN),
            action,
        };
        let replying = carried_out(control, request);
        if waits {
            return self.handed_or_replied(replying, &wait).await;
        }
        Ok(Outcome::Reply(reply_until(ends_at, replying).await))
    }

    /// Has the request wait, where a stream can be handed to it, or its press may be one of several. Whether it waits.
    async fn begin_wait(
        &self,
        wanted: &ControlInput,
        player: &Player,
        device: &DeviceId,
        seen: &Household,
        context: &SkillRequest,
    ) -> Result<bool, Failure> {
        let (is_wanted, resumes, steps) = match wanted {
            ControlInput::Action(action) => {
                (player.hands_over && starts_here(action), *action == Action::Resume, 0)
            }
            ControlInput::Steps(steps) => (true, false, *steps),
        };
        if !is_wanted {
            return Ok(false);
        }
        let wait = AwaitStart {
            player: player.player.clone(),
            device: device.clone(),
            request: context.request.clone(),
            at: context.at,
            resumes,
            steps,
        };
        match self.store.await_start(&wait, seen).await {
            Ok(transition) => Ok(transition.succeeded()),
            // A press needs the store to be counted.
            Err(error) if steps != 0 => Err(error.into()),
            Err(error) => {
                // Music Assistant makes the Echo ask then.
                tracing::warn!(%error, "a request does not wait for its stream");
                Ok(false)
            }
        }
    }

    /// The action of the presses of a button, once no further one comes; none where a further one came, or they come to
    /// nothing.
    async fn settled(&self, wait: &Wait<'_>) -> Result<Option<Action>, Failure> {
        sleep(SETTLED).await;
        let (request, now) = (&wait.context.request, self.clock.now());
        Ok(match self.store.send_steps(wait.player.key(), request, now).await? {
            Some(0) => {
                self.store.end_wait(wait.player.key(), request, now).await?;
                None
            }
            Some(steps) => Some(Action::Jump(steps)),
            None => None,
        })
    }

    /// Waits until the stream is handed over, the reply says that none follows, or the time is over. One of two things
    /// follows: the answer plays the stream, or the request has given up and Music Assistant makes the Echo ask.
    async fn handed_or_replied(
        &self,
        mut replying: JoinHandle<Reply>,
        wait: &Wait<'_>,
    ) -> Result<Outcome, Failure> {
        let mut reply = None;
        let mut seen = std::pin::pin!(self.handed(wait));
        let state = loop {
            tokio::select! {
                biased;
                state = &mut seen => break state,
                came = &mut replying, if reply.is_none() => {
                    let came = came.unwrap_or(Reply::Failed(ControlError::Failed));
                    let follows = matches!(came, Reply::Starting { room: None, .. });
                    reply = Some(came);
                    if !follows {
                        break WaitState::Waiting;
                    }
                }
                () = sleep_until(wait.ends_at) => break WaitState::Waiting,
            }
        };
        let state = match state {
            WaitState::Waiting => {
                let (key, now) = (wait.player.key(), self.clock.now());
                self.store.end_wait(key, &wait.context.request, now).await?
            }
            state => state,
        };
        Ok(match state {
            WaitState::Handed(handed) => {
                let Some(music) = self.deliver(handed, wait).await? else { return Ok(Outcome::Replaced) };
                if reply.is_none() && wait.names {
                    reply = timeout(NAMED_WITHIN, replying).await.ok().and_then(Result::ok);
                }
                Outcome::Handed(music, reply)
            }
            WaitState::Replaced => Outcome::Replaced,
            WaitState::Waiting | WaitState::Over => Outcome::Reply(match reply {
                Some(reply) => reply,
                None => reply_until(wait.ends_at, replying).await,
            }),
        })
    }

    /// Looks until the request does not wait any more. Its state then.
    async fn handed(&self, wait: &Wait<'_>) -> WaitState {
        let mut hand_overs = self.store.hand_overs();
        let mut is_logged = false;
        loop {
            let look = self.store.wait_state(wait.player.key(), &wait.context.request, self.clock.now());
            match look.await {
                Ok(WaitState::Waiting) => {}
                Ok(state) => return state,
                Err(error) if !is_logged => {
                    is_logged = true;
                    tracing::warn!(%error, "it is not known whether a stream was handed over");
                }
                Err(_) => {}
            }
            tokio::select! {
                Ok(()) = hand_overs.changed() => {}
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// The music of a version that was handed over, noted as any that an Echo asks for. None where a newer one has started,
    /// which was not handed to this request: a sentence or another answer brings that one.
    async fn deliver(&self, handed: HandedVersion, wait: &Wait<'_>) -> Result<Option<PlayAnswer>, Failure> {
        // The Echo asks for what has started by now, whatever clock the start was noted by, and for nothing that starts later.
        let at = wait.context.at.max(handed.at.plus(Duration::from_millis(1)));
        let context = SkillRequest { at, ..wait.context.clone() };
        let device = context.device.as_ref().ok_or(InternalError::NoDevice)?;
        let answering = self.deliveries.begin(device, &context);
        let mut ask = ask(device, &context, Requester::Persons, None);
        // The request may have asked before, and is noted again.
        ask.request = format!("{}.handed", context.request);
        let last_request = last_request(&ask, &context);
        let (_, household) = try_join!(self.store.record_request(&last_request), self.store.household(at))?;
        let Some(player) = household.player(wait.player).filter(|player| player.is_playable(at)) else {
            return Ok(Some(PlayAnswer::Nothing(Message::NothingToPlay)));
        };
        if !player.is_at(handed.version) {
            answering.sent();
            return Ok(None);
        }
        let plan = PlayPlan::resume(player, context.reported);
        let given = Selection::Stream(Box::new(player.clone()), plan);
        let music = self.music_of(given, &household, &context)?;
        answering.sent();
        Ok(Some(music))
    }
}

/// Whether a stream for the Echo that asked follows, as far as the action says.
fn starts_here(action: &Action) -> bool {
    match action {
        Action::MoveTo(_) | Action::In { .. } => false,
        Action::Play(music) => music.room.is_none() && action.starts(),
        action => action.starts(),
    }
}

/// Carries a request out in a task of its own: it goes on although the answer may be there before its reply.
fn carried_out(control: &Arc<dyn Control>, request: ControlRequest) -> JoinHandle<Reply> {
    let control = Arc::clone(control);
    task::spawn(async move { control.carry_out(&request).await })
}

async fn reply_until(ends_at: Instant, replying: JoinHandle<Reply>) -> Reply {
    match timeout_at(ends_at, replying).await {
        Ok(reply) => reply.unwrap_or(Reply::Failed(ControlError::Failed)),
        Err(_elapsed) => Reply::Failed(ControlError::Slow),
    }
}

/// The answer of an outcome to a person.
fn spoken(outcome: Outcome, action: &Action, context: &SkillRequest) -> IntentResponse {
    match outcome {
        Outcome::Handed(music @ PlayAnswer::Play(_), Some(reply @ Reply::Starting { .. })) => {
            let answer = play_or_speak(music, context, Hearer::Person);
            match reply::message(&reply, action) {
                Some(message) => answer.with_speech(say(&context.locale, &message)),
                None => answer,
            }
        }
        Outcome::Music(music) | Outcome::Handed(music, _) => play_or_speak(music, context, Hearer::Person),
        Outcome::Reply(reply) => reply::answer(&reply, action, context),
        Outcome::Replaced => IntentResponse::end_session(),
    }
}

/// The music of an outcome, without any word.
fn silently(outcome: Outcome) -> AudioPlayerQueueResponse {
    match outcome {
        Outcome::Music(PlayAnswer::Play(directive) | PlayAnswer::PlayAgain(directive, _))
        | Outcome::Handed(PlayAnswer::Play(directive) | PlayAnswer::PlayAgain(directive, _), _) => {
            AudioPlayerQueueResponse::Play(directive)
        }
        Outcome::Music(PlayAnswer::Playing | PlayAnswer::Nothing(_))
        | Outcome::Handed(PlayAnswer::Playing | PlayAnswer::Nothing(_), _)
        | Outcome::Reply(_)
        | Outcome::Replaced => AudioPlayerQueueResponse::Nothing,
    }
}
