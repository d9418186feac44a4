//! The probes of one run, all at once.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use tokio::time::timeout;
use tracing::{Instrument as _, Span};
use url::Url;

use super::door::{DoorProbe, DoorResult};
use super::probe_client::{ProbeClient, ProbeResult, Sample};
use super::public_origin::{OriginMedia, PublicOriginProbe, PublicOriginResult};
use super::random_name::RandomName;
use super::snapshot::Snapshot;
use crate::config::{BaseUrl, SkillEndpoint};
use crate::diagnostics::Services;
use crate::playback::{Player, StreamAddresses};
use crate::probe::{self, Method, ProbeRequest, ServerInfo, may_carry_token};
use crate::smapi::{SkillStatus, SmapiError};
use crate::task;

/// The most bytes read of a JSON response.
const JSON_BYTES: usize = 16 * 1024;

/// The most bytes read of the players of Music Assistant.
const PLAYERS_BYTES: usize = 4 * 1024 * 1024;

/// The longest time for the skill at Amazon. A probe that follows another one has half of it.
pub(in crate::diagnostics) const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest time of all probes, and of two probes in a row.
const TOTAL: Duration = Duration::from_secs(12);
const _: () = assert!(TIMEOUT.as_secs() <= TOTAL.as_secs());
const _: () = assert!(probe::TIMEOUT.as_secs() + TIMEOUT.as_secs() / 2 <= TOTAL.as_secs());

/// The server for the time. It is Alexa's, which refuses requests by its own clock.
const TIME_SERVER: &str = "https://api.amazonalexa.com/";

/// The results of all probes; none for a probe that was not sent.
#[derive(Debug, Default)]
pub(in crate::diagnostics) struct ProbeResults {
    /// `/healthz` of the HTTP API.
    pub(in crate::diagnostics) api: Option<ProbeResult>,
    /// The endpoint of the skill.
    pub(in crate::diagnostics) endpoint: Option<ProbeResult>,
    /// A `POST` to the endpoint that is no request of Alexa.
    pub(in crate::diagnostics) endpoint_post: Option<ProbeResult>,
    pub(in crate::diagnostics) door: Option<DoorResult>,
    pub(in crate::diagnostics) stream: Option<PublicOriginResult>,
    pub(in crate::diagnostics) art: Option<PublicOriginResult>,
    pub(in crate::diagnostics) time: Option<ProbeResult>,
    /// `/info` of Music Assistant.
    pub(in crate::diagnostics) ma_info: Option<ProbeResult>,
    /// The players of Music Assistant, which need the token.
    pub(in crate::diagnostics) ma_call: Option<ProbeResult>,
    /// The user of the token.
    pub(in crate::diagnostics) ma_user: Option<ProbeResult>,
    /// The skill at Amazon; none without a session of the developer account, and after the timeout.
    pub(in crate::diagnostics) skill: Option<Result<Option<SkillStatus>, SmapiError>>,
}

impl ProbeResults {
    /// Sends all probes that the snapshot allows, at once and each with a timeout. The token check alone waits: for
    /// `/info` to confirm that the host is Music Assistant.
    pub(in crate::diagnostics) async fn collect(
        services: &Services,
        snapshot: &Snapshot,
        name: &RandomName,
        timeout: Duration,
    ) -> Self {
        let client = ProbeClient { prober: services.prober.as_ref(), clock: services.deps.clock.as_ref() };
        let api =
            snapshot.config.setup.api_url.as_ref().and_then(|url| Url::parse(&url.join("/healthz")).ok());
        let endpoint = endpoint(snapshot);
        let (stream, art) = public_origins(snapshot);
        let door = DoorProbe::new(snapshot, name, services.deps.random.as_ref());
        let (api, endpoint, endpoint_post, door, stream, art, time, (ma_info, ma_call, ma_user), skill) = tokio::join!(
            client.send_optional(api.map(|url| ProbeRequest::get(url, JSON_BYTES))),
            client.send_optional(endpoint.clone().map(ProbeRequest::head)),
            client.send_optional(endpoint.map(ProbeRequest::empty_post)),
            door_result(&client, door),
            public_origin(&client, stream, name),
            public_origin(&client, art, name),
            client.send(ProbeRequest::head(time_server())),
            Box::pin(music_assistant(&client, snapshot, timeout / 2)),
            skill(services, snapshot, timeout),
        );
        let time = Some(time);
        Self { api, endpoint, endpoint_post, door, stream, art, time, ma_info, ma_call, ma_user, skill }
    }

    /// Sends the probes of the public addresses of the door, the streams and the endpoint alone, at once.
    pub(in crate::diagnostics) async fn collect_addresses(
        services: &Services,
        snapshot: &Snapshot,
        name: &RandomName,
    ) -> Self {
        let client = ProbeClient { prober: services.prober.as_ref(), clock: services.deps.clock.as_ref() };
        let endpoint = endpoint(snapshot);
        let (stream, _) = public_origins(snapshot);
        let door = DoorProbe::new(snapshot, name, services.deps.random.as_ref());
        let (endpoint, endpoint_post, door, stream) = tokio::join!(
            client.send_optional(endpoint.clone().map(ProbeRequest::head)),
            client.send_optional(endpoint.map(ProbeRequest::empty_post)),
            door_result(&client, door),
            public_origin(&client, stream, name),
        );
        Self { endpoint, endpoint_post, door, stream, ..Self::default() }
    }
}

