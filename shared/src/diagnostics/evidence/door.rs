//! Probes of the door, through its public address.

use futures_util::future::join_all;
use url::Url;

use super::probe_client::{ProbeClient, ProbeResult, Sample};
use super::random_name::RandomName;
use super::snapshot::Snapshot;
use crate::clock::{Random, Timestamp};
use crate::grant::{Grant, GrantKeys, GrantKind};
use crate::playback::{Player, PlayerId, StreamAddresses};
use crate::probe::ProbeRequest;

/// The most bytes read of an answer that should have none, or a few.
const ANSWER_BYTES: usize = 4 * 1024;

/// Paths of this program's pages and API, and of Music Assistant. `HEAD` reads no content.
const PAGES: [&str; 2] = ["/setup", "/v1/players"];

/// The probes of the door.
#[derive(Debug)]
pub(super) struct DoorProbe {
    health: Url,
    missing_path: Url,
    others: Vec<Url>,
    grant: Option<Url>,
    stream: Option<Sample>,
    picture: Option<Sample>,
}

/// The results of the probes of the door.
#[derive(Debug)]
pub(in crate::diagnostics) struct DoorResult {
    /// `/healthz`.
    pub(in crate::diagnostics) health: ProbeResult,
    /// A path that no server has.
    pub(in crate::diagnostics) missing_path: ProbeResult,
    /// Paths of other servers, this program's pages first.
    pub(in crate::diagnostics) others: Vec<ProbeResult>,
    /// `HEAD` of a grant, which the door answers by itself; none without keys.
    pub(in crate::diagnostics) grant: Option<ProbeResult>,
    /// A stream; none where there is none that may be requested.
    pub(in crate::diagnostics) stream: Option<(Sample, ProbeResult)>,
    /// The newest picture; none where there is none at home.
    pub(in crate::diagnostics) picture: Option<(Sample, ProbeResult)>,
}

/// Makes granted addresses of the door.
struct Sealer<'a> {
    addresses: StreamAddresses,
    keys: &'a GrantKeys,
    now: Timestamp,
    random: &'a dyn Random,
}

impl DoorProbe {
    /// The probes of this state; none where the door has no public address.
    pub(super) fn new(snapshot: &Snapshot, name: &RandomName, random: &dyn Random) -> Option<Self> {
        let addresses = StreamAddresses::from(&snapshot.config.streams);
        let base = addresses.set.door.clone()?;
        let at = |path: &str| Url::parse(&base.join(path)).ok();
        let of_music_assistant = [name.command_path(), "/imageproxy".to_owned()];
        let others = PAGES.iter().filter_map(|path| at(path));
        let others = others.chain(of_music_assistant.iter().filter_map(|path| at(path))).collect();
        let keys = snapshot.grant_keys();
        let sealer = keys.map(|keys| Sealer { addresses, keys, now: snapshot.now, random });
        // A stream that is opened while something plays could disturb it.
        let ended = if snapshot.is_playing() { Vec::new() } else { snapshot.ended_streams() };
        Some(Self {
            health: at("/healthz")?,
            missing_path: at(&format!("/{}", name.queue()))?,
            others,
            grant: sealer.as_ref().and_then(|sealer| sealer.unused(name)),
            stream: sealer.as_ref().and_then(|sealer| ended.into_iter().find_map(|it| sealer.stream(it))),
            picture: sealer.as_ref().and_then(|sealer| sealer.picture(snapshot.latest_push()?)),
        })
    }

    /// Sends all probes at once. None can make music play, skip or stop.
    pub(super) async fn send(self, client: &ProbeClient<'_>) -> DoorResult {
        let (health, missing_path, others, grant, stream, picture) = tokio::join!(
            client.send(ProbeRequest::get(self.health, ANSWER_BYTES)),
            client.send(ProbeRequest::get(self.missing_path, ANSWER_BYTES)),
            join_all(self.others.into_iter().map(|url| client.send(ProbeRequest::head(url)))),
            client.send_optional(self.grant.map(ProbeRequest::head)),
            client.send_sample(self.stream),
            client.send_sample(self.picture),
        );
        DoorResult { health, missing_path, others, grant, stream, picture }
    }
}

impl Sealer<'_> {
    /// A grant for a stream that does not exist. The door answers its `HEAD` without a request to Music Assistant.
    fn unused(&self, name: &RandomName) -> Option<Url> {
        let player = PlayerId::from(name.queue());
        self.at(GrantKind::Stream, &player, name.stream_path())
    }

    fn stream(&self, player: &Player) -> Option<Sample> {
        let path = player.start()?.stream.path_for_echo();
        self.sample(player, GrantKind::Stream, path)
    }

    fn picture(&self, player: &Player) -> Option<Sample> {
        let path = self.addresses.picture_to_grant(player.metadata().image_url.as_deref()?)?;
        self.sample(player, GrantKind::Picture, path)
    }

    fn sample(&self, player: &Player, kind: GrantKind, path: String) -> Option<Sample> {
        let url = self.at(kind, &player.player, path)?;
        Some(Sample { url, player: player.player.to_string(), pushed_at: player.pushed_at() })
    }

    fn at(&self, kind: GrantKind, player: &PlayerId, path: String) -> Option<Url> {
        let grant = self.keys.seal(&Grant::new(kind, player.key(), path, self.now), self.random).ok()?;
        let path = match kind {
            GrantKind::Stream | GrantKind::Media => format!("/s/{grant}.mp3"),
            GrantKind::Picture => format!("/a/{grant}"),
            GrantKind::Tone => format!("/t/{grant}.mp3"),
        };
        Url::parse(&self.addresses.set.door.as_ref()?.join(&path)).ok()
    }
}
