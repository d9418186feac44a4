//! The walk itself.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use super::answers::{Answers, PATIENCE};
use super::codes::found;
use super::examination::{Examination, LinkKind};
use super::facts::Facts;
use super::links;
use super::nobody::Nobody;
use crate::amazon::Account;
use crate::clock::{Clock, Random};
use crate::config::{ApiCredentials, MaApi, SetupOverrides, SkillIds, SpeechOverrides, StreamOverrides};
use crate::probe::Prober;
use crate::secrets::SecretStore;
use crate::smapi::SkillManager;
use crate::store::{Document, Store, StoreError};

/// How long an examination is taken for one more: whoever asks again and again asks nobody else.
const SHARED: Duration = Duration::from_secs(10);

/// What the doctor is made of.
#[derive(Clone)]
pub struct DoctorParts {
    /// Players, Echos, settings, and what was found last.
    pub store: Arc<dyn Store>,
    /// Whether credentials are set up, and Music Assistant's token.
    pub secrets: Arc<dyn SecretStore>,
    /// The pairs that the environment fixes.
    pub credentials: ApiCredentials,
    /// The session of the Amazon account.
    pub account: Account,
    /// The skill at Amazon.
    pub skills: SkillManager,
    /// Asks addresses.
    pub prober: Arc<dyn Prober>,
    /// What the environment fixes of addresses.
    pub streams: StreamOverrides,
    /// What the environment fixes of the language.
    pub speech: SpeechOverrides,
    /// Where this deployment is reached.
    pub setup: SetupOverrides,
    /// The skills that the environment names.
    pub skill_ids: SkillIds,
    /// Music Assistant's API.
    pub ma_api: MaApi,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For made-up names of files that nobody has.
    pub random: Arc<dyn Random>,
}

/// Walks the chain; cheap to clone.
#[derive(Clone)]
pub struct Doctor {
    parts: Arc<DoctorParts>,
    /// Held while one is made, so that two who ask at once share it. With it is the number of its walk; one that another
    /// process made has none.
    shared: Arc<Mutex<Option<(u64, Examination)>>>,
    /// How many walks began.
    walks: Arc<AtomicU64>,
    patience: Duration,
}

impl fmt::Debug for Doctor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doctor").finish_non_exhaustive()
    }
}

impl Doctor {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: DoctorParts) -> Self {
        Self { parts: Arc::new(parts), shared: Arc::default(), walks: Arc::default(), patience: PATIENCE }
    }

    /// With less patience with Amazon than the ten seconds that it has, and half as much with a second question.
    #[must_use]
    pub fn within(self, patience: Duration) -> Self {
        Self { patience: patience.min(PATIENCE), ..self }
    }

    /// Looks at every link, and keeps what was found for [`Self::last`]. One of the last ten seconds is shared. Takes
    /// at most twelve seconds, and what the store takes.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn examine(&self) -> Result<Examination, StoreError> {
        self.at_most(SHARED).await
    }

    /// Looks at every link, unless another began to after this was called. Takes as long as [`Self::examine`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn examine_afresh(&self) -> Result<Examination, StoreError> {
        // No clock tells which of two walks began first: it may be set between them.
        let begun = self.walks.load(Ordering::SeqCst);
        let mut shared = self.shared.lock().await;
        if let Some((_, newer)) = shared.as_ref().filter(|(number, _)| *number > begun) {
            return Ok(newer.clone());
        }
        Ok(shared.insert(self.walk_and_keep().await?).1.clone())
    }

    /// What was found at most `age` ago, by whichever process; else looks at every link.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn at_most(&self, age: Duration) -> Result<Examination, StoreError> {
        let mut shared = self.shared.lock().await;
        if let Some((_, recent)) = shared.as_ref().filter(|(_, kept)| self.is_recent(kept, age)) {
            return Ok(recent.clone());
        }
        if let Some(recent) = self.last().await?.filter(|kept| self.is_recent(kept, age)) {
            return Ok(shared.insert((0, recent)).1.clone());
        }
        Ok(shared.insert(self.walk_and_keep().await?).1.clone())
    }

    /// What was found last; none where nobody ever looked.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn last(&self) -> Result<Option<Examination>, StoreError> {
        let held = self.parts.store.document(Document::Examination).await?;
        // What another release kept may be of another shape.
        Ok(held.and_then(|held| serde_json::from_value(held.content).ok()))
    }

    fn is_recent(&self, kept: &Examination, age: Duration) -> bool {
        let now = self.parts.clock.now();
        // A clock that was set back makes nothing younger.
        kept.at <= now && now.since(kept.at) < age
    }

    /// What cannot be kept for want of room is itself something that was found.
    async fn walk_and_keep(&self) -> Result<(u64, Examination), StoreError> {
        let number = self.walks.fetch_add(1, Ordering::SeqCst) + 1;
        let examination = self.walk().await?;
        let examination = match self.keep(&examination).await {
            Err(StoreError::Full(_)) => examination.with(LinkKind::Configuration, found("disk-full", &[])),
            Ok(()) | Err(_) => examination,
        };
        Ok((number, examination))
    }

    async fn walk(&self) -> Result<Examination, StoreError> {
        let parts = self.parts.as_ref();
        let facts = Facts::gather(parts).await?;
        let answers =
            Answers::gather(parts, &facts, &Nobody::new(parts.random.as_ref()), self.patience).await;
        Ok(Examination { at: facts.now, links: links::all(&facts, &answers) })
    }

    /// Keeps it for whoever looks later. That it cannot be kept takes nothing from whoever asked.
    async fn keep(&self, examination: &Examination) -> Result<(), StoreError> {
        let store = self.parts.store.as_ref();
        let Ok(content) = serde_json::to_value(examination) else { return Ok(()) };
        let kept = async {
            let read = store.document(Document::Examination).await?.map(|held| held.revision);
            store.put_document(Document::Examination, &content, read).await
        };
        let kept = kept.await;
        if let Err(error) = &kept {
            tracing::warn!(%error, "what the doctor found could not be kept");
        }
        kept.map(drop)
    }
}
