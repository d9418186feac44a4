//! The step of Music Assistant where this process offers it no players: its Alexa provider is the way.

use ma_alexa::renderer_report::Serving;

use super::browser::Browser;
use crate::api::harness::{App, MA};

const PAGE: &str = "/setup/music-assistant";
const OPEN: &str =
    "<details id=\"provider\" class=\"row-card\" open><summary>Music Assistant’s Alexa provider<";

/// The page after Music Assistant's provider has called.
async fn after_the_provider(app: &App, browser: &Browser<'_>) -> String {
    let intents = app.client.get(format!("{}/alexa/intents", app.base));
    let answer = intents.basic_auth(MA.0, Some(MA.1)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    browser.get(PAGE).await.text
}

/// What contradicts the provider as the way.
fn assert_renderers_are_not_named(page: &str) {
    for text in
        ["finds your Echos by itself within", "finds no Echo by itself", "The other way", "switch it off"]
    {
        assert!(!page.contains(text), "{text}: {page}");
    }
    assert!(page.contains(OPEN) && page.contains("href=\"#provider\""), "{page}");
}

#[tokio::test]
async fn an_add_on_leads_to_the_provider_alone() {
    let app = App::start_with(&[("INGRESS", "on")]).await;
    app.state.renderers().serves(Serving::Off);
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(PAGE).await.text;
    assert_renderers_are_not_named(&page);
    assert!(!page.contains("RENDERER_BIND"), "an add-on chose it, not a person: {page}");
    assert!(!browser.get("/devices").await.text.contains("RENDERER_BIND"));
    assert_renderers_are_not_named(&after_the_provider(&app, &browser).await);
}

#[tokio::test]
async fn a_person_who_switched_players_off_reads_how_to_switch_them_on() {
    let app = App::start().await;
    app.state.renderers().serves(Serving::Off);
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(PAGE).await.text;
    assert_renderers_are_not_named(&page);
    assert!(page.contains("Without this variable Music Assistant finds your Echos by itself."), "{page}");
    let devices = browser.get("/devices").await.text;
    assert!(devices.contains("or start this server without that variable."), "{devices}");
    assert_renderers_are_not_named(&after_the_provider(&app, &browser).await);
}

#[tokio::test]
async fn functions_in_aws_lead_to_the_provider() {
    let app = App::start().await;
    app.state.renderers().serves(Serving::NotHere);
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(PAGE).await.text;
    assert_renderers_are_not_named(&page);
    assert!(!page.contains("RENDERER_BIND"), "{page}");
    assert_renderers_are_not_named(&after_the_provider(&app, &browser).await);
}

#[tokio::test]
async fn where_players_are_offered_the_provider_is_the_other_way() {
    let app = App::start().await;
    app.state.renderers().serves(Serving::At(([0, 0, 0, 0], 5002).into()));
    let browser = Browser::logged_in(&app).await;
    let page = after_the_provider(&app, &browser).await;
    assert!(page.contains("<summary>The other way: Music Assistant’s Alexa provider<"), "{page}");
    assert!(page.contains("switch it off"), "each Echo would be there twice: {page}");
    // A port that is taken is a fault: the provider works, and stays on.
    app.state.renderers().serves(Serving::PortTaken(([0, 0, 0, 0], 5002).into()));
    let page = browser.get(PAGE).await.text;
    assert!(page.contains("another program has port 5002") && !page.contains("switch it off"), "{page}");
}
