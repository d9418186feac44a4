//! `/devices`: what a form does arrives at Amazon, and what Amazon knows is on the page.

use end_to_end::amazon::serial;
use end_to_end::api::{MUSIC_ASSISTANT, send};
use end_to_end::envelope::Envelope;
use ma_alexa::clock::Clock as _;
use ma_alexa::renderer_report::{Announcing, OfferedDevice, RendererProblem, Serving};
use reqwest::Method;
use serde_json::json;

use super::browser::Browser;
use crate::amazon::harness::{Harness, NONE, device_id, identify};

/// The card of a device.
fn card<'a>(page: &'a str, name: &str) -> &'a str {
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
    let never_asked = "Wohnzimmer: The Echo was told to use the skill";
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
    assert!(reason("Wohnzimmer", "It was told to use the skill and never did."), "{said}");
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
        reports.failed(serial::STUDY, RendererProblem::MEDIA_REFUSED, "it is a film", now);
        let page = browser.get("/devices").await;
        let shown = card(&page, "Büro");
        assert!(shown.contains(refused) && shown.contains("it is a film"), "{shown}");
        for (announcing, word) in [(Announcing::NoNetwork, "network_mode"), (Announcing::Failed, "1900")] {
            reports.offers(Vec::new(), now);
            offer(&harness, &[(serial::KITCHEN, "Küche")]);
            reports.announces(announcing);
            let page = browser.get("/devices").await;
            assert!(page.contains(word), "{page}");
        }
        reports.announces(Announcing::Yes);
    }
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
