//! Links from a problem to the field where a person acts on it.

use std::collections::{BTreeMap, BTreeSet};

use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::Clock as _;
use ma_alexa::diagnostics::{Check, CheckKind, DoctorReport, ReportedFinding, Verdict, all_findings};
use ma_alexa::i18n::PageLanguage;
use ma_alexa::playback::{Failure, ReportKind};
use ma_alexa::store::{Document, SetupStore as _};
use reqwest::Method;

use super::browser::{Browser, form};
use crate::api::harness::{App, KITCHEN_1, bare};

/// Keeps a report of these findings.
async fn examined(app: &App, findings: Vec<ReportedFinding>) {
    let checks = vec![Check { kind: CheckKind::Configuration, verdict: Verdict::Broken, findings }];
    let content = serde_json::to_value(DoctorReport { at: app.clock.now(), checks }).unwrap();
    let read = app.store.document(Document::DoctorReport).await.unwrap().map(|held| held.revision);
    assert!(app.store.put_document(Document::DoctorReport, &content, read).await.unwrap());
}

fn finding(code: &str, details: &[(&str, &str)]) -> ReportedFinding {
    let details: BTreeMap<String, String> =
        details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ReportedFinding { code: code.to_owned(), verdict: Verdict::Broken, details }
}

/// The problems that the first page shows, each as HTML.
async fn problems(browser: &Browser<'_>) -> Vec<String> {
    let health = browser.get("/status/health").await.text;
    let list = health.split("class=\"plain problems\">").nth(1).unwrap_or_default();
    let list = list.split("</ul>").next().unwrap();
    list.split("<li class=\"card\">").skip(1).map(str::to_owned).collect()
}

fn href(html: &str) -> Option<&str> {
    html.split_once("href=\"")?.1.split('"').next()
}

/// The folds around an element that are closed.
fn closed_folds(page: &str, id: &str) -> Vec<String> {
    let (before, _) = page.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {page}"));
    // A fold may be the element itself.
    let begun = before.rfind('<').unwrap();
    let end = page[begun..].find('>').unwrap() + begun;
    let mut folds: Vec<&str> = Vec::new();
    for tag in page[..=end].split('<').skip(1) {
        if tag.starts_with("details") {
            folds.push(tag.split('>').next().unwrap());
        } else if tag.starts_with("/details") {
            folds.pop();
        }
    }
    folds.into_iter().filter(|fold| !fold.split(' ').any(|part| part == "open")).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_remedy_that_names_a_page_leads_to_an_element_in_view() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let english = PageLanguage::english();
    let mut addresses = BTreeSet::new();
    for sample in all_findings().into_iter().filter(|sample| sample.verdict != Verdict::Ok) {
        let setting = [("setting".to_owned(), "STREAM_BASE_URL".to_owned())];
        let broken = ReportedFinding { verdict: Verdict::Broken, details: setting.into(), ..sample };
        let remedy = broken.remedy(english).unwrap_or_default();
        let code = broken.code.clone();
        examined(&app, vec![broken]).await;
        let health = browser.get("/status/health").await.text;
        let row = health.split("id=\"all-checks\"").nth(1).unwrap();
        let link = href(row.split("</li>").next().unwrap());
        let names_a_page =
            ["the step ", "setup page", "devices page"].iter().any(|name| remedy.contains(name));
        assert!(link.is_some() || !names_a_page, "{code}: {remedy}");
        addresses.extend(link.map(str::to_owned));
    }
    assert!(addresses.len() > 12, "{addresses:?}");
    for address in addresses {
        let (path, id) = address.split_once('#').unwrap_or((address.as_str(), "main"));
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{address}");
        assert_eq!(closed_folds(&page.text, id), Vec::<String>::new(), "{address}");
    }
}

