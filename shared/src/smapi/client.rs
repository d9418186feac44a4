//! One request to skill management, and what its answer means.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, IF_MATCH};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::error::SmapiError;
use super::manager::SkillManager;
use crate::account::AmazonHost;
use crate::amazon::{Call, Reply};
use crate::config::SkillId;

/// How long nothing is sent after a throttle that says nothing, at least; as much again comes on top by chance.
const BACKOFF: Duration = Duration::from_secs(5);

/// Longest wait that is taken from Amazon.
pub(super) const LONGEST: Duration = Duration::from_mins(15);

/// Longest text of Amazon's that is handed on, in characters.
const SAID: usize = 300;

/// Most reasons of Amazon's that are handed on.
const REASONS: usize = 10;

/// How many questions about a skill are asked at once: more, and Amazon throttles.
pub(super) const AT_ONCE: usize = 4;

/// A part of a skill, with the tag that a write of it may name.
#[derive(Clone, Debug)]
pub(super) struct Tagged {
    pub(super) content: Value,
    pub(super) etag: Option<String>,
}

/// What became of a profiled utterance.
#[derive(Clone, Debug)]
pub(super) struct Landed(pub(super) Option<String>);

impl SkillManager {
    /// `GET /v1/vendors`.
    pub(super) async fn vendors(&self) -> Result<Vec<Value>, SmapiError> {
        let body = self.read("/v1/vendors").await?;
        body["vendors"].as_array().cloned().ok_or(SmapiError::Changed("the list of vendors"))
    }

    /// One page of the list of skills: the skills, and what asks for the next page.
    pub(super) async fn skills(
        &self,
        vendor: &str,
        from: Option<&str>,
    ) -> Result<(Vec<Value>, Option<String>), SmapiError> {
        let further = from.map(|from| ("nextToken", from));
        let pairs = [("vendorId", vendor), ("maxResults", "50")].into_iter().chain(further);
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let body = self.read(&format!("/v1/skills?{query}")).await?;
        let skills = body["skills"].as_array().cloned().ok_or(SmapiError::Changed("the list of skills"))?;
        let next = body["nextToken"].as_str().filter(|next| !next.is_empty() && Some(*next) != from);
        let is_cut = body["isTruncated"].as_bool().unwrap_or(next.is_some());
        Ok((skills, next.filter(|_| is_cut).map(str::to_owned)))
    }

    /// Makes a skill; its id.
    pub(super) async fn create_skill(&self, vendor: &str, manifest: &Value) -> Result<SkillId, SmapiError> {
        let body = json!({ "vendorId": vendor, "manifest": manifest });
        let reply = self.send(Method::POST, "/v1/skills", None, Some(&body)).await?;
        let id = reply.json::<Value>().and_then(|body| SkillId::parse(body["skillId"].as_str()?).ok());
        id.ok_or(SmapiError::Changed("a new skill"))
    }

    /// The manifest of a skill.
    pub(super) async fn manifest(&self, id: &SkillId) -> Result<Tagged, SmapiError> {
        let reply = self.send(Method::GET, &stage(id, "manifest"), None, None).await?;
        let etag = reply.header("etag").map(str::to_owned);
        let body: Value = reply.json().ok_or(SmapiError::Changed("a manifest"))?;
        let content = body.get("manifest").filter(|manifest| manifest.is_object()).cloned();
        Ok(Tagged { content: content.ok_or(SmapiError::Changed("a manifest"))?, etag })
    }

    /// Writes a manifest, if it is still the one with this tag. It is changed in the background.
    pub(super) async fn put_manifest(
        &self,
        id: &SkillId,
        manifest: &Value,
        etag: Option<&str>,
    ) -> Result<Option<String>, SmapiError> {
        let body = json!({ "manifest": manifest });
        let reply = self.send(Method::PUT, &stage(id, "manifest"), etag, Some(&body)).await?;
        Ok(reply.header("etag").map(str::to_owned))
    }

    /// What the last changes of a skill came to.
    pub(super) async fn status(&self, id: &SkillId) -> Result<Value, SmapiError> {
        let path = format!("/v1/skills/{}/status?resource=manifest&resource=interactionModel", id.as_str());
        self.read(&path).await
    }

    /// The model of a locale; none where there is none.
    pub(super) async fn model(&self, id: &SkillId, locale: &str) -> Result<Option<Tagged>, SmapiError> {
        let reply = match self.send(Method::GET, &model(id, locale), None, None).await {
            Ok(reply) => reply,
            Err(SmapiError::Gone) => return Ok(None),
            Err(error) => return Err(error),
        };
        let etag = reply.header("etag").map(str::to_owned);
        let body: Value = reply.json().ok_or(SmapiError::Changed("an interaction model"))?;
        Ok(Some(Tagged { content: json!({ "interactionModel": body["interactionModel"] }), etag }))
    }

