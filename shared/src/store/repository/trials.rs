//! Trials of routes.

use async_trait::async_trait;

use super::Repository;
use crate::clock::Timestamp;
use crate::playback::{PlayerKey, Trial};
use crate::store::item::{self, TRIAL, trial_key};
use crate::store::kv::{KeyValue, Read};
use crate::store::{StoreError, TrialChange, TrialStore};

#[async_trait]
impl<K: KeyValue> TrialStore for Repository<K> {
    async fn trials(&self, now: Timestamp) -> Result<Vec<Trial>, StoreError> {
        item::read_all(self.kv.query(TRIAL).await?, now)
    }

    async fn change_trial(
        &self,
        key: PlayerKey,
        now: Timestamp,
        change: TrialChange,
    ) -> Result<Option<Trial>, StoreError> {
        let key = trial_key(key);
        self.kv
            .change(Read::key(key.clone()), now, move |unit| {
                let before: Option<Trial> = unit.get(&key)?;
                let mut trial = before.clone();
                change(&mut trial);
                match &trial {
                    Some(changed) if before.as_ref() != Some(changed) => {
                        unit.put(&key, changed, Some(changed.expires_at))?;
                    }
                    None => unit.remove(&key)?,
                    Some(_) => {}
                }
                Ok(trial)
            })
            .await
    }
}
