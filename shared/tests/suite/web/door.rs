//! The ways of the door that the set-up page finds on a machine of stand-ins.

use std::os::unix::net::UnixListener;
use std::time::Duration;

use ma_alexa::config::Settings;
use ma_alexa::i18n::PageLanguage;
use ma_alexa::playback::LeftOutReason;
use ma_alexa::store::{Document, SetupStore as _};
use ma_alexa::ways::cloudflared::CloudflaredProblem;
use ma_alexa::ways::tailscale::TailscaleProblem;
use reqwest::Method;
use serde_json::json;

use super::browser::{Browser, Seen, form};
use crate::api::harness::{App, MA, OWNER};
use crate::ways::cloudflared::{Running, machine};
use crate::ways::machine::{Machine, TAILSCALE, URL, funnel, running};

const ON: &str = "/setup/door/funnel";

const CLOUDFLARED: &str = "echo 'cloudflared version 2026.9.1 (built 2026-09-17-1103 UTC)'";

/// A machine whose Tailscale can turn Funnel on.
fn ready() -> Machine {
    let machine = Machine::new();
    machine.start_daemon();
    machine.install("tailscale", TAILSCALE);
    machine
}

/// A section of the page, with the attributes of its element.
fn section<'a>(seen: &'a Seen, id: &str) -> &'a str {
    let (_, rest) = seen.text.split_once(&format!("<details id=\"{id}\"")).unwrap();
    rest.split("</details>").next().unwrap()
}

fn is_open(section: &str) -> bool {
    section.starts_with(" open>")
}

fn has_button(section: &str) -> bool {
    section.contains(&format!("action=\"{ON}\""))
}

async fn door_url(app: &App) -> Option<String> {
    app.store.settings().await.unwrap().door_url.map(|url| url.to_string())
}

#[tokio::test]
async fn a_machine_without_programs_shows_what_to_install() {
    let app = Machine::new().app(&[]).await;
    let page = Browser::logged_in(&app).await.get("/setup/address").await;
    let tailscale = section(&page, "door-tailscale");
    assert!(!is_open(tailscale) && !has_button(tailscale));
    assert!(tailscale.contains("Install Tailscale on this machine"), "{tailscale}");
    assert!(!is_open(section(&page, "door-cloudflare")));
    assert!(!page.text.contains("found on this machine"));
}

#[tokio::test]
async fn funnel_is_turned_on_from_the_page() {
    let machine = ready();
    let app = machine.app(&[]).await;
    let report = Document::DoctorReport;
    app.store.put_document(report, &json!({ "about": "no door" }), None).await.unwrap();
    let browser = Browser::logged_in(&app).await;
    let before = browser.get("/setup/address").await;
    let tailscale = section(&before, "door-tailscale");
    assert!(is_open(tailscale) && has_button(tailscale), "{tailscale}");
    assert!(tailscale.contains(&format!("Tailscale is ready: with Funnel the door gets the address {URL}.")));
    assert!(!tailscale.contains("Install Tailscale"));

    let seen = browser.submit(ON, &[]).await;
    assert_eq!((seen.status, seen.header("location")), (303, "/setup/address#door-tailscale"));
    assert_eq!(door_url(&app).await.as_deref(), Some(URL));
    assert_eq!(machine.asked(), "funnel --bg 5001\n");
    assert!(app.store.document(report).await.unwrap().unwrap().content.is_null(), "it is about no door");
    let after = browser.get("/setup/address").await;
    assert!(after.text.contains(&format!("Funnel leads to the door, and {URL} is saved as its address.")));
    let tailscale = section(&after, "door-tailscale");
    assert!(is_open(tailscale) && !has_button(tailscale), "there is nothing to do: {tailscale}");
    assert!(tailscale.contains(&format!("Funnel leads from {URL} to the door.")), "{tailscale}");
}

