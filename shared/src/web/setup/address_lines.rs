//! The check of the public addresses as lines that people read: name, port, certificate, streams and so on.

use super::address_check::{AddressCheck, CheckStage, is_broken};
use crate::diagnostics::{AccessProblem, Finding, PublicOriginProblem, ReportedFinding};
use crate::web::page::Page;
use crate::web::remedy::{self, Link};

/// The subject of a line, in the order of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Line {
    Name,
    Port,
    Certificate,
    Server,
    Streams,
    Alexa,
    Closed,
}

/// A line as the page shows it.
#[derive(Clone, Debug)]
pub(super) struct LineView {
    pub(super) title: String,
    /// For classes.
    pub(super) state: &'static str,
    pub(super) sign: &'static str,
    /// The name of the state, for those who see no sign.
    pub(super) word: String,
    pub(super) detail: Option<String>,
    pub(super) problems: Vec<LineProblem>,
}

/// Why a line is not good.
#[derive(Clone, Debug)]
pub(super) struct LineProblem {
    pub(super) cause: String,
    pub(super) remedy: Option<String>,
    /// The field where a person acts on it.
    pub(super) link: Option<Link>,
}

/// The check as the page shows it.
#[derive(Clone, Debug)]
pub(super) struct CheckView {
    pub(super) lines: Vec<LineView>,
    pub(super) runs: bool,
    pub(super) has_passed: bool,
    pub(super) is_by_hand: bool,
    /// When it ended, for people and for programs.
    pub(super) at: (String, String),
    /// The address that a person can open from outside, where this server may be the only one that does not reach it.
    pub(super) outside: Option<String>,
}

/// The line of every finding by its variant. The compiler holds the table to be complete.
macro_rules! lines {
    ($finding:ident: $($line:expr => $($name:ident)+;)+) => {
        match $finding {
            Finding::AtAddress { problem, .. } => Self::of_access(problem),
            Finding::AtPublicOrigin { problem, .. } => Self::of_origin(problem),
            $($(Finding::$name { .. } => $line,)+)+
        }
    };
}

impl Line {
    const ALL: [Self; 7] =
        [Self::Name, Self::Port, Self::Certificate, Self::Server, Self::Streams, Self::Alexa, Self::Closed];

    /// The line that a finding belongs to. Those of another release are about what the door serves.
    fn of(finding: &ReportedFinding) -> Self {
        finding.known().map_or(Self::Streams, Self::of_known)
    }

    fn of_known(finding: &Finding) -> Self {
        lines! { finding:
            Self::Port => DoorPort StreamPort;
            Self::Certificate => DoorCertificateFailed;
            Self::Server => DoorNotOurs DoorLeadsToPages;
            Self::Closed => DoorAnswersMore DoorFiltered;
            Self::Alexa => EndpointNotSet EndpointTakesNothing;
            Self::Streams => DoorOk DoorNotPublic GrantKeysMissing DoorOtherKeys DoorWrongStatus DoorWithoutMa
                DoorFetchFailed DoorNotFound DoorNotAudio DoorAudioUnknown StreamOk StreamThroughDoor StreamNotSet
                StreamNotAudio StreamAudioUnknown ArtOk ArtThroughDoor ArtNotThroughDoor ArtNotSet ArtPort
                ArtNotImage ArtOldRelease ArtUnknown;
            // The check of the addresses finds none of these.
            Self::Streams => ConfigurationOk SettingMalformed CredentialsMissing SecretsUnreadable DiskFull ClockOk
                ClockWrong ClockUnknown ApiOk ApiNotSet ApiNotEncrypted ApiNotOurs ApiBusy ApiWrongStatus
                ApiOtherRelease SkillOk SkillUnknown SkillGone SkillPointsNowhere SkillPointsElsewhere
                SkillCertificateTypeWrong SkillTestingOff SkillLocaleMissing SkillModelNotBuilt SkillModelBuilding
                SkillBuildFailed DeveloperNotSignedIn DeveloperSignInEnded DeveloperUnavailable LanguageOk
                InvocationNameIllegal InvocationNameDiffers InvocationNameNotMa ProviderNeverAsked ProviderStale
                LocaleMaCannotStart EchoLanguageDiffers PushOk PushNever PushNotYet EchoOk EchoNever EchoNotYet
                EchoNotPaired PairingAsleep StartContested StartNotTaken StartsAstray PlaybackOk PlaybackNotYet
                PlaybackFailedInvalidRequest PlaybackFailedServiceUnavailable PlaybackFailedInternalServerError
                PlaybackFailedInternalDeviceError PlaybackFailedUnknown PlaybackSilent PlaybackNotReported
                AnswerRefused AmazonOk AmazonNotSignedIn AmazonSignInEnded AmazonThrottled AmazonTokenStale
                AmazonUnreadable LiveOk LiveElsewhere LiveNotHere LiveNotSignedIn LiveConnecting LiveWithoutDevice
                LiveRefused LiveSilent LiveNoHttp2 LiveUnreachable LiveEnded LiveMalformed LiveStorm RenderersOk
                RenderersNotHere RenderersOff RenderersNone RenderersWaiting RenderersPortTaken RenderersNoNetwork
                RenderersNotAnnounced RenderersNotSearched RenderersNotReached RendererOffline RendererNeverAsked
                RendererDidNotPlay RendererRefused MaApiOk MaApiNotSet MaApiNotEncrypted MaApiNotMa
                MaApiTokenMissing MaApiTokenRefused MaApiWrongStatus MaApiSchemaUnknown MaApiGuest
                MaApiPlayerMissing MaApiPlayerAway;
        }
    }

