//! Findings of the checks: the code, verdict and details of each, in one table.
//!
//! The name of a variant in kebab case is its code, and its fields are its details. A code never changes its meaning.
//! The texts `doctor-CODE` and `doctor-CODE-remedy` of the pages say the same to people.

mod address;
mod detail;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoEnumIterator as _, IntoStaticStr};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use detail::{Detail as _, Details};

pub(super) use detail::time;

pub(crate) use address::{AccessProblem, Address, PublicOrigin, PublicOriginProblem};

/// The result of a check or a finding.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case")]
pub enum Verdict {
    /// Everything is in order.
    Ok,
    /// The state cannot be determined from here.
    #[serde(rename = "not_checkable")]
    #[strum(serialize = "not-checkable")]
    Unknown,
    /// Something does not work, or lets out more than it should.
    Broken,
}

impl Verdict {
    /// The name in keys of texts, in kebab case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A finding as reports hold it: a report of another release may have codes that are unknown here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedFinding {
    /// The code, in kebab case.
    pub code: String,
    /// The verdict of this finding alone.
    pub verdict: Verdict,
    /// The values in the texts, by name.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
}

impl From<&Finding> for ReportedFinding {
    fn from(finding: &Finding) -> Self {
        Self { code: finding.code(), verdict: finding.verdict(), details: finding.details() }
    }
}

/// A sample of every finding, by its code.
static BY_CODE: LazyLock<BTreeMap<String, Finding>> = LazyLock::new(|| {
    Finding::iter().flat_map(Finding::variations).map(|finding| (finding.code(), finding)).collect()
});

impl ReportedFinding {
    /// The finding of its code, without the details; none for a code of another release.
    pub(crate) fn known(&self) -> Option<&'static Finding> {
        BY_CODE.get(&self.code)
    }
}

/// A sample of every finding, with empty details.
#[must_use]
pub fn all_findings() -> Vec<ReportedFinding> {
    Finding::iter().flat_map(Finding::variations).map(|finding| (&finding).into()).collect()
}

/// The findings of a check; `ok` where there are none.
pub(super) fn or_ok(findings: Vec<Finding>, ok: Finding) -> Vec<Finding> {
    if findings.is_empty() { vec![ok] } else { findings }
}

/// Defines [`Finding`] by a table: the verdict, the variant and its details.
macro_rules! findings {
    ($($verdict:ident $name:ident $({ $($detail:ident: $type:ty),+ })?,)+) => {
        /// A finding of a check. The variants stand in the order of the checks.
        #[derive(Clone, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
        #[strum(serialize_all = "kebab-case")]
        pub(crate) enum Finding {
            $($name $({ $($detail: $type),+ })?,)+
        }

        impl Finding {
            /// The verdict of this finding alone.
            pub(super) fn verdict(&self) -> Verdict {
                match self {
                    $(Self::$name { .. } => Verdict::$verdict,)+
                }
            }

            /// The values in the texts, by name.
            fn details(&self) -> Details {
                let mut details = Details::new();
                match self {
                    $(Self::$name $({ $($detail),+ })? => {
                        $($($detail.write(stringify!($detail).trim_start_matches("r#"), &mut details);)+)?
                    })+
                }
                details
            }
        }
    };
}

