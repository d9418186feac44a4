//! Looking at the skill, without changing anything.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::client::{AT_ONCE, messages};
use super::error::SmapiError;
use super::facts::{Build, LocaleFacts, SkillFacts};
use super::manager::SkillManager;
use super::update::Last;
use crate::config::SkillId;

impl SkillManager {
    /// The skill as Amazon has it: the first of those that the environment and then the settings name, and that
    /// exists in this account. None where none is known, or it is gone.
    ///
    /// # Errors
    /// When nobody is signed in to the developer account, or Amazon does not say.
    pub async fn inspect(&self) -> Result<Option<SkillFacts>, SmapiError> {
        // Whether somebody is signed in counts for more than whether there is a skill.
        self.developer_session().await?;
        let Some((id, manifest)) = self.known_skill().await? else {
            return Ok(None);
        };
        let endpoint = &manifest["apis"]["custom"]["endpoint"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let status = self.status(&id).await?;
        Ok(Some(SkillFacts {
            endpoint: text(&endpoint["uri"]),
            certificate: text(&endpoint["sslCertificateType"]),
            testing: self.is_enabled(&id).await?,
            locales: self.locales(&id, &manifest, &status).await?,
            id,
        }))
    }

    /// The first skill that the environment or the settings name and that Amazon shows, with its manifest. One of
    /// another account counts only where there is no other.
    pub(super) async fn known_skill(&self) -> Result<Option<(SkillId, Value)>, SmapiError> {
        let settings = self.parts().store.settings().await?;
        let mut forbidden = None;
        for id in self.parts().skill_ids.merged(&settings).iter() {
            match self.manifest(id).await {
                Ok(manifest) => return Ok(Some((id.clone(), manifest.content))),
                Err(SmapiError::Gone) => {}
                Err(error @ SmapiError::Forbidden(_)) => forbidden = forbidden.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        forbidden.map_or(Ok(None), Err)
    }

    async fn locales(
        &self,
        id: &SkillId,
        manifest: &Value,
        status: &Value,
    ) -> Result<BTreeMap<String, LocaleFacts>, SmapiError> {
        let names = |value: &Value| -> Vec<String> {
            value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
        };
        let mut all = names(&manifest["publishingInformation"]["locales"]);
        all.extend(names(&status["interactionModel"]));
        all.sort_unstable();
        all.dedup();
        let asked: Vec<_> = all.into_iter().map(|locale| self.locale(id, locale, status)).collect();
        stream::iter(asked).buffered(AT_ONCE).try_collect().await
    }

    async fn locale(
        &self,
        id: &SkillId,
        locale: String,
        status: &Value,
    ) -> Result<(String, LocaleFacts), SmapiError> {
        let model = self.model(id, &locale).await?;
        let build = match (&model, Last::of_model(status, &locale)) {
            (None, _) | (_, None) => Build::Missing,
            (_, Some(Last::InProgress)) => Build::InProgress,
            (_, Some(Last::Succeeded { .. })) => Build::Succeeded,
            (_, Some(Last::Failed { errors, .. })) => Build::Failed(messages(&errors)),
        };
        let invocation_name = model.and_then(|model| {
            let language = &model.content["interactionModel"]["languageModel"];
            language["invocationName"].as_str().map(str::to_owned)
        });
        Ok((locale, LocaleFacts { build, invocation_name }))
    }
}
