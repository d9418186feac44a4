//! Which players of Music Assistant are an Echo's.

use serde::{Deserialize, Serialize};

use super::answers::{MaPlayer, PlaybackState};

/// An Echo or stereo pair, as this household knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EchoName {
    /// Its name, which is that of its player.
    pub name: String,
    /// The unique device name of its renderer, where it is one.
    pub udn: Option<String>,
}

/// The way by which Music Assistant plays on an Echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlayerWay {
    /// As a renderer that it found in the network.
    Renderer,
    /// By its Alexa provider.
    Provider,
}

/// The players of one Echo.
#[derive(Clone, Debug, PartialEq)]
pub struct EchoPlayers<'a> {
    /// The Echo.
    pub echo: &'a EchoName,
    /// Its players, the one to control first: one that plays, then one that is reached, then a renderer.
    pub players: Vec<(&'a MaPlayer, PlayerWay)>,
}

/// The players of each Echo. A player of another make with the name of an Echo is none of them.
#[must_use]
pub fn match_players<'a>(echos: &'a [EchoName], players: &'a [MaPlayer]) -> Vec<EchoPlayers<'a>> {
    echos.iter().map(|echo| EchoPlayers { echo, players: players_of(echo, players) }).collect()
}

/// The players of one Echo, the one to control first.
pub(super) fn players_of<'a>(echo: &EchoName, players: &'a [MaPlayer]) -> Vec<(&'a MaPlayer, PlayerWay)> {
    let mut of_echo: Vec<_> =
        players.iter().filter_map(|player| way(echo, player).map(|way| (player, way))).collect();
    of_echo.sort_by_key(|(player, way)| {
        (player.playback_state != PlaybackState::Playing, !player.available, *way)
    });
    of_echo
}

fn way(echo: &EchoName, player: &MaPlayer) -> Option<PlayerWay> {
    let is_renderer = echo.udn.as_deref().is_some_and(|udn| player.ids().any(|id| names(id, udn)));
    // The provider takes the name of the Echo as the id of its player (its `accountName`).
    let is_provider = is_of_alexa(player) && player.player_id == echo.name;
    if is_renderer { Some(PlayerWay::Renderer) } else { is_provider.then_some(PlayerWay::Provider) }
}

fn is_of_alexa(player: &MaPlayer) -> bool {
    player.provider == "alexa" || player.provider.starts_with("alexa--")
}

/// Whether an id of a player holds a unique device name: as it is, behind `uuid:`, or behind `up` without hyphens
/// (Music Assistant, `providers/universal_player`).
fn names(id: &str, udn: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let udn = plain(udn);
    udn.len() == 32 && plain(id).ends_with(&udn)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const UDN: &str = "2fac1234-31f8-11b4-a222-08002b34c003";

    fn players(players: Value) -> Vec<MaPlayer> {
        serde_json::from_value(players).unwrap()
    }

    fn kitchen(udn: Option<&str>) -> [EchoName; 1] {
        [EchoName { name: "Kitchen".to_owned(), udn: udn.map(str::to_owned) }]
    }

    fn matched(echos: &[EchoName], players: &[MaPlayer]) -> Vec<(String, PlayerWay)> {
        let matched = match_players(echos, players);
        matched[0].players.iter().map(|(player, way)| (player.player_id.clone(), *way)).collect()
    }

    #[test]
    fn a_renderer_is_known_by_every_form_of_its_name() {
        for player in [
            json!({ "player_id": "up2fac123431f811b4a22208002b34c003" }),
            json!({ "player_id": "upuuid2fac123431f811b4a22208002b34c003" }),
            json!({ "player_id": format!("uuid:{UDN}") }),
            json!({ "player_id": UDN.to_uppercase() }),
            json!({ "player_id": "up1", "device_info": { "identifiers": { "uuid": UDN } } }),
            json!({ "player_id": "up1", "output_protocols": [{ "output_protocol_id": format!("uuid:{UDN}") }] }),
        ] {
            let found = players(json!([player]));
            assert_eq!(matched(&kitchen(Some(UDN)), &found).len(), 1, "{player}");
            assert!(matched(&kitchen(None), &found).is_empty(), "{player}");
            let other = UDN.replace("c003", "c004");
            assert!(matched(&kitchen(Some(&other)), &found).is_empty(), "{player}");
        }
    }

    #[test]
    fn a_player_of_another_make_is_not_the_echo_of_its_name() {
        let found = players(json!([
            { "player_id": "RINCON_1", "name": "Kitchen", "provider": "sonos--1" },
            { "player_id": "Kitchen", "provider": "alexandria" },
            { "player_id": "kitchen", "provider": "alexa--x" },
        ]));
        assert!(matched(&kitchen(Some(UDN)), &found).is_empty());
    }

    #[test]
    fn the_player_to_control_comes_first() {
        let renderer = |state: &str, available: bool| {
            json!({
                "player_id": format!("uuid:{UDN}"), "provider": "dlna", "playback_state": state,
                "available": available,
            })
        };
        let provider = |state: &str| json!({ "player_id": "Kitchen", "provider": "alexa--a", "playback_state": state, "available": true });
        for (found, first) in [
            ([provider("idle"), renderer("idle", true)], PlayerWay::Renderer),
            ([provider("playing"), renderer("idle", true)], PlayerWay::Provider),
            ([provider("playing"), renderer("playing", true)], PlayerWay::Renderer),
            ([provider("idle"), renderer("idle", false)], PlayerWay::Provider),
        ] {
            let found = players(json!(found));
            assert_eq!(matched(&kitchen(Some(UDN)), &found)[0].1, first, "{found:?}");
        }
    }
}
