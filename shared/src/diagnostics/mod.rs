//! Diagnostics of the way from Music Assistant to the Echo's loudspeaker: `doctor`, as the command and the API call it.
//!
//! Evidence is a snapshot of the state and the results of bounded probes. Each check is a pure function of it, and a
//! report holds the findings of all checks. No request of Alexa or Music Assistant waits for a run.

mod addresses;
mod check;
mod checks;
mod evidence;
mod finding;
mod provider;
mod redact;
mod report;
mod run;
mod texts;

use std::sync::Arc;

use crate::amazon::DeviceClient;
use crate::deps::Deps;
use crate::probe::Prober;
use crate::renderer_report::RendererReports;
use crate::secrets::SecretStore;
use crate::smapi::SkillManager;

pub use addresses::AddressScope;
pub use check::{Check, CheckKind};
pub(crate) use finding::{AccessProblem, Address, Finding, PublicOrigin, PublicOriginProblem};
pub use finding::{ReportedFinding, Verdict, all_findings};
pub use provider::ProviderSnapshot;
pub use redact::Redactor;
pub use report::DoctorReport;
pub use run::Doctor;

/// The services of the checks.
#[derive(Debug)]
struct Services {
    deps: Deps,
    secrets: Arc<dyn SecretStore>,
    prober: Arc<dyn Prober>,
    account: DeviceClient,
    skills: SkillManager,
    renderers: RendererReports,
}