findings! {
    // An address, and then a public origin, of any check: their codes are composed.
    Broken AtAddress { address: Address, host: String, problem: AccessProblem },
    Broken AtPublicOrigin { origin: PublicOrigin, host: String, problem: PublicOriginProblem },

    Ok ConfigurationOk,
    Broken SettingMalformed { setting: &'static str, example: &'static str },
    Broken CredentialsMissing { place: String },
    Broken SecretsUnreadable { place: String },
    Broken DiskFull,

    Ok ClockOk { host: String },
    Broken ClockWrong { host: String, minutes: u64 },
    Unknown ClockUnknown,

    Ok ApiOk { host: String },
    Unknown ApiNotSet,
    Broken ApiNotEncrypted { host: String },
    Broken ApiNotOurs { host: String },
    Unknown ApiBusy { host: String, status: u16 },
    Broken ApiWrongStatus { host: String, status: u16 },
    Broken ApiOtherRelease { host: String, found: String, ours: &'static str },

    Ok DoorOk { host: String },
    Ok DoorNotPublic,
    Broken GrantKeysMissing { place: String },
    Broken DoorCertificateFailed { name: String, reason: String, cause: String, at: Timestamp },
    Unknown DoorPort { host: String, port: u16, setting: &'static str },
    Broken DoorNotOurs { host: String },
    Broken DoorLeadsToPages { host: String },
    Broken DoorAnswersMore { host: String, path: String, status: u16 },
    Unknown DoorFiltered { host: String },
    Broken DoorOtherKeys { host: String },
    Broken DoorWrongStatus { host: String, status: u16 },
    Broken DoorWithoutMa { host: String },
    Broken DoorFetchFailed { reason: String, at: Timestamp },
    Broken DoorNotFound { host: String, player: String },
    Broken DoorNotAudio { host: String, r#type: String },
    Unknown DoorAudioUnknown { host: String },

    Ok StreamOk { host: String },
    Ok StreamThroughDoor,
    Broken StreamNotSet,
    Unknown StreamPort { host: String, port: u16, setting: &'static str },
    Broken StreamNotAudio { host: String, r#type: String },
    Unknown StreamAudioUnknown { host: String },

    Ok ArtOk { host: String },
    Ok ArtThroughDoor,
    Broken ArtNotThroughDoor { host: String, player: String, status: u16 },
    Unknown ArtNotSet,
    Unknown ArtPort { host: String, port: u16, setting: &'static str },
    Broken ArtNotImage { host: String, r#type: String },
    Unknown ArtOldRelease { host: String },
    Unknown ArtUnknown { host: String },

    Ok SkillOk { locales: String },
    Broken SkillUnknown,
    Broken SkillGone { skill: String },
    Broken SkillPointsNowhere { expected: String },
    Broken SkillPointsElsewhere { found: String, expected: String },
    Broken SkillCertificateTypeWrong { found: String, expected: &'static str },
    Broken SkillTestingOff,
    Broken SkillLocaleMissing { locale: String },
    Broken SkillModelNotBuilt { locale: String },
    Unknown SkillModelBuilding { locale: String },
    Broken SkillBuildFailed { locale: String, reason: String },
    Unknown DeveloperNotSignedIn,
    Broken DeveloperSignInEnded { at: Timestamp },
    Unknown DeveloperUnavailable,
    Unknown EndpointNotSet,
    Broken EndpointTakesNothing { host: String, status: u16 },

    Ok LanguageOk { locale: String, name: String },
    Broken InvocationNameIllegal { name: String },
    Broken InvocationNameDiffers { locale: String, found: String, expected: String },
    Broken InvocationNameNotMa { name: String },
    Unknown ProviderNeverAsked,
    Broken ProviderStale { at: Timestamp },
    Broken LocaleMaCannotStart { locale: String },
    Broken EchoLanguageDiffers { echo: String, locale: String },

    Ok PushOk { player: String, at: Timestamp },
    Broken PushNever,
    Unknown PushNotYet,

    Ok EchoOk { at: Option<Timestamp> },
    Broken EchoNever { player: String },
    Unknown EchoNotYet,
    Broken EchoNotPaired { player: String },
    Broken PairingAsleep { player: String },
    Broken StartContested { player: String },
    Broken StartNotTaken { player: String, at: Timestamp },
    Broken StartsAstray { player: String, count: u32, echo: String },

    Ok PlaybackOk { player: String, at: Option<Timestamp> },
    Unknown PlaybackNotYet,
    Broken PlaybackFailedInvalidRequest { player: String, at: Timestamp },
    Broken PlaybackFailedServiceUnavailable { player: String, at: Timestamp },
    Broken PlaybackFailedInternalServerError { player: String, at: Timestamp },
    Broken PlaybackFailedInternalDeviceError { player: String, at: Timestamp },
    Broken PlaybackFailedUnknown { player: String, at: Timestamp },
    Broken PlaybackSilent { player: String, at: Timestamp },
    Broken PlaybackNotReported { player: String, at: Timestamp },
    Broken AnswerRefused { error: String, at: Timestamp },

    Ok AmazonOk { marketplace: String },
    Unknown AmazonNotSignedIn,
    Broken AmazonSignInEnded { at: Timestamp, reason: String },
    Broken AmazonThrottled { until: Timestamp },
    Broken AmazonTokenStale { at: Timestamp },
    Broken AmazonUnreadable { place: String },

    Ok LiveOk { region: &'static str, since: Timestamp, at: Option<Timestamp>, count: u32 },
    Ok LiveElsewhere,
    Ok LiveNotHere,
    Unknown LiveNotSignedIn,
    Unknown LiveConnecting,
    Broken LiveWithoutDevice { at: Timestamp },
    Broken LiveRefused { at: Timestamp },
    Broken LiveSilent { at: Timestamp },
    Broken LiveNoHttp2 { host: String, at: Timestamp },
    Broken LiveUnreachable { host: String, at: Timestamp },
    Broken LiveEnded { at: Timestamp },
    Broken LiveMalformed { at: Timestamp },
    Broken LiveStorm { count: u32 },

    Ok RenderersOk { count: u32, all: u32, host: String, at: Timestamp },
    Ok RenderersNotHere,
    Ok RenderersOff,
    Ok RenderersNone,
    Ok RenderersWaiting,
    Broken RenderersPortTaken { port: u16 },
    Broken RenderersNoNetwork,
    Broken RenderersNotAnnounced,
    Unknown RenderersNotSearched,
    Unknown RenderersNotReached { port: u16, at: Timestamp },
    Broken RendererOffline { player: String, at: Timestamp },
    Broken RendererNeverAsked { player: String, at: Timestamp },
    Broken RendererDidNotPlay { player: String, at: Timestamp },
    Broken RendererRefused { player: String, reason: String, at: Timestamp },

    Ok MaApiOk { host: String, version: String },
    Unknown MaApiNotSet,
    Broken MaApiNotEncrypted { host: String },
    Broken MaApiNotMa { host: String },
    Broken MaApiTokenMissing { host: String },
    Broken MaApiTokenRefused { host: String },
    Broken MaApiWrongStatus { host: String, status: u16 },
    Broken MaApiSchemaUnknown { host: String, schema: u64 },
    Broken MaApiGuest { host: String, user: String },
    Unknown MaApiPlayerMissing { player: String },
    Unknown MaApiPlayerAway { player: String },
}

impl Finding {
    /// The code: the variant's name in kebab case, or one for each problem of an address or an origin.
    fn code(&self) -> String {
        match self {
            Self::AtAddress { address, problem, .. } => format!("{address}-{problem}"),
            Self::AtPublicOrigin { origin, problem, .. } => format!("{origin}-{problem}"),
            plain => <&'static str>::from(plain).to_owned(),
        }
    }

    /// This finding, or one for each code where its code is composed.
    fn variations(self) -> Vec<Self> {
        let host = String::new;
        match self {
            Self::AtAddress { .. } => Address::iter()
                .flat_map(|address| AccessProblem::iter().map(move |problem| (address, problem)))
                .map(|(address, problem)| Self::AtAddress { address, host: host(), problem })
                .collect(),
            Self::AtPublicOrigin { .. } => PublicOrigin::iter()
                .flat_map(|origin| PublicOriginProblem::iter().map(move |problem| (origin, problem)))
                .map(|(origin, problem)| Self::AtPublicOrigin { origin, host: host(), problem })
                .collect(),
            plain => vec![plain],
        }
    }
}
