//! Music Assistant with its players, as one request finds it.

use std::collections::BTreeMap;

use super::answers::{MaPlayer, MaServerInfo, Queue};
use super::client::Server;
use super::echo_players::{EchoName, players_of};
use super::error::MusicAssistantError;

/// A server and its players. A player is named as the pushes and the Echos name it.
#[derive(Clone, Debug)]
pub struct House {
    /// The server.
    pub server: Server,
    /// Its information on itself.
    pub info: MaServerInfo,
    /// The players that the user of the token may see.
    pub players: Vec<MaPlayer>,
    /// The unique device names of the renderers, by their names.
    udns: BTreeMap<String, String>,
}

impl House {
    /// The house of these players. `udns` are the unique device names of the renderers, by their names.
    #[must_use]
    pub fn new(
        server: Server,
        info: MaServerInfo,
        players: Vec<MaPlayer>,
        udns: BTreeMap<String, String>,
    ) -> Self {
        Self { server, info, players, udns }
    }

    /// A player by its name: that of an Echo, by its id, or the only one of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn player(&self, name: &str) -> Result<&MaPlayer, MusicAssistantError> {
        let echo = EchoName { name: name.to_owned(), udn: self.udns.get(name).cloned() };
        players_of(&echo, &self.players)
            .first()
            .map(|(found, _)| *found)
            .or_else(|| self.of_its_own_name(name))
            .ok_or_else(|| MusicAssistantError::PlayerUnknown { player: name.chars().take(100).collect() })
    }

    /// The queue that a player plays, by its name.
    ///
    /// # Errors
    /// When there is no such player, or Music Assistant does not answer.
    pub async fn queue_of(&self, name: &str) -> Result<Queue, MusicAssistantError> {
        self.server.active_queue(&self.player(name)?.player_id).await
    }

    /// A player by its own id, else the only one of this name.
    fn of_its_own_name(&self, name: &str) -> Option<&MaPlayer> {
        let by_id = self.players.iter().find(|player| player.player_id == name);
        let same = |player: &&MaPlayer| player.name.to_lowercase() == name.to_lowercase();
        by_id.or_else(|| {
            let mut named = self.players.iter().filter(same);
            named.next().filter(|_| named.next().is_none())
        })
    }
}
