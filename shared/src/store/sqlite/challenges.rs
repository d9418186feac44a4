//! One-time codes: each write runs a pure function on the challenge that it finds.

use async_trait::async_trait;

use super::SqliteStore;
use crate::account::{ChallengeResponse, OneTimeWord, PairingChallenge};
use crate::clock::Timestamp;
use crate::playback::Transition;
use crate::store::{CodeStore, StoreError, item};

#[async_trait]
impl CodeStore for SqliteStore {
    async fn put_challenge(&self, challenge: &PairingChallenge, now: Timestamp) -> Result<bool, StoreError> {
        let challenge = challenge.clone();
        self.write(move |items| {
            let key = item::code_key(&challenge.code);
            if let Some(found) = items.live::<PairingChallenge>(&key, now)?.filter(|found| found.is_open(now))
            {
                return Ok(found.is_same(&challenge));
            }
            items.put(&key, &challenge, Some(challenge.expires_at))?;
            Ok(true)
        })
        .await
    }

    async fn consume_challenge(
        &self,
        code: &OneTimeWord,
        taken: &ChallengeResponse,
    ) -> Result<Option<PairingChallenge>, StoreError> {
        let (key, taken) = (item::code_key(code), taken.clone());
        self.write(move |items| {
            let Some(mut challenge) = items.live::<PairingChallenge>(&key, taken.at)? else {
                return Ok(None);
            };
            let transition = challenge.take(&taken);
            if transition == Transition::Applied {
                items.put(&key, &challenge, Some(challenge.expires_at))?;
            }
            Ok(transition.succeeded().then_some(challenge))
        })
        .await
    }

    async fn challenge(
        &self,
        code: &OneTimeWord,
        now: Timestamp,
    ) -> Result<Option<PairingChallenge>, StoreError> {
        let key = item::code_key(code);
        let found: Option<PairingChallenge> = self.read(move |items| items.live(&key, now)).await?;
        Ok(found.filter(|challenge| challenge.is_open(now)))
    }
}
