//! The one who manages the skill.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Mutex;
use tracing::{Instrument as _, Span};

use super::error::SmapiError;
use super::facts::DeveloperStatus;
use super::permission::InvokePermission;
use super::tokens::Seen;
use crate::amazon::Transport;
use crate::clock::{Clock, NoRandomness, Random};
use crate::config::SkillIds;
use crate::deadline::{self, Deadline};
use crate::probe::Prober;
use crate::secrets::SecretStore;
use crate::store::Store;

/// What it is made of.
#[derive(Clone)]
pub struct SkillParts {
    /// Sends requests to Amazon.
    pub transport: Transport,
    /// Looks at the endpoint's certificate.
    pub prober: Arc<dyn Prober>,
    /// Where the session of the developer account is.
    pub secrets: Arc<dyn SecretStore>,
    /// Where progress and settings are.
    pub store: Arc<dyn Store>,
    /// The skills that the environment names.
    pub skill_ids: SkillIds,
    /// Lets Alexa invoke the function; none where there is no function.
    pub permission: Option<Arc<dyn InvokePermission>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For proofs and waits.
    pub random: Arc<dyn Random>,
}

impl fmt::Debug for SkillParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkillParts").finish_non_exhaustive()
    }
}

/// Manages the skill; cheap to clone.
#[derive(Clone, Debug)]
pub struct SkillManager {
    parts: Arc<SkillParts>,
    seen: Arc<Mutex<Option<Seen>>>,
}

impl SkillManager {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: SkillParts) -> Self {
        Self { parts: Arc::new(parts), seen: Arc::default() }
    }

    /// Who is signed in to the developer account. Asks nothing of Amazon.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub async fn developer(&self) -> Result<DeveloperStatus, SmapiError> {
        let session = self.parts.secrets.amazon().await?.session;
        let pending = session.developer_login.as_ref().filter(|login| login.is_open(self.parts.clock.now()));
        let login_began_at = pending.map(|login| login.began_at);
        let client_id = session.developer_login.as_ref().map(|login| login.client_id.clone());
        let Some(developer) = session.developer else {
            return Ok(DeveloperStatus { client_id, login_began_at, ..DeveloperStatus::default() });
        };
        Ok(DeveloperStatus {
            signed_in: true,
            client_id: Some(developer.client_id),
            renewed_at: developer.access.map(|access| access.issued_at),
            ended: developer.ended,
            login_began_at,
        })
    }

    pub(super) fn parts(&self) -> &SkillParts {
        &self.parts
    }

    /// Does something to its end, also where whoever waits for it goes away: tokens that Amazon gave and nobody kept
    /// are lost for good.
    pub(super) async fn to_the_end<T: Send + 'static>(
        work: impl Future<Output = Result<T, SmapiError>> + Send + 'static,
    ) -> Result<T, SmapiError> {
        let work = deadline::carried(Deadline::current(), work);
        match tokio::spawn(work.instrument(Span::current())).await {
            Ok(done) => done,
            Err(panicked) => match panicked.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(SmapiError::Unavailable(503)),
            },
        }
    }

    /// A name that nothing else has.
    pub(super) fn random_id(&self) -> Result<String, NoRandomness> {
        let mut bytes = [0; 12];
        self.parts.random.fill(&mut bytes)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn seen(&self) -> &Mutex<Option<Seen>> {
        &self.seen
    }
}
