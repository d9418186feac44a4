//! The walk itself.

use std::fmt;
use std::sync::Arc;

use super::examination::Examination;
use crate::amazon::Account;
use crate::clock::{Clock, Random};
use crate::config::{MaApi, SetupOverrides, SkillIds, SpeechOverrides, StreamOverrides};
use crate::probe::Prober;
use crate::secrets::SecretStore;
use crate::smapi::SkillManager;
use crate::store::{Store, StoreError};

/// What the doctor is made of.
#[derive(Clone)]
pub struct DoctorParts {
    /// Players, Echos, settings, and what was found last.
    pub store: Arc<dyn Store>,
    /// Whether credentials are set up, and Music Assistant's token.
    pub secrets: Arc<dyn SecretStore>,
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
        Self { parts: Arc::new(parts) }
    }

    /// Looks at every link, and keeps what was found for [`Self::last`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn examine(&self) -> Result<Examination, StoreError> {
        todo!()
    }

    /// What was found last; none where nobody ever looked.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn last(&self) -> Result<Option<Examination>, StoreError> {
        todo!()
    }
}
