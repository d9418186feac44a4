//! Diagnostics of the way from Music Assistant to the Echo's loudspeaker: `doctor`, as the command and the API call it.
//!
//! Evidence is a snapshot of the state and the results of bounded probes. Each check is a pure function of it, and a
//! report holds the findings of all checks. No request of Alexa or Music Assistant waits for a run.

mod check;
mod checks;
mod evidence;
mod finding;
mod provider;
mod report;
mod run;
mod texts;

use std::sync::Arc;

use crate::amazon::Account;
use crate::clock::{Clock, Random};
use crate::config::{ApiCredentials, MaApi, SetupOverrides, SkillIds, SpeechOverrides, StreamOverrides};
use crate::probe::Prober;
use crate::secrets::SecretStore;
use crate::smapi::SkillManager;
use crate::store::Store;

pub use check::{Check, CheckKind};
pub use finding::{ReportedFinding, Verdict, all_findings};
pub use provider::ProviderSnapshot;
pub use report::Report;
pub use run::Doctor;

/// The dependencies of [`Doctor`].
#[derive(Clone)]
pub struct DoctorParts {
    /// The store of players, Echos, settings and the last report.
    pub store: Arc<dyn Store>,
    /// The passwords, and Music Assistant's token.
    pub secrets: Arc<dyn SecretStore>,
    /// The passwords that the environment sets.
    pub credentials: ApiCredentials,
    /// The Amazon account.
    pub account: Account,
    /// The skill at Amazon.
    pub skills: SkillManager,
    /// The client for probes.
    pub prober: Arc<dyn Prober>,
    /// The addresses of streams that the environment sets.
    pub streams: StreamOverrides,
    /// The language that the environment sets.
    pub speech: SpeechOverrides,
    /// The addresses of this deployment that the environment sets.
    pub setup: SetupOverrides,
    /// The skills that the environment names.
    pub skill_ids: SkillIds,
    /// The API of Music Assistant that the environment sets.
    pub ma_api: MaApi,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The random source for names that do not exist.
    pub random: Arc<dyn Random>,
}