    /// Writes the model of a locale, if it is still the one with this tag. It is built in the background.
    pub(super) async fn put_model(
        &self,
        id: &SkillId,
        locale: &str,
        content: &Value,
        etag: Option<&str>,
    ) -> Result<Option<String>, SmapiError> {
        let reply = self.send(Method::PUT, &model(id, locale), etag, Some(content)).await?;
        Ok(reply.header("etag").map(str::to_owned))
    }

    /// Whether the skill may be used on the account's Echos while it is in development.
    pub(super) async fn is_enabled(&self, id: &SkillId) -> Result<bool, SmapiError> {
        match self.send(Method::GET, &stage(id, "enablement"), None, None).await {
            Ok(_) => Ok(true),
            Err(SmapiError::Gone) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Lets it be used.
    pub(super) async fn enable(&self, id: &SkillId) -> Result<(), SmapiError> {
        self.send(Method::PUT, &stage(id, "enablement"), None, None).await.map(|_| ())
    }

    /// At which intent an utterance without the invocation name lands.
    pub(super) async fn profile_nlu(
        &self,
        id: &SkillId,
        locale: &str,
        utterance: &str,
    ) -> Result<Landed, SmapiError> {
        let path = format!("{}/profileNlu", model(id, locale));
        let reply = self.send(Method::POST, &path, None, Some(&json!({ "utterance": utterance }))).await?;
        let body: Value = reply.json().ok_or(SmapiError::Changed("a test of a sentence"))?;
        Ok(Landed(body["selectedIntent"]["name"].as_str().map(str::to_owned)))
    }

    async fn read(&self, path: &str) -> Result<Value, SmapiError> {
        let reply = self.send(Method::GET, path, None, None).await?;
        reply.json().ok_or(SmapiError::Changed("a question about the skill"))
    }

    /// Sends a request, with a new token where the one before is not accepted any more.
    async fn send(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Reply, SmapiError> {
        let token = self.token().await?;
        let call = |token: &SecretString| {
            let mut call = Call::new(method.clone(), &AmazonHost::capabilities(), path)
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
        let reply = self.parts().transport.send(&call(&token)).await?;
        if reply.status != 401 {
            return self.sort(reply);
        }
        let token = self.renew(Some(&token)).await?;
        let reply = self.parts().transport.send(&call(&token)).await?;
        self.sort(reply)
    }

    fn sort(&self, reply: Reply) -> Result<Reply, SmapiError> {
        Err(match reply.status {
            200..=299 if reply.is_page() => SmapiError::Changed("a question about the skill"),
            200..=299 => return Ok(reply),
            400 => SmapiError::Invalid(reasons(&reply)),
            401 => SmapiError::TokenRefused,
            403 => SmapiError::Forbidden(reasons(&reply).join("; ")),
            404 => SmapiError::Gone,
            409 => SmapiError::Busy,
            412 => SmapiError::Stale,
            429 => SmapiError::Throttled { until: self.parts().clock.now().plus(self.pause(&reply)?) },
            500..=599 => SmapiError::Unavailable(reply.status),
            _ => SmapiError::Changed("a question about the skill"),
        })
    }

    /// How long Amazon wants nothing.
    fn pause(&self, reply: &Reply) -> Result<Duration, SmapiError> {
        let asked = reply.header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
        if let Some(seconds) = asked {
            return Ok(Duration::from_secs(seconds).min(LONGEST));
        }
        self.spread(BACKOFF)
    }

    /// So long, and up to as much again by chance, so that those who were refused together do not come back together.
    pub(super) fn spread(&self, span: Duration) -> Result<Duration, SmapiError> {
        let mut chance = [0; 1];
        self.parts().random.fill(&mut chance)?;
        Ok(span + span * u32::from(chance[0]) / 255)
    }
}

fn stage(id: &SkillId, part: &str) -> String {
    format!("/v1/skills/{}/stages/development/{part}", id.as_str())
}

fn model(id: &SkillId, locale: &str) -> String {
    stage(id, &format!("interactionModel/locales/{locale}"))
}

/// What Amazon says is wrong, in its own words.
fn reasons(reply: &Reply) -> Vec<String> {
    let body: Value = reply.json().unwrap_or_default();
    let mut said = messages(&body["violations"]);
    if said.is_empty() {
        said = messages(&json!([body]));
    }
    if said.is_empty() {
        said.push(format!("status {}", reply.status));
    }
    said
}

/// The messages of a list of errors.
pub(super) fn messages(errors: &Value) -> Vec<String> {
    let errors = errors.as_array().map_or(&[][..], Vec::as_slice);
    let said = errors.iter().filter_map(|error| error["message"].as_str()).filter(|text| !text.is_empty());
    said.map(|text| text.chars().filter(|c| !c.is_control()).take(SAID).collect()).take(REASONS).collect()
}
