//! One-time codes: each of these is one request.

use async_trait::async_trait;

use super::DynamoStore;
use super::expression::Expression;
use super::table::WriteResult;
use crate::account::{ChallengeResponse, OneTimeWord, PairingChallenge};
use crate::clock::{SKEW, Timestamp};
use crate::playback::Transition;
use crate::store::{CodeStore, StoreError, item};

#[async_trait]
impl CodeStore for DynamoStore {
    async fn put_challenge(&self, challenge: &PairingChallenge, now: Timestamp) -> Result<bool, StoreError> {
        let absent = closed(now);
        let written = self.table.put(&item::code_key(&challenge.code), challenge, Some(&absent)).await?;
        let WriteResult::Refused(old) = written else {
            return Ok(true);
        };
        let found: Option<PairingChallenge> = item::read_unexpired(old.as_ref(), now)?;
        Ok(found.is_some_and(|found| found.is_open(now) && found.is_same(challenge)))
    }

    async fn consume_challenge(
        &self,
        code: &OneTimeWord,
        taken: &ChallengeResponse,
    ) -> Result<Option<PairingChallenge>, StoreError> {
        let old = match self.table.update(&item::code_key(code), &unused(taken)).await? {
            WriteResult::Made(new) => return item::read(&new).map(Some),
            WriteResult::Refused(old) => old,
        };
        let found: Option<PairingChallenge> = item::read_unexpired(old.as_ref(), taken.at)?;
        Ok(found.filter(|challenge| challenge.clone().take(taken) == Transition::AlreadyApplied))
    }

    async fn challenge(
        &self,
        code: &OneTimeWord,
        now: Timestamp,
    ) -> Result<Option<PairingChallenge>, StoreError> {
        let item = self.table.get(&item::code_key(code)).await?;
        let found: Option<PairingChallenge> = item::read_unexpired(item.as_ref(), now)?;
        Ok(found.filter(|challenge| challenge.is_open(now)))
    }
}

/// The condition that a code is on no challenge, see [`PairingChallenge::is_open`].
fn closed(now: Timestamp) -> Expression {
    let mut write = Expression::default();
    let (key, expiry) = (write.name("pk"), write.name("expires_at"));
    let (past, ahead) = (write.value(now.seconds()), write.value(furthest(now)));
    write.require(format!("(attribute_not_exists({key}) OR {expiry} <= {past} OR {expiry} > {ahead})"));
    write
}

/// The latest end that a code which was issued before `now` can have, in seconds since the epoch.
fn furthest(now: Timestamp) -> i64 {
    now.plus(PairingChallenge::LASTS.saturating_add(SKEW)).seconds()
}

/// See [`PairingChallenge::take`].
fn unused(taken: &ChallengeResponse) -> Expression {
    let mut write = Expression::of_live(taken.at);
    let unused = write.is_absent("used");
    write.require(unused);
    let (expiry, ahead) = (write.name("expires_at"), write.value(furthest(taken.at)));
    write.require(format!("{expiry} <= {ahead}"));
    write.set("used", taken);
    write
}
