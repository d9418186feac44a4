//! Client of the Skill Management API: one method for each call (Alexa Skills Kit, SMAPI v1).

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, IF_MATCH};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::error::SmapiError;
use super::random::jittered;
use super::services::Services;
use super::tokens::AccessTokens;
use crate::account::AmazonHost;
use crate::amazon::{AmazonRequest, AmazonResponse};
use crate::clock::NoRandomness;
use crate::config::SkillId;

/// Least time without requests after a throttle that names no time; up to as much again comes on top.
const BACKOFF: Duration = Duration::from_secs(5);

/// Longest wait that is taken from Amazon.
pub(super) const MAX_BACKOFF: Duration = Duration::from_mins(15);

/// Longest text of Amazon's that is passed on, in characters.
const MAX_TEXT: usize = 300;

/// Most reasons of Amazon's that are passed on.
const MAX_REASONS: usize = 10;

/// Most requests about one skill at the same time: Amazon throttles more.
pub(super) const CONCURRENCY: usize = 4;

/// A part of a skill, with the entity tag by which a write of it is conditional.
#[derive(Clone, Debug)]
pub(super) struct Etagged {
    pub(super) content: Value,
    pub(super) etag: Option<String>,
}

/// The intent that Amazon selected for an utterance; none where it selected none.
#[derive(Clone, Debug)]
pub(super) struct SelectedIntent(pub(super) Option<String>);

/// A client of the Skill Management API. It has no state but the source of its tokens; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct SmapiClient {
    services: Arc<Services>,
    tokens: AccessTokens,
}

impl SmapiClient {
    pub(super) fn new(services: Arc<Services>, tokens: AccessTokens) -> Self {
        Self { services, tokens }
    }

    /// Checks that a person is signed in to the developer account. Sends nothing to Amazon.
    pub(super) async fn check_signed_in(&self) -> Result<(), SmapiError> {
        self.tokens.session().await.map(drop)
    }

    /// `GET /v1/vendors`.
    pub(super) async fn vendors(&self) -> Result<Vec<Value>, SmapiError> {
        let body = self.read("/v1/vendors").await?;
        body["vendors"].as_array().cloned().ok_or(SmapiError::UnexpectedResponse("the list of vendors"))
    }

    /// `GET /v1/skills`: one page of the list, and the token of the next page.
    pub(super) async fn skills(
        &self,
        vendor: &str,
        from: Option<&str>,
    ) -> Result<(Vec<Value>, Option<String>), SmapiError> {
        let further = from.map(|from| ("nextToken", from));
        let pairs = [("vendorId", vendor), ("maxResults", "50")].into_iter().chain(further);
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let body = self.read(&format!("/v1/skills?{query}")).await?;
        let skills = body["skills"].as_array().cloned();
        let skills = skills.ok_or(SmapiError::UnexpectedResponse("the list of skills"))?;
        let next = body["nextToken"].as_str().filter(|next| !next.is_empty() && Some(*next) != from);
        let is_cut = body["isTruncated"].as_bool().unwrap_or(next.is_some());
        Ok((skills, next.filter(|_| is_cut).map(str::to_owned)))
    }

    /// `POST /v1/skills`: creates a skill in the background. Returns its id.
    pub(super) async fn create_skill(&self, vendor: &str, manifest: &Value) -> Result<SkillId, SmapiError> {
        let body = json!({ "vendorId": vendor, "manifest": manifest });
        let reply = self.send(Method::POST, "/v1/skills", None, Some(&body)).await?;
        let id = reply.json::<Value>().and_then(|body| SkillId::parse(body["skillId"].as_str()?).ok());
        id.ok_or(SmapiError::UnexpectedResponse("a new skill"))
    }

    /// `GET …/manifest`.
    pub(super) async fn manifest(&self, id: &SkillId) -> Result<Etagged, SmapiError> {
        let unexpected = SmapiError::UnexpectedResponse;
        let reply = self.send(Method::GET, &stage_path(id, "manifest"), None, None).await?;
        let etag = reply.header("etag").map(str::to_owned);
        let body: Value = reply.json().ok_or(unexpected("a manifest"))?;
        let content = body.get("manifest").filter(|manifest| manifest.is_object()).cloned();
        Ok(Etagged { content: content.ok_or(unexpected("a manifest"))?, etag })
    }

    /// `PUT …/manifest`, if the manifest still has this tag. It is updated in the background. Returns the new tag.
    pub(super) async fn put_manifest(
        &self,
        id: &SkillId,
        manifest: &Value,
        etag: Option<&str>,
    ) -> Result<Option<String>, SmapiError> {
        let body = json!({ "manifest": manifest });
        let reply = self.send(Method::PUT, &stage_path(id, "manifest"), etag, Some(&body)).await?;
        Ok(reply.header("etag").map(str::to_owned))
    }

    /// `GET …/status`: the last updates of the manifest and of the models.
    pub(super) async fn status(&self, id: &SkillId) -> Result<Value, SmapiError> {
        let path = format!("/v1/skills/{}/status?resource=manifest&resource=interactionModel", id.as_str());
        self.read(&path).await
    }

    /// `GET …/interactionModel/locales/{locale}`; none where the locale has no model.
    pub(super) async fn model(&self, id: &SkillId, locale: &str) -> Result<Option<Etagged>, SmapiError> {
        let reply = match self.send(Method::GET, &model_path(id, locale), None, None).await {
            Ok(reply) => reply,
            Err(SmapiError::Gone) => return Ok(None),
            Err(error) => return Err(error),
        };
        let etag = reply.header("etag").map(str::to_owned);
        let body: Value = reply.json().ok_or(SmapiError::UnexpectedResponse("an interaction model"))?;
        Ok(Some(Etagged { content: json!({ "interactionModel": body["interactionModel"] }), etag }))
    }

