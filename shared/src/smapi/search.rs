//! Finding whose skills they are, and which of them is ours.

use std::collections::BTreeSet;

use serde_json::Value;

use super::error::SmapiError;
use super::manager::SkillManager;
use super::manifest;
use crate::config::{SkillEndpoint, SkillId};
use crate::probe::Question;

/// Roles in the order in which a vendor is chosen by them.
const ROLES: [&str; 3] = ["ROLE_OWNER", "ROLE_ADMINISTRATOR", "ROLE_DEVELOPER"];

/// Most pages of the list that are read.
const PAGES: usize = 100;

/// How a search for our skill ended.
#[derive(Debug)]
pub(super) enum Found {
    /// It is this one.
    Skill(SkillId),
    /// It is none of them.
    Nothing,
    /// There are more to look at.
    More,
}

impl SkillManager {
    /// The vendor whose skills are managed: of several the first that the person owns.
    pub(super) async fn vendor(&self) -> Result<String, SmapiError> {
        let vendors = self.vendors().await?;
        let has = |vendor: &Value, role: &str| {
            vendor["roles"].as_array().into_iter().flatten().any(|known| known == role)
        };
        let owned = ROLES.iter().find_map(|role| vendors.iter().find(|vendor| has(vendor, role)));
        let vendor = owned.or(vendors.first()).ok_or(SmapiError::NoVendor)?;
        let id = vendor["id"].as_str().ok_or(SmapiError::Changed("the list of vendors"))?;
        Ok(id.to_owned())
    }

    /// Looks for the skill with one of our endpoints among those that were not examined, at most `most` of them; neither a
    /// name nor a place in the list makes a skill ours.
    pub(super) async fn search(
        &self,
        vendor: &str,
        endpoints: &[String],
        examined: &mut BTreeSet<String>,
        most: usize,
    ) -> Result<Found, SmapiError> {
        let (mut next, mut left) = (None::<String>, most);
        for _ in 0..PAGES {
            let (skills, further) = self.skills(vendor, next.as_deref()).await?;
            for id in skills.iter().filter_map(candidate) {
                if examined.contains(id.as_str()) {
                    continue;
                }
                if left == 0 {
                    return Ok(Found::More);
                }
                left -= 1;
                match self.manifest(&id).await {
                    Ok(there) if manifest::is_ours(&there.content, endpoints) => return Ok(Found::Skill(id)),
                    Ok(_) | Err(SmapiError::Gone | SmapiError::Forbidden(_)) => {}
                    Err(error) => return Err(error),
                }
                examined.insert(id.as_str().to_owned());
            }
            match further {
                Some(further) => next = Some(further),
                None => return Ok(Found::Nothing),
            }
        }
        Ok(Found::Nothing)
    }

    /// The type of the endpoint's certificate, as the endpoint shows it; none for a function, which has none.
    pub(super) async fn certificate(&self, endpoint: &str) -> Result<Option<&'static str>, SmapiError> {
        let Ok(SkillEndpoint::Https(url)) = SkillEndpoint::parse(endpoint) else {
            return Ok(None);
        };
        let problem = |text: &str| SmapiError::Certificate(text.to_owned());
        let host = url.host_str().unwrap_or_default().to_owned();
        let answer = self.parts().prober.ask(&Question::head(url)).await;
        let leaf = answer.map_err(|error| problem(&error.to_string()))?.leaf;
        let leaf = leaf.ok_or_else(|| problem("the address shows no certificate"))?;
        let kind = leaf.kind_for(&host).ok_or_else(|| problem("the certificate is for another name"))?;
        Ok(Some(kind.as_str()))
    }
}

/// A skill of the list that may be ours: a custom one, in development.
fn candidate(skill: &Value) -> Option<SkillId> {
    let is_custom = skill["apis"].as_array().is_none_or(|apis| apis.iter().any(|api| api == "custom"));
    let in_development =
        skill["stage"].as_str().is_none_or(|stage| stage.eq_ignore_ascii_case("development"));
    let id = SkillId::parse(skill["skillId"].as_str()?).ok()?;
    (is_custom && in_development).then_some(id)
}
