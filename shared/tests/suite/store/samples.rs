//! Pushes, Echos and reports to test with.

use std::sync::LazyLock;
use std::time::Duration;

use ma_alexa::account::{ChallengePurpose, ChallengeResponse, OneTimeWord, PairingChallenge};
use ma_alexa::alexa::DeviceId;
use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::Timestamp;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::playback::{
    Claim, DeviceBinding, EchoReport, Failure, Household, LastRequest, ManualPairing, Metadata, PairingKind,
    PlayRequest, PlayToken, Player, PlayerId, Push, Rebind, ReportKind, Revocation, ShortHash, StartReason,
    StreamUrl, short_hash,
};
use ma_alexa::store::Store;

/// A household of which nothing was read.
pub(crate) static UNSEEN: LazyLock<Household> = LazyLock::new(Household::default);

/// When every test begins.
pub(crate) const T0: Timestamp = Timestamp::from_millis(1_790_000_000_000);

pub(crate) fn after(seconds: u64) -> Timestamp {
    T0.plus(Duration::from_secs(seconds))
}

pub(crate) fn device(name: &str) -> DeviceId {
    DeviceId::from(format!("amzn1.ask.device.{name}"))
}

pub(crate) fn endpoint(name: &str) -> ShortHash {
    short_hash(&format!("amzn1.alexa.endpoint.{name}"))
}

pub(crate) fn user() -> ShortHash {
    short_hash("amzn1.ask.account.SAMPLE")
}

/// The push of a whole queue; another `session` is another start.
pub(crate) fn push(player: &str, session: &str, at: Timestamp) -> Push {
    push_of(&format!("flow/{session}/queue/item/{player}.flac"), &format!("push-{session}"), at)
}

pub(crate) fn push_of(path: &str, request: &str, at: Timestamp) -> Push {
    let stream = StreamUrl::parse(&format!("http://192.168.1.5:8097/{path}")).unwrap();
    Push {
        player: stream.player(),
        stream,
        grant: None,
        metadata: Metadata::default(),
        at,
        request: request.to_owned(),
        is_play: false,
        can_skip_speech: None,
        reports_home: false,
    }
}

pub(crate) fn named(mut push: Push, title: &str, artist: &str) -> Push {
    let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    push.metadata = Metadata { title: name(title), artist: name(artist), ..Metadata::default() };
    push
}

pub(crate) fn asked(echo: &str, request: &str, at: Timestamp) -> LastRequest {
    LastRequest {
        device: device(echo),
        endpoint: Some(endpoint(echo)),
        user: Some(user()),
        locale: Some("en-US".to_owned()),
        request: request.to_owned(),
        at,
    }
}

/// The same in the words of the decision: Music Assistant's phrase.
pub(crate) fn ask(asked: &LastRequest) -> PlayRequest {
    PlayRequest {
        device: asked.device.clone(),
        endpoint: asked.endpoint.clone(),
        user: asked.user.clone(),
        request: asked.request.clone(),
        at: asked.at,
        is_ma_phrase: true,
        plays_ours: false,
        reported: None,
        lost: None,
    }
}

pub(crate) fn claim(player: &str, version: u64, echo: &str, request: &str, at: Timestamp) -> Claim {
    Claim {
        player: PlayerId::from(player),
        version,
        seen: None,
        seen_echo: None,
        device: device(echo),
        endpoint: Some(endpoint(echo)),
        user: Some(user()),
        request: request.to_owned(),
        at,
    }
}

pub(crate) fn revocation(player: &str, version: u64, echo: &str, at: Timestamp) -> Revocation {
    Revocation {
        player: PlayerId::from(player),
        version,
        device: device(echo),
        request: "withdrawal".to_owned(),
        at,
    }
}

/// The Echo that had the endpoint `echo` comes back as `new`.
pub(crate) fn rebind(player: &str, echo: &str, new: &str, at: Timestamp) -> Rebind {
    Rebind {
        player: PlayerId::from(player),
        endpoint: endpoint(echo),
        device: device(new),
        user: Some(short_hash("amzn1.ask.account.AGAIN")),
        request: format!("revival-{new}"),
        at,
    }
}

pub(crate) fn by_hand(player: &str, echo: &str, request: &str, at: Timestamp) -> ManualPairing {
    ManualPairing {
        player: PlayerId::from(player),
        device: device(echo),
        endpoint: Some(endpoint(echo)),
        user: Some(user()),
        kind: PairingKind::Manual,
        request: request.to_owned(),
        at,
    }
}

/// The challenge of the code with this number, to identify the Echo of a player.
pub(crate) fn challenge(player: &str, code: usize, at: Timestamp) -> PairingChallenge {
    PairingChallenge {
        word: OneTimeWord::from_index(code),
        serial: format!("G0{}", player.to_uppercase()),
        echo_kind: None,
        player: PlayerId::from(player),
        kind: ChallengePurpose::Identify,
        used: None,
        expires_at: at.plus(PairingChallenge::LASTS).seconds(),
    }
}

pub(crate) fn taken(echo: &str, request: &str, at: Timestamp) -> ChallengeResponse {
    ChallengeResponse { device: device(echo), request: request.to_owned(), at }
}

/// Another player is another device of Amazon's.
pub(crate) fn bind(player: &str, echo: &str, request: &str, at: Timestamp) -> DeviceBinding {
    DeviceBinding {
        device: device(echo),
        endpoint: Some(endpoint(echo)),
        user: Some(user()),
        locale: Some("en-US".to_owned()),
        serial: format!("G0{}", player.to_uppercase()),
        kind: None,
        player: PlayerId::from(player),
        request: request.to_owned(),
        at,
    }
}

pub(crate) fn token(player: &str, version: u64, issued_at: Timestamp, origin: StartReason) -> PlayToken {
    let random = SeededRandom::new(version);
    PlayToken::issue(PlayerId::from(player).key(), version, issued_at, origin, &random).unwrap()
}

pub(crate) fn event(token: PlayToken, kind: ReportKind, offset_ms: u64, at: Timestamp) -> EchoReport {
    EchoReport {
        token,
        kind,
        at,
        offset_ms,
        error: (kind == ReportKind::Failed).then(|| Failure {
            kind: MediaErrorType::ServiceUnavailable,
            message: Some("no answer".to_owned()),
        }),
        superseded: false,
        device: None,
        request: format!("event-{kind:?}-{offset_ms}-{}", at.millis()),
    }
}

/// The household in an order that can be compared.
pub(crate) async fn household(store: &dyn Store, now: Timestamp) -> Household {
    sorted(store.household(now).await.unwrap())
}

pub(crate) fn sorted(mut household: Household) -> Household {
    household.players.sort_by(|one, other| one.player.cmp(&other.player));
    household.echos.sort_by(|one, other| one.device.cmp(&other.device));
    // A rule counts no writes.
    household.players.iter_mut().for_each(|player| player.revision = 0);
    household.echos.iter_mut().for_each(|echo| echo.revision = 0);
    household
}

pub(crate) async fn player(store: &dyn Store, id: &str, now: Timestamp) -> Player {
    let household = store.household(now).await.unwrap();
    household.player(&PlayerId::from(id)).unwrap().clone()
}

/// The Echo that serves a player.
pub(crate) async fn served_by(store: &dyn Store, id: &str, now: Timestamp) -> Option<DeviceId> {
    player(store, id, now).await.pairing.and_then(|pairing| pairing.device)
}
