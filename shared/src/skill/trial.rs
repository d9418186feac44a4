//! The tones of a trial: the first is the answer to the word that comes back, each later one to a report on the one before.

use std::sync::Arc;

use super::context::SkillRequest;
use super::error::InternalError;
use super::identify::silent;
use super::{Failure, Skill};
use crate::alexa::request::AudioPlayerRequest;
use crate::alexa::response::{
    AudioItemMetadata, AudioPlayerQueueResponse, ClearBehavior, EmptyResponse, HttpsUrl, IntentResponse,
    PlayBehavior, PlayDirective, PlaybackStartedResponse, Response, Token,
};
use crate::playback::{
    EchoReport, PlayToken, PlayerId, PlayerKey, ReportKind, RouteStanding, StartReason, Tone, Trial,
};

impl Skill {
    /// Answers the word of a trial with its first tone, and without a sound where that trial is over.
    pub(super) async fn first_tone(
        &self,
        player: &PlayerId,
        number: u64,
        context: &SkillRequest,
    ) -> Result<IntentResponse, Failure> {
        let key = Trial::key_of(player);
        let echo = context.device.clone().ok_or(InternalError::NoDevice)?;
        let (request, now) = (context.request.clone(), context.at);
        let ask = move |known: &mut Option<Trial>| {
            if let Some(trial) = known.as_mut().filter(|trial| trial.number == number) {
                trial.ask(&echo, &request, now);
            }
        };
        let trial = self.store.change_trial(key, now, Arc::new(ask)).await?;
        let sent = trial.as_ref().and_then(|trial| trial.sent_by(&context.request));
        let first = sent.and_then(|sent| self.play_tone(key, sent, PlayBehavior::ReplaceAll));
        Ok(first.map_or_else(|| silent("trial_over"), IntentResponse::play))
    }

    /// Takes a report on a tone. The answer carries the next one, where Alexa takes a stream as the answer.
    pub(super) async fn tone_report(
        &self,
        report: &AudioPlayerRequest,
        event: &EchoReport,
        context: &SkillRequest,
    ) -> Result<Response, Failure> {
        let (key, now, taken) = (event.token.player, context.at, event.clone());
        let take = move |known: &mut Option<Trial>| {
            if let Some(trial) = known.as_mut() {
                trial.report(&taken, now);
            }
        };
        let trial = self.store.change_trial(key, now, Arc::new(take)).await?;
        if let Some(trial) = &trial
            && let Some((outcome, echo)) = trial.outcome_of(event).zip(event.device.as_ref())
        {
            self.keep_outcome(echo, &outcome, context).await;
        }
        if trial.as_ref().is_some_and(|trial| trial.is_to_stop(now)) && !plays_another(report, event) {
            return Ok(stop(event.kind));
        }
        let sent = trial.as_ref().and_then(|trial| trial.sent_by(&event.request));
        let next = sent.and_then(|sent| self.play_tone(key, sent, after(report, event)));
        let queue = next.map_or(AudioPlayerQueueResponse::Nothing, AudioPlayerQueueResponse::play);
        Ok(match event.kind {
            ReportKind::Started | ReportKind::Finished => PlaybackStartedResponse::Nothing.into(),
            ReportKind::Stopped => EmptyResponse.into(),
            ReportKind::NearlyFinished | ReportKind::Failed => queue.into(),
        })
    }

    fn play_tone(
        &self,
        key: PlayerKey,
        (version, tone): (u64, &Tone),
        behavior: PlayBehavior,
    ) -> Option<PlayDirective> {
        let now = self.clock.now();
        let token = PlayToken::issue(key, version, now, StartReason::Tested, self.random.as_ref()).ok()?;
        let token = token.by(tone.kind.route().unwrap_or_default(), RouteStanding::LastChoice);
        Some(PlayDirective {
            behavior,
            stream: HttpsUrl::parse(&tone.url).ok()?,
            token: Token::new(token.encode()).ok()?,
            offset_ms: 0,
            metadata: AudioItemMetadata::default(),
        })
    }
}

/// Ends what plays of a cancelled trial, where Alexa takes that as the answer.
fn stop(kind: ReportKind) -> Response {
    match kind {
        ReportKind::Started | ReportKind::Finished => {
            PlaybackStartedResponse::ClearQueue(ClearBehavior::All).into()
        }
        ReportKind::NearlyFinished | ReportKind::Failed => {
            AudioPlayerQueueResponse::ClearQueue(ClearBehavior::All).into()
        }
        ReportKind::Stopped => EmptyResponse.into(),
    }
}

/// Whether something else than this trial plays by now.
fn plays_another(report: &AudioPlayerRequest, event: &EchoReport) -> bool {
    let current = report.current_playback_state.as_ref().and_then(|current| current.token.as_deref());
    let playing = current.and_then(PlayToken::decode);
    event.superseded && playing.is_none_or(|playing| playing.player != event.token.player)
}

/// The place of the next tone: behind the one that plays, and at once where none does.
fn after(report: &AudioPlayerRequest, event: &EchoReport) -> PlayBehavior {
    let current = report.current_playback_state.as_ref().and_then(|current| current.token.as_ref());
    let playing = match event.kind {
        ReportKind::NearlyFinished => Some(&report.token),
        _ if event.superseded => current,
        _ => None,
    };
    match playing.and_then(|token| Token::new(token.clone()).ok()) {
        Some(expected_previous_token) => PlayBehavior::Enqueue { expected_previous_token },
        None => PlayBehavior::ReplaceAll,
    }
}
