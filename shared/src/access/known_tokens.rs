//! The API tokens as they were last read, so that a script's requests do not each cost a read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::api_token::{ApiToken, Scope, StoredTokens};
use crate::clock::{Clock, Moment};
use crate::deadline::at_most;
use crate::store::{Document, SetupStore, StoreError, written};

/// Time that tokens which were read are used. A token that another process revoked opens nothing after it.
const KEPT: Duration = Duration::from_secs(5);

/// Time after a failed reading until the next one, so that a stranger causes no flood of them.
const RETRY: Duration = Duration::from_secs(5);

/// Time that a request waits for the store.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks tokens up, and notes their use.
#[derive(Debug)]
pub struct KnownTokens {
    clock: Arc<dyn Clock>,
    /// Held while the store is read, so that a burst of requests reads it once.
    seen: Mutex<TokenCache>,
}

#[derive(Debug, Default)]
struct TokenCache {
    read: Option<Read>,
    failed_at: Option<Moment>,
    /// The day on which the use of a token could not be written. It is not tried again on that day.
    unwritten: BTreeMap<String, i64>,
}

#[derive(Debug)]
struct Read {
    at: Moment,
    tokens: StoredTokens,
    revision: Option<u64>,
}

impl KnownTokens {
    /// Nothing read yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, seen: Mutex::default() }
    }

    /// The scope of a token that was sent; none where it is wrong or was revoked. It costs one read of the store at most,
    /// and once a day for each token one write.
    ///
    /// # Errors
    /// When the store does not answer, or holds what this release cannot read. No token opens anything then.
    pub async fn scope_of<S: SetupStore + ?Sized>(
        &self,
        store: &S,
        sent: &[u8],
    ) -> Result<Option<Scope>, StoreError> {
        if !ApiToken::is_shaped(sent) {
            return Ok(None);
        }
        let mut seen = self.seen.lock().await;
        let now = self.clock.moment();
        seen.refresh(store, now).await?;
        let Some(read) = &mut seen.read else { return Ok(None) };
        let Some((id, scope)) = read.tokens.find(sent).map(|token| (token.id.clone(), token.scope)) else {
            return Ok(None);
        };
        if let Some(today) = read.tokens.note_use(&id, now.wall()) {
            seen.write_use(store, id, today).await;
        }
        Ok(Some(scope))
    }

    /// Forgets what was read, since it was changed here.
    pub async fn forget(&self) {
        self.seen.lock().await.read = None;
    }
}

impl TokenCache {
    /// Reads the tokens where what is known is old.
    async fn refresh<S: SetupStore + ?Sized>(&mut self, store: &S, now: Moment) -> Result<(), StoreError> {
        if self.read.as_ref().is_some_and(|read| now.since(read.at) < KEPT) {
            return Ok(());
        }
        if self.failed_at.is_some_and(|at| now.since(at) < RETRY) {
            return Err(StoreError::Unavailable("it did not answer a moment ago".to_owned()));
        }
        self.read = None;
        let read = in_time(store.document(Document::ApiTokens)).await.and_then(|held| {
            let revision = held.as_ref().map(|held| held.revision);
            let tokens = StoredTokens::read(held.map(|held| held.content))?;
            Ok(Read { at: now, tokens, revision })
        });
        self.failed_at = read.is_err().then_some(now);
        self.read = Some(read?);
        Ok(())
    }

    /// Writes that a token is used today. A token whose use cannot be written opens what it opens.
    async fn write_use<S: SetupStore + ?Sized>(&mut self, store: &S, id: String, today: i64) {
        let Some(read) = self.read.as_ref().filter(|_| self.unwritten.get(&id) != Some(&today)) else {
            return;
        };
        let content = written(Document::ApiTokens, &read.tokens);
        let write = async { store.put_document(Document::ApiTokens, &content?, read.revision).await };
        match in_time(write).await {
            // The revision is another one now, or another process wrote first: it is read again.
            Ok(_) => self.read = None,
            Err(error) => {
                tracing::warn!(%error, "the use of an API token was not noted");
                self.unwritten.retain(|_, day| *day == today);
                self.unwritten.insert(id, today);
            }
        }
    }
}

async fn in_time<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let late = |_| StoreError::Unavailable("it did not answer in time".to_owned());
    tokio::time::timeout(at_most(PATIENCE), answer).await.map_err(late)?
}
