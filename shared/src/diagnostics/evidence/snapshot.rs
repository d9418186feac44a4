//! The snapshot of state, settings and sessions, without any probe.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::probe_client::Sample;
use crate::account::RequestLane;
use crate::amazon::live::LiveReport;
use crate::amazon::{AccountStatus, AmazonError};
use crate::clock::Timestamp;
use crate::config::{Effective, Route};
use crate::diagnostics::Services;
use crate::diagnostics::provider::ProviderSnapshot;
use crate::door::{DoorCertificateRecord, DoorFailureRecord};
use crate::grant::GrantKeys;
use crate::playback::{Household, Player, PlayerState, PlayerView};
use crate::renderer_report::RendererReport;
use crate::secrets::SecretsError;
use crate::smapi::{DeveloperStatus, SmapiError};
use crate::store::{Activity, Document, StoreError};

/// The time after its push for which Music Assistant keeps every stream, also one that has ended.
const STREAM_KEPT: Duration = Duration::from_mins(10);

/// The number of newest activities that are read.
const ACTIVITIES: usize = 100;

/// The state, settings and sessions at one time.
pub(in crate::diagnostics) struct Snapshot {
    pub(in crate::diagnostics) now: Timestamp,
    pub(in crate::diagnostics) household: Household,
    pub(in crate::diagnostics) config: Arc<Effective>,
    /// The passwords and tokens; the error of the secret where it cannot be read.
    pub(in crate::diagnostics) credentials: Result<CredentialsState, SecretsError>,
    /// The location of the secrets.
    pub(in crate::diagnostics) secrets_location: String,
    /// The newest activities, newest first.
    pub(in crate::diagnostics) activity: Vec<Activity>,
    pub(in crate::diagnostics) provider: Option<ProviderSnapshot>,
    /// The last failure of the door of this deployment.
    pub(in crate::diagnostics) door_failure: Option<DoorFailureRecord>,
    /// The last order of its certificate.
    pub(in crate::diagnostics) door_certificate: Option<DoorCertificateRecord>,
    pub(in crate::diagnostics) account: Result<AccountStatus, AmazonError>,
    /// The end of Amazon's rate limit; none where requests are allowed.
    pub(in crate::diagnostics) throttled_until: Option<Timestamp>,
    /// The health of the stream of live events in this process.
    pub(in crate::diagnostics) live: LiveReport,
    /// The renderers of this process. It is on the heap, since a run of all checks is large enough.
    pub(in crate::diagnostics) renderers: Box<RendererReport>,
    pub(in crate::diagnostics) developer: Result<DeveloperStatus, SmapiError>,
}

/// The state of the secret `credentials`.
#[derive(Clone, Debug, Default)]
pub(in crate::diagnostics) struct CredentialsState {
    /// Whether both pairs of user name and password exist.
    pub(in crate::diagnostics) are_complete: bool,
    /// The token of Music Assistant's API.
    pub(in crate::diagnostics) ma_token: Option<SecretString>,
    /// The keys of the grants.
    pub(in crate::diagnostics) grant_keys: Option<GrantKeys>,
}