#[tokio::test]
async fn the_address_of_a_funnel_that_is_on_is_used() {
    let machine = Machine::new();
    machine.start_daemon();
    machine.serves(&funnel("http://127.0.0.1:5001"));
    let app = machine.app(&[]).await;
    let other = Settings { door_url: Some("https://door.example.com".into()), ..Settings::default() };
    app.store.put_settings(&other).await.unwrap();
    let browser = Browser::logged_in(&app).await;
    let page = browser.get("/setup/address").await;
    assert!(section(&page, "door-tailscale").contains("Use this address"));
    assert!(has_button(section(&page, "door-tailscale")));
    // No command is needed for what is on.
    browser.submit(ON, &[]).await;
    assert_eq!(door_url(&app).await.as_deref(), Some(URL));
    assert!(!has_button(section(&browser.get("/setup/address").await, "door-tailscale")));
}

#[tokio::test]
async fn an_address_that_a_variable_fixes_stays() {
    let machine = ready();
    let app = machine.app(&[("DOOR_URL", "https://door.example.com")]).await;
    let browser = Browser::logged_in(&app).await;
    let shown = browser.get("/setup/address").await;
    assert!(is_open(section(&shown, "door-tailscale")) && !has_button(section(&shown, "door-tailscale")));
    browser.submit(ON, &[]).await;
    assert_eq!((door_url(&app).await, machine.asked()), (None, String::new()));
    let said = "Set by the variable DOOR_URL of this server";
    assert_eq!(
        browser.get("/setup/address").await.text.matches(said).count(),
        1 + shown.text.matches(said).count()
    );

    let own = ready();
    let app = own.app(&[("DOOR_URL", URL)]).await;
    let browser = Browser::logged_in(&app).await;
    assert!(
        has_button(section(&browser.get("/setup/address").await, "door-tailscale")),
        "it may still be turned on"
    );
    browser.submit(ON, &[]).await;
    assert_eq!(own.asked(), "funnel --bg 5001\n");
    assert!(!has_button(section(&browser.get("/setup/address").await, "door-tailscale")));
}

