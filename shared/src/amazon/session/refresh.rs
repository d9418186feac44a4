//! What runs on a schedule: everything that runs out is renewed before it does.

use std::time::Duration;

use serde::Serialize;

use super::{RENEWAL, SessionKeeper};
use crate::account::{
    AccessToken, AlexaSession, AmazonSession, DeveloperSession, Feedback, LeaseRequest, LeaseResult,
    RequestLane, Revoked,
};
use crate::amazon::error::AmazonError;
use crate::amazon::rate_limit::Permit;
use crate::amazon::tokens::TokenError;
use crate::clock::{SKEW, Timestamp};
use crate::secrets::PutResult;
use crate::store::ActivityKind;

/// A token that would run out within this is renewed: longer than the schedule's half an hour, so that the next run
/// comes before its end.
const AHEAD: Duration = Duration::from_mins(40);

/// How old cookies may become. Their own dates are not to be relied on (docs/amazon-api.md, 2.2).
const COOKIES: Duration = Duration::from_hours(23);

/// How long a device that cannot be deregistered is tried again.
const LEAVES_FOR: Duration = Duration::from_hours(30 * 24);

/// What a run renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewed {
    /// The access token of the account of the Echos.
    AccessToken,
    /// Its cookies, csrf token and hosts.
    Cookies,
    /// The token of the developer account.
    DeveloperToken,
    /// A device of an earlier sign-in is off its account.
    Deregistered,
}

impl Renewed {
    /// Its word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::Cookies => "cookies",
            Self::DeveloperToken => "developer_token",
            Self::Deregistered => "deregistered",
        }
    }
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RefreshReport {
    /// What was renewed; nothing where nothing was due.
    pub refreshed: Vec<Renewed>,
    /// Accounts that a person has to sign in to again: `alexa`, `developer`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sign_in_again: Vec<&'static str>,
    /// Another is renewing at this moment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub left_to_another: bool,
}

impl SessionKeeper {
    /// Renews what would run out before the next run. What fails for now fails the run, after everything else was
    /// tried and what was renewed was kept; a session that Amazon ended does not, since no further run mends it.
    ///
    /// # Errors
    /// When something was not renewed and a later run may do better.
    pub async fn refresh(&self) -> Result<RefreshReport, AmazonError> {
        let session = self.secrets.amazon().await?.session;
        let (must, may) = due(&session, self.clock.now());
        if !must && !may {
            return Ok(RefreshReport { sign_in_again: ended(&session), ..RefreshReport::default() });
        }
        // The lane comes first, as it does for a request whose session is refused: each would wait for the other.
        let permit = match self.limiter.enter(RequestLane::Reads, false).await {
            Ok(permit) => permit,
            Err(error) if !must => {
                tracing::info!(%error, "a device of an earlier sign-in stays on the account for now");
                return Ok(RefreshReport { sign_in_again: ended(&session), ..RefreshReport::default() });
            }
            Err(error) => return Err(error),
        };
        match self.refresh_in_lane(&permit).await {
            Ok(report) => {
                self.limiter.leave(&permit, false, Feedback::Unknown).await;
                Ok(report)
            }
            Err(error) => Err(self.limiter.fail(&permit, false, error).await),
        }
    }

    async fn refresh_in_lane(&self, permit: &Permit) -> Result<RefreshReport, AmazonError> {
        let holder = self.limiter.id()?;
        let wish = LeaseRequest { holder: holder.clone(), at: self.clock.now(), span: RENEWAL };
        if let LeaseResult::Held(_) = self.store.acquire_refresh_lease(&wish).await? {
            return Ok(RefreshReport { left_to_another: true, ..RefreshReport::default() });
        }
        let refreshed = self.refresh_alone(permit).await;
        self.give_back(&holder).await;
        refreshed
    }

    async fn refresh_alone(&self, permit: &Permit) -> Result<RefreshReport, AmazonError> {
        let held = self.secrets.amazon().await?;
        let mut session = held.session.clone();
        let (mut report, mut failed) = (RefreshReport::default(), None);
        let mut changed = false;
        if let Some(alexa) = session.alexa.as_mut() {
            changed |= self.refresh_alexa(alexa, permit, &mut report, &mut failed).await;
        }
        if let Some(developer) = session.developer.as_mut() {
            changed |= self.refresh_developer(developer, permit, &mut report, &mut failed).await;
        }
        if let Some(error) = &failed {
            permit.note(error);
        }
        changed |= self.deregister_leaving(&mut session, permit, &mut report).await;
        if changed {
            match self.secrets.put_amazon(&session, &held.version).await? {
                PutResult::Stored(_) => {
                    self.forget().await;
                    if let Some(reason) = newly_ended(&held.session, &session) {
                        self.tell(ActivityKind::SessionEnded { reason }).await;
                    }
                }
                // A person signed in or out, or another renewed: what was made here is of no use any more.
                PutResult::Conflict => {
                    return Ok(RefreshReport { left_to_another: true, ..RefreshReport::default() });
                }
            }
        }
        failed.map_or(Ok(report), Err)
    }

