//! Search for the vendor and for the skill among those of the account.

use std::collections::BTreeSet;

use serde_json::Value;

use super::client::{Etagged, SmapiClient};
use super::error::SmapiError;
use super::manifest;
use crate::config::{SkillId, SkillIds};

/// Roles in the order in which a vendor is chosen by them.
const ROLES: [&str; 3] = ["ROLE_OWNER", "ROLE_ADMINISTRATOR", "ROLE_DEVELOPER"];

/// Most pages of the list that are read.
const MAX_PAGES: usize = 100;

/// The result of a search.
#[derive(Debug)]
pub(super) enum SkillSearch {
    /// The skill.
    Skill(SkillId),
    /// No skill of the list is ours.
    Nothing,
    /// The list has further skills to examine.
    Continue,
}

/// The vendor whose skills are managed: of several the first that the person owns.
pub(super) async fn vendor(client: &SmapiClient) -> Result<String, SmapiError> {
    let vendors = client.vendors().await?;
    let has = |vendor: &Value, role: &str| {
        vendor["roles"].as_array().into_iter().flatten().any(|known| known == role)
    };
    let owned = ROLES.iter().find_map(|role| vendors.iter().find(|vendor| has(vendor, role)));
    let vendor = owned.or(vendors.first()).ok_or(SmapiError::NoVendor)?;
    let id = vendor["id"].as_str().ok_or(SmapiError::UnexpectedResponse("the list of vendors"))?;
    Ok(id.to_owned())
}

/// The first of these skills that Amazon shows, with its manifest. One of another account is an error, if there is no
/// other.
pub(super) async fn first_visible(
    client: &SmapiClient,
    ids: &SkillIds,
) -> Result<Option<(SkillId, Etagged)>, SmapiError> {
    let mut forbidden = None;
    for id in ids.iter() {
        match client.manifest(id).await {
            Ok(manifest) => return Ok(Some((id.clone(), manifest))),
            Err(SmapiError::Gone) => {}
            Err(error @ SmapiError::Forbidden(_)) => forbidden = forbidden.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    forbidden.map_or(Ok(None), Err)
}

/// Whether a skill is ours by its endpoint. One that is gone, or of another account, is not.
pub(super) async fn is_ours(
    client: &SmapiClient,
    id: &SkillId,
    endpoints: &[String],
) -> Result<bool, SmapiError> {
    match client.manifest(id).await {
        Ok(there) => Ok(manifest::is_ours(&there.content, endpoints)),
        Err(SmapiError::Gone | SmapiError::Forbidden(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The skill with one of our endpoints among those of the vendor. At most `most` skills are examined, and added to
/// `examined`; neither a name nor a place in the list makes a skill ours.
pub(super) async fn search(
    client: &SmapiClient,
    vendor: &str,
    endpoints: &[String],
    examined: &mut BTreeSet<String>,
    most: usize,
) -> Result<SkillSearch, SmapiError> {
    let (mut next, mut left) = (None::<String>, most);
    for _ in 0..MAX_PAGES {
        let (skills, further) = client.skills(vendor, next.as_deref()).await?;
        for id in skills.iter().filter_map(candidate) {
            if examined.contains(id.as_str()) {
                continue;
            }
            if left == 0 {
                return Ok(SkillSearch::Continue);
            }
            left -= 1;
            if is_ours(client, &id, endpoints).await? {
                return Ok(SkillSearch::Skill(id));
            }
            examined.insert(id.as_str().to_owned());
        }
        match further {
            Some(further) => next = Some(further),
            None => return Ok(SkillSearch::Nothing),
        }
    }
    Ok(SkillSearch::Nothing)
}

/// The id of a listed skill that may be ours: a custom one, in development.
fn candidate(skill: &Value) -> Option<SkillId> {
    let is_custom = skill["apis"].as_array().is_none_or(|apis| apis.iter().any(|api| api == "custom"));
    let in_development =
        skill["stage"].as_str().is_none_or(|stage| stage.eq_ignore_ascii_case("development"));
    let id = SkillId::parse(skill["skillId"].as_str()?).ok()?;
    (is_custom && in_development).then_some(id)
}