    fn of_access(problem: &AccessProblem) -> Self {
        match problem {
            AccessProblem::NameUnknown | AccessProblem::PrivateAddress => Self::Name,
            AccessProblem::PortClosed | AccessProblem::Timeout => Self::Port,
            AccessProblem::CertificateExpired
            | AccessProblem::CertificateNotYetValid
            | AccessProblem::CertificateWrongName
            | AccessProblem::CertificateUntrusted
            | AccessProblem::CertificateRefused
            | AccessProblem::Tls => Self::Certificate,
            AccessProblem::NoHttp
            | AccessProblem::Redirects { .. }
            | AccessProblem::BotChallenge
            | AccessProblem::UnreachableUpstream { .. } => Self::Server,
        }
    }

    fn of_origin(problem: &PublicOriginProblem) -> Self {
        match problem {
            PublicOriginProblem::AnswersEverything => Self::Server,
            PublicOriginProblem::FetchesForeign
            | PublicOriginProblem::LeaksCommands { .. }
            | PublicOriginProblem::LeaksPages { .. }
            | PublicOriginProblem::StillPublic => Self::Closed,
            PublicOriginProblem::NotFound { .. } | PublicOriginProblem::WrongStatus { .. } => Self::Streams,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Name => "setup-line-name",
            Self::Port => "setup-line-port",
            Self::Certificate => "setup-line-certificate",
            Self::Server => "setup-line-server",
            Self::Streams => "setup-line-streams",
            Self::Alexa => "setup-line-alexa",
            Self::Closed => "setup-line-closed",
        }
    }

    /// The stage that decides it.
    fn stage(self) -> CheckStage {
        match self {
            Self::Name => CheckStage::LookedUp,
            Self::Port | Self::Certificate | Self::Server => CheckStage::Reached,
            Self::Streams | Self::Alexa | Self::Closed => CheckStage::Over,
        }
    }
}

/// The state of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineState {
    Waiting,
    Running,
    Good,
    /// It cannot be told now, and keeps nothing from working.
    Unknown,
    Failed,
    /// A line before it failed, so that it was not reached.
    Skipped,
}

impl LineState {
    fn id(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Good => "done",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Waiting => "○",
            Self::Running => "◐",
            Self::Good => "✓",
            Self::Unknown => "?",
            Self::Failed => "✗",
            Self::Skipped => "–",
        }
    }
}

impl CheckView {
    /// The view of a check, or of a newer finding of the doctor in its place.
    pub(super) fn new(page: &Page, check: &AddressCheck, newer: &[ReportedFinding]) -> Self {
        let findings = if newer.is_empty() { check.findings.as_slice() } else { newer };
        let broken: Vec<Line> = findings.iter().filter(|it| is_broken(it)).map(Line::of).collect();
        let first = broken.iter().min().copied();
        let lines = Line::ALL.map(|line| line_view(page, check, findings, line, first));
        let is_out_of_reach = first.is_some_and(|line| line <= Line::Certificate);
        Self {
            lines: lines.into(),
            runs: check.stage != CheckStage::Over,
            has_passed: check.has_passed() && newer.is_empty(),
            is_by_hand: check.by_hand.is_some(),
            at: (page.ago(check.at), check.at.rfc3339()),
            outside: check.targets.outside().filter(|_| is_out_of_reach && check.stage == CheckStage::Over),
        }
    }
}

fn line_view(
    page: &Page,
    check: &AddressCheck,
    findings: &[ReportedFinding],
    line: Line,
    first_broken: Option<Line>,
) -> LineView {
    let own: Vec<&ReportedFinding> = findings.iter().filter(|finding| Line::of(finding) == line).collect();
    let state = state_of(check.stage, line, &own, first_broken);
    let problem = |finding: &&ReportedFinding| {
        let (cause, remedy) = finding.texts(page.language(), |at| page.time_from_now(at));
        LineProblem {
            cause,
            remedy,
            link: remedy::of_finding(finding).map(|place| place.link(page.language())),
        }
    };
    let problems = if matches!(state, LineState::Failed | LineState::Unknown) {
        own.iter().map(problem).collect()
    } else {
        Vec::new()
    };
    LineView {
        title: page.text(line.key()),
        state: state.id(),
        sign: state.sign(),
        word: page.text(&format!("setup-line-{}", state.id())),
        detail: (line == Line::Name && state != LineState::Failed)
            .then(|| names(check))
            .filter(|text| !text.is_empty()),
        problems,
    }
}

fn state_of(
    stage: CheckStage,
    line: Line,
    own: &[&ReportedFinding],
    first_broken: Option<Line>,
) -> LineState {
    if own.iter().any(|finding| is_broken(finding)) {
        return LineState::Failed;
    }
    // Names, connection and certificate come before the rest; what comes after is known on its own.
    if first_broken.is_some_and(|first| first < line && first <= Line::Server) {
        return LineState::Skipped;
    }
    if stage < line.stage() {
        let is_next = match stage {
            CheckStage::Begun => line == Line::Name,
            CheckStage::LookedUp => line.stage() == CheckStage::Reached,
            CheckStage::Reached => line.stage() == CheckStage::Over,
            CheckStage::Over => false,
        };
        return if is_next { LineState::Running } else { LineState::Waiting };
    }
    if own.is_empty() { LineState::Good } else { LineState::Unknown }
}

/// The names with an address of each.
fn names(check: &AddressCheck) -> String {
    let shown = |(host, addresses): (&String, &Vec<std::net::IpAddr>)| {
        Some(format!("{host} → {}", addresses.first()?))
    };
    check.hosts.iter().filter_map(shown).collect::<Vec<_>>().join(", ")
}
