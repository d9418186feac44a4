//! Creates and updates the Alexa skill through SMAPI.

use std::sync::Arc;

use super::client::SmapiClient;
use super::developer_login::DeveloperLogin;
use super::error::SmapiError;
use super::inspect;
use super::permission::InvokePermission;
use super::provisioning::{self, Plan, Provisioning, StepContext};
use super::services::Services;
use super::spec::SkillSpec;
use super::status::SkillStatus;
use super::tokens::AccessTokens;
use crate::amazon::AmazonTransport;
use crate::deps::Deps;
use crate::probe::Prober;
use crate::secrets::SecretStore;

/// Creates and updates the Alexa skill; cheap to clone.
#[derive(Clone, Debug)]
pub struct SkillManager {
    login: DeveloperLogin,
    context: Arc<StepContext>,
}

impl SkillManager {
    /// A manager of the skill in the developer account whose session is in `secrets`. `transport` carries its requests,
    /// `prober` reads the certificate of the endpoint, and `permission`, where there is a function, lets Alexa invoke it.
    #[must_use]
    pub fn new(
        deps: &Deps,
        secrets: Arc<dyn SecretStore>,
        transport: AmazonTransport,
        prober: Arc<dyn Prober>,
        permission: Option<Arc<dyn InvokePermission>>,
    ) -> Self {
        let services = Arc::new(Services { deps: deps.clone(), secrets, transport, prober, permission });
        let tokens = AccessTokens::new(Arc::clone(&services));
        let client = SmapiClient::new(Arc::clone(&services), tokens.clone());
        let login = DeveloperLogin::new(Arc::clone(&services), tokens);
        Self { login, context: Arc::new(StepContext { client, services }) }
    }

    /// The sign-in to the developer account.
    #[must_use]
    pub fn login(&self) -> &DeveloperLogin {
        &self.login
    }

    /// The skill at Amazon: the first of those that the environment and then the settings name, and that exists in
    /// this account. None where none is named, or none exists.
    ///
    /// # Errors
    /// When no person is signed in to the developer account, or Amazon does not answer.
    pub async fn inspect(&self) -> Result<Option<SkillStatus>, SmapiError> {
        // A missing sign-in counts for more than a missing skill.
        self.context.client.check_signed_in().await?;
        inspect::inspect(&self.context.client, &self.context.skill_ids().await?).await
    }

    /// The changes that provisioning would make. Writes nothing.
    ///
    /// # Errors
    /// When no person is signed in to the developer account, Amazon does not answer, or the endpoint's certificate
    /// cannot be read.
    pub async fn plan(&self, spec: &SkillSpec) -> Result<Plan, SmapiError> {
        provisioning::plan(&self.context, spec).await
    }

    /// The present provisioning; none where none was ever started.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn status(&self) -> Result<Option<Provisioning>, SmapiError> {
        provisioning::status(&self.context).await
    }

    /// Starts a provisioning, or continues an unfinished one of the same spec with new attempts and new time. Sends
    /// nothing to Amazon before [`Self::advance`].
    ///
    /// # Errors
    /// When no person is signed in to the developer account, the spec has no locale, or the store does not serve.
    pub async fn start(&self, spec: &SkillSpec) -> Result<Provisioning, SmapiError> {
        provisioning::start(&self.context, spec).await
    }

    /// Advances the provisioning by about four seconds of work, and returns its state; none where none was ever
    /// started. One process does so at a time, under a lease of 45 seconds; another gets the state as it is. Errors of
    /// a step are in the state.
    ///
    /// # Errors
    /// When the store does not serve.
    pub async fn advance(&self) -> Result<Option<Provisioning>, SmapiError> {
        provisioning::advance(&self.context).await
    }

    /// Teaches the models the names of the home, where these changed: by about four seconds of work, and once in six hours
    /// at most. Whether work is left, for which this is called again some seconds later.
    ///
    /// # Errors
    /// When no person is signed in to the developer account any more, or the store does not serve.
    pub async fn refresh_names(&self) -> Result<bool, SmapiError> {
        provisioning::refresh(&self.context).await
    }
}
