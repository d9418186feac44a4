//! `/devices`: what a form does arrives at Amazon, and what Amazon knows is on the page.

use end_to_end::amazon::serial;
use end_to_end::envelope::Envelope;

use super::browser::Browser;
use crate::amazon::harness::{Harness, NONE, device_id, identify};

/// The card of a device.
fn card<'a>(page: &'a str, name: &str) -> &'a str {
    let cards = page.split("<li class=\"card\">").skip(1);
    cards.into_iter().find(|card| card.contains(&format!(">{name}</h3>"))).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_device_has_its_card_in_every_language() {
    let harness = Harness::signed_in().await;
    for (language, online, offline, screen) in [
        ("en", ">online<", ">offline<", "Echo with a screen"),
        ("de", ">online<", ">offline<", "Echo mit Bildschirm"),
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
    let said = browser.send("/devices/volume", &[("serial", "G0NOBODY"), ("volume", "10")]).await;
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
    let asked = [("serial", serial::KITCHEN), ("serial", serial::LIVING_ROOM)];
    let (said, ()) = tokio::join!(browser.send("/devices/identify", &asked), one_of_two);
    assert!(said.contains("bad\">Paired: Küche. Never asked: Wohnzimmer."), "{said}");
}
