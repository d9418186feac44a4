//! `/devices`: what a form does arrives at Amazon, and what Amazon knows is on the page.

use end_to_end::amazon::serial;
use end_to_end::envelope::Envelope;

use super::browser::Browser;
use crate::amazon::harness::{Harness, NONE, device_id, identify};

/// The card of a device.
pub(super) fn card<'a>(page: &'a str, name: &str) -> &'a str {
    let cards = page.split("<li class=\"card room\"").skip(1);
    cards.into_iter().find(|card| card.contains(&format!(">{name}</h3>"))).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_device_has_its_card_in_every_language() {
    let harness = Harness::signed_in().await;
    for (language, online, offline, screen) in [
        ("en", ">online<", ">offline<", "Echo with a screen"),
        ("de", ">online<", ">offline<", "Echo mit Bildschirm"),
        ("fr", ">en ligne<", ">hors ligne<", "Echo avec écran"),
    ] {
        let browser = Browser::logged_in(&harness.api, language).await;
        let page = browser.get("/devices").await;
        assert!(
            page.contains(&format!("<html lang=\"{language}\">")) && page.len() < 100_000,
            "{}",
            page.len()
        );
        for (name, is_online) in [
            ("Küche", true),
            ("Wohnzimmer", true),
            ("Büro", false),
            ("Schlafzimmer", true),
            ("Everywhere", true),
        ] {
            let card = card(&page, name);
            assert!(card.contains(if is_online { online } else { offline }), "{name}: {card}");
            assert!(
                card.contains("<svg class=\"picture\"") && card.contains("type=\"range\""),
                "{name}: {card}"
            );
        }
        assert!(card(&page, "Wohnzimmer").contains(screen));
        assert!(card(&page, "Everywhere").contains("Küche, Wohnzimmer"), "{}", card(&page, "Everywhere"));
        assert_eq!(card(&page, "Kim's iPhone"), "");
        for attribute in ["src=\"", "href=\"", "action=\""] {
            for address in page.split(attribute).skip(1) {
                let is_ours = address.starts_with(['/', '#', '?']) && !address.starts_with("//");
                assert!(is_ours, "{address}");
            }
        }
    }
    assert_eq!(harness.amazon.violations(), NONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slider_turns_the_volume() {
    let harness = Harness::signed_in().await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    let said = browser.send("/devices/volume", &[("serial", serial::KITCHEN), ("volume", "45")]).await;
    assert!(said.contains("good\">The volume of Küche is 45."), "{said}");
    assert_eq!(harness.amazon.device(serial::KITCHEN).volume, 45);
    let said = browser.send("/devices/volume", &[("serial", serial::EVERYWHERE), ("volume", "22")]).await;
    assert!(said.contains("The volumes are 22."), "{said}");
    assert_eq!(harness.amazon.device(serial::LIVING_ROOM).volume, 22);
    let said = browser.send("/devices/volume", &[("serial", serial::STUDY), ("volume", "10")]).await;
    assert!(said.contains("bad\">Amazon does not reach the device."), "{said}");
    let said = browser.send("/devices/volume", &[("serial", "G0UNKNOWN"), ("volume", "10")]).await;
    assert!(said.contains("The Amazon account has no such device"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_heard_in_the_language_of_the_echos() {
    let harness = Harness::signed_in().await;
    let browser = Browser::logged_in(&harness.api, "de").await;
    let said = browser.send("/devices/test", &[("serial", serial::KITCHEN)]).await;
    assert!(said.contains("Küche sollte jetzt einen Satz sagen"), "{said}");
    let spoken = harness.amazon.device(serial::KITCHEN).spoken;
    assert_eq!(spoken, ["This is a test. If you hear me, this Echo can be controlled."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_button_pairs_the_house_and_another_undoes_it() {
    let harness = Harness::signed_in().await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    let echos = async {
        for _ in 0..2 {
            harness.next_echo_asks().await;
        }
    };
    let asked = [("serial", serial::KITCHEN), ("serial", serial::LIVING_ROOM)];
    let (said, ()) = tokio::join!(browser.send("/devices/identify", &asked), echos);
    assert!(said.contains("good\">Paired: Küche, Wohnzimmer."), "{said}");
    let page = browser.get("/devices").await;
    let kitchen = card(&page, "Küche");
    for part in ["<strong>Küche</strong>", "paired by itself, with a code", "/devices/unpair"] {
        assert!(kitchen.contains(part), "{part}: {kitchen}");
    }
    let echo = device_id(serial::KITCHEN);
    assert!(kitchen.contains(&format!("value=\"{echo}\"")), "{kitchen}");
    let said = browser.send("/devices/unpair", &[("echo", &echo), ("player", "Küche")]).await;
    assert!(said.contains("The pairing with Küche is undone."), "{said}");
    let page = browser.get("/devices").await;
    assert!(card(&page, "Küche").contains("Serves no player."), "{}", card(&page, "Küche"));
    let said = browser.send("/devices/pair", &[("echo", &echo), ("player", "Wohnzimmer")]).await;
    assert!(said.contains("The Echo serves Wohnzimmer now."), "{said}");
    let page = browser.get("/devices").await;
    assert!(card(&page, "Küche").contains("chosen by hand"), "{}", card(&page, "Küche"));
    assert!(card(&page, "Wohnzimmer").contains("Serves no player."), "{}", card(&page, "Wohnzimmer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_asked_stands_apart_until_it_is_known() {
    let harness = Harness::signed_in().await;
    let stranger = Envelope::new("play-audio").from_echo("amzn1.ask.device.STRANGER");
    harness.ask_skill(&stranger).await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    let page = browser.get("/devices").await;
    let (listed, others) = page.split_once("id=\"others-title\"").unwrap();
    assert!(!listed.contains("Last asked for music"), "{listed}");
    assert!(others.contains("Last asked for music") && others.contains("Serves no player."), "{others}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_shows_what_plays_now_with_a_button() {
    let harness = Harness::signed_in().await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    let page = browser.get("/devices").await;
    assert!(page.contains("room-head") && page.contains("<span>Now</span>"), "{page}");
    assert!(!card(&page, "Küche").contains("/status/transport"), "nothing was started: {page}");
    harness.api.push("Küche", "session-1", "A Case of You").await;
    harness.ask_skill(&Envelope::new("play-audio").from_echo(&device_id(serial::KITCHEN))).await;
    let page = browser.get("/devices").await;
    let row = card(&page, "Küche");
    assert!(row.contains(">starting<") && row.contains("A Case of You · Joni Mitchell"), "{row}");
    assert!(row.contains("name=\"page\" value=\"devices\"") && row.contains("value=\"pause\""), "{row}");
    assert!(!card(&page, "Schlafzimmer").contains("/status/transport"), "{page}");
    let fields = [("serial", serial::KITCHEN), ("command", "pause"), ("page", "devices")];
    let said = browser.send("/status/transport", &fields).await;
    assert!(said.contains("good\">Amazon accepted it for Küche."), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_name_is_text() {
    let harness = Harness::start().await;
    harness.amazon.move_to("de");
    let hostile = "\"><script>alert(1)</script>'";
    harness.amazon.change_device(serial::KITCHEN, |device| device.name = hostile.to_owned());
    harness.sign_in().await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    let page = browser.get("/devices").await;
    assert!(page.contains("&#62;&#60;script&#62;alert(1)") && !page.contains("<script>alert"), "{page}");
    let said = browser.send("/devices/test", &[("serial", serial::KITCHEN)]).await;
    assert!(said.contains("&#60;script&#62;") && !said.contains("<script>"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_never_asks_is_named() {
    let harness = Harness::signed_in().await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    let one_of_two = async {
        let (first, second) = (harness.amazon.next_utterance().await, harness.amazon.next_utterance().await);
        let heard = if first.serial == serial::KITCHEN { first } else { second };
        harness.ask_skill(&identify(&heard)).await;
    };
    let asked = [("serial", serial::KITCHEN), ("serial", serial::LIVING_ROOM), ("serial", serial::STUDY)];
    let (said, ()) = tokio::join!(browser.send("/devices/identify", &asked), one_of_two);
    let never_asked = "Wohnzimmer: The Echo got the sentence, and never called the skill";
    // An Echo without power has nothing wrong with its skill.
    let offline = "Büro: Amazon does not reach the device.";
    assert!(said.contains("good\">Paired: Küche. Not paired: "), "{said}");
    assert!(said.contains(never_asked) && said.contains(offline), "{said}");
    assert!(said.contains("href=\"/setup/skill?open=form#skill-form\""), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_the_setup_names_each_echo_with_its_reason() {
    let harness = Harness::signed_in().await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    let kitchen_alone = async {
        loop {
            let heard = harness.amazon.next_utterance().await;
            if heard.serial == serial::KITCHEN {
                harness.ask_skill(&identify(&heard)).await;
            }
        }
    };
    let page = tokio::select! {
        page = browser.submit("/setup/pair", &[]) => page,
        () = kitchen_alone => unreachable!(),
    };
    let said = page.split_once("<div class=\"said\">").unwrap().1.split_once("</div>").unwrap().0;
    assert!(said.contains("1 of "), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].ends_with("Echos are paired. Not paired: "), "{said}");
    let reason = |name: &str, begin: &str| {
        lines.iter().any(|line| {
            line.split_once(": ").is_some_and(|(names, why)| names.contains(name) && why.starts_with(begin))
        })
    };
    assert!(reason("Wohnzimmer", "It got the sentence, and never called the skill."), "{said}");
    assert!(reason("Büro", "Amazon does not reach"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_test_shows_which_route_the_echo_takes() {
    let harness = Harness::signed_in_with(&[("DOOR_URL", "https://door.example.com".to_owned())]).await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    let form = [("serial", serial::KITCHEN)];
    let (said, (_, answer)) = tokio::join!(browser.send("/devices/trial", &form), harness.next_echo_asks());
    assert!(said.contains("good\">The test runs"), "{said}");
    let page = browser.get("/devices").await;
    let live = format!("/devices/trial/{}", serial::KITCHEN);
    for part in [format!("data-live=\"{live}\""), "The tones play".to_owned(), "sent to the Echo".to_owned()]
    {
        assert!(card(&page, "Küche").contains(&part), "{part}: {}", card(&page, "Küche"));
    }
    let token = answer["response"]["directives"][0]["audioItem"]["stream"]["token"].as_str().unwrap();
    let finished = Envelope::report("PlaybackFinished", token, 5040);
    harness.ask_skill(&finished.from_echo(&device_id(serial::KITCHEN))).await;

    let fragment = browser.get(&live).await;
    assert!(fragment.contains("It plays") && fragment.contains("works: played for 5.0 s"), "{fragment}");
    let page = browser.get("/devices").await;
    let kitchen = card(&page, "Küche");
    assert!(kitchen.contains("Streams reach it by the door (learned just now)."), "{kitchen}");
    assert!(!kitchen.contains("data-live"), "{kitchen}");
    let report = kitchen.split("<pre").nth(1).and_then(|rest| rest.split("</pre>").next()).unwrap();
    let report = report.split_once('>').unwrap().1;
    for part in [
        "stage: done\n",
        "door: works, 5040 ms",
        "kind: ECHO A32DOYMUN6DTXA\n",
        "direct: left out, music_assistant_only",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    for part in [serial::KITCHEN, "amzn1", "https://", "Küche"] {
        assert!(!report.contains(part), "{part}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_are_played_when_asked_for_and_can_be_stopped() {
    let harness = Harness::signed_in_with(&[("DOOR_URL", "https://door.example.com".to_owned())]).await;
    let browser = Browser::logged_in(&harness.api, "de").await;
    let said = browser.send("/devices/trial/stop", &[("serial", serial::KITCHEN)]).await;
    assert!(said.contains("Auf diesem Echo läuft kein Test."), "{said}");
    let form = [("serial", serial::KITCHEN), ("forms", "yes")];
    let (said, _) = tokio::join!(browser.send("/devices/trial", &form), harness.next_echo_asks());
    assert!(said.contains("good\">Der Test läuft"), "{said}");
    let live = format!("/devices/trial/{}", serial::KITCHEN);
    let fragment = browser.get(&live).await;
    for part in [
        "eine Adresse, die weiterleitet",
        "eine Liste von Stücken, die wächst (HLS, live)",
        "dem Echo geschickt",
        "nicht gespielt",
        "Keine Adresse der Tür hat einen anderen Port als 443.",
        "Test abbrechen",
    ] {
        assert!(fragment.contains(part), "{part}: {fragment}");
    }
    let said = browser.send("/devices/trial/stop", &[("serial", serial::KITCHEN)]).await;
    assert!(said.contains("good\">Es wird kein Ton mehr geschickt"), "{said}");
    let fragment = browser.get(&live).await;
    for part in ["Abgebrochen", "Sag uns, was dein Echo kann", "kind: ECHO", "hls_live: untried", "data-copy"]
    {
        assert!(fragment.contains(part), "{part}: {fragment}");
    }
    let report = fragment.split("<pre").nth(1).and_then(|rest| rest.split("</pre>").next()).unwrap();
    for part in [serial::KITCHEN, "amzn1", "https://", "Küche"] {
        assert!(!report.split_once('>').unwrap().1.contains(part), "{part}: {report}");
    }
}
