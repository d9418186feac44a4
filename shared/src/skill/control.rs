//! What a person asks of Music Assistant, carried out.

use std::time::Duration;

use super::context::Context;
use super::intent::speak;
use super::{Failure, Skill, reply};
use crate::alexa::response::IntentResponse;
use crate::control::{Action, ControlRequest};
use crate::i18n::Message;

/// Time after which a request is not carried out any more.
const LASTS: Duration = Duration::from_secs(8);

impl Skill {
    /// Carries out what a person asks for, and answers with its reply.
    pub(super) async fn carry_out(
        &self,
        action: Action,
        context: &Context,
    ) -> Result<IntentResponse, Failure> {
        let (Some(control), Some(device)) = (&self.control, &context.device) else {
            return Ok(speak(context, &Message::NotConnected));
        };
        let household = self.store.household(context.at).await?;
        let Some(player) = household.served_by(device).first().map(|player| player.player.clone()) else {
            let invocation_name = self.invocation_name(&household.settings);
            return Ok(speak(context, &Message::NotPaired { invocation_name, players: Vec::new() }));
        };
        let request = ControlRequest {
            id: context.request.clone(),
            player,
            locale: context.locale.clone(),
            until: context.at.plus(LASTS),
            action,
        };
        let reply = control.carry_out(&request).await;
        Ok(reply::answer(&reply, &request.action, context))
    }
}
