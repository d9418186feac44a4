//! "This is the kitchen", and what becomes of pairings when the skill is disabled.

use ma_alexa::i18n::{self, Message};
use ma_alexa::playback::PairingKind;
use ma_alexa::store::ActivityKind;
use serde_json::Value;

use super::envelope::{Envelope, is_empty, listens, play, speech};
use super::home::Home;

fn pair(heard: &str) -> Envelope {
    Envelope::intent("PairEcho").heard(heard)
}

/// The slot that an answer asks for.
fn elicits(answer: &Value) -> Option<&str> {
    answer.pointer("/response/directives/0/slotToElicit")?.as_str()
}

#[tokio::test]
async fn one_sentence_pairs_in_every_language() {
    for (locale, player, heard) in [
        ("en-US", "Kitchen", "kitchen"),
        ("en-GB", "Kitchen Echo", "kitchen"),
        ("de-DE", "Küche", "kuche"),
        ("de-DE", "Großes Bad", "grosses bad"),
        ("es-ES", "Salón", "salon"),
        ("fr-FR", "Chambre d'amis", "chambre d'amis"),
        ("it-IT", "Camera da letto", "camera da letto"),
        ("nl-NL", "Woonkamer Sonos", "woonkamer"),
        ("pt-BR", "Sala de jantar", "sala de jantar"),
        ("ja-JP", "キッチン", "キッチン"),
        ("hi-IN", "रसोई", "रसोई"),
        ("ar-SA", "المطبخ", "المطبخ"),
    ] {
        let home = Home::start();
        for other in ["Attic", player] {
            home.push(other, "one").await;
        }
        let answer = home.ask(&pair(heard).locale(locale).from("new")).await;
        assert_eq!(
            speech(&answer),
            i18n::say(locale, &Message::Paired { player: player.to_owned() }),
            "{heard}"
        );
        assert!(!listens(&answer));
        let pairing = home.player(player).await.pairing.unwrap();
        assert_eq!(pairing.kind, PairingKind::Voice);
        assert_eq!(home.served_by(player).await.unwrap(), "new");
        assert_eq!(home.served_by("Attic").await, None);
        let paired =
            |kind: &ActivityKind| matches!(kind, ActivityKind::Paired { how: PairingKind::Voice, .. });
        assert!(paired(&home.activity().await[0]));
        home.pass(1);
        home.play(&Envelope::play_audio().from("new")).await;
    }
}

#[tokio::test]
async fn a_synonym_is_known_by_the_entity() {
    let home = Home::start();
    home.push("Wohnzimmer", "one").await;
    home.push("Küche", "one").await;
    let answer = home.ask(&pair("gute stube").known_as("Wohnzimmer").locale("de-DE")).await;
    assert_eq!(speech(&answer), "Erledigt. Dieser Echo spielt jetzt die Musik von Wohnzimmer.");
    // What was heard goes before what it is listed as.
    let answer = home.ask(&pair("küche").known_as("Wohnzimmer").locale("de-DE").from("other")).await;
    assert!(speech(&answer).ends_with("von Küche."), "{answer}");
    let answer = home.ask(&pair("balkon").known_as("Terrasse").locale("de-DE").from("third")).await;
    assert!(speech(&answer).contains("keinen Player namens balkon"), "{answer}");
}

#[tokio::test]
async fn no_match_or_several_change_nothing_and_are_named() {
    let home = Home::start();
    for player in ["Kitchen One", "Kitchen Two", "Office", "Attic", "Bath", "Cellar", "Den"] {
        home.push(player, "one").await;
    }
    let several = home.ask(&pair("kitchen")).await;
    assert_eq!(speech(&several), "Several players match. Is it Kitchen One or Kitchen Two?");
    let unknown = home.ask(&pair("garage")).await;
    assert_eq!(
        speech(&unknown),
        "I don't know a player called garage. Is it Attic, Bath, Cellar, Den or Kitchen One?"
    );
    for answer in [several, unknown] {
        assert!(
            listens(&answer) && elicits(&answer) == Some("player"),
            "a question is listened for: {answer}"
        );
    }
    for heard in ["kitchen", "garage"] {
        let answer = home.ask(&pair(heard).in_conversation()).await;
        assert!(listens(&answer), "{answer}");
        assert_eq!(elicits(&answer), Some("player"));
    }
    assert!(home.household().await.players.iter().all(|player| player.pairing.is_none()));
    let answer = home.ask(&pair("kitchen two").in_conversation()).await;
    assert!(!listens(&answer), "{answer}");
    assert_eq!(home.served_by("Kitchen Two").await.unwrap(), "kitchen");
}

