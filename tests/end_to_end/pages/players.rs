//! Echos as players in Music Assistant, on the pages.

use end_to_end::amazon::serial;
use end_to_end::api::{MUSIC_ASSISTANT, send};
use ma_alexa::clock::Clock as _;
use ma_alexa::renderer_report::{Announcing, OfferedDevice, Serving};
use ma_alexa::speakers::RendererFailure;
use reqwest::Method;
use serde_json::json;

use super::browser::Browser;
use super::devices::card;
use crate::amazon::harness::Harness;

/// A household that serves renderers and offers these devices.
fn offer(harness: &Harness, devices: &[(&str, &str)]) {
    let reports = harness.state.renderers();
    reports.serves(Serving::At(([0, 0, 0, 0], 5002).into()));
    let devices = devices.iter().map(|(serial, name)| OfferedDevice {
        serial: (*serial).to_owned(),
        name: (*name).to_owned(),
        udn: format!("udn of {serial}"),
    });
    reports.offers(devices.collect(), harness.clock.now());
}

/// The serial numbers of the renderers that are switched on or off, sorted.
async fn renderers(harness: &Harness, on: bool) -> Vec<String> {
    let answer = harness.api.get("/v1/renderers").await;
    let all = answer["renderers"].as_array().map_or(&[][..], Vec::as_slice);
    let chosen = all.iter().filter(|one| one["on"] == on).filter_map(|one| one["serial"].as_str());
    let mut serials: Vec<String> = chosen.map(str::to_owned).collect();
    serials.sort();
    serials
}

