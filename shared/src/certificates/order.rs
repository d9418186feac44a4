//! One order: account, proof, certificate (RFC 8555, section 7).

use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, CertificateIdentifier, Error, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rustls_pki_types::Der;

use super::authority::{Authority, of_problem};
use super::issued::IssuedCertificate;
use super::proof::Prover;
use super::schedule::Validity;
use super::store::{Items, StoredAccount, StoredCertificate};
use super::{FailureCode, OrderError};
use crate::clock::Timestamp;
use crate::config::{CertificateConfig, CertificateName};

/// Time limit of an order as a whole; waiting for a record takes most of it.
const LONGEST: Duration = Duration::from_mins(10);

/// The time that the authority gets to look for a proof, or to sign.
const POLLING: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.5)
    .timeout(Duration::from_secs(90));

/// The profile of certificates for addresses (letsencrypt.org/docs/profiles).
const SHORT_LIVED: &str = "shortlived";

/// The services and settings of an order.
#[derive(Debug)]
pub(super) struct Orders<'a> {
    pub(super) config: &'a CertificateConfig,
    pub(super) items: Items<'a>,
    pub(super) authority: &'a Authority,
    pub(super) prover: &'a Prover,
}

impl Orders<'_> {
    /// Orders a certificate, and takes its proof away in any case.
    pub(super) async fn place(&self) -> Result<(StoredCertificate, IssuedCertificate), OrderError> {
        self.authority.begin();
        let ordered = tokio::time::timeout(LONGEST, self.order()).await;
        self.prover.hide().await;
        ordered.unwrap_or_else(|_| {
            let cause = format!("the order is not finished within {} min", LONGEST.as_secs() / 60);
            Err(OrderError::new(FailureCode::TimedOut, &cause))
        })
    }

    async fn order(&self) -> Result<(StoredCertificate, IssuedCertificate), OrderError> {
        let mut order = self.begin().await?;
        self.prove(&mut order).await?;
        let key = order.finalize().await.map_err(|error| self.failure(&error))?;
        let chain = order.poll_certificate(&POLLING).await.map_err(|error| self.failure(&error))?;
        let name = self.config.name.to_string();
        let stored = StoredCertificate { name, directory: self.config.directory.to_string(), chain, key };
        let issued = IssuedCertificate::read(&stored, &self.config.name)?;
        Ok((stored, issued))
    }

    /// A new order, with a new account where there is none or the authority has forgotten it.
    async fn begin(&self) -> Result<Order, OrderError> {
        if let Some(account) = self.account().await? {
            match self.new_order(&account).await {
                Ok(order) => return Ok(order),
                Err(error) if is_of_account(&error) => {
                    tracing::warn!(%error, "the authority has no such account: a new one is made");
                }
                Err(error) => return Err(self.failure(&error)),
            }
        }
        let account = self.create_account().await?;
        self.new_order(&account).await.map_err(|error| self.failure(&error))
    }

    async fn new_order(&self, account: &Account) -> Result<Order, Error> {
        let identifiers = [match &self.config.name {
            CertificateName::Dns(name) => Identifier::Dns(name.clone()),
            CertificateName::Ip(address) => Identifier::Ip(*address),
        }];
        let is_address = matches!(self.config.name, CertificateName::Ip(_));
        let has_profile = account.profiles().any(|profile| profile.name == SHORT_LIVED);
        let order = NewOrder::new(&identifiers);
        let order = if is_address && has_profile { order.profile(SHORT_LIVED) } else { order };
        account.new_order(&order).await
    }

    /// The account at this authority; `None` where there is none yet.
    async fn account(&self) -> Result<Option<Account>, OrderError> {
        let stored = self.items.account().await?;
        let Some(stored) = stored.filter(|stored| stored.directory == self.config.directory.as_str()) else {
            return Ok(None);
        };
        let builder = Account::builder_with_http(Box::new(self.authority.clone()));
        let account = builder.from_credentials(stored.credentials).await;
        account.map(Some).map_err(|error| self.failure(&error))
    }

    async fn create_account(&self) -> Result<Account, OrderError> {
        let contact = self.config.contact.as_ref().map(|address| format!("mailto:{address}"));
        let contact: Vec<&str> = contact.as_deref().into_iter().collect();
        let account =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let directory = self.config.directory.to_string();
        let builder = Account::builder_with_http(Box::new(self.authority.clone()));
        let (account, credentials) =
            builder.create(&account, directory.clone(), None).await.map_err(|error| self.failure(&error))?;
        self.items.save_account(&StoredAccount { directory, credentials }).await?;
        Ok(account)
    }

    /// Shows the proof and waits until the authority has seen it.
    async fn prove(&self, order: &mut Order) -> Result<(), OrderError> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(|error| self.failure(&error))?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                status => {
                    let cause = format!("the authority says that the proof is {status:?}");
                    return Err(OrderError::new(FailureCode::ProofRefused, &cause));
                }
            }
            let kind = self.prover.challenge();
            let Some(mut challenge) = authorization.challenge(kind.clone()) else {
                let cause =
                    format!("the authority offers no {kind:?} for {}: set ACME_CHALLENGE", self.config.name);
                return Err(OrderError::new(FailureCode::NoSuchChallenge, &cause));
            };
            let proof = challenge.key_authorization();
            self.prover.show(&self.config.name, &challenge.token, &proof).await?;
            challenge.set_ready().await.map_err(|error| self.failure(&error))?;
        }
        match order.poll_ready(&POLLING).await {
            Ok(OrderStatus::Ready) => Ok(()),
            Ok(_) => Err(self.refusal(order).await),
            Err(Error::Api(problem)) => Err(refused(of_problem(&problem))),
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// Why the authority did not accept the proof.
    async fn refusal(&self, order: &mut Order) -> OrderError {
        let mut authorizations = order.authorizations();
        while let Some(Ok(mut authorization)) = authorizations.next().await {
            let Ok(state) = authorization.refresh().await else { continue };
            if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
                return refused(of_problem(problem));
            }
        }
        OrderError::new(
            FailureCode::ProofRefused,
            "the authority did not find the proof, and does not say why",
        )
    }

    /// When the authority wants the certificate to be renewed, and after which time to ask again (RFC 9773). None where
    /// it does not say.
    pub(super) async fn renewal_window(
        &self,
        issued: &IssuedCertificate,
    ) -> Result<Option<(Validity, Duration)>, OrderError> {
        let (Some(authority_key), Some(account)) =
            (issued.facts.authority_key.as_deref(), self.account().await?)
        else {
            return Ok(None);
        };
        let id =
            CertificateIdentifier::new(Der::from_slice(authority_key), Der::from_slice(&issued.facts.serial));
        match account.renewal_info(&id).await {
            Ok((info, ask_again)) => {
                let moment = |date: time::OffsetDateTime| {
                    Timestamp::from_millis(date.unix_timestamp().saturating_mul(1000))
                };
                let window = info.suggested_window;
                let window = Validity { not_before: moment(window.start), not_after: moment(window.end) };
                Ok(Some((window, ask_again)))
            }
            Err(Error::Unsupported(_)) => Ok(None),
            Err(error) => Err(self.failure(&error)),
        }
    }

    fn failure(&self, error: &Error) -> OrderError {
        self.authority.failure(error)
    }
}

/// The error as one of the proof: a refusal after the authority has looked.
fn refused(error: OrderError) -> OrderError {
    let code = match error.code {
        FailureCode::OrderRefused => FailureCode::ProofRefused,
        code => code,
    };
    OrderError { code, ..error }
}

/// Whether the authority refuses the account itself: it is unknown, or was deactivated (RFC 8555, sections 6.7 and 7.3.6).
fn is_of_account(error: &Error) -> bool {
    const KINDS: [&str; 2] =
        ["urn:ietf:params:acme:error:accountDoesNotExist", "urn:ietf:params:acme:error:unauthorized"];
    matches!(error, Error::Api(problem) if problem.r#type.as_deref().is_some_and(|kind| KINDS.contains(&kind)))
}
