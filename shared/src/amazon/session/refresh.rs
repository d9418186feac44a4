//! Refresh of the session: on a schedule before its tokens expire, or on demand of a request.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::manager::{ActiveSession, MAX_ATTEMPTS, SessionManager};
use super::parts::{Due, RefreshReport, Run, ended};
use crate::account::{
    AmazonSession, LeaseRequest, LeaseResult, RefusalBackoff, RequestKind, RequestLane, Revoked,
};
use crate::amazon::error::AmazonError;
use crate::amazon::http::RequestSeries;
use crate::amazon::tokens::TokenClient;
use crate::clock::{Moment, Timestamp};
use crate::deadline;
use crate::secrets::{PutResult, SecretVersion, VersionedSession};
use crate::store::ActivityKind;

/// Length of the refresh lease: longer than a refresh takes as a rule. A slow Amazon can make two processes refresh at
/// once. Both get cookies that serve, and the second writer finds the secret changed.
const LEASE: Duration = Duration::from_mins(1);

/// Longest wait of a request for the refresh of another process.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pause between two reads of the secret during that wait; a read is paid for, an attempt at the lease hardly.
const READ_EVERY: Duration = Duration::from_secs(1);

/// The reason of a refresh.
#[derive(Clone, Copy)]
enum Reason<'a> {
    /// The schedule: each part that is due is refreshed.
    Schedule,
    #[cfg_attr(not(feature = "live"), expect(dead_code, reason = "only live events need it"))]
    /// The access token has to last for longer than the schedule makes it; what else is due is refreshed with it.
    Bearer,
    /// A request found a session without cookies or hosts.
    Incomplete,
    /// Amazon refused this session to a request. [`RefusalBackoff::next`] says when no refresh follows.
    Refused(&'a ActiveSession),
}

/// The outcome of a refresh: a session where a request needs one, else a report.
enum Refreshed {
    Session(Arc<ActiveSession>),
    Report(RefreshReport),
}

impl SessionManager {
    /// Refreshes the parts that expire before the next run. A failure fails the run after all other parts were tried
    /// and stored. A session that Amazon ended fails no run, since no later one mends it.
    ///
    /// # Errors
    /// When a part was not refreshed and a later run may succeed.
    pub async fn refresh(&self) -> Result<RefreshReport, AmazonError> {
        let session = self.secrets.amazon().await?.session;
        self.observe_session(&session);
        let due = Due::of(&session, self.clock.now());
        let nothing = || RefreshReport { sign_in_again: ended(&session), ..RefreshReport::default() };
        if !due.any() && session.pending_deregistrations.is_empty() {
            return Ok(nothing());
        }
        // The lane comes first, as for a request whose session is refused: otherwise each could wait for the other.
        let series = match self.http().open(RequestLane::Reads, RequestKind::Other).await {
            Ok(series) => series,
            // A deregistration can wait.
            Err(error) if !due.any() => {
                tracing::info!(%error, "a device of an earlier sign-in stays on the account for now");
                return Ok(nothing());
            }
            Err(error) => return Err(error),
        };
        let refreshed = Box::pin(self.with_lease(Reason::Schedule, &series)).await;
        Ok(match series.close(refreshed).await? {
            Refreshed::Report(report) => report,
            Refreshed::Session(_) => RefreshReport::default(),
        })
    }

    /// Refreshes the access token, whatever its age, in a lane of its own.
    #[cfg(feature = "live")]
    pub(super) async fn refresh_access(&self) -> Result<(), AmazonError> {
        let series = self.http().open(RequestLane::Reads, RequestKind::Other).await?;
        let refreshed = Box::pin(self.with_lease(Reason::Bearer, &series)).await;
        series.close(refreshed).await.map(drop)
    }

    /// Completes a session without cookies or hosts, in the lane of the request that needs it.
    pub(super) async fn complete(&self, series: &RequestSeries) -> Result<Arc<ActiveSession>, AmazonError> {
        self.refresh_for_request(Reason::Incomplete, series).await
    }

