//! Reports of Echos on their playback.

use std::time::Duration;

use tokio::time::timeout;

use super::context::SkillRequest;
use super::play::PlayAnswer;
use super::{Failure, Skill};
use crate::alexa::DeviceId;
use crate::alexa::request::{AudioPlayerRequest, MediaErrorType, PlaybackEvent as Reported, PlayerActivity};
use crate::alexa::response::{
    AudioPlayerQueueResponse, EmptyResponse, PlayBehavior, PlayDirective, PlaybackStartedResponse, Response,
    Token,
};
use crate::playback::{
    self, EchoReport, HeardReport, KnownRoutes, PlayPlan, PlayToken, Recorded, ReportKind, RouteOutcome,
    StartReason,
};
use crate::store::ActivityKind;
use crate::telemetry::{Metric, Observation};

/// A replay takes the settings as they were read in this time.
const SETTINGS: Duration = Duration::from_mins(5);

/// Time that an answer waits for what an Echo learns.
const LEARNED: Duration = Duration::from_secs(1);

/// Longest text of an Echo that is kept, in characters.
const MESSAGE_KEPT: usize = 200;

impl Skill {
    /// Takes a report, in one write, and one more where the Echo learns something of its routes by it. A report of a stream
    /// that is not ours changes nothing.
    pub(super) async fn event(
        &self,
        report: &AudioPlayerRequest,
        context: &SkillRequest,
    ) -> Result<Response, Failure> {
        let kind = kind(report.kind);
        let recorded = match event(report, kind, context) {
            Some(event) if event.token.origin == StartReason::Tested => {
                return self.tone_report(report, &event, context).await;
            }
            Some(event) => Some((self.store.record(&event, context.at).await?, event)),
            None => None,
        };
        if let Some((Recorded::Applied(player), event)) = &recorded
            && let Some(moved) = player.moved().filter(|moved| moved.was_made_by(event))
        {
            let echo = moved.device.short_hash();
            self.record_activity(context, ActivityKind::Moved { player: player.player.clone(), echo }).await;
        }
        if let Some((Recorded::Applied(player), _)) = &recorded
            && player.restored(context.at).is_some()
        {
            self.store.restore(player, context.at).await?;
        }
        let known = match &recorded {
            Some((recorded, event)) => self.learn(event, recorded.is_of_media(), context).await,
            None => KnownRoutes::default(),
        };
        let next = match &recorded {
            Some((Recorded::Applied(player), _)) if kind == ReportKind::NearlyFinished => {
                self.next(player, &known, report, context).await?
            }
            _ => None,
        };
        if let (Some(listener), Some((Recorded::Applied(player), _))) = (&self.listener, &recorded) {
            listener.heard(HeardReport { player: player.clone(), is_next_given: next.is_some() });
        }
        Ok(match kind {
            // A report is answered by no other stream: what takes its place has to be asked for.
            ReportKind::Started if matches!(recorded, Some((Recorded::Dropped, _))) => {
                PlaybackStartedResponse::Stop.into()
            }
            ReportKind::Started | ReportKind::Finished => PlaybackStartedResponse::Nothing.into(),
            ReportKind::Stopped => EmptyResponse.into(),
            ReportKind::NearlyFinished => {
                next.map_or(AudioPlayerQueueResponse::Nothing, AudioPlayerQueueResponse::Play).into()
            }
            ReportKind::Failed => {
                context.tally.add(Metric::PlaybackFailures);
                self.metrics.observe(&Observation::PlayFailed(failure(report).kind.known()));
                let failed = recorded.as_ref().and_then(|(recorded, event)| recorded.replay(event));
                // Whom the player was given to in the meantime, this Echo must not play over.
                let device = context.device.as_ref();
                let failed = failed.filter(|player| device.is_some_and(|device| player.is_served_by(device)));
                self.replay(failed, &known, context).await?.into()
            }
        })
    }

    /// Takes what a report proves of a route. Returns what is known then, as far as the report shows it: no answer fails
    /// because of that, and none reads more.
    async fn learn(&self, event: &EchoReport, is_of_media: bool, context: &SkillRequest) -> KnownRoutes {
        let Some((outcome, device)) = event.route_outcome().zip(context.device.as_ref()) else {
            return KnownRoutes::from(RouteOutcome {
                route: event.token.route,
                works: true,
                at: event.at,
                played_ms: None,
                error: None,
            });
        };
        // Media may fail by itself, whatever the route.
        if is_of_media && !outcome.works {
            return KnownRoutes::from(outcome);
        }
        self.keep_outcome(device, &outcome, context).await.unwrap_or_else(|| KnownRoutes::from(outcome))
    }