    /// Whether anything is different now.
    async fn refresh_alexa(
        &self,
        alexa: &mut AlexaSession,
        permit: &Permit,
        report: &mut RefreshReport,
        failed: &mut Option<AmazonError>,
    ) -> bool {
        let now = self.clock.now();
        if alexa.ended.is_some() {
            report.sign_in_again.push("alexa");
            return false;
        }
        let cookies_due = are_cookies_due(alexa, now);
        let mut changed = false;
        if cookies_due || is_due(alexa.access.as_ref(), now) {
            match self.mint_access(alexa, permit).await {
                Ok(()) => {
                    report.refreshed.push(Renewed::AccessToken);
                    changed = true;
                }
                Err(TokenError::Revoked(reason)) => {
                    tracing::error!(reason, "Amazon ended the session: somebody has to sign in again");
                    alexa.ended = Some(Revoked { reason, at: now });
                    report.sign_in_again.push("alexa");
                    return true;
                }
                Err(TokenError::Failed(error)) => {
                    *failed = Some(error);
                    return false;
                }
            }
        }
        if cookies_due {
            match self.mint_cookies(alexa, permit).await {
                Ok(()) => {
                    report.refreshed.push(Renewed::Cookies);
                    changed = true;
                }
                Err(error) => *failed = Some(error),
            }
        }
        changed
    }

    async fn refresh_developer(
        &self,
        developer: &mut DeveloperSession,
        permit: &Permit,
        report: &mut RefreshReport,
        failed: &mut Option<AmazonError>,
    ) -> bool {
        let now = self.clock.now();
        if developer.ended.is_some() {
            report.sign_in_again.push("developer");
            return false;
        }
        if !is_due(developer.access.as_ref(), now) {
            return false;
        }
        match self.auth.developer_token(permit, developer, now).await {
            Ok((access, refresh_token)) => {
                developer.access = Some(access);
                if let Some(refresh_token) = refresh_token {
                    developer.refresh_token = refresh_token;
                }
                report.refreshed.push(Renewed::DeveloperToken);
                true
            }
            Err(TokenError::Revoked(reason)) => {
                tracing::error!(reason, "Amazon ended the session of the developer account");
                developer.ended = Some(Revoked { reason, at: now });
                report.sign_in_again.push("developer");
                true
            }
            Err(TokenError::Failed(error)) => {
                *failed = Some(error);
                false
            }
        }
    }

    /// Takes devices of earlier sign-ins off their accounts. Nothing depends on it, so that it fails nothing.
    pub(super) async fn deregister_leaving(
        &self,
        session: &mut AmazonSession,
        permit: &Permit,
        report: &mut RefreshReport,
    ) -> bool {
        let before = session.leaving.len();
        let mut left = Vec::new();
        for leaving in std::mem::take(&mut session.leaving) {
            let now = self.clock.now();
            if permit.is_throttled() {
                left.push(leaving);
                continue;
            }
            match self.auth.deregister(permit, &leaving.refresh_token, now).await {
                Ok(_) => report.refreshed.push(Renewed::Deregistered),
                Err(error) if now.is_within(LEAVES_FOR, leaving.since) => {
                    tracing::warn!(%error, "a device of an earlier sign-in is still on the account");
                    permit.note(&error);
                    left.push(leaving);
                }
                Err(error) => {
                    permit.note(&error);
                    tracing::error!(%error, "a device of an earlier sign-in stays on the account: remove it there");
                }
            }
        }
        session.leaving = left;
        session.leaving.len() != before
    }
}

/// Amazon's word for the end of the session, where this run learned of it.
fn newly_ended(before: &AmazonSession, after: &AmazonSession) -> Option<String> {
    let ended = |session: &AmazonSession| session.alexa.as_ref()?.ended.clone();
    ended(after).filter(|_| ended(before).is_none()).map(|ended| ended.reason)
}

/// Whether something runs out before the next run, and whether a device has to go, which is not urgent.
fn due(session: &AmazonSession, now: Timestamp) -> (bool, bool) {
    let alexa = session.alexa.as_ref().filter(|alexa| alexa.ended.is_none());
    let developer = session.developer.as_ref().filter(|developer| developer.ended.is_none());
    let must = alexa.is_some_and(|alexa| are_cookies_due(alexa, now) || is_due(alexa.access.as_ref(), now))
        || developer.is_some_and(|developer| is_due(developer.access.as_ref(), now));
    (must, !session.leaving.is_empty())
}

/// Accounts that a person has to sign in to again.
fn ended(session: &AmazonSession) -> Vec<&'static str> {
    let alexa = session.alexa.as_ref().is_some_and(|alexa| alexa.ended.is_some());
    let developer = session.developer.as_ref().is_some_and(|developer| developer.ended.is_some());
    [("alexa", alexa), ("developer", developer)]
        .into_iter()
        .filter_map(|(name, is_ended)| is_ended.then_some(name))
        .collect()
}

fn are_cookies_due(alexa: &AlexaSession, now: Timestamp) -> bool {
    alexa.cookies.as_ref().is_none_or(|cookies| !now.is_within(COOKIES, cookies.issued_at))
        || alexa.place.is_none()
}

fn is_due(token: Option<&AccessToken>, now: Timestamp) -> bool {
    token.is_none_or(|token| token.expires_at <= now.plus(AHEAD) || token.issued_at.since(now) > SKEW)
}
