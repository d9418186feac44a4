//! Answers to asks for music that did not reach their Echo, as far as this process knows.
//!
//! An Echo that asks in the store looks like one that was answered. Where the answer failed here, or Alexa says that it
//! could not use it, the Echo plays nothing. It has to be given the same again.
//!
//! Nothing of this is stored, so that a play costs no further call. Another process, such as a second instance of a
//! function, does not know it. There, the start counts as given for [`ANSWER_LIFETIME`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::alexa::{DeviceId, SessionId};
use crate::clock::Timestamp;
use crate::playback::{ANSWER_LIFETIME, RequestId};

use super::context::SkillRequest;

/// Number of Echos that are remembered at once.
const ECHOS: usize = 64;

/// The last ask of each Echo within [`ANSWER_LIFETIME`].
#[derive(Debug, Default)]
pub(super) struct Deliveries(Mutex<HashMap<DeviceId, Delivery>>);

/// The answer to one ask.
#[derive(Debug)]
struct Delivery {
    request: RequestId,
    session: Option<SessionId>,
    /// Time of the Echo's request.
    at: Timestamp,
    is_lost: bool,
}

impl Deliveries {
    fn lock(&self) -> MutexGuard<'_, HashMap<DeviceId, Delivery>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time of the last request of this Echo, if the answer to that was lost.
    pub(super) fn lost(&self, device: &DeviceId, now: Timestamp) -> Option<Timestamp> {
        let last = self.lock().get(device).map(|delivery| (delivery.is_lost, delivery.at));
        last.filter(|(is_lost, at)| *is_lost && now.is_within(ANSWER_LIFETIME, *at)).map(|(_, at)| at)
    }

    /// Begins an answer. It is lost unless it is marked as sent: any earlier end leaves the Echo without.
    pub(super) fn begin<'a>(&'a self, device: &'a DeviceId, context: &'a SkillRequest) -> Answering<'a> {
        let mut known = self.lock();
        known.retain(|_, delivery| context.at.is_within(ANSWER_LIFETIME, delivery.at));
        let oldest = known.iter().min_by_key(|(_, delivery)| delivery.at).map(|(device, _)| device.clone());
        if let Some(oldest) = oldest.filter(|_| known.len() >= ECHOS) {
            known.remove(&oldest);
        }
        let (request, session) = (context.request.clone(), context.session.clone());
        known.insert(device.clone(), Delivery { request, session, at: context.at, is_lost: false });
        Answering { deliveries: self, device, request: &context.request, is_sent: false }
    }

    /// Takes note that Alexa could not use the answer to a request.
    pub(super) fn refused(&self, device: &DeviceId, request: &str) {
        self.lose(device, |delivery| delivery.request == request);
    }

    /// Takes note that a session ended with an error.
    pub(super) fn broke_off(&self, device: &DeviceId, session: &SessionId) {
        self.lose(device, |delivery| delivery.session.as_ref() == Some(session));
    }

    fn lose(&self, device: &DeviceId, is_it: impl FnOnce(&Delivery) -> bool) {
        if let Some(delivery) = self.lock().get_mut(device)
            && is_it(delivery)
        {
            delivery.is_lost = true;
        }
    }
}

/// An answer that is being made.
#[derive(Debug)]
pub(super) struct Answering<'a> {
    deliveries: &'a Deliveries,
    device: &'a DeviceId,
    request: &'a RequestId,
    is_sent: bool,
}

impl Answering<'_> {
    /// Marks the answer as sent.
    pub(super) fn sent(mut self) {
        self.is_sent = true;
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        if !self.is_sent {
            self.deliveries.refused(self.device, self.request);
        }
    }
}