#[tokio::test]
async fn a_setting_that_is_ignored_leads_to_its_field() {
    let app = App::start_with(&[]).await;
    let browser = Browser::logged_in(&app).await;
    for (variable, address) in [
        ("MA_STREAM_ORIGIN", "/setup/address?open=advanced#ma_stream_origin"),
        ("DOOR_URL", "/setup/address#door_url"),
        ("LOCALE", "/setup/skill?open=advanced#locale"),
        ("API_URL", "/setup/music-assistant?open=provider#api_url"),
    ] {
        examined(&app, vec![finding("setting-malformed", &[("setting", variable)])]).await;
        let shown = problems(&browser).await;
        assert_eq!(href(&shown[0]), Some(address), "{shown:?}");
    }
    // The fold is closed without the link, and a fold that there is not is no page.
    let page = browser.get("/setup/address").await;
    assert_eq!(closed_folds(&page.text, "ma_stream_origin").len(), 1);
    assert_eq!(browser.get("/setup/address?open=everything").await.status, 400);
}

#[tokio::test]
async fn a_finding_says_how_long_ago_and_not_the_time_in_utc() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let at = ("at", "2026-11-22 07:00 UTC");
    let ended = finding("amazon-sign-in-ended", &[at, ("reason", "signed out")]);
    let throttled = finding("amazon-throttled", &[("until", "2026-11-22 08:05 UTC")]);
    assert!(ended.message(PageLanguage::english()).contains("07:00 UTC"), "the terminal and the API have it");
    examined(&app, vec![ended, throttled]).await;
    let shown = problems(&browser).await;
    assert!(shown[0].contains("signed out (an hour ago)"), "{shown:?}");
    assert!(shown[1].contains("Next request: in 5 minutes."), "{shown:?}");
    assert!(!browser.get("/status").await.text.contains("UTC"));
    let german = Browser::logged_in(&app).await.with("accept-language", "de");
    assert!(problems(&german).await[0].contains("vor einer Stunde"));
}

#[tokio::test]
async fn an_error_after_a_form_leads_to_its_field() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let request = browser.request(Method::POST, "/status/transport").header("x-fetch", "1");
    let request = request.header("x-csrf-token", browser.token().await);
    let said = browser.send(form(request, &[("serial", "G0"), ("command", "pause")])).await.text;
    assert!(said.contains("bad\">No Amazon account is signed in."), "{said}");
    assert_eq!(href(&said), Some("/setup/amazon#household"), "{said}");
    // Without the script the next page shows the same.
    let plain = Browser::logged_in(&app).await;
    plain.submit("/status/transport", &[("serial", "G0"), ("command", "pause")]).await;
    let page = plain.get("/status").await.text;
    let said = page.split("No Amazon account is signed in.").nth(1).unwrap();
    assert_eq!(href(said), Some("/setup/amazon#household"), "{said}");
    // The same button on the other page leads back to it.
    let fields = [("serial", "G0"), ("command", "pause"), ("page", "devices"), ("place", "device-a1")];
    let sent = plain.submit("/status/transport", &fields).await;
    assert_eq!(sent.header("location"), "/devices#device-a1");
}

#[tokio::test]
async fn an_echo_that_failed_by_itself_leads_to_no_address() {
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    app.claim("D1", "Kitchen", 1).await;
    let failure = |kind: &str| Some(Failure { kind: MediaErrorType::from(kind), message: None });
    let browser = Browser::logged_in(&app).await;
    for (kind, address) in [
        ("MEDIA_ERROR_INTERNAL_DEVICE_ERROR", None),
        ("MEDIA_ERROR_SERVICE_UNAVAILABLE", Some("/setup/address#address-check")),
    ] {
        app.clock.advance(std::time::Duration::from_secs(1));
        app.report("Kitchen", 1, ReportKind::Failed, failure(kind)).await;
        let page = browser.get("/status").await.text;
        let problem = page.split("player-problem\">").nth(1).unwrap().split("</p>").next().unwrap();
        assert_eq!(href(problem), address, "{kind}: {problem}");
        let log = browser.get("/log").await.text;
        let remedy = log.split("class=\"message bad\">").nth(1).unwrap().split("</p>").next().unwrap();
        assert_eq!(href(remedy), address, "{kind}: {remedy}");
    }
}

#[tokio::test]
async fn each_sign_in_leads_to_its_own_account() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let more = browser.get("/status/more").await.text;
    let of = |name: &str| href(more.split(&format!("<strong>{name}<")).nth(1).unwrap()).map(str::to_owned);
    assert_eq!(of("Developer account").as_deref(), Some("/setup/amazon#developer"));
    assert_eq!(of("Household account").as_deref(), Some("/setup/amazon#household"));
}
