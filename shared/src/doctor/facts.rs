//! What is known without asking anybody outside.

use crate::account::RequestLane;
use crate::amazon::{AccountStatus, AmazonError};
use crate::clock::Timestamp;
use crate::config::{MaApi, SetupOverrides, SkillIds, Speech, StreamOverrides};
use crate::playback::{Household, Player, PlayerState, PlayerView};
use crate::secrets::SecretsError;
use crate::smapi::{DeveloperStatus, SmapiError};
use crate::store::{Activity, Document, StoreError};
use secrecy::SecretString;

use super::provider::ProviderSeen;
use super::walk::DoctorParts;

/// How many of the newest activities are looked through.
const ACTIVITIES: usize = 100;

/// What is known.
pub(super) struct Facts {
    pub(super) now: Timestamp,
    pub(super) household: Household,
    pub(super) streams: StreamOverrides,
    pub(super) speech: Speech,
    pub(super) setup: SetupOverrides,
    pub(super) skill_ids: SkillIds,
    pub(super) ma_api: MaApi,
    /// The variables of which neither environment nor settings have a value, although the settings have a text.
    pub(super) malformed: Vec<&'static str>,
    /// Whether somebody may call the API, and Music Assistant's token.
    pub(super) credentials: Result<Opened, SecretsError>,
    /// Where the credentials are.
    pub(super) place: String,
    /// Newest first.
    pub(super) activity: Vec<Activity>,
    pub(super) provider: Option<ProviderSeen>,
    pub(super) account: Result<AccountStatus, AmazonError>,
    /// Until when Amazon takes no more.
    pub(super) throttled_until: Option<Timestamp>,
    pub(super) developer: Result<DeveloperStatus, SmapiError>,
}

/// What the secret `credentials` opens.
#[derive(Clone, Debug, Default)]
pub(super) struct Opened {
    pub(super) are_complete: bool,
    pub(super) ma_token: Option<SecretString>,
}

impl Facts {
    /// Gathers it.
    pub(super) async fn gather(parts: &DoctorParts) -> Result<Self, StoreError> {
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
        let credentials = credentials.map(|held| Opened {
            are_complete: held.is_some() || (fixed.owner.is_some() && fixed.music_assistant.is_some()),
            ma_token: held.and_then(|held| held.ma_token),
        });
        let settings = &household.settings;
        Ok(Self {
            now,
            streams: parts.streams.merged(settings),
            speech: parts.speech.merged(settings),
            setup: parts.setup.merged(settings),
            skill_ids: parts.skill_ids.merged(settings),
            ma_api: parts.ma_api.merged(settings),
            malformed: super::links::malformed(parts, settings),
            credentials,
            place: parts.secrets.location(),
            activity,
            provider: provider.and_then(|held| serde_json::from_value(held.content).ok()),
            account,
            throttled_until: [commands, reads].iter().filter_map(|lane| lane.blocked_until(now)).max(),
            developer,
            household,
        })
    }

    /// The player that was pushed last.
    pub(super) fn pushed_last(&self) -> Option<&Player> {
        self.household.players.iter().filter(|player| player.start.is_some()).max_by_key(|player| {
            let start = player.start.as_ref();
            (start.map(|start| start.pushed_at), player.player.clone())
        })
    }

    /// The players with what they do, that which was heard of last first.
    pub(super) fn views(&self) -> Vec<PlayerView<'_>> {
        let mut views: Vec<_> =
            self.household.players.iter().map(|player| self.household.view(player, self.now)).collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.since.max(view.player.pushed_at())));
        views
    }

    /// The players whose stream has ended, the last push first. Music Assistant counts a second question for a stream
    /// that plays, even one for headers, as a new play: it then shows wrong names. So a stream is asked for only where no
    /// Echo plays it or may come back to it.
    pub(super) fn ended(&self) -> Vec<&Player> {
        let (mut ended, live): (Vec<&Player>, Vec<&Player>) =
            self.household.players.iter().partition(|player| !self.is_live(player));
        // The members of a group have one address.
        let live: Vec<String> = live.into_iter().filter_map(address).collect();
        ended.retain(|player| address(player).is_some_and(|address| !live.contains(&address)));
        ended.sort_by_key(|player| std::cmp::Reverse(player.pushed_at()));
        ended
    }

    /// Whether an Echo plays its stream, may begin to, or may come back to it. A play has no longest time.
    fn is_live(&self, player: &Player) -> bool {
        let state = self.household.view(player, self.now).state;
        matches!(state, PlayerState::Playing | PlayerState::Requested) || player.is_playable(self.now)
    }
}

/// The address of its stream, without the query, in which each member of a group has its name.
fn address(player: &Player) -> Option<String> {
    let address = player.start.as_ref()?.stream.to_string();
    Some(address.split('?').next().unwrap_or_default().to_owned())
}

/// A moment as people write it.
pub(super) fn moment(at: Timestamp) -> String {
    let text = at.rfc3339();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => text,
    }
}
