//! The steps of the set-up: which is open, and what makes one done.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue};
use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::grant::GrantKeys;
use ma_alexa::playback::{Failure, ReportKind};
use ma_alexa::probe::{CertificateProblem, Method, ProbeError, ProbeRequest, ProbeResponse, Prober};
use ma_alexa::secrets::Credentials;

use super::browser::{Browser, Seen, form};
use crate::api::harness::{App, KITCHEN_1, MA, OWNER, bare, credentials};

const DOOR: &str = "https://door.example.com";

/// The internet as a probe of the door sees it.
#[derive(Clone, Copy, Debug)]
enum Outside {
    /// The door answers.
    Door,
    /// The name leads nowhere.
    Nowhere,
    /// The certificate is for another name.
    WrongName,
    /// Another server answers each path.
    Other,
}

#[async_trait]
impl Prober for Outside {
    async fn probe(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeError> {
        let path = request.url.path();
        let status = match (self, &request.method) {
            (Self::Nowhere, _) => return Err(ProbeError::NoName),
            (Self::WrongName, _) => return Err(ProbeError::Certificate(CertificateProblem::WrongName)),
            (Self::Other, _) => 200,
            (Self::Door, Method::EmptyPost) => 400,
            (Self::Door, _) if path == "/healthz" || path.starts_with("/s/") => 200,
            (Self::Door, _) => 404,
        };
        let body = match (self, path) {
            (Self::Door, "/healthz") => br#"{"status":"ok","version":"0.1.0"}"#.to_vec(),
            _ => Vec::new(),
        };
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Ok(ProbeResponse { status, headers, body, is_truncated: false, certificate: None })
    }

    async fn look_up(&self, _: &str) -> Result<Vec<IpAddr>, ProbeError> {
        match self {
            Self::Nowhere => Err(ProbeError::NoName),
            _ => Ok(vec![Ipv4Addr::new(203, 0, 113, 7).into()]),
        }
    }
}

async fn app(outside: Outside) -> App {
    let app = App::asking(&[], Arc::new(outside)).await;
    let keys = GrantKeys::generate(&SeededRandom::new(3)).unwrap();
    app.secrets.set(Ok(Some(Credentials { grant_keys: Some(keys), ..credentials(OWNER, MA) })));
    app
}

/// The step that the page has open.
fn open(seen: &Seen) -> &str {
    let (_, rest) = seen.text.split_once("class=\"card step\" id=\"").unwrap();
    rest.split('"').next().unwrap()
}

/// The state of a line of the check, by its title.
fn line(text: &str, title: &str) -> String {
    let (before, _) = text.split_once(&format!("class=\"line-title\">{title}<")).unwrap();
    let (_, class) = before.rsplit_once("class=\"line is-").unwrap();
    class.split('"').next().unwrap().to_owned()
}

async fn step(browser: &Browser<'_>, path: &str) -> Seen {
    let token = browser.token().await;
    let request = browser.request(reqwest::Method::POST, path).header("x-fetch", "1");
    browser.send(form(request.header("x-csrf-token", token), &[])).await
}

#[tokio::test]
async fn the_first_step_that_is_not_done_is_open_and_any_other_by_its_address() {
    let app = app(Outside::Door).await;
    let browser = Browser::logged_in(&app).await;
    assert_eq!(open(&browser.get("/setup").await), "address");
    for step in ["sign-in", "address", "amazon", "skill", "music-assistant", "sound"] {
        assert_eq!(open(&browser.get(&format!("/setup/{step}")).await), step);
        assert_eq!(open(&browser.get(&format!("/setup?step={step}")).await), step);
        assert_eq!(browser.get(&format!("/setup/progress?step={step}")).await.status, 200);
        assert_eq!(browser.get(&format!("/setup/foot?step={step}")).await.status, 200);
    }
    assert_eq!(browser.get("/setup/progress?step=none").await.status, 400);
}

#[tokio::test]
async fn an_address_is_done_after_its_check_and_not_before() {
    let app = app(Outside::Door).await;
    let browser = Browser::logged_in(&app).await;
    let seen = browser.submit("/setup/address", &[("door_url", "door.example.com"), ("scripted", "1")]).await;
    assert_eq!((seen.status, seen.header("location")), (303, "/setup/address#address-check"));
    assert_eq!(open(&browser.get("/setup").await), "address", "it waits for the check");
    browser.submit("/setup/address/check", &[]).await;
    let page = browser.get("/setup").await;
    assert_eq!(open(&page), "amazon", "the next one");
    assert!(page.text.contains("door.example.com · checked just now"), "{}", page.text);
    let address = browser.get("/setup/address").await.text;
    for title in ["Name", "Port 443", "Certificate", "Leads to this server", "Nothing else gets out"] {
        assert_eq!(line(&address, title), "done", "{title}");
    }
    assert_eq!(line(&address, "Streams"), "unknown", "no stream was there to try");
    // Another address is another matter.
    browser.submit("/setup/address", &[("door_url", "other.example.com"), ("scripted", "1")]).await;
    assert_eq!(open(&browser.get("/setup").await), "address");
}

#[tokio::test]
async fn a_check_goes_on_line_by_line() {
    let app = app(Outside::Door).await;
    let browser = Browser::logged_in(&app).await;
    browser.submit("/setup/address", &[("door_url", DOOR), ("scripted", "1")]).await;
    let page = browser.get("/setup/address").await.text;
    assert_eq!((line(&page, "Name"), line(&page, "Streams")), ("running".into(), "waiting".into()));
    let named = step(&browser, "/setup/address/step").await.text;
    assert!(named.contains("door.example.com → 203.0.113.7") && named.contains("data-again"), "{named}");
    assert_eq!((line(&named, "Name"), line(&named, "Certificate")), ("done".into(), "running".into()));
    let reached = step(&browser, "/setup/address/step").await.text;
    assert_eq!((line(&reached, "Certificate"), line(&reached, "Streams")), ("done".into(), "running".into()));
    let over = step(&browser, "/setup/address/step").await.text;
    assert!(over.contains("The address works.") && !over.contains("data-again"), "{over}");
}

#[tokio::test]
async fn a_failed_line_says_cause_and_remedy_and_keeps_the_step_open() {
    for (outside, title, skipped) in [
        (Outside::Nowhere, "Name", "Certificate"),
        (Outside::WrongName, "Certificate", "Streams"),
        (Outside::Other, "Leads to this server", "Streams"),
    ] {
        let app = app(outside).await;
        let browser = Browser::logged_in(&app).await;
        let seen = browser.submit("/setup/address", &[("door_url", DOOR)]).await;
        assert_eq!(seen.header("location"), "/setup/address#address-check");
        let page = browser.get("/setup").await;
        assert_eq!(open(&page), "address", "{outside:?}");
        assert_eq!(line(&page.text, title), "failed", "{outside:?}");
        assert_eq!(line(&page.text, skipped), "skipped", "{outside:?}");
        let (_, remedy) = page.text.split_once("class=\"remedy\">→ ").unwrap();
        let remedy = remedy.split("</p>").next().unwrap();
        assert!(remedy.contains("<a href=\"/setup/address#door"), "{outside:?}: {remedy}");
        let may_be_blind = !matches!(outside, Outside::Other);
        assert_eq!(page.text.contains("id=\"address-outside\""), may_be_blind, "{outside:?}");
    }
}

#[tokio::test]
async fn a_person_confirms_an_address_that_this_server_does_not_see() {
    let app = app(Outside::Nowhere).await;
    let browser = Browser::logged_in(&app).await;
    browser.submit("/setup/address", &[("door_url", DOOR)]).await;
    let page = browser.get("/setup/address").await.text;
    assert!(page.contains(&format!("href=\"{DOOR}/healthz\"")), "{page}");
    let seen = browser.submit("/setup/address/outside", &[("certificate", "wildcard")]).await;
    assert_eq!(seen.status, 303);
    let page = browser.get("/setup").await;
    assert_eq!(open(&page), "amazon");
    assert!(page.text.contains("door.example.com · confirmed by you just now"));
    assert_eq!(browser.submit("/setup/address/outside", &[("certificate", "any")]).await.status, 400);
}

#[tokio::test]
async fn without_an_address_there_is_nothing_to_check() {
    let app = app(Outside::Door).await;
    let browser = Browser::logged_in(&app).await;
    for path in ["/setup/address", "/setup/address/check"] {
        browser.submit(path, &[]).await;
        let page = browser.get("/setup/address").await;
        assert!(page.text.contains("Enter a public address first."), "{path}");
    }
}

#[tokio::test]
async fn a_refused_profile_keeps_the_client_id_and_never_the_secret() {
    let app = app(Outside::Door).await;
    let browser = Browser::logged_in(&app).await;
    let fields = [("client_id", "amzn1.wrong"), ("client_secret", "my-secret-value")];
    let seen = browser.submit("/setup/developer/begin", &fields).await;
    assert_eq!((seen.status, open(&seen)), (422, "amazon"));
    assert!(seen.text.contains("value=\"amzn1.wrong\"") && !seen.text.contains("my-secret-value"));
    let (_, form) = seen.text.split_once("id=\"developer-form\"").unwrap();
    let (form, _) = form.split_once("</form>").unwrap();
    assert!(form.contains("This is no client id"), "the message is in the form that was sent: {form}");
}

#[tokio::test]
async fn languages_are_proposed_by_the_browser_until_a_person_chooses() {
    let app = app(Outside::Door).await;
    let browser = Browser::new(&app).with("accept-language", "de-AT, de;q=0.9, en;q=0.5");
    browser.log_in().await;
    let checked = async || {
        let page = browser.get("/setup/skill").await.text;
        let boxes = page.split("name=\"skill_locale\" value=\"").skip(1);
        let checked = boxes.filter(|rest| rest.split('>').next().unwrap().contains("checked"));
        checked.map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(checked().await, ["de-DE"]);
    browser.submit("/setup/skill", &[("skill_locale", "en-GB"), ("locale", "en-GB")]).await;
    assert_eq!(checked().await, ["en-GB"]);
}

#[tokio::test]
async fn a_failed_play_is_not_the_first_sound() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    app.claim("D1", "Kitchen", 1).await;
    let browser = Browser::logged_in(&app).await;
    let states = async || {
        let chain = browser.get("/setup/sound/chain").await.text;
        let links = chain.split("<ol class=\"chain\"").nth(1).unwrap().split("<li class=\"").skip(1);
        links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states().await, ["lit", "lit", "lit", "lit", "waits"]);
    let failure = Failure { kind: MediaErrorType::ServiceUnavailable, message: None };
    app.report("Kitchen", 1, ReportKind::Failed, Some(failure)).await;
    assert_eq!(states().await, ["lit", "lit", "lit", "lit", "dark"]);
    let page = browser.get("/setup/sound").await.text;
    assert!(page.contains("href=\"/setup/address#address-check\">Open the step Public address<"), "{page}");
    assert!(!page.contains("This is your first sound."));
    app.clock.advance(std::time::Duration::from_secs(1));
    app.report("Kitchen", 1, ReportKind::Started, None).await;
    assert_eq!(states().await, ["lit"; 5]);
}
