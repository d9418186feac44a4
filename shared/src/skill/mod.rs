//! A typed Alexa request to a typed Alexa response.
//!
//! [`Skill::answer`] takes the body of a request from any front door, and always has an answer. A request may crash,
//! take too long or find no store. The answer is then a sentence where Alexa takes one, and nothing where it does not.

mod can_fulfill;
mod context;
mod control;
mod delivery;
mod duration;
mod error;
mod event;
mod heard_names;
mod identify;
mod intent;
mod music;
mod names;
mod notification;
mod pair;
mod play;
mod question;
mod reply;
mod request_log;
mod select;
mod skill_id;
mod trial;

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt as _;

use crate::alexa::request::{AplRequest, PlaybackButton, Request, RequestEnvelope};
use crate::alexa::response::{
    AudioPlayerQueueResponse, EmptyResponse, IndexListResponse, IntentResponse, Response, TokenListResponse,
};
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::control::Control;
use crate::deps::Deps;
use crate::playback::ReportListener;
use crate::store::{CachedSettings, Store};
use crate::telemetry::{LogLimiter, Metric, MetricBatch, Metrics, Observation};

pub use error::Rejection;
pub use skill_id::SkillIdPolicy;

use context::SkillRequest;
use error::InternalError;
use request_log::RequestLog;

/// Time limit of an answer. Alexa waits about 8 s for it (Alexa Skills Kit, limits). The way there and back needs some
/// of that, and the answer is to have left the function within 6 s.
pub const BUDGET: Duration = Duration::from_millis(5500);

/// Answers Alexa.
#[derive(Debug)]
pub struct Skill {
    store: Arc<dyn Store>,
    config: Arc<Config>,
    application: skill_id::SkillIdCheck,
    settings: CachedSettings,
    deliveries: delivery::Deliveries,
    metrics: Arc<Metrics>,
    /// Another skill's owner can have Alexa send us as much as they like.
    log_limiter: LogLimiter,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    budget: Duration,
    /// Hears of reports; none in a function.
    listener: Option<Arc<dyn ReportListener>>,
    /// Carries out what people ask of Music Assistant; none where it cannot be asked.
    control: Option<Arc<dyn Control>>,
}

impl Skill {
    /// The skill that answers the requests that `accepts` names.
    #[must_use]
    pub fn new(deps: Deps, accepts: SkillIdPolicy) -> Self {
        let Deps { store, clock, random, metrics, config } = deps;
        Self {
            application: skill_id::SkillIdCheck::new(accepts, Arc::clone(&config)),
            settings: CachedSettings::new(Arc::clone(&clock)),
            deliveries: delivery::Deliveries::default(),
            log_limiter: LogLimiter::default(),
            budget: BUDGET,
            listener: None,
            control: None,
            store,
            config,
            metrics,
            clock,
            random,
        }
    }

    /// Takes another time than [`BUDGET`] for an answer.
    #[must_use]
    pub fn with_budget(self, budget: Duration) -> Self {
        Self { budget, ..self }
    }

    /// Hands each report of an Echo on.
    #[must_use]
    pub fn with_listener(self, listener: Arc<dyn ReportListener>) -> Self {
        Self { listener: Some(listener), ..self }
    }

    /// Has what people ask of Music Assistant carried out.
    #[must_use]
    pub fn with_control(self, control: Arc<dyn Control>) -> Self {
        Self { control: Some(control), ..self }
    }

