//! Problems of the developer account and the skill: their texts, and where a person acts on them.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::smapi::{ProblemCode, SmapiError};
use crate::web::flash::Flash;
use crate::web::page::Page;
use crate::web::remedy::{Link, PagePart};

/// A problem as the pages show it.
#[derive(Clone, Debug)]
pub(super) struct ShownProblem {
    pub(super) problem: String,
    pub(super) remedy: String,
    /// The place where a person acts on it; none where that is in view.
    pub(super) link: Option<Link>,
}

/// The place where a person acts on a problem; none for what another program or time mends.
fn place(code: ProblemCode) -> Option<PagePart> {
    match code {
        ProblemCode::NotSignedIn
        | ProblemCode::SignInAgain
        | ProblemCode::ProfileIdAsSecret
        | ProblemCode::ProfileId
        | ProblemCode::ProfileNoSecret
        | ProblemCode::ProfileSecret
        | ProblemCode::LoginNotBegun
        | ProblemCode::LoginExpired
        | ProblemCode::LoginReturnUnusable
        | ProblemCode::LoginAddressElsewhere
        | ProblemCode::LoginAddressNoState
        | ProblemCode::LoginAddressNoCode
        | ProblemCode::LoginWrongState
        | ProblemCode::LoginUsed
        | ProblemCode::LoginDenied
        | ProblemCode::LoginRefused
        | ProblemCode::LoginCodeRefused
        | ProblemCode::InvalidClient
        | ProblemCode::NoVendor
        | ProblemCode::Forbidden
        | ProblemCode::TokenRefused => Some(PagePart::Developer),
        ProblemCode::NoLocale | ProblemCode::Gone => Some(PagePart::SkillForm),
        ProblemCode::BuildFailed => Some(PagePart::InvocationName),
        ProblemCode::Certificate => Some(PagePart::DoorUrl),
        ProblemCode::Busy
        | ProblemCode::NotAccepted
        | ProblemCode::ChangedMeanwhile
        | ProblemCode::AmazonUnavailable
        | ProblemCode::AmazonChanged
        | ProblemCode::Conflict
        | ProblemCode::Store
        | ProblemCode::Secrets
        | ProblemCode::AmazonCertificate
        | ProblemCode::NoAnswer
        | ProblemCode::PermissionDenied
        | ProblemCode::PermissionUnknown
        | ProblemCode::PermissionUnavailable
        | ProblemCode::Throttled
        | ProblemCode::Internal
        | ProblemCode::CreateFailed
        | ProblemCode::SkillSlow
        | ProblemCode::ManifestFailed
        | ProblemCode::ManifestKept
        | ProblemCode::ManifestSlow
        | ProblemCode::ModelSlow
        | ProblemCode::BuildSlow
        | ProblemCode::SentenceElsewhere => None,
    }
}

impl ShownProblem {
    /// The problem of this code with these values. A time is shown as it is from now.
    pub(super) fn new(page: &Page, code: &str, details: &BTreeMap<String, String>) -> Self {
        let shown = |value: &String| {
            Timestamp::parse_rfc3339(value).map_or_else(|| value.clone(), |at| page.time_from_now(at))
        };
        let values: Vec<(&str, String)> =
            details.iter().map(|(name, value)| (name.as_str(), shown(value))).collect();
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let text = |kind: &str| page.format(&format!("skill-{kind}-{code}"), &values);
        let place = code.parse().ok().and_then(place);
        Self {
            problem: text("problem"),
            remedy: text("remedy"),
            // The form of the skill may be folded on its own page.
            link: place.map(|place| place.link(page.language())),
        }
    }

    /// The problem of an error.
    pub(super) fn of(page: &Page, error: &SmapiError) -> Self {
        Self::new(page, error.code(), &error.details())
    }
}

/// The problem and the remedy, as one message.
pub(super) fn problem(page: &Page, error: &SmapiError) -> Flash {
    let shown = ShownProblem::of(page, error);
    Flash::bad("setup-problem", &[("problem", &shown.problem), ("remedy", &shown.remedy)])
        .mended_at(place(error.problem_code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_that_has_a_text_has_a_code() {
        let texts = include_str!("../../i18n/pages/en/skill.ftl");
        let codes = texts.lines().filter_map(|line| line.strip_prefix("skill-problem-")?.split_once(" ="));
        let codes: Vec<&str> = codes.map(|(code, _)| code).collect();
        assert!(codes.len() > 40, "{codes:?}");
        for code in codes {
            assert!(code.parse::<ProblemCode>().is_ok(), "{code}");
        }
    }
}
