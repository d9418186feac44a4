//! Alexa asks whether a sentence that names no skill could be for us. It could not: one household's music
//! must not answer for every person who asks Alexa for music.

use crate::alexa::request::Intent;
use crate::alexa::response::{CanFulfillResponse, Fulfillment};

pub(super) fn answer(intent: &Intent) -> CanFulfillResponse {
    intent.slots.keys().fold(CanFulfillResponse::new(Fulfillment::No), |answer, slot| {
        answer.with_slot(slot, Fulfillment::No, false)
    })
}