    /// Replaces a session that Amazon refused, in the lane of the request that needs it.
    pub(in crate::amazon) async fn replace(
        &self,
        refused: &ActiveSession,
        series: &RequestSeries,
    ) -> Result<Arc<ActiveSession>, AmazonError> {
        self.refresh_for_request(Reason::Refused(refused), series).await
    }

    async fn refresh_for_request(
        &self,
        reason: Reason<'_>,
        series: &RequestSeries,
    ) -> Result<Arc<ActiveSession>, AmazonError> {
        self.evict_stale(reason.stale()).await;
        // A refresh is rare: on the heap, it keeps the future of each request small.
        match Box::pin(self.with_lease(reason, series)).await? {
            Refreshed::Session(session) => Ok(session),
            Refreshed::Report(_) => Err(AmazonError::SessionRefused),
        }
    }

    /// Refreshes under the refresh lease. A request waits for another process's refresh; the schedule skips its run.
    async fn with_lease(&self, reason: Reason<'_>, series: &RequestSeries) -> Result<Refreshed, AmazonError> {
        let (began, patience) = (self.clock.moment(), deadline::at_most(PATIENCE));
        let holder = self.http().limiter().id()?;
        let mut read_at: Option<Moment> = None;
        loop {
            let now = self.clock.moment();
            if reason.is_request() && read_at.is_none_or(|read_at| now.since(read_at) >= READ_EVERY) {
                if let Some(session) = reason.fresh(&self.secrets.amazon().await?, now.wall())? {
                    return Ok(Refreshed::Session(self.cache(session).await));
                }
                read_at = Some(now);
            }
            let request = LeaseRequest { holder: holder.clone(), at: now.wall(), span: LEASE };
            match self.store.acquire_refresh_lease(&request).await? {
                LeaseResult::Granted => {
                    let refreshed = self.refresh_once(reason, series).await;
                    if let Err(error) = self.store.release_refresh_lease(&holder).await {
                        tracing::warn!(%error, "the refresh lease is not released, and ends by itself");
                    }
                    return refreshed;
                }
                LeaseResult::Held(_) if !reason.is_request() => return Ok(Refreshed::skipped()),
                LeaseResult::Held(until) if now.since(began) >= patience => {
                    return Err(AmazonError::Busy { until });
                }
                LeaseResult::Held(_) => sleep(self.http().limiter().jitter()?).await,
            }
        }
    }

    /// Refreshes a copy of the session, and stores it by compare-and-swap. A request tries again on a conflict.
    async fn refresh_once(
        &self,
        reason: Reason<'_>,
        series: &RequestSeries,
    ) -> Result<Refreshed, AmazonError> {
        let mut stored = self.secrets.amazon().await?;
        for _ in 0..MAX_ATTEMPTS {
            // The holder of the lease before this one may have refreshed it.
            if let Some(session) = reason.fresh(&stored, self.clock.now())? {
                return Ok(Refreshed::Session(self.cache(session).await));
            }
            let mut run = Run::new(stored.session.clone(), TokenClient::new(series, self.clock.as_ref()));
            let Some(due) = reason.due(&mut run.session, self.clock.now()) else {
                return Err(self.probe(run, &stored).await);
            };
            run.refresh(due, reason.is_request()).await;
            if reason.is_request() {
                if let Some(ended) = newly_ended(&stored.session, &run.session) {
                    return Err(self.store_end(ended, &run.session, &stored.version).await);
                }
                if let Some(error) = run.failure {
                    return Err(error);
                }
            } else if !run.is_changed {
                return run.result().map(Refreshed::Report);
            }
            match (self.put_session(&run.session, &stored.version).await, reason) {
                (Ok(PutResult::Stored(_)), Reason::Schedule | Reason::Bearer) => {
                    self.evict().await;
                    if let Some(ended) = newly_ended(&stored.session, &run.session) {
                        self.record_activity(ActivityKind::SessionEnded { reason: ended.reason }).await;
                    }
                    return run.result().map(Refreshed::Report);
                }
                // A person signed in or out, or another process refreshed: the result is of no use any more.
                (Ok(PutResult::Conflict), Reason::Schedule | Reason::Bearer) => {
                    return Ok(Refreshed::skipped());
                }
                (Err(error), Reason::Schedule | Reason::Bearer) => return Err(error.into()),
                (Ok(PutResult::Stored(version)), _) => {
                    stored = VersionedSession { session: run.session, version };
                }
                // A sign-in or a sign-out comes before a refresh.
                (Ok(PutResult::Conflict), _) => stored = self.secrets.amazon().await?,
                (Err(error), _) => {
                    // The new session serves all the same, for as long as this process lives.
                    tracing::error!(%error, "a refreshed session was not stored");
                    let refreshed = VersionedSession { session: run.session, version: stored.version };
                    let session = ActiveSession::of(&refreshed)?.ok_or(AmazonError::SessionRefused)?;
                    return Ok(Refreshed::Session(self.cache(session).await));
                }
            }
        }
        Err(AmazonError::SessionRefused)
    }

