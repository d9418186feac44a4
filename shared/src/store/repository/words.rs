//! One-time words.

use async_trait::async_trait;

use super::Repository;
use crate::account::{ChallengeResponse, OneTimeWord, PairingChallenge};
use crate::clock::Timestamp;
use crate::playback::Transition;
use crate::store::item;
use crate::store::kv::{Attempt, KeyValue, Read};
use crate::store::{StoreError, WordStore};

#[async_trait]
impl<K: KeyValue> WordStore for Repository<K> {
    async fn put_challenge(&self, challenge: &PairingChallenge, now: Timestamp) -> Result<bool, StoreError> {
        let (key, challenge) = (item::word_key(&challenge.word), challenge.clone());
        // Most words are free, so the first write supposes so.
        let free = Read::key(key.clone()).seen(Some(Vec::new()));
        self.kv
            .change(free, now, move |unit| {
                let found: Option<PairingChallenge> = unit.get(&key)?;
                if let Some(found) = found.filter(|found| found.is_open(now)) {
                    return Ok(found.is_same(&challenge));
                }
                unit.put(&key, &challenge, Some(challenge.expires_at))?;
                Ok(true)
            })
            .await
    }

    async fn consume_challenge(
        &self,
        word: &OneTimeWord,
        taken: &ChallengeResponse,
    ) -> Result<Option<PairingChallenge>, StoreError> {
        let seen = match self.kv.take_word_blindly(word, taken).await? {
            Attempt::Made(item) => return item::read(item).map(Some),
            Attempt::Open(seen) => seen,
        };
        let (key, taken) = (item::word_key(word), taken.clone());
        self.kv
            .change(Read::key(key.clone()).seen(seen), taken.at, move |unit| {
                let Some(mut challenge) = unit.get::<PairingChallenge>(&key)? else {
                    return Ok(None);
                };
                let transition = challenge.take(&taken);
                if transition == Transition::Applied {
                    unit.put(&key, &challenge, Some(challenge.expires_at))?;
                }
                Ok(transition.succeeded().then_some(challenge))
            })
            .await
    }

    async fn challenge(
        &self,
        word: &OneTimeWord,
        now: Timestamp,
    ) -> Result<Option<PairingChallenge>, StoreError> {
        let item = self.kv.get(&item::word_key(word)).await?;
        let found: Option<PairingChallenge> = item::read_unexpired(item, now)?;
        Ok(found.filter(|challenge| challenge.is_open(now)))
    }
}
