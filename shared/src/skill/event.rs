//! Reports of Echos on their playback.

use std::time::Duration;

use super::context::Context;
use super::play::Music;
use super::{Failure, Skill};
use crate::alexa::request::{AudioPlayerRequest, MediaErrorType, PlaybackEvent as Reported, PlayerActivity};
use crate::alexa::response::{AudioPlayerQueueResponse, EmptyResponse, PlaybackStartedResponse, Response};
use crate::playback::{self, EventKind, PlayPlan, PlayToken, PlaybackEvent, Recorded};
use crate::store::ActivityKind;
use crate::telemetry::{Metric, Observation};

/// A replay takes the settings as they were read in this time.
const SETTINGS: Duration = Duration::from_mins(5);

/// Longest text of an Echo that is kept, in characters.
const MESSAGE_KEPT: usize = 200;

impl Skill {
    /// Takes a report, in one write. A report of a stream that is not ours changes nothing.
    pub(super) async fn event(
        &self,
        report: &AudioPlayerRequest,
        context: &Context,
    ) -> Result<Response, Failure> {
        let kind = kind(report.kind);
        let recorded = match event(report, kind, context) {
            Some(event) => Some((self.store.record(&event, context.at).await?, event)),
            None => None,
        };
        if let Some((Recorded::Applied(player), event)) = &recorded
            && let Some(moved) = player.moved.as_ref().filter(|moved| moved.was_made_by(event))
        {
            let echo = moved.device.short_hash();
            self.record_activity(context, ActivityKind::Moved { player: player.player.clone(), echo }).await;
        }
        if let Some((Recorded::Applied(player), _)) = &recorded
            && player.restored(context.at).is_some()
        {
            self.store.restore(player, context.at).await?;
        }
        Ok(match kind {
            EventKind::Started | EventKind::Finished => PlaybackStartedResponse::Nothing.into(),
            EventKind::Stopped => EmptyResponse.into(),
            EventKind::NearlyFinished => AudioPlayerQueueResponse::Nothing.into(),
            EventKind::Failed => {
                context.tally.add(Metric::PlaybackFailures);
                self.metrics.observe(&Observation::PlayFailed(&failure(report).kind));
                let failed = recorded.as_ref().and_then(|(recorded, event)| recorded.replay(event));
                // Whom the player was given to in the meantime, this Echo must not play over.
                let device = context.device.as_ref();
                let failed = failed.filter(|player| device.is_some_and(|device| player.is_served_by(device)));
                self.replay(failed, context).await?.into()
            }
        })
    }

    async fn replay(
        &self,
        player: Option<&playback::Player>,
        context: &Context,
    ) -> Result<AudioPlayerQueueResponse, Failure> {
        let Some(player) = player else { return Ok(AudioPlayerQueueResponse::Nothing) };
        let settings = self.settings.at_most(SETTINGS, self.store.as_ref()).await?;
        Ok(match self.directive(player, PlayPlan::REPLAY, &settings, context)? {
            Music::Play(directive) | Music::PlayAgain(directive, _) => {
                AudioPlayerQueueResponse::Play(directive)
            }
            Music::Playing | Music::Nothing(_) => AudioPlayerQueueResponse::Nothing,
        })
    }
}

fn kind(reported: Reported) -> EventKind {
    match reported {
        Reported::Started => EventKind::Started,
        Reported::NearlyFinished => EventKind::NearlyFinished,
        Reported::Stopped => EventKind::Stopped,
        Reported::Failed => EventKind::Failed,
        Reported::Finished => EventKind::Finished,
    }
}

fn event(report: &AudioPlayerRequest, kind: EventKind, context: &Context) -> Option<PlaybackEvent> {
    let token = PlayToken::decode(&report.token)?;
    let current = report.current_playback_state.as_ref();
    let of_this = current.filter(|current| current.token.as_deref() == Some(report.token.as_str()));
    let superseded = current.is_some_and(|current| {
        current.player_activity == PlayerActivity::Playing
            && current.token.as_deref() != Some(report.token.as_str())
    });
    Some(PlaybackEvent {
        token,
        kind,
        at: context.sent_at,
        offset_ms: if kind == EventKind::Failed {
            of_this.map_or(0, |state| state.offset_ms)
        } else {
            report.offset_ms
        },
        error: (kind == EventKind::Failed).then(|| failure(report)),
        superseded,
        device: context.device.clone(),
        request: context.request.clone(),
    })
}

fn failure(report: &AudioPlayerRequest) -> playback::Failure {
    let error = report.error.as_ref();
    let kind = error.map_or(MediaErrorType::Unspecified, |error| error.error_type.clone());
    let message = error.map(|error| &error.message).filter(|message| !message.is_empty());
    playback::Failure {
        kind: kind.as_str().to_owned(),
        message: message.map(|message| message.chars().take(MESSAGE_KEPT).collect()),
    }
}