/// The address at which Alexa calls the skill, where it is no function.
fn endpoint(snapshot: &Snapshot) -> Option<Url> {
    match &snapshot.config.setup.skill_endpoint {
        Some(SkillEndpoint::Https(url)) => Some(url.clone()),
        Some(SkillEndpoint::Function(_)) | None => None,
    }
}

fn time_server() -> Url {
    // The constant is a valid URL.
    Url::parse(TIME_SERVER).unwrap_or_else(|_| unreachable!("{TIME_SERVER} is an address"))
}

async fn door_result(client: &ProbeClient<'_>, probe: Option<DoorProbe>) -> Option<DoorResult> {
    Some(probe?.send(client).await)
}

async fn public_origin(
    client: &ProbeClient<'_>,
    probe: Option<PublicOriginProbe>,
    name: &RandomName,
) -> Option<PublicOriginResult> {
    probe?.send(client, name).await
}

/// The public origins of streams and of pictures. The samples are a stream that has ended and the newest picture, at the
/// URLs that an Echo gets.
fn public_origins(snapshot: &Snapshot) -> (Option<PublicOriginProbe>, Option<PublicOriginProbe>) {
    let addresses = StreamAddresses::from(&snapshot.config.streams);
    let latest = snapshot.latest_push();
    let stream = |player: &Player| {
        let address = addresses.stream(&player.start()?.stream).ok()?;
        sample(player, &address)
    };
    let newest = latest.and_then(stream);
    let configured = snapshot.config.streams.stream_base.as_ref();
    let base = if snapshot.streams_are_granted() {
        configured.cloned()
    } else {
        stream_base(configured, newest.as_ref().map(|sample| &sample.url))
    };
    let streams = base.map(|base| {
        let is_here = |sample: &Sample| sample.url.as_str().starts_with(base.as_str());
        let sample = snapshot.ended_streams().into_iter().filter_map(stream).find(is_here);
        PublicOriginProbe { base, media: OriginMedia::Streams, sample }
    });
    let art = latest.and_then(|player| {
        let address = addresses.art(player.metadata().image_url.as_deref()?)?;
        sample(player, &address)
    });
    // A picture of another server is no sample of this origin.
    let pictures = snapshot.config.streams.art_base.clone().map(|base| {
        let is_here = |sample: &Sample| sample.url.as_str().starts_with(base.as_str());
        PublicOriginProbe { sample: art.filter(is_here), base, media: OriginMedia::Pictures }
    });
    (streams, pictures)
}

fn sample(player: &Player, address: &str) -> Option<Sample> {
    let (url, pushed_at) = (Url::parse(address).ok()?, player.pushed_at());
    Some(Sample { url, player: player.player.to_string(), pushed_at })
}

/// The configured base, if the newest stream uses it; else the origin of that stream, which is public by itself.
fn stream_base(configured: Option<&BaseUrl>, newest: Option<&Url>) -> Option<BaseUrl> {
    match (configured, newest) {
        (Some(base), Some(stream)) if stream.as_str().starts_with(base.as_str()) => Some(base.clone()),
        (_, Some(stream)) => BaseUrl::parse(&stream.origin().ascii_serialization()).ok(),
        (base, None) => base.cloned(),
    }
}

/// Probes `/info` of Music Assistant, and then the players and the user of the token.
async fn music_assistant(
    client: &ProbeClient<'_>,
    snapshot: &Snapshot,
    call_timeout: Duration,
) -> (Option<ProbeResult>, Option<ProbeResult>, Option<ProbeResult>) {
    let Some(url) = &snapshot.config.ma_api.url else {
        return (None, None, None);
    };
    let base = url.as_url().as_str().trim_end_matches('/').to_owned();
    let at = |path: &str| Url::parse(&format!("{base}{path}")).ok();
    let info = client.send_optional(at("/info").map(|url| ProbeRequest::get(url, JSON_BYTES))).await;
    let is_music_assistant =
        info.as_ref().and_then(ProbeResult::response).and_then(ServerInfo::parse).is_some();
    let token = snapshot.credentials.as_ref().ok().and_then(|credentials| credentials.ma_token.clone());
    let call = at("/api").zip(token).filter(|(url, _)| is_music_assistant && may_carry_token(url));
    let ask = async |command: &str, max_bytes: usize| {
        let request = call.clone().map(|(url, token)| question(url, token, command, max_bytes));
        timeout(call_timeout, client.send_optional(request)).await.ok().flatten()
    };
    let (players, user) = tokio::join!(ask("players/all", PLAYERS_BYTES), ask("auth/me", JSON_BYTES));
    (info, players, user)
}

/// A command that needs the token and changes nothing.
fn question(url: Url, token: SecretString, command: &str, max_bytes: usize) -> ProbeRequest {
    let body = json!({ "message_id": "doctor", "command": command, "args": {} });
    ProbeRequest { url, method: Method::PostJson { token, body, max_bytes } }
}

async fn skill(
    services: &Services,
    snapshot: &Snapshot,
    skill_timeout: Duration,
) -> Option<Result<Option<SkillStatus>, SmapiError>> {
    let developer = snapshot.developer.as_ref().ok()?;
    if !developer.signed_in || developer.ended.is_some() || snapshot.config.skill_ids.is_empty() {
        return None;
    }
    // The inspection may refresh a token, which is lost unless the response is stored: it runs to its end in the background.
    let skills = services.skills.clone();
    let inspection = task::spawn(async move { skills.inspect().await }.instrument(Span::current()));
    let result = timeout(skill_timeout, inspection).await.ok()?;
    result.inspect_err(|error| tracing::error!(%error, "the inspection of the skill broke off")).ok()
}