    /// The error of a session that Amazon refuses soon after a refresh. An access token shows without a write of the
    /// secret whether Amazon ended the session.
    async fn probe(&self, mut run: Run<'_>, stored: &VersionedSession) -> AmazonError {
        run.refresh(Due { access: true, cookies: false, developer: false }, true).await;
        match newly_ended(&stored.session, &run.session) {
            Some(ended) => self.store_end(ended, &run.session, &stored.version).await,
            None => run.failure.unwrap_or(AmazonError::SessionRefused),
        }
    }

    /// Stores that Amazon ended the session, for all processes.
    async fn store_end(
        &self,
        ended: Revoked,
        session: &AmazonSession,
        version: &SecretVersion,
    ) -> AmazonError {
        match self.put_session(session, version).await {
            Ok(PutResult::Stored(_)) => {
                self.record_activity(ActivityKind::SessionEnded { reason: ended.reason.clone() }).await;
                AmazonError::SignInAgain(ended)
            }
            // The other writer may have signed in again.
            Ok(PutResult::Conflict) => AmazonError::SessionRefused,
            Err(error) => {
                tracing::error!(%error, "the end of the session was not stored");
                AmazonError::SignInAgain(ended)
            }
        }
    }
}

impl<'a> Reason<'a> {
    fn is_request(self) -> bool {
        !matches!(self, Self::Schedule | Self::Bearer)
    }

    fn stale(self) -> Option<&'a ActiveSession> {
        match self {
            Self::Refused(session) => Some(session),
            Self::Schedule | Self::Bearer | Self::Incomplete => None,
        }
    }

    /// The stored session where it serves the request, so that nothing is left to refresh.
    fn fresh(self, stored: &VersionedSession, now: Timestamp) -> Result<Option<ActiveSession>, AmazonError> {
        if !self.is_request() {
            return Ok(None);
        }
        Ok(ActiveSession::of(stored)?.filter(|session| session.fresher_than(self.stale(), now)))
    }

    /// The parts to refresh; none where a refused session was refreshed too short a time ago. A refusal is recorded
    /// in the session.
    fn due(self, session: &mut AmazonSession, now: Timestamp) -> Option<Due> {
        match self {
            Self::Schedule => return Some(Due::of(session, now)),
            Self::Bearer => return Some(Due { access: true, ..Due::of(session, now) }),
            Self::Incomplete => {}
            Self::Refused(_) => {
                let alexa = session.alexa.as_mut()?;
                alexa.refused = Some(RefusalBackoff::next(alexa.refused, now)?);
            }
        }
        Some(Due { access: true, cookies: true, developer: false })
    }
}

impl Refreshed {
    fn skipped() -> Self {
        Self::Report(RefreshReport { skipped: true, ..RefreshReport::default() })
    }
}

/// The end of the session, where this refresh found it.
fn newly_ended(before: &AmazonSession, after: &AmazonSession) -> Option<Revoked> {
    let ended = |session: &AmazonSession| session.alexa.as_ref()?.ended.clone();
    ended(after).filter(|_| ended(before).is_none())
}
