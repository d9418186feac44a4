//! Reading the state of the skill from Amazon.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::client::{CONCURRENCY, SmapiClient, messages};
use super::error::SmapiError;
use super::search;
use super::status::{BuildStatus, LocaleStatus, SkillStatus};
use super::update::LastUpdate;
use crate::config::{SkillId, SkillIds};

/// The state of the first of these skills that Amazon shows; none where there is none.
pub(super) async fn inspect(client: &SmapiClient, ids: &SkillIds) -> Result<Option<SkillStatus>, SmapiError> {
    let Some((id, manifest)) = search::first_visible(client, ids).await? else {
        return Ok(None);
    };
    let endpoint = &manifest.content["apis"]["custom"]["endpoint"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let status = client.status(&id).await?;
    Ok(Some(SkillStatus {
        endpoint: text(&endpoint["uri"]),
        certificate: text(&endpoint["sslCertificateType"]),
        testing: client.is_enabled(&id).await?,
        locales: locales(client, &id, &manifest.content, &status).await?,
        id,
    }))
}

async fn locales(
    client: &SmapiClient,
    id: &SkillId,
    manifest: &Value,
    status: &Value,
) -> Result<BTreeMap<String, LocaleStatus>, SmapiError> {
    let names = |value: &Value| -> Vec<String> {
        value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let mut all = names(&manifest["publishingInformation"]["locales"]);
    all.extend(names(&status["interactionModel"]));
    all.sort_unstable();
    all.dedup();
    let requests: Vec<_> = all.into_iter().map(|name| locale(client, id, name, status)).collect();
    stream::iter(requests).buffered(CONCURRENCY).try_collect().await
}

async fn locale(
    client: &SmapiClient,
    id: &SkillId,
    locale: String,
    status: &Value,
) -> Result<(String, LocaleStatus), SmapiError> {
    let model = client.model(id, &locale).await?;
    let build = match (&model, LastUpdate::of_model(status, &locale)) {
        (None, _) | (_, None) => BuildStatus::Missing,
        (_, Some(LastUpdate::InProgress)) => BuildStatus::InProgress,
        (_, Some(LastUpdate::Succeeded { .. })) => BuildStatus::Succeeded,
        (_, Some(LastUpdate::Failed { errors, .. })) => BuildStatus::Failed(messages(&errors)),
    };
    let invocation_name = model.and_then(|model| {
        let language = &model.content["interactionModel"]["languageModel"];
        language["invocationName"].as_str().map(str::to_owned)
    });
    Ok((locale, LocaleStatus { build, invocation_name }))
}
