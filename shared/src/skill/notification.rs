//! Notifications, which are answered with nothing.

use super::context::SkillRequest;
use super::{Failure, Skill};
use crate::alexa::request::{Request, SkillEventKind};
use crate::store::ActivityKind;
use crate::telemetry::Metric;

impl Skill {
    /// Takes note of what Alexa reports.
    pub(super) async fn notification(
        &self,
        request: &Request,
        context: &SkillRequest,
    ) -> Result<(), Failure> {
        match request {
            Request::SessionEnded(ended) => {
                if let Some(error) = &ended.error {
                    if let (Some(device), Some(session)) = (&context.device, &context.session) {
                        self.deliveries.broke_off(device, session);
                    }
                    self.refused(error.error_type.as_str(), &error.message, None, context).await;
                }
            }
            Request::ExceptionEncountered(exception) => {
                let (kind, message) = exception
                    .error
                    .as_ref()
                    .map_or(("UNKNOWN", ""), |error| (error.error_type.as_str(), error.message.as_str()));
                if let (Some(device), Some(cause)) = (&context.device, exception.cause_request_id()) {
                    self.deliveries.refused(device, cause);
                }
                self.refused(kind, message, exception.cause_request_id(), context).await;
            }
            Request::SkillEvent(event) => match event.kind {
                SkillEventKind::Enabled => self.record_activity(context, ActivityKind::SkillEnabled).await,
                SkillEventKind::Disabled => self.disabled(context).await?,
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    /// Alexa refused an answer, or could not reach the Echo with it.
    async fn refused(&self, kind: &str, message: &str, cause: Option<&str>, context: &SkillRequest) {
        tracing::error!(
            alexa.error = kind,
            alexa.message = message,
            alexa.cause_request_id = cause,
            "Alexa refused an answer"
        );
        context.tally.add(Metric::AnswerRefused);
        self.record_activity(context, ActivityKind::AnswerRefused { error: kind.to_owned() }).await;
    }

    async fn disabled(&self, context: &SkillRequest) -> Result<(), Failure> {
        if let Some(user) = &context.user {
            let pairings = self.store.suspend(user, context.at).await?;
            self.record_activity(context, ActivityKind::SkillDisabled { pairings }).await;
        }
        Ok(())
    }
}
