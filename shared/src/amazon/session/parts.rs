//! Refresh of the parts of a session that are due, on a copy of it.

use std::time::Duration;

use serde::Serialize;

use super::deregister::deregister_leaving;
use super::exchange::{exchange_cookies, refresh_access_token};
use crate::account::{AccessToken, AlexaSession, AmazonSession, Revoked};
use crate::amazon::error::AmazonError;
use crate::amazon::tokens::{TokenClient, TokenError};
use crate::clock::{SKEW, Timestamp};

/// Remaining life below which a token is refreshed. It is longer than the schedule's half an hour, so that the next run
/// comes before its end.
const AHEAD: Duration = Duration::from_mins(40);

/// Age at which cookies are refreshed. Their own dates are not to be relied on (docs/amazon-api.md, 2.2).
const COOKIES: Duration = Duration::from_hours(23);

/// A part of the session that a refresh got new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshedPart {
    /// The access token of the account of the Echos.
    AccessToken,
    /// Its cookies, csrf token and hosts.
    Cookies,
    /// The token of the developer account.
    DeveloperToken,
    /// A device of an earlier sign-in is off its account.
    Deregistered,
}

impl RefreshedPart {
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

/// The report of a refresh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RefreshReport {
    /// Refreshed parts; empty where nothing was due.
    pub refreshed: Vec<RefreshedPart>,
    /// Accounts that a person has to sign in to again: `alexa`, `developer`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sign_in_again: Vec<&'static str>,
    /// Whether the run was skipped: another process refreshes the session, or changed it meanwhile.
    #[serde(rename = "left_to_another", skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
}

/// The parts of a session that are due for a refresh.
#[derive(Clone, Copy)]
pub(super) struct Due {
    pub(super) access: bool,
    pub(super) cookies: bool,
    pub(super) developer: bool,
}

/// A refresh in progress, on a copy of the session.
pub(super) struct Run<'a> {
    tokens: TokenClient<'a>,
    pub(super) session: AmazonSession,
    report: RefreshReport,
    pub(super) failure: Option<AmazonError>,
    pub(super) is_changed: bool,
}

impl Due {
    /// The parts that expire before the next run.
    pub(super) fn of(session: &AmazonSession, now: Timestamp) -> Self {
        let alexa = session.alexa.as_ref().filter(|alexa| alexa.ended.is_none());
        let developer = session.developer.as_ref().filter(|developer| developer.ended.is_none());
        let cookies = alexa.is_some_and(|alexa| are_cookies_due(alexa, now));
        Self {
            // Cookies are exchanged with a new access token, which shows whether the session has ended.
            access: cookies || alexa.is_some_and(|alexa| is_due(alexa.access.as_ref(), now)),
            cookies,
            developer: developer.is_some_and(|developer| is_due(developer.access.as_ref(), now)),
        }
    }

    /// Whether any part is due.
    pub(super) fn any(self) -> bool {
        self.access || self.developer
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(session: AmazonSession, tokens: TokenClient<'a>) -> Self {
        Self { tokens, session, report: RefreshReport::default(), failure: None, is_changed: false }
    }

    /// Refreshes the parts that are due. With `fails_fast`, nothing follows a failure.
    pub(super) async fn refresh(&mut self, due: Due, fails_fast: bool) {
        self.refresh_alexa(due).await;
        if fails_fast {
            return;
        }
        if due.developer {
            self.refresh_developer().await;
        }
        if let Some(error) = &self.failure {
            self.tokens.series().record_error(error);
        }
        let before = self.session.pending_deregistrations.len();
        let deregistered = deregister_leaving(&mut self.session, self.tokens).await;
        self.report.refreshed.extend(std::iter::repeat_n(RefreshedPart::Deregistered, deregistered));
        self.is_changed |= self.session.pending_deregistrations.len() != before;
    }

    async fn refresh_alexa(&mut self, due: Due) {
        let Some(alexa) = self.session.alexa.as_mut() else {
            return;
        };
        if due.access {
            match refresh_access_token(self.tokens, alexa).await {
                Ok(()) => {
                    self.report.refreshed.push(RefreshedPart::AccessToken);
                    self.is_changed = true;
                }
                Err(TokenError::Revoked(reason)) => {
                    tracing::error!(reason, "Amazon ended the session: a person has to sign in again");
                    alexa.ended = Some(Revoked { reason, at: self.tokens.clock().now() });
                    self.is_changed = true;
                    return;
                }
                Err(TokenError::Failed(error)) => {
                    self.failure = Some(error);
                    return;
                }
            }
        }
        if due.cookies {
            match exchange_cookies(self.tokens, alexa).await {
                Ok(()) => {
                    self.report.refreshed.push(RefreshedPart::Cookies);
                    self.is_changed = true;
                }
                Err(error) => self.failure = Some(error),
            }
        }
    }

    async fn refresh_developer(&mut self) {
        let Some(developer) = self.session.developer.as_mut() else {
            return;
        };
        match self.tokens.developer_token(developer).await {
            Ok((access, refresh_token)) => {
                developer.access = Some(access);
                if let Some(refresh_token) = refresh_token {
                    developer.refresh_token = refresh_token;
                }
                self.report.refreshed.push(RefreshedPart::DeveloperToken);
                self.is_changed = true;
            }
            Err(TokenError::Revoked(reason)) => {
                tracing::error!(reason, "Amazon ended the session of the developer account");
                developer.ended = Some(Revoked { reason, at: self.tokens.clock().now() });
                self.is_changed = true;
            }
            Err(TokenError::Failed(error)) => self.failure = Some(error),
        }
    }

    /// The report; the failure where a part was not refreshed.
    pub(super) fn result(mut self) -> Result<RefreshReport, AmazonError> {
        self.report.sign_in_again = ended(&self.session);
        self.failure.map_or(Ok(self.report), Err)
    }
}

/// Accounts that a person has to sign in to again.
pub(super) fn ended(session: &AmazonSession) -> Vec<&'static str> {
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