    /// Answers one request.
    ///
    /// # Errors
    /// When the body is no request of Alexa's, or one to a skill that is not ours. Everything else is answered.
    pub async fn answer(&self, body: &[u8]) -> Result<Response, Rejection> {
        let began = self.clock.now();
        // A panic leaves nothing half done here: the state is in the store, which writes whole items.
        let summary = OnceLock::new();
        let tally = MetricBatch::default();
        let answering = AssertUnwindSafe(self.answer_or_fail(body, &summary, &tally)).catch_unwind();
        let (outcome, answer) = match tokio::time::timeout(self.budget, answering).await {
            Ok(Ok(Ok(response))) => ("answered", Ok(response)),
            Ok(Ok(Err(Failure::Rejected(rejection)))) => {
                let Some(earlier) = self.log_limiter.admit(rejection.code(), began) else {
                    self.metrics.count_bounded(&[Metric::Requests], began);
                    let (outcome, duration) = (rejection.code(), self.clock.now().since(began));
                    let request_type = summary.get().map_or("", |summary| &summary.request_type);
                    self.metrics.observe(&Observation::Alexa { request_type, outcome, duration });
                    return Err(rejection);
                };
                tracing::warn!(error = %rejection, earlier, "a request was rejected");
                (rejection.code(), Err(rejection))
            }
            Ok(Ok(Err(Failure::InternalError(trouble)))) => {
                if matches!(trouble, InternalError::Store(_)) {
                    tally.add(Metric::StoreErrors);
                }
                (trouble.code(), Ok(error::answer(body, &trouble)))
            }
            Ok(Err(_panic)) => {
                tally.add(Metric::Panics);
                ("panicked", Ok(error::answer(body, &InternalError::Crash)))
            }
            Err(_elapsed) => {
                // Nothing else is waited for.
                tally.add(Metric::StoreErrors);
                (InternalError::TimeOut.code(), Ok(error::answer(body, &InternalError::TimeOut)))
            }
        };
        let duration = self.clock.now().since(began);
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let summary = summary.into_inner().unwrap_or_else(|| RequestLog::of_body(body));
        tracing::info!(
            alexa.request_id = summary.request_id,
            alexa.request_type = summary.request_type,
            alexa.intent = summary.intent,
            alexa.locale = summary.locale,
            alexa.device = summary.device,
            outcome,
            duration.ms = millis,
            "answered Alexa"
        );
        tally.add(Metric::Requests);
        self.metrics.count(&tally.take(), began);
        let request_type = &summary.request_type;
        self.metrics.observe(&Observation::Alexa { request_type, outcome, duration });
        answer
    }

    /// Whether a body is a request that names a skill of ours. That proves nothing: any sender can write the name.
    pub async fn is_addressed_by(&self, body: &[u8]) -> bool {
        let Ok(envelope) = RequestEnvelope::parse(body) else { return false };
        self.application.check(&envelope, &self.settings, self.store.as_ref()).await.is_ok()
    }

    async fn answer_or_fail(
        &self,
        body: &[u8],
        summary: &OnceLock<RequestLog>,
        tally: &MetricBatch,
    ) -> Result<Response, Failure> {
        let envelope = RequestEnvelope::parse(body).map_err(Rejection::NotARequest)?;
        let _ = summary.set(RequestLog::of(&envelope));
        self.application.check(&envelope, &self.settings, self.store.as_ref()).await?;
        let context = SkillRequest::of(&envelope, self.clock.now(), tally.clone());
        self.dispatch(&envelope, &context).await
    }

    async fn dispatch(
        &self,
        envelope: &RequestEnvelope,
        context: &SkillRequest,
    ) -> Result<Response, Failure> {
        Ok(match &envelope.request {
            Request::Launch => self.launch(context).await?.into(),
            Request::Intent(request) => self.intent(&request.intent, context).await?.into(),
            Request::CanFulfillIntent(request) => can_fulfill::answer(&request.intent).into(),
            Request::AudioPlayer(report) => self.event(report, context).await?,
            Request::PlaybackController(command) => self.button(*command, context).await?.into(),
            Request::SessionResumed | Request::Apl(AplRequest::UserEvent(_)) => {
                IntentResponse::end_session().into()
            }
            Request::Apl(AplRequest::LoadIndexListData(request)) => IndexListResponse::empty(request).into(),
            Request::Apl(AplRequest::LoadTokenListData(request)) => TokenListResponse::empty(request).into(),
            Request::SessionEnded(_)
            | Request::ExceptionEncountered(_)
            | Request::Apl(AplRequest::RuntimeError(_))
            | Request::SkillEvent(_)
            | Request::Message(_)
            | Request::Unknown(_) => {
                self.notification(&envelope.request, context).await?;
                EmptyResponse.into()
            }
        })
    }

    /// A button on a screen or a remote, which is answered without a word.
    async fn button(
        &self,
        command: PlaybackButton,
        context: &SkillRequest,
    ) -> Result<AudioPlayerQueueResponse, Failure> {
        Ok(match command {
            PlaybackButton::Play => self.resume_silently(context).await?,
            PlaybackButton::Pause => {
                self.silence(context);
                AudioPlayerQueueResponse::Stop
            }
            PlaybackButton::Next => self.step(1, context).await?,
            PlaybackButton::Previous => self.step(-1, context).await?,
        })
    }
}

/// Reason why a request does not get its usual answer.
#[derive(Debug)]
enum Failure {
    /// It is not ours to answer.
    Rejected(Rejection),
    /// It is, and something is in the way.
    InternalError(InternalError),
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<InternalError> for Failure {
    fn from(trouble: InternalError) -> Self {
        Self::InternalError(trouble)
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        Self::InternalError(InternalError::Store(error))
    }
}
