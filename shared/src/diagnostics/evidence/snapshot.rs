//! The snapshot of state, settings and sessions, without any probe.

use secrecy::SecretString;

use crate::account::RequestLane;
use crate::amazon::{AccountStatus, AmazonError};
use crate::clock::Timestamp;
use crate::config::{self, MaApi, SetupOverrides, SkillIds, Speech, StreamOverrides};
use crate::diagnostics::DoctorParts;
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
    pub(in crate::diagnostics) streams: StreamOverrides,
    pub(in crate::diagnostics) speech: Speech,
    pub(in crate::diagnostics) setup: SetupOverrides,
    pub(in crate::diagnostics) skill_ids: SkillIds,
    pub(in crate::diagnostics) ma_api: MaApi,
    /// The variables whose stored setting is malformed, and that the environment leaves open.
    pub(in crate::diagnostics) malformed_settings: Vec<&'static str>,
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
    pub(in crate::diagnostics) async fn take(parts: &DoctorParts) -> Result<Self, StoreError> {
        let now = parts.clock.now();
        let (household, activity, provider, commands, reads) = tokio::try_join!(
            parts.store.household(now),
            parts.store.recent(ACTIVITIES, now),
            parts.store.document(Document::ProviderSeen),
            parts.store.lane(RequestLane::Commands),
            parts.store.lane(RequestLane::Reads),
        )?;
        let (credentials, account, developer) = tokio::join!(
            parts.secrets.credentials(),
            parts.account.session().status(),
            parts.skills.login().status(),
        );
        let fixed = &parts.credentials;
        let credentials = credentials.map(|held| Credentials {
            are_complete: held.is_some() || (fixed.owner.is_some() && fixed.music_assistant.is_some()),
            ma_token: held.and_then(|held| held.ma_token),
        });
        let settings = &household.settings;
        let malformed_settings =
            config::malformed_settings(settings, &parts.streams, &parts.speech, &parts.setup, &parts.ma_api);
        Ok(Self {
            now,
            streams: parts.streams.merged(settings),
            speech: parts.speech.merged(settings),
            setup: parts.setup.merged(settings),
            skill_ids: parts.skill_ids.merged(settings),
            ma_api: parts.ma_api.merged(settings),
            malformed_settings,
            credentials,
            secrets_location: parts.secrets.location(),
            activity,
            provider: provider.and_then(|held| serde_json::from_value(held.content).ok()),
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
