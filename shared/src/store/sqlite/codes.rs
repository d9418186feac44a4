//! One-time codes: each write runs a pure function on the errand that it finds.

use async_trait::async_trait;

use super::SqliteStore;
use crate::account::{Code, CodeUse, Errand};
use crate::clock::Timestamp;
use crate::playback::Transition;
use crate::store::{CodeStore, StoreError, item};

#[async_trait]
impl CodeStore for SqliteStore {
    async fn issue_code(&self, errand: &Errand, now: Timestamp) -> Result<bool, StoreError> {
        let errand = errand.clone();
        self.write(move |items| {
            let key = item::code_key(&errand.code);
            if let Some(found) = items.live::<Errand>(&key, now)?.filter(|found| found.is_open(now)) {
                return Ok(found.is_same(&errand));
            }
            items.put(&key, &errand, Some(errand.expires_at))?;
            Ok(true)
        })
        .await
    }

    async fn take_code(&self, code: &Code, taken: &CodeUse) -> Result<Option<Errand>, StoreError> {
        let (key, taken) = (item::code_key(code), taken.clone());
        self.write(move |items| {
            let Some(mut errand) = items.live::<Errand>(&key, taken.at)? else {
                return Ok(None);
            };
            let transition = errand.take(&taken);
            if transition == Transition::Made {
                items.put(&key, &errand, Some(errand.expires_at))?;
            }
            Ok(transition.stands().then_some(errand))
        })
        .await
    }

    async fn errand(&self, code: &Code, now: Timestamp) -> Result<Option<Errand>, StoreError> {
        let key = item::code_key(code);
        let found: Option<Errand> = self.read(move |items| items.live(&key, now)).await?;
        Ok(found.filter(|errand| errand.is_open(now)))
    }
}