/// Functions in AWS keep the choice for the home behind the bridge.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_a_home_behind_the_bridge_is_switched_on() {
    let harness = Harness::signed_in().await;
    harness.state.renderers().serves(Serving::AtHome);
    for (language, text) in [
        ("en", "ma-alexa bridge at your home offers these players"),
        ("de", "bietet Music Assistant diese Player an"),
        ("fr", "offre ces lecteurs à Music Assistant"),
    ] {
        let page = Browser::logged_in(&harness.api, language).await.get("/devices").await;
        assert!(page.contains(text), "{language}: {page}");
    }
    let browser = Browser::logged_in(&harness.api, "en").await;
    let page = browser.get("/devices").await;
    assert!(card(&page, "Everywhere").contains("<span class=\"badge\">off<"), "{page}");
    let said = browser.send("/devices/renderer", &[("serial", serial::EVERYWHERE), ("on", "true")]).await;
    assert!(said.contains("good\">Everywhere is a player in Music Assistant."), "{said}");
    let answer = harness.api.get("/v1/renderers").await;
    assert_eq!((&answer["served"], &answer["at_home"]), (&json!(false), &json!(true)), "{answer}");
    let on = renderers(&harness, true).await;
    assert!(
        on.contains(&serial::EVERYWHERE.to_owned()) && on.contains(&serial::KITCHEN.to_owned()),
        "{on:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_is_switched_off_and_on_as_a_player() {
    let harness = Harness::signed_in().await;
    harness.state.renderers().serves(Serving::NotHere);
    let browser = Browser::logged_in(&harness.api, "en").await;
    let fields = |on| [("serial", serial::KITCHEN), ("on", on)];
    let page = browser.get("/devices").await;
    assert!(
        !page.contains("/devices/renderer") && !page.contains("by itself"),
        "there are none here: {page}"
    );
    let said = browser.send("/devices/renderer", &fields("false")).await;
    assert!(said.contains("bad\">These functions have no bridge"), "{said}");

    offer(&harness, &[(serial::KITCHEN, "Küche")]);
    let page = browser.get("/devices").await;
    for name in ["Küche", "Büro", "Wohnzimmer", "Schlafzimmer"] {
        let card = card(&page, name);
        assert!(card.contains("Player in Music Assistant: <span class=\"badge good\">on<"), "{name}: {card}");
    }
    let group = card(&page, "Everywhere");
    assert!(group.contains("<span class=\"badge\">off<") && group.contains("not in sync"), "{group}");
    let said = browser.send("/devices/renderer", &fields("false")).await;
    assert!(said.contains("good\">Küche is no player in Music Assistant any more."), "{said}");
    let page = browser.get("/devices").await;
    assert!(card(&page, "Küche").contains("<span class=\"badge\">off<"), "{}", card(&page, "Küche"));
    assert!(card(&page, "Büro").contains(">on<"));
    assert_eq!(renderers(&harness, false).await, [serial::EVERYWHERE, serial::KITCHEN]);
    let said = browser.send("/devices/renderer", &fields("true")).await;
    assert!(said.contains("good\">Küche is a player in Music Assistant."), "{said}");

    // Of all that are off, one is switched on.
    let choice = json!({ "all_off": true, "off": [] });
    let (status, answer) = harness.put("/v1/renderers", &choice).await;
    assert_eq!((status, &answer["all_off"]), (200, &json!(true)), "{answer}");
    assert!(browser.get("/devices").await.contains("all are switched off as players"));
    browser.send("/devices/renderer", &fields("true")).await;
    assert_eq!(renderers(&harness, true).await, [serial::KITCHEN]);

    // A group has the same switch.
    let said = browser.send("/devices/renderer", &[("serial", serial::EVERYWHERE), ("on", "true")]).await;
    assert!(said.contains("good\">Everywhere is a player in Music Assistant."), "{said}");
    assert_eq!(renderers(&harness, true).await, [serial::EVERYWHERE, serial::KITCHEN]);
    let choice = json!({ "all_off": false, "off": [], "on": [] });
    let (_, answer) = harness.put("/v1/renderers", &choice).await;
    assert_eq!(renderers(&harness, false).await, [serial::EVERYWHERE], "{answer}");
    let choice = json!({ "all_off": false, "off": [serial::KITCHEN], "on": [serial::EVERYWHERE] });
    let (_, answer) = harness.put("/v1/renderers", &choice).await;
    assert_eq!(renderers(&harness, false).await, [serial::KITCHEN], "{answer}");
    browser.send("/devices/renderer", &[("serial", serial::EVERYWHERE), ("on", "false")]).await;
    assert_eq!(renderers(&harness, false).await, [serial::EVERYWHERE, serial::KITCHEN]);

    for other in [serial::BEDROOM_LEFT, "G0NOWHERE"] {
        let said = browser.send("/devices/renderer", &[("serial", other), ("on", "true")]).await;
        assert!(said.contains("The Amazon account has no such device"), "{said}");
    }
    for wrong in [
        json!({ "off": ["no serial"], "all_off": false }),
        json!({ "off": vec!["A"; 101], "all_off": false }),
        json!({ "off": [], "on": ["no serial"], "all_off": false }),
    ] {
        assert_eq!(harness.put("/v1/renderers", &wrong).await.0, 400, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_whether_music_assistant_found_the_echos() {
    let harness = Harness::signed_in().await;
    for (language, waiting, searched, found, failed, refused) in [
        (
            "en",
            "has not searched for players yet",
            "no Echo was asked for",
            "another controller: 1 of 2 Echos.",
            "could not play here",
            "No Echo ",
        ),
        (
            "de",
            "noch nicht nach Playern gesucht",
            "nach keinem Echo wurde gefragt",
            "anderen Controller: 1 von 2 Echos.",
            "konnte hier nicht spielen",
            "Kein Echo ",
        ),
        (
            "fr",
            "pas encore cherché de lecteurs",
            "aucun Echo n’a été demandé",
            "autre contrôleur\u{202f}: 1 Echo sur 2.",
            "pas pu jouer ici",
            "Aucun Echo ",
        ),
    ] {
        let reports = harness.state.renderers();
        let now = harness.clock.now();
        let browser = Browser::logged_in(&harness.api, language).await;
        reports.serves(Serving::Off);
        assert!(browser.get("/devices").await.contains("RENDERER_BIND"));
        reports.offers(Vec::new(), now);
        offer(&harness, &[(serial::KITCHEN, "Küche"), (serial::STUDY, "Büro")]);
        if language == "en" {
            let page = browser.get("/devices").await;
            assert!(page.contains(waiting) && page.contains("network_mode: host"), "{page}");
        }
        reports.searched(now);
        let page = browser.get("/devices").await;
        assert!(page.contains(searched) && page.contains("5002"), "{page}");
        let udn = format!("udn of {}", serial::KITCHEN);
        reports.found(&udn, [192, 168, 1, 5].into(), Some("Python/3.13"), now);
        reports.failed(serial::STUDY, "device_offline", "Amazon does not reach it", now);
        let page = browser.get("/devices").await;
        assert!(page.contains(found) && page.contains("192.168.1.5"), "{page}");
        assert!(!page.contains("network_mode"), "{page}");
        assert!(card(&page, "Büro").contains(failed), "{}", card(&page, "Büro"));
        assert!(!card(&page, "Küche").contains(failed));
        reports.failed(serial::STUDY, RendererFailure::MediaRefused, "it is a film", now);
        let page = browser.get("/devices").await;
        let shown = card(&page, "Büro");
        assert!(shown.contains(refused) && shown.contains("it is a film"), "{shown}");
        why_they_are_not_announced_is_shown(&harness, &browser).await;
    }
}

async fn why_they_are_not_announced_is_shown(harness: &Harness, browser: &Browser<'_>) {
    let reports = harness.state.renderers();
    for (announcing, word) in [(Announcing::NoNetwork, "network_mode"), (Announcing::Failed, "1900")] {
        reports.offers(Vec::new(), harness.clock.now());
        offer(harness, &[(serial::KITCHEN, "Küche")]);
        reports.announces(announcing);
        let page = browser.get("/devices").await;
        assert!(page.contains(word), "{page}");
    }
    reports.announces(Announcing::Yes);
}

/// The row of the step Music Assistant beside its page.
fn row(page: &str) -> &str {
    let row = page.split("<span class=\"rail-title\">5 Music Assistant</span>").nth(1);
    row.and_then(|rest| rest.split("</li>").next()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_leads_to_players_where_they_are_served() {
    const PAGE: &str = "/setup/music-assistant";
    const CLOSED: &str = "<details id=\"provider\" class=\"row-card\"><summary>";
    const OPEN: &str = "<details id=\"provider\" class=\"row-card\" open><summary>";
    let harness = Harness::signed_in().await;
    for (language, by_itself, done) in [
        ("en", "finds your Echos by itself", ", done<"),
        ("de", "findet deine Echos von selbst", ", erledigt<"),
    ] {
        let browser = Browser::logged_in(&harness.api, language).await;
        let reports = harness.state.renderers();
        // As in AWS: the provider is the way.
        reports.serves(Serving::NotHere);
        reports.offers(Vec::new(), harness.clock.now());
        let page = browser.get(PAGE).await;
        assert!(page.contains("id=\"ma-username\"") && !page.contains(by_itself), "{page}");
        assert!(page.contains(OPEN) && !row(&page).contains(done), "{page}");
        assert_eq!(browser.get("/setup/players").await.trim(), "");

        offer(&harness, &[(serial::KITCHEN, "Küche")]);
        let page = browser.get(PAGE).await;
        assert!(page.contains(by_itself) && page.contains("network_mode: host"), "{page}");
        assert!(page.contains(CLOSED) && !row(&page).contains(done), "{page}");
        // Where they are off, the provider is the way again.
        reports.serves(Serving::Off);
        assert!(browser.get(PAGE).await.contains(OPEN));

        offer(&harness, &[(serial::KITCHEN, "Küche")]);
        let udn = format!("udn of {}", serial::KITCHEN);
        reports.found(&udn, [192, 168, 1, 5].into(), None, harness.clock.now());
        let page = browser.get(PAGE).await;
        assert!(row(&page).contains(done), "{page}");
        assert!(browser.get("/setup/players").await.contains("192.168.1.5"));
    }
    // A household that used the provider.
    let intents = harness.api.request(Method::GET, "/alexa/intents");
    let (status, answer) = send(intents.basic_auth(MUSIC_ASSISTANT.0, Some(MUSIC_ASSISTANT.1))).await;
    assert_eq!(status, 200, "{answer}");
    let browser = Browser::logged_in(&harness.api, "en").await;
    let page = browser.get(PAGE).await;
    assert!(page.contains("switch it off"), "{page}");
}
