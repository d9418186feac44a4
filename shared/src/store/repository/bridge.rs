//! Requests that wait for the home, and its presence.

use async_trait::async_trait;

use super::Repository;
use crate::clock::Timestamp;
use crate::control::{Presence, Reply, WaitingRequest};
use crate::playback::{RequestId, Transition};
use crate::store::item::{self, PRESENCE, waiting_key};
use crate::store::kv::{KeyValue, Read};
use crate::store::unit::Unit;
use crate::store::{BridgeStore, StoreError};

#[async_trait]
impl<K: KeyValue> BridgeStore for Repository<K> {
    async fn presence(&self, now: Timestamp) -> Result<Option<Presence>, StoreError> {
        item::read_unexpired(self.kv.get(PRESENCE).await?, now)
    }

    async fn note_presence(&self, now: Timestamp) -> Result<(), StoreError> {
        let note = move |unit: &mut Unit<K::Item>| {
            let presence = Presence::at(now);
            unit.put(PRESENCE, presence, Some(presence.expires_at)).map(drop)
        };
        self.kv.change(Read::key(PRESENCE), now, note).await
    }

    async fn put_waiting(
        &self,
        request: &WaitingRequest,
        now: Timestamp,
    ) -> Result<(WaitingRequest, Transition), StoreError> {
        let (key, request) = (waiting_key(&request.id), request.clone());
        // Alexa seldom sends a request twice, so the first write supposes that it is new.
        let free = Read::key(key.clone()).seen(Some(Vec::new()));
        self.kv
            .change(free, now, move |unit| {
                if let Some(known) = unit.get::<WaitingRequest>(&key)? {
                    return Ok((known, Transition::AlreadyApplied));
                }
                unit.put(&key, &request, Some(request.expires_at))?;
                Ok((request.clone(), Transition::Applied))
            })
            .await
    }

    async fn waiting(&self, id: &RequestId, now: Timestamp) -> Result<Option<WaitingRequest>, StoreError> {
        item::read_unexpired(self.kv.get(&waiting_key(id)).await?, now)
    }

    async fn take_reply(
        &self,
        id: &RequestId,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Transition, StoreError> {
        let (key, reply) = (waiting_key(id), reply.clone());
        self.kv
            .change(Read::key(key.clone()), now, move |unit| {
                let Some(mut waiting) = unit.get::<WaitingRequest>(&key)? else {
                    return Ok(Transition::Rejected);
                };
                let transition = waiting.take(&reply, now);
                if transition == Transition::Applied {
                    unit.put(&key, &waiting, Some(waiting.expires_at))?;
                }
                Ok(transition)
            })
            .await
    }
}
