//! The place where a person acts on a finding of the checks.

use super::PagePart;
use crate::diagnostics::{Address, Finding, PublicOrigin, PublicOriginProblem, ReportedFinding, Verdict};

/// The place for a finding; none where all is well, for what no page mends, and for a code of another release.
pub(in crate::web) fn of_finding(finding: &ReportedFinding) -> Option<PagePart> {
    match finding.known()? {
        Finding::SettingMalformed { .. } => PagePart::of_setting(finding.details.get("setting")?),
        known => PagePart::of(known),
    }
}

/// Whether a finding is no problem, but a step that was not taken yet.
pub(in crate::web) fn is_not_set_up(finding: &ReportedFinding) -> bool {
    let is_first = matches!(
        finding.known(),
        Some(
            Finding::StreamNotSet
                | Finding::SkillUnknown
                | Finding::PushNever
                | Finding::AmazonNotSignedIn
                | Finding::EndpointNotSet
        )
    );
    finding.verdict != Verdict::Ok && is_first
}

/// The place of every finding by its variant. The compiler holds the table to be complete.
macro_rules! places {
    ($finding:ident: $($place:expr => $($name:ident)+;)+) => {
        match $finding {
            Finding::AtAddress { address, .. } => Some(Self::of_address(*address)),
            Finding::AtPublicOrigin { origin, problem, .. } => Some(Self::of_origin(*origin, problem)),
            $($(Finding::$name { .. } => $place,)+)+
        }
    };
}

impl PagePart {
    fn of(finding: &Finding) -> Option<Self> {
        places! { finding:
            Some(Self::DoorUrl) => DoorPort StreamNotSet ArtNotSet EndpointNotSet;
            Some(Self::DoorWays) => DoorCertificateFailed GrantKeysMissing DoorNotOurs DoorLeadsToPages
                DoorAnswersMore DoorFiltered DoorOtherKeys DoorWrongStatus EndpointTakesNothing;
            Some(Self::MaStreamOrigin) => DoorWithoutMa DoorFetchFailed DoorNotFound DoorNotAudio;
            Some(Self::StreamBaseUrl) => StreamPort StreamNotAudio;
            Some(Self::ArtBaseUrl) => ArtPort ArtNotImage;
            Some(Self::AddressCheck) => PlaybackFailedInvalidRequest PlaybackFailedServiceUnavailable
                PlaybackNotReported;
            Some(Self::ApiUrl) => ApiNotSet ApiNotEncrypted ApiNotOurs ApiOtherRelease;
            Some(Self::connection()) => MaApiNotSet MaApiNotEncrypted MaApiNotMa MaApiTokenMissing
                MaApiTokenRefused MaApiGuest;
            Some(Self::Developer) => DeveloperNotSignedIn DeveloperSignInEnded;
            Some(Self::Household) => AmazonNotSignedIn AmazonSignInEnded AmazonUnreadable LiveNotSignedIn
                LiveWithoutDevice LiveRefused;
            Some(Self::SkillForm) => SkillUnknown SkillGone SkillPointsNowhere SkillPointsElsewhere
                SkillCertificateTypeWrong SkillTestingOff SkillLocaleMissing SkillModelNotBuilt SkillBuildFailed
                InvocationNameDiffers RendererNeverAsked;
            Some(Self::InvocationName) => InvocationNameIllegal InvocationNameNotMa;
            Some(Self::Locale) => LocaleMaCannotStart EchoLanguageDiffers;
            Some(Self::Provider) => ProviderNeverAsked ProviderStale PushNever;
            Some(Self::Players) => RenderersPortTaken RenderersNoNetwork RenderersNotAnnounced
                RenderersNotSearched RenderersNotReached StartNotTaken;
            Some(Self::Pairing) => EchoNotPaired PairingAsleep EchoNever;
            Some(Self::Devices) => StartContested StartsAstray RendererOffline RendererDidNotPlay MaApiPlayerAway;
            Some(Self::Log) => AnswerRefused RendererRefused;
            // A variable names no field here; the details do.
            None => SettingMalformed;
            // Only another program or machine mends it, or nothing is wrong.
            None => CredentialsMissing SecretsUnreadable DiskFull ClockWrong ClockUnknown ApiBusy ApiWrongStatus
                DoorAudioUnknown StreamAudioUnknown ArtNotThroughDoor ArtOldRelease ArtUnknown SkillModelBuilding
                DeveloperUnavailable PushNotYet EchoNotYet PlaybackNotYet PlaybackFailedInternalServerError
                PlaybackFailedInternalDeviceError PlaybackFailedUnknown PlaybackSilent AmazonThrottled
                AmazonTokenStale LiveConnecting LiveSilent LiveNoHttp2 LiveUnreachable LiveEnded LiveMalformed
                LiveStorm MaApiWrongStatus MaApiSchemaUnknown MaApiPlayerMissing;
            None => ConfigurationOk ClockOk ApiOk DoorOk DoorNotPublic StreamOk StreamThroughDoor ArtOk
                ArtThroughDoor SkillOk LanguageOk PushOk EchoOk PlaybackOk AmazonOk LiveOk LiveElsewhere LiveNotHere
                RenderersOk RenderersNotHere RenderersOff RenderersNone RenderersWaiting MaApiOk;
        }
    }

    fn of_address(address: Address) -> Self {
        match address {
            Address::Door => Self::DoorUrl,
            Address::Stream => Self::StreamBaseUrl,
            Address::Art => Self::ArtBaseUrl,
            Address::Api => Self::ApiUrl,
            Address::Endpoint => Self::SkillEndpoint,
            Address::MaApi => Self::connection(),
        }
    }

    fn of_origin(origin: PublicOrigin, problem: &PublicOriginProblem) -> Self {
        match (problem, origin) {
            (
                PublicOriginProblem::FetchesForeign
                | PublicOriginProblem::LeaksCommands { .. }
                | PublicOriginProblem::LeaksPages { .. }
                | PublicOriginProblem::NotFound { .. }
                | PublicOriginProblem::WrongStatus { .. },
                PublicOrigin::Stream | PublicOrigin::Art,
            ) => Self::Proxies,
            (
                PublicOriginProblem::AnswersEverything | PublicOriginProblem::StillPublic,
                PublicOrigin::Stream,
            ) => Self::StreamBaseUrl,
            (
                PublicOriginProblem::AnswersEverything | PublicOriginProblem::StillPublic,
                PublicOrigin::Art,
            ) => Self::ArtBaseUrl,
        }
    }
}
