//! Runs of all checks, and the last report.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use super::Services;
use super::check::CheckKind;
use super::checks;
use super::evidence::{ProbeResults, RandomName, Snapshot, TIMEOUT};
use super::finding::Finding;
use super::report::DoctorReport;
use crate::amazon::DeviceClient;
use crate::deps::Deps;
use crate::probe::Prober;
use crate::renderer_report::RendererReports;
use crate::secrets::SecretStore;
use crate::smapi::SkillManager;
use crate::store::{Document, StoreError, note_document};

/// The age up to which a report answers the next request, so that repeated requests send no probes.
const SHARED_AGE: Duration = Duration::from_secs(10);

/// Runs the checks and keeps the last report; cheap to clone.
#[derive(Clone, Debug)]
pub struct Doctor {
    services: Arc<Services>,
    /// The last report with the number of its run, or 0 for a report of another process. The lock is held during a run,
    /// so concurrent requests share one.
    shared: Arc<Mutex<Option<(u64, DoctorReport)>>>,
    /// The number of the last run that began.
    runs: Arc<AtomicU64>,
    timeout: Duration,
}

impl Doctor {
    /// A doctor that reads the state of these services, and probes with `prober`.
    #[must_use]
    pub fn new(
        deps: &Deps,
        secrets: Arc<dyn SecretStore>,
        prober: Arc<dyn Prober>,
        account: DeviceClient,
        skills: SkillManager,
        renderers: RendererReports,
    ) -> Self {
        let services = Services { deps: deps.clone(), secrets, prober, account, skills, renderers };
        Self { services: Arc::new(services), shared: Arc::default(), runs: Arc::default(), timeout: TIMEOUT }
    }

    /// The same doctor with a timeout for Amazon of at most ten seconds. A probe that follows another one has half of it.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout: timeout.min(TIMEOUT), ..self }
    }

    pub(super) fn services(&self) -> &Services {
        &self.services
    }

    /// A report of the last ten seconds; else runs all checks. A run takes at most twelve seconds and the store's time.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn check(&self) -> Result<DoctorReport, StoreError> {
        self.check_max_age(SHARED_AGE).await
    }

    /// A report of a run that began after this call. Takes as long as [`Self::check`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn check_fresh(&self) -> Result<DoctorReport, StoreError> {
        // The clock cannot order two runs: it may be set back between them.
        let begun = self.runs.load(Ordering::SeqCst);
        let mut shared = self.shared.lock().await;
        if let Some((_, newer)) = shared.as_ref().filter(|(number, _)| *number > begun) {
            return Ok(newer.clone());
        }
        Ok(shared.insert(self.run_and_store().await?).1.clone())
    }

    /// A report of any process, at most `age` old; else runs all checks.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn check_max_age(&self, age: Duration) -> Result<DoctorReport, StoreError> {
        let mut shared = self.shared.lock().await;
        if let Some((_, recent)) = shared.as_ref().filter(|(_, report)| self.is_recent(report, age)) {
            return Ok(recent.clone());
        }
        if let Some(recent) = self.last_report().await?.filter(|report| self.is_recent(report, age)) {
            return Ok(shared.insert((0, recent)).1.clone());
        }
        Ok(shared.insert(self.run_and_store().await?).1.clone())
    }

    /// The last report of any process; none before the first run.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn last_report(&self) -> Result<Option<DoctorReport>, StoreError> {
        let document = self.services.deps.store.document(Document::DoctorReport).await?;
        // A report of another release may have another shape.
        Ok(document.and_then(|document| serde_json::from_value(document.content).ok()))
    }

    fn is_recent(&self, report: &DoctorReport, age: Duration) -> bool {
        let now = self.services.deps.clock.now();
        // A report from the future is not recent: the clock was set back.
        report.at <= now && now.since(report.at) < age
    }

    /// Runs all checks and stores the report. A full disk is one more finding.
    async fn run_and_store(&self) -> Result<(u64, DoctorReport), StoreError> {
        let number = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        let report = self.run().await?;
        let report = match self.store(&report).await {
            Err(StoreError::Full(_)) => report.with(CheckKind::Configuration, &Finding::DiskFull),
            Ok(()) | Err(_) => report,
        };
        Ok((number, report))
    }

    async fn run(&self) -> Result<DoctorReport, StoreError> {
        let services = self.services.as_ref();
        let snapshot = Snapshot::take(services).await?;
        let name = RandomName::new(services.deps.random.as_ref());
        let probes = ProbeResults::collect(services, &snapshot, &name, self.timeout).await;
        Ok(DoctorReport { at: snapshot.now, checks: checks::all(&snapshot, &probes) })
    }

    /// Stores the report for other processes. The caller gets its report even if that fails.
    async fn store(&self, report: &DoctorReport) -> Result<(), StoreError> {
        let store = self.services.deps.store.as_ref();
        let stored = note_document(store, Document::DoctorReport, report, |_| false).await;
        stored.inspect_err(|error| tracing::warn!(%error, "the report of the checks could not be stored"))
    }
}
