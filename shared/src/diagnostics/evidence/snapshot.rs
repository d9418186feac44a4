//! The snapshot of state, settings and sessions, without any probe.

use std::sync::Arc;

use secrecy::SecretString;

use crate::account::RequestLane;
use crate::amazon::{AccountStatus, AmazonError};
use crate::clock::Timestamp;
use crate::config::Effective;
use crate::diagnostics::Services;
use crate::diagnostics::provider::ProviderSnapshot;
use crate::playback::{Household, Player, PlayerState, PlayerView};
use crate::secrets::SecretsError;
use crate::smapi::{DeveloperStatus, SmapiError};
use crate::store::{Activity, Document, StoreError};

/// The number of newest activities that are read.
const ACTIVITIES: usize = 100;

/// The state, settings and sessions at one time.
pub(in crate::diagnostics) struct Snapshot {
    pub(in crate::diagnostics) now: Timestamp,
    pub(in crate::diagnostics) household: Household,
    pub(in crate::diagnostics) config: Arc<Effective>,
    /// The passwords and tokens; the error of the secret where it cannot be read.
    pub(in crate::diagnostics) credentials: Result<Credentials, SecretsError>,
    /// The location of the secrets.
    pub(in crate::diagnostics) secrets_location: String,
    /// The newest activities, newest first.
    pub(in crate::diagnostics) activity: Vec<Activity>,
    pub(in crate::diagnostics) provider: Option<ProviderSnapshot>,
    pub(in crate::diagnostics) account: Result<AccountStatus, AmazonError>,
    /// The end of Amazon's rate limit; none where requests are allowed.
    pub(in crate::diagnostics) throttled_until: Option<Timestamp>,
    pub(in crate::diagnostics) developer: Result<DeveloperStatus, SmapiError>,
}

/// The state of the secret `credentials`.
#[derive(Clone, Debug, Default)]
pub(in crate::diagnostics) struct Credentials {
    /// Whether both pairs of user name and password exist.
    pub(in crate::diagnostics) are_complete: bool,
    /// The token of Music Assistant's API.
    pub(in crate::diagnostics) ma_token: Option<SecretString>,
}

impl Snapshot {
    /// Reads the store, the secrets and the sessions.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(in crate::diagnostics) async fn take(services: &Services) -> Result<Self, StoreError> {
        let now = services.deps.clock.now();
        let (household, activity, provider, commands, reads) = tokio::try_join!(
            services.deps.store.household(now),
            services.deps.store.recent(ACTIVITIES, now),
            services.deps.store.document(Document::ProviderSeen),
            services.deps.store.lane(RequestLane::Commands),
            services.deps.store.lane(RequestLane::Reads),
        )?;
        let (credentials, account, developer) = tokio::join!(
            services.secrets.credentials(),
            services.account.session().status(),
            services.skills.login().status(),
        );
        let fixed = &services.deps.config.api.credentials;
        let credentials = credentials.map(|stored| Credentials {
            are_complete: stored.is_some() || fixed.is_complete(),
            ma_token: stored.and_then(|stored| stored.ma_token),
        });
        Ok(Self {
            now,
            config: services.deps.config.with(&household.settings),
            credentials,
            secrets_location: services.secrets.location(),
            activity,
            provider: provider.and_then(|document| serde_json::from_value(document.content).ok()),
            account,
            throttled_until: [commands, reads].iter().filter_map(|lane| lane.blocked_until(now)).max(),
            developer,
            household,
        })
    }

    /// The player with the latest push.
    pub(in crate::diagnostics) fn latest_push(&self) -> Option<&Player> {
        self.household.players.iter().filter(|player| player.start.is_some()).max_by_key(|player| {
            let start = player.start.as_ref();
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

    /// The players whose stream has ended, the latest push first. Only their streams may be requested.
    pub(super) fn ended_streams(&self) -> Vec<&Player> {
        let (open, mut ended): (Vec<&Player>, Vec<&Player>) =
            self.household.players.iter().partition(|player| self.must_not_open_stream(player));
        // The members of a group have one address.
        let open: Vec<String> = open.into_iter().filter_map(stream_address).collect();
        ended.retain(|player| stream_address(player).is_some_and(|address| !open.contains(&address)));
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

/// The address of a player's stream, without the query: in a group it names the member.
fn stream_address(player: &Player) -> Option<String> {
    let address = player.start.as_ref()?.stream.to_string();
    Some(address.split('?').next().unwrap_or_default().to_owned())
}