#[tokio::test]
async fn what_is_in_the_way_is_said_in_the_language_of_the_page() {
    let machine = ready();
    let mut status = running();
    status["Self"]["CapMap"] = json!({ "funnel": null });
    machine.status(&status);
    let app = machine.app(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get("/setup/address").await;
    let tailscale = section(&page, "door-tailscale");
    assert!(is_open(tailscale) && !has_button(tailscale), "an attempt would be in vain: {tailscale}");

    status["Self"]["CapMap"] = json!({});
    machine.status(&status);
    app.clock.advance(Duration::from_secs(10));
    let (english, german) =
        (browser.get("/setup/address?lang=en").await, browser.get("/setup/address?lang=de").await);
    for (page, first, second) in [
        (&english, "HTTPS certificates are off", "does not allow Funnel"),
        (&german, "Zertifikate für HTTPS sind aus", "kein Funnel"),
    ] {
        let tailscale = section(page, "door-tailscale");
        assert!(is_open(tailscale) && has_button(tailscale), "{tailscale}");
        let said: Vec<&str> = tailscale.split("<li>").skip(1).collect();
        assert!(said.len() == 2 && said[0].contains(first) && said[1].contains(second), "{tailscale}");
    }
}

#[tokio::test]
async fn the_page_to_agree_on_is_asked_for_and_shown() {
    const CONSENT: &str = "https://login.tailscale.com/f/funnel?node=nAbCdEf1CNTRL";
    let machine = ready();
    let mut status = running();
    status["Self"]["CapMap"].as_object_mut().unwrap().remove("funnel");
    machine.status(&status);
    machine.install("tailscale", &format!("echo {CONSENT}; exit 1"));
    let app = machine.app(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get("/setup/address").await;
    assert!(has_button(section(&page, "door-tailscale")), "Tailscale names the page after an attempt");
    let seen = browser.submit(ON, &[]).await;
    assert_eq!((seen.status, seen.header("location")), (303, "/setup/address#door-tailscale"));
    let said = browser.get("/setup/address").await;
    assert!(said.text.contains("Open its page, agree, and turn Funnel on here once more."), "{}", said.text);
    assert!(said.text.contains(&format!("<a href=\"{CONSENT}\" target=\"_blank\"")), "{}", said.text);
    assert_eq!(door_url(&app).await, None);
}

#[tokio::test]
async fn a_refusal_names_the_reason_and_the_cure() {
    let machine = ready();
    machine.install("tailscale", "echo 'something else' >&2; exit 1");
    let app = machine.app(&[("DOOR_BIND", "127.0.0.1:5044")]).await;
    let browser = Browser::logged_in(&app).await;
    browser.submit(ON, &[]).await;
    let page = browser.get("/setup/address").await;
    assert!(page.text.contains("The command tailscale did not work. Run it in a terminal"), "{}", page.text);
    assert!(page.text.contains("tailscale funnel --bg 5044"), "with the port of this door");
    assert!(page.text.contains("message bad"));
    assert_eq!(door_url(&app).await, None);
}

#[tokio::test]
async fn the_owner_alone_turns_funnel_on_with_the_token_of_the_session() {
    let machine = ready();
    let app = machine.app(&[]).await;
    let owner = Browser::logged_in(&app).await;
    assert_eq!(owner.post(ON, &[]).await.status, 403);
    assert_eq!(owner.post(ON, &[("csrf", "x")]).await.status, 403);
    assert_eq!(owner.get(ON).await.status, 405, "never by an address");
    let token = owner.token().await;
    let foreign = owner.request(Method::POST, ON).header("sec-fetch-site", "cross-site");
    assert_eq!(owner.send(form(foreign, &[("csrf", &token)])).await.status, 403);

    let music_assistant = Browser::new(&app);
    music_assistant.log_in_as(MA, "").await;
    for pair in [MA, OWNER] {
        let request = music_assistant.request(Method::POST, ON).basic_auth(pair.0, Some(pair.1));
        let seen = music_assistant.send(form(request, &[("csrf", &token)])).await;
        assert!(seen.header("location").starts_with("/login"), "{}: {}", pair.0, seen.status);
    }
    assert_eq!((door_url(&app).await, machine.asked()), (None, String::new()));
}

#[tokio::test]
async fn a_tunnel_that_is_found_is_marked() {
    let machine = Machine::new();
    machine.install("cloudflared", CLOUDFLARED);
    let app = machine.app(&[]).await;
    let page = Browser::logged_in(&app).await.get("/setup/address").await;
    let cloudflare = section(&page, "door-cloudflare");
    assert!(is_open(cloudflare) && cloudflare.contains("found on this machine"), "{cloudflare}");
    assert_eq!(page.text.matches("found on this machine").count(), 1);
}

#[tokio::test]
async fn the_page_does_not_wait_for_a_silent_daemon() {
    let machine = Machine::new();
    // It takes connections into its queue, and never looks at them.
    let _silent = UnixListener::bind(machine.socket()).unwrap();
    let app = machine.app(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get("/setup/address").await;
    assert_eq!(page.status, 200);
    assert!(!is_open(section(&page, "door-tailscale")), "it is not known yet");
    // The question goes on meanwhile, and the API waits for its answer.
    assert_eq!(app.get("/v1/door", OWNER).await.body["ways"][0]["state"], "blocked");
    let page = browser.get("/setup/address").await;
    assert!(section(&page, "door-tailscale").contains("Tailscale did not answer in time"));
}

#[test]
fn every_problem_of_tailscale_has_its_text_in_every_language() {
    let values = [("page", "https://login.tailscale.com/f"), ("port", "5044")];
    for problem in TailscaleProblem::all() {
        let key = format!("setup-door-tailscale-{}", problem.code().replace('_', "-"));
        for language in PageLanguage::all() {
            assert!(language.has(&key), "{}: {key}", language.tag());
            let text = language.format(&key, &values);
            let sentences = text.contains(". ") && !text.contains(['{', '$']);
            assert!(sentences, "{}: {key}: the reason, then the remedy: {text}", language.tag());
        }
    }
}

#[tokio::test]
async fn a_quick_tunnel_is_opened_shown_and_closed_from_the_page() {
    const NAME: &str = "blue-sky-quiet-lake.trycloudflare.com";
    let (start, stop) = ("/setup/door/tunnel", "/setup/door/tunnel/stop");
    let machine = machine();
    let app = machine.app(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let before = browser.get("/setup/address").await;
    let cloudflare = section(&before, "door-cloudflare");
    assert!(is_open(cloudflare) && cloudflare.contains("Open a tunnel"), "{cloudflare}");
    assert!(cloudflare.contains("It is for trying, not for music"), "{cloudflare}");

    let named = async {
        let running = Running::of(&machine).await;
        running.is_named(NAME).await;
        running
    };
    let (sent, running) = tokio::join!(browser.submit(start, &[]), named);
    assert_eq!((sent.status, sent.header("location")), (303, "/setup/address#door-cloudflare"));
    let open = browser.get("/setup/address").await;
    let cloudflare = section(&open, "door-cloudflare");
    for part in [&format!("https://{NAME} leads to the door"), "opened just now", "Close the tunnel"] {
        assert!(cloudflare.contains(part), "{part}: {cloudflare}");
    }
    assert!(!cloudflare.contains("Open a tunnel"), "one at a time: {cloudflare}");
    // A second press starts no second program, which would have no name.
    browser.submit(start, &[]).await;
    assert!(section(&browser.get("/setup/address").await, "door-cloudflare").contains(NAME));
    assert_eq!(door_url(&app).await, None, "its name is gone in five minutes");

    browser.submit(stop, &[]).await;
    running.has_ended().await;
    let page = browser.get("/setup/address").await;
    assert!(page.text.contains("The tunnel is closed."), "{}", page.text);
    assert!(section(&page, "door-cloudflare").contains("Open a tunnel"));
    browser.submit(stop, &[]).await;
    assert!(browser.get("/setup/address").await.text.contains("The tunnel had closed before."));
}

#[tokio::test]
async fn a_tunnel_that_does_not_open_says_why() {
    let machine = Machine::new();
    machine.install("cloudflared", &format!("[ \"$1\" = --version ] && {CLOUDFLARED}; exit 1"));
    let app = machine.app(&[]).await;
    let browser = Browser::logged_in(&app).await;
    browser.submit("/setup/door/tunnel", &[]).await;
    let page = browser.get("/setup/address").await;
    assert!(page.text.contains("The program cloudflared ended before it had a tunnel."), "{}", page.text);
    let app = Machine::new().app(&[]).await;
    let browser = Browser::logged_in(&app).await;
    browser.submit("/setup/door/tunnel", &[]).await;
    assert!(
        browser.get("/setup/address").await.text.contains("The program cloudflared is not on this machine")
    );
}

#[tokio::test]
async fn no_tunnel_is_opened_to_a_door_that_would_not_answer() {
    for (name, value, reason) in [
        ("DOOR_BIND", "off", "The door is off (DOOR_BIND)"),
        ("DOOR_SECRET", "0123456789abcdef", "The door answers CloudFront alone (DOOR_SECRET)"),
    ] {
        let machine = machine();
        let app = machine.app(&[(name, value)]).await;
        let browser = Browser::logged_in(&app).await;
        let page = browser.get("/setup/address").await;
        let cloudflare = section(&page, "door-cloudflare");
        assert!(cloudflare.contains(reason) && !cloudflare.contains("Open a tunnel"), "{cloudflare}");
        // A page that was open before.
        browser.submit("/setup/door/tunnel", &[]).await;
        let page = browser.get("/setup/address").await;
        assert_eq!(page.text.matches(reason).count(), 2, "{}", page.text);
    }
}

/// Each reason has its sentence in each language.
#[test]
fn the_reasons_for_no_tunnel_are_translated() {
    use CloudflaredProblem::{DoorOff, DoorSecret, Ended, NotStarted, TooSlow, Unreadable};
    for problem in [Ended, NotStarted, TooSlow, Unreadable, DoorOff, DoorSecret] {
        let key = format!("setup-door-tunnel-{}", problem.code().replace('_', "-"));
        for language in PageLanguage::all() {
            assert_ne!(language.text(&key), key);
        }
    }
}

/// Each reason for which a route or form is left out of a sound test has its sentence in each language.
#[test]
fn the_reasons_to_leave_out_are_translated() {
    for reason in LeftOutReason::ALL {
        let key = format!("devices-left-out-{}", reason.code().replace('_', "-"));
        for language in PageLanguage::all() {
            assert_ne!(language.text(&key), key);
        }
    }
}
