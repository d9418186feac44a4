//! Problems of the developer account and the skill: their texts, and where a person acts on them.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::smapi::SmapiError;
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

/// The problems by their codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "kebab-case")]
enum ProblemCode {
    NotSignedIn,
    SignInAgain,
    ProfileIdAsSecret,
    ProfileId,
    ProfileNoSecret,
    ProfileSecret,
    LoginNotBegun,
    LoginExpired,
    LoginReturnUnusable,
    LoginAddressElsewhere,
    LoginAddressNoState,
    LoginAddressNoCode,
    LoginWrongState,
    LoginUsed,
    LoginDenied,
    LoginRefused,
    LoginCodeRefused,
    InvalidClient,
    NoVendor,
    NoLocale,
    Certificate,
    Busy,
    Gone,
    Forbidden,
    NotAccepted,
    ChangedMeanwhile,
    TokenRefused,
    AmazonUnavailable,
    AmazonChanged,
    Overtaken,
    Store,
    Secrets,
    AmazonCertificate,
    NoAnswer,
    PermissionDenied,
    PermissionUnknown,
    PermissionUnavailable,
    Throttled,
    Internal,
    CreateFailed,
    SkillSlow,
    ManifestFailed,
    ManifestKept,
    ManifestSlow,
    ModelSlow,
    BuildFailed,
    BuildSlow,
    SentenceElsewhere,
}

impl ProblemCode {
    /// The place where a person acts on it; none for what another program or time mends.
    fn place(self) -> Option<PagePart> {
        match self {
            Self::NotSignedIn
            | Self::SignInAgain
            | Self::ProfileIdAsSecret
            | Self::ProfileId
            | Self::ProfileNoSecret
            | Self::ProfileSecret
            | Self::LoginNotBegun
            | Self::LoginExpired
            | Self::LoginReturnUnusable
            | Self::LoginAddressElsewhere
            | Self::LoginAddressNoState
            | Self::LoginAddressNoCode
            | Self::LoginWrongState
            | Self::LoginUsed
            | Self::LoginDenied
            | Self::LoginRefused
            | Self::LoginCodeRefused
            | Self::InvalidClient
            | Self::NoVendor
            | Self::Forbidden
            | Self::TokenRefused => Some(PagePart::Developer),
            Self::NoLocale | Self::Gone => Some(PagePart::SkillForm),
            Self::BuildFailed => Some(PagePart::InvocationName),
            Self::Certificate => Some(PagePart::DoorUrl),
            Self::Busy
            | Self::NotAccepted
            | Self::ChangedMeanwhile
            | Self::AmazonUnavailable
            | Self::AmazonChanged
            | Self::Overtaken
            | Self::Store
            | Self::Secrets
            | Self::AmazonCertificate
            | Self::NoAnswer
            | Self::PermissionDenied
            | Self::PermissionUnknown
            | Self::PermissionUnavailable
            | Self::Throttled
            | Self::Internal
            | Self::CreateFailed
            | Self::SkillSlow
            | Self::ManifestFailed
            | Self::ManifestKept
            | Self::ManifestSlow
            | Self::ModelSlow
            | Self::BuildSlow
            | Self::SentenceElsewhere => None,
        }
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
        let place = code.parse().ok().and_then(ProblemCode::place);
        Self {
            problem: text("problem"),
            remedy: text("cure"),
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
    let place = error.code().parse().ok().and_then(ProblemCode::place);
    Flash::bad("setup-problem", &[("problem", &shown.problem), ("cure", &shown.remedy)]).mended_at(place)
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
