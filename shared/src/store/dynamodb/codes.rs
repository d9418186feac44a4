//! One-time codes: each of these is one request.

use async_trait::async_trait;

use super::DynamoStore;
use super::expression::Expression;
use super::table::Written;
use crate::account::{Code, CodeUse, Errand};
use crate::clock::{SKEW, Timestamp};
use crate::playback::Transition;
use crate::store::{CodeStore, StoreError, item};

#[async_trait]
impl CodeStore for DynamoStore {
    async fn issue_code(&self, errand: &Errand, now: Timestamp) -> Result<bool, StoreError> {
        let absent = closed(now);
        let written = self.table.put(&item::code_key(&errand.code), errand, Some(&absent)).await?;
        let Written::Refused(old) = written else {
            return Ok(true);
        };
        let found: Option<Errand> = item::read_live(old.as_ref(), now)?;
        Ok(found.is_some_and(|found| found.is_open(now) && found.is_same(errand)))
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
        let item = self.table.get(&item::code_key(code)).await?;
        let found: Option<Errand> = item::read_live(item.as_ref(), now)?;
        Ok(found.filter(|errand| errand.is_open(now)))
    }
}

/// The condition that a code is on no errand, see [`Errand::is_open`].
fn closed(now: Timestamp) -> Expression {
    let mut write = Expression::default();
    let (key, expiry) = (write.name("pk"), write.name("expires_at"));
    let (past, ahead) = (write.value(now.seconds()), write.value(furthest(now)));
    write.require(format!("(attribute_not_exists({key}) OR {expiry} <= {past} OR {expiry} > {ahead})"));
    write
}

/// The latest end that a code which was issued before `now` can have, in seconds since the epoch.
fn furthest(now: Timestamp) -> i64 {
    now.plus(Errand::LASTS.saturating_add(SKEW)).seconds()
}

/// See [`Errand::take`].
fn unused(taken: &CodeUse) -> Expression {
    let mut write = Expression::of_live(taken.at);
    let unused = write.is_absent("used");
    write.require(unused);
    let (expiry, ahead) = (write.name("expires_at"), write.value(furthest(taken.at)));
    write.require(format!("{expiry} <= {ahead}"));
    write.set("used", taken);
    write
}