    /// Keeps the outcome of a route; what is known then, where that worked.
    pub(super) async fn keep_outcome(
        &self,
        device: &DeviceId,
        outcome: &RouteOutcome,
        context: &SkillRequest,
    ) -> Option<KnownRoutes> {
        match timeout(LEARNED, self.store.learn_route(device, outcome, context.at)).await {
            Ok(Ok(known)) => return known,
            Ok(Err(error)) => tracing::warn!(%error, "the outcome of a route was not kept"),
            Err(_elapsed) => tracing::warn!("the outcome of a route was not kept: the store was too slow"),
        }
        None
    }

    /// The directive that has the Echo play the next item after the present one; none where nothing follows.
    async fn next(
        &self,
        player: &playback::Player,
        known: &KnownRoutes,
        report: &AudioPlayerRequest,
        context: &SkillRequest,
    ) -> Result<Option<Box<PlayDirective>>, Failure> {
        let (Some(next), Ok(present)) = (player.moved_on(context.at), Token::new(report.token.clone()))
        else {
            return Ok(None);
        };
        let settings = self.settings.at_most(SETTINGS, self.store.as_ref()).await?;
        let routes = (known, &KnownRoutes::default());
        Ok(match self.directive(&next, PlayPlan::START, &settings, routes, context)? {
            PlayAnswer::Play(mut directive) | PlayAnswer::PlayAgain(mut directive, _) => {
                directive.behavior = PlayBehavior::Enqueue { expected_previous_token: present };
                Some(directive)
            }
            PlayAnswer::Playing | PlayAnswer::Nothing(_) => None,
        })
    }

    async fn replay(
        &self,
        player: Option<&playback::Player>,
        known: &KnownRoutes,
        context: &SkillRequest,
    ) -> Result<AudioPlayerQueueResponse, Failure> {
        let Some(player) = player else { return Ok(AudioPlayerQueueResponse::Nothing) };
        let settings = self.settings.at_most(SETTINGS, self.store.as_ref()).await?;
        let routes = (known, &KnownRoutes::default());
        Ok(match self.directive(player, PlayPlan::REPLAY, &settings, routes, context)? {
            PlayAnswer::Play(directive) | PlayAnswer::PlayAgain(directive, _) => {
                AudioPlayerQueueResponse::Play(directive)
            }
            PlayAnswer::Playing | PlayAnswer::Nothing(_) => AudioPlayerQueueResponse::Nothing,
        })
    }
}

fn kind(reported: Reported) -> ReportKind {
    match reported {
        Reported::Started => ReportKind::Started,
        Reported::NearlyFinished => ReportKind::NearlyFinished,
        Reported::Stopped => ReportKind::Stopped,
        Reported::Failed => ReportKind::Failed,
        Reported::Finished => ReportKind::Finished,
    }
}

fn event(report: &AudioPlayerRequest, kind: ReportKind, context: &SkillRequest) -> Option<EchoReport> {
    let token = PlayToken::decode(&report.token)?;
    let current = report.current_playback_state.as_ref();
    let of_this = current.filter(|current| current.token.as_deref() == Some(report.token.as_str()));
    let superseded = current.is_some_and(|current| {
        current.player_activity == PlayerActivity::Playing
            && current.token.as_deref() != Some(report.token.as_str())
    });
    Some(EchoReport {
        token,
        kind,
        at: context.sent_at,
        offset_ms: if kind == ReportKind::Failed {
            of_this.map_or(0, |state| state.offset_ms)
        } else {
            report.offset_ms
        },
        error: (kind == ReportKind::Failed).then(|| failure(report)),
        superseded,
        device: context.device.clone(),
        request: context.request.clone(),
    })
}

fn failure(report: &AudioPlayerRequest) -> playback::Failure {
    let error = report.error.as_ref();
    let kind = error.map_or(MediaErrorType::Unspecified, |error| error.error_type.clone());
    let message = error.map(|error| &error.message).filter(|message| !message.is_empty());
    playback::Failure { kind, message: message.map(|message| message.chars().take(MESSAGE_KEPT).collect()) }
}