#[tokio::test]
async fn without_a_name_it_asks_for_one() {
    let home = Home::start();
    let answer = home.ask(&Envelope::intent("PairEcho")).await;
    assert_eq!(speech(&answer), i18n::say("en-US", &Message::PairNoPlayers));
    assert!(!listens(&answer));
    assert_eq!(speech(&home.ask(&pair("kitchen")).await), i18n::say("en-US", &Message::PairNoPlayers));

    home.push("Kitchen", "one").await;
    home.push("Office", "one").await;
    for envelope in [Envelope::intent("PairEcho"), pair(""), pair("  ").in_conversation()] {
        let answer = home.ask(&envelope).await;
        assert_eq!(speech(&answer), "Which player is this Echo: Kitchen or Office?");
        assert!(listens(&answer));
        assert_eq!(elicits(&answer), Some("player"));
    }
    let long = home.ask(&pair(&"ü".repeat(9000))).await;
    assert!(listens(&long) && speech(&long).chars().count() < 300, "{long}");
}

#[tokio::test]
async fn a_person_decides_over_what_was_learned() {
    let home = Home::start();
    home.playing("Kitchen").await;
    home.ask(&pair("kitchen").from("office")).await;
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "office");
    home.pass(1);
    home.push("Kitchen", "two").await;
    home.pass(1);
    assert!(play(&home.ask(&Envelope::play_audio()).await).is_none());
    home.play(&Envelope::play_audio().from("office")).await;
}

#[tokio::test]
async fn disabling_the_skill_makes_its_pairings_dormant_and_the_same_echo_revives_them() {
    let home = Home::start();
    home.playing("Kitchen").await;
    home.ask(&pair("kitchen").from("kitchen")).await;
    home.push("Office", "one").await;
    home.play(&Envelope::play_audio().from("office").user("NEIGHBOUR")).await;

    assert!(is_empty(&home.ask(&Envelope::skill_event("SkillDisabled")).await));
    assert_eq!(home.activity().await[0], ActivityKind::SkillDisabled { pairings: 1 });
    assert_eq!(home.served_by("Kitchen").await, None);
    assert_eq!(home.served_by("Office").await.unwrap(), "office", "of another Echo");
    let dormant = home.player("Kitchen").await.pairing.unwrap();
    assert!(dormant.user.is_none() && dormant.endpoint.is_some());
    // Delivered once more.
    assert!(is_empty(&home.ask(&Envelope::skill_event("SkillDisabled")).await));

    home.pass(60);
    assert!(is_empty(&home.ask(&Envelope::skill_event("SkillEnabled").user("AGAIN")).await));
    assert_eq!(home.activity().await[0], ActivityKind::SkillEnabled);

    // Another Echo is none of them, whatever it says.
    assert!(play(&home.ask(&Envelope::play_audio().from("bath").user("AGAIN")).await).is_none());
    let again = Envelope::play_audio().from("kitchen-2").endpoint("kitchen").user("AGAIN");
    home.play(&again).await;
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen-2");
    assert_eq!(home.player("Kitchen").await.pairing.unwrap().kind, PairingKind::Voice);
    home.push("Kitchen", "two").await;
    home.pass(1);
    let next = home.play(&Envelope::play_audio().from("kitchen-2").endpoint("kitchen").user("AGAIN")).await;
    assert!(next.url.contains("/two/"), "{next:?}");
}

#[tokio::test]
async fn a_skill_event_without_a_user_changes_nothing() {
    let home = Home::start();
    home.playing("Kitchen").await;
    let event = Envelope::skill_event("SkillDisabled").with("/context/System/user", Value::Null);
    assert!(is_empty(&home.ask(&event).await));
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen");
}