impl Snapshot {
    /// Reads the store, the secrets and the sessions.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(in crate::diagnostics) async fn take(services: &Services) -> Result<Self, StoreError> {
        let now = services.deps.clock.now();
        let (household, activity, provider, door_failure, door_certificate, commands, reads) = tokio::try_join!(
            services.deps.store.household(now),
            services.deps.store.recent(ACTIVITIES, now),
            services.deps.store.document(Document::StartPhrases),
            services.deps.store.document(Document::DoorFailure),
            services.deps.store.document(Document::DoorCertificate),
            services.deps.store.lane(RequestLane::Commands),
            services.deps.store.lane(RequestLane::Reads),
        )?;
        let (credentials, account, developer) = tokio::join!(
            services.secrets.credentials(),
            services.account.session().status(),
            services.skills.login().status(),
        );
        let fixed = &services.deps.config.api.credentials;
        let credentials = credentials.map(|stored| {
            let are_complete = stored.is_some() || fixed.is_complete();
            let (ma_token, grant_keys) =
                stored.map_or((None, None), |stored| (stored.ma_token, stored.grant_keys));
            CredentialsState { are_complete, ma_token, grant_keys }
        });
        Ok(Self {
            now,
            config: services.deps.config.with(&household.settings),
            credentials,
            secrets_location: services.secrets.location(),
            activity,
            provider: provider.and_then(|document| serde_json::from_value(document.content).ok()),
            door_failure: door_failure.and_then(|document| serde_json::from_value(document.content).ok()),
            door_certificate: door_certificate
                .and_then(|document| serde_json::from_value(document.content).ok()),
            account,
            throttled_until: [commands, reads].iter().filter_map(|lane| lane.blocked_until(now)).max(),
            live: services.account.live().report(),
            renderers: Box::new(services.renderers.report()),
            developer,
            household,
        })
    }

    /// The keys of the grants, where there are any.
    pub(in crate::diagnostics) fn grant_keys(&self) -> Option<&GrantKeys> {
        self.credentials.as_ref().ok()?.grant_keys.as_ref()
    }

    /// Whether Echos get streams by grants: through a door, or by playlists that an Echo is known to take. In AWS there is
    /// always an address for playlists.
    pub(in crate::diagnostics) fn streams_are_granted(&self) -> bool {
        let streams = &self.config.streams;
        let takes_playlists = || self.household.echos.iter().any(|echo| echo.routes.works(Route::Playlist));
        match streams.route {
            Some(Route::Direct) => false,
            Some(Route::Playlist) => streams.playlist.is_some() || streams.door.is_some(),
            _ => self.pictures_are_granted() || (streams.playlist.is_some() && takes_playlists()),
        }
    }

    /// Whether Echos get pictures by grants.
    pub(in crate::diagnostics) fn pictures_are_granted(&self) -> bool {
        self.config.streams.door.is_some() || self.config.streams.lan_door.is_some()
    }

    /// Whether an Echo plays at this moment.
    pub(in crate::diagnostics) fn is_playing(&self) -> bool {
        self.views().iter().any(|view| view.state == PlayerState::Playing)
    }

    /// The player with the latest push of Music Assistant.
    pub(in crate::diagnostics) fn latest_push(&self) -> Option<&Player> {
        self.household.players.iter().filter(|player| has_stream(player)).max_by_key(|player| {
            let start = player.start();
            (start.map(|start| start.pushed_at), player.player.clone())
        })
    }

    /// The views of all players, the latest report or push first.
    pub(in crate::diagnostics) fn views(&self) -> Vec<PlayerView<'_>> {
        let mut views: Vec<_> =
            self.household.players.iter().map(|player| self.household.view(player, self.now)).collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.since.max(view.player.pushed_at())));
        views
    }

    /// Whether Music Assistant may have removed the stream or picture.
    pub(in crate::diagnostics) fn is_over(&self, sample: &Sample) -> bool {
        let player = self.household.players.iter().find(|player| player.player.as_str() == sample.player);
        let plays =
            player.is_some_and(|player| self.household.view(player, self.now).state == PlayerState::Playing);
        !plays && sample.pushed_at.is_none_or(|at| self.now.since(at) > STREAM_KEPT)
    }

    /// The players whose stream has ended, the latest push first. Only their streams may be requested.
    pub(super) fn ended_streams(&self) -> Vec<&Player> {
        let (open, mut ended): (Vec<&Player>, Vec<&Player>) =
            self.household.players.iter().partition(|player| self.must_not_open_stream(player));
        // The members of a group have one address.
        let open: Vec<String> = open.into_iter().filter_map(stream_address).collect();
        ended.retain(|player| {
            has_stream(player) && stream_address(player).is_some_and(|address| !open.contains(&address))
        });
        ended.sort_by_key(|player| std::cmp::Reverse(player.pushed_at()));
        ended
    }

    /// Whether an Echo plays this player's stream, may start it, or may resume it. Music Assistant counts each further
    /// request for the stream, even a `HEAD`, as a new play, and then shows wrong names. A play has no longest time.
    fn must_not_open_stream(&self, player: &Player) -> bool {
        let state = self.household.view(player, self.now).state;
        matches!(state, PlayerState::Playing | PlayerState::Requested) || player.is_playable(self.now)
    }
}

/// Whether a player has a stream of Music Assistant. Media of others shows nothing of that.
fn has_stream(player: &Player) -> bool {
    player.start().is_some_and(|start| !start.stream.is_media())
}

/// The address of a player's stream, without the query: in a group it names the member.
fn stream_address(player: &Player) -> Option<String> {
    let address = player.start()?.stream.to_string();
    Some(address.split('?').next().unwrap_or_default().to_owned())
}