    /// `PUT …/interactionModel/locales/{locale}`, if the model still has this tag. It is built in the background.
    /// Returns the new tag.
    pub(super) async fn put_model(
        &self,
        id: &SkillId,
        locale: &str,
        content: &Value,
        etag: Option<&str>,
    ) -> Result<Option<String>, SmapiError> {
        let reply = self.send(Method::PUT, &model_path(id, locale), etag, Some(content)).await?;
        Ok(reply.header("etag").map(str::to_owned))
    }

    /// `GET …/enablement`: whether the account's Echos may use the skill while it is in development.
    pub(super) async fn is_enabled(&self, id: &SkillId) -> Result<bool, SmapiError> {
        match self.send(Method::GET, &stage_path(id, "enablement"), None, None).await {
            Ok(_) => Ok(true),
            Err(SmapiError::Gone) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// `PUT …/enablement`.
    pub(super) async fn enable(&self, id: &SkillId) -> Result<(), SmapiError> {
        self.send(Method::PUT, &stage_path(id, "enablement"), None, None).await.map(drop)
    }

    /// `POST …/profileNlu`: the intent of an utterance without the invocation name.
    pub(super) async fn profile_nlu(
        &self,
        id: &SkillId,
        locale: &str,
        utterance: &str,
    ) -> Result<SelectedIntent, SmapiError> {
        let path = format!("{}/profileNlu", model_path(id, locale));
        let reply = self.send(Method::POST, &path, None, Some(&json!({ "utterance": utterance }))).await?;
        let body: Value = reply.json().ok_or(SmapiError::UnexpectedResponse("a test of a sentence"))?;
        Ok(SelectedIntent(body["selectedIntent"]["name"].as_str().map(str::to_owned)))
    }

    async fn read(&self, path: &str) -> Result<Value, SmapiError> {
        let reply = self.send(Method::GET, path, None, None).await?;
        reply.json().ok_or(SmapiError::UnexpectedResponse("a question about the skill"))
    }

    /// Sends a request, and once more with a new token where its token was not accepted.
    async fn send(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: Option<&Value>,
    ) -> Result<AmazonResponse, SmapiError> {
        let call = |token: &SecretString| {
            let mut call = AmazonRequest::new(method.clone(), &AmazonHost::capabilities(), path)
                .header(ACCEPT, "application/json")
                .header(AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
            if let Some(etag) = etag {
                call = call.header(IF_MATCH, etag);
            }
            match body {
                Some(body) => call.body("application/json", SecretString::from(body.to_string())),
                None => call,
            }
        };
        let token = self.tokens.token().await?;
        let reply = self.services.transport.send(&call(&token)).await?;
        if reply.status != 401 {
            return self.classify(reply);
        }
        let token = self.tokens.refresh(Some(&token)).await?;
        let reply = self.services.transport.send(&call(&token)).await?;
        self.classify(reply)
    }

    fn classify(&self, reply: AmazonResponse) -> Result<AmazonResponse, SmapiError> {
        let unexpected = SmapiError::UnexpectedResponse("a question about the skill");
        Err(match reply.status {
            200..=299 if reply.is_page() => unexpected,
            200..=299 => return Ok(reply),
            400 => SmapiError::Invalid(reasons(&reply)),
            401 => SmapiError::TokenRefused,
            403 => SmapiError::Forbidden(reasons(&reply).join("; ")),
            404 => SmapiError::Gone,
            409 => SmapiError::Busy,
            412 => SmapiError::Stale,
            429 => {
                SmapiError::Throttled { until: self.services.deps.clock.now().plus(self.backoff(&reply)?) }
            }
            500..=599 => SmapiError::Unavailable(reply.status),
            _ => unexpected,
        })
    }

    /// Time without requests after a throttle.
    fn backoff(&self, reply: &AmazonResponse) -> Result<Duration, NoRandomness> {
        let retry_after = reply.header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
        match retry_after {
            Some(seconds) => Ok(Duration::from_secs(seconds).min(MAX_BACKOFF)),
            None => jittered(self.services.deps.random.as_ref(), BACKOFF),
        }
    }
}

fn stage_path(id: &SkillId, part: &str) -> String {
    format!("/v1/skills/{}/stages/development/{part}", id.as_str())
}

fn model_path(id: &SkillId, locale: &str) -> String {
    stage_path(id, &format!("interactionModel/locales/{locale}"))
}

/// Amazon's reasons for an error, in its own words.
fn reasons(reply: &AmazonResponse) -> Vec<String> {
    let body: Value = reply.json().unwrap_or_default();
    let mut reasons = messages(&body["violations"]);
    if reasons.is_empty() {
        reasons = messages(&json!([body]));
    }
    if reasons.is_empty() {
        reasons.push(format!("status {}", reply.status));
    }
    reasons
}

/// The messages of a list of errors, without control characters.
pub(super) fn messages(errors: &Value) -> Vec<String> {
    let errors = errors.as_array().map_or(&[][..], Vec::as_slice);
    let texts = errors.iter().filter_map(|error| error["message"].as_str()).filter(|text| !text.is_empty());
    texts
        .map(|text| text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect())
        .take(MAX_REASONS)
        .collect()
}
