//! One-time codes: each of these is one request.

use async_trait::async_trait;

use super::DynamoStore;
use super::expression::Expression;
use super::table::Written;
use crate::account::{Code, CodeUse, Errand};
use crate::clock::Timestamp;
use crate::playback::Transition;
use crate::store::{CodeStore, StoreError, item};

#[async_trait]
impl CodeStore for DynamoStore {
    async fn issue_code(&self, errand: &Errand, now: Timestamp) -> Result<bool, StoreError> {
        let absent = Expression::of_absent(now);
        let written = self.table.put(&item::code_key(&errand.code), errand, Some(&absent)).await?;
        let Written::Refused(old) = written else {
            return Ok(true);
        };
        let found: Option<Errand> = item::read_live(old.as_ref(), now)?;
        Ok(found.is_some_and(|found| found.is_same(errand)))
    }

    async fn take_code(&self, code: &Code, taken: &CodeUse) -> Result<Option<Errand>, StoreError> {
        let old = match self.table.update(&item::code_key(code), &unused(taken)).await? {
            Written::Made(new) => return item::read(&new).map(Some),
            Written::Refused(old) => old,
        };
        let found: Option<Errand> = item::read_live(old.as_ref(), taken.at)?;
        Ok(found.filter(|errand| errand.clone().take(taken) == Transition::Repeated))
    }

    async fn errand(&self, code: &Code, now: Timestamp) -> Result<Option<Errand>, StoreError> {
        item::read_live(self.table.get(&item::code_key(code)).await?.as_ref(), now)
    }
}

/// See [`Errand::take`].
fn unused(taken: &CodeUse) -> Expression {
    let mut write = Expression::of_live(taken.at);
    let unused = write.is_absent("used");
    write.require(unused);
    write.set("used", taken);
    write
}
