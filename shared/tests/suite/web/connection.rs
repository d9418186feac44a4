//! The connection to Music Assistant on the page of the set-up.

use serde_json::json;

use super::browser::Browser;
use crate::api::harness::{App, KITCHEN_1, bare};
use crate::music_assistant::connection::kept;
use crate::music_assistant::stand_in::{Household, LOGIN, StandIn, TOKEN};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_connects_without_a_script() {
    let (app, stand_in) = (App::start().await, StandIn::start(Household::default()).await);
    app.push(bare(KITCHEN_1)).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get("/setup/music-assistant").await;
    assert!(page.text.contains("value=\"http://192.168.1.5:8095\""), "the address is offered");

    let address = stand_in.address().to_string();
    let fields = |password| {
        [("address", address.as_str()), ("username", LOGIN.0), ("password", password), ("token", "")]
    };
    let seen = browser.submit("/setup/music-assistant/connect", &fields("wrong")).await;
    assert_eq!((seen.status, seen.header("location")), (303, "/setup/music-assistant#ma-connection"));
    assert!(
        browser
            .get("/setup/music-assistant")
            .await
            .text
            .contains("does not accept this user name and password")
    );

    browser.submit("/setup/music-assistant/connect", &fields(LOGIN.1)).await;
    let page = browser.get("/setup/music-assistant").await.text;
    assert!(page.contains("Music Assistant 2.8.0 is connected at"), "{page}");
    assert!(page.contains("as kim with the role user"));
    assert!(page.contains("Kitchen: by the Alexa provider, as Kitchen."));
    assert!(!page.contains(TOKEN) && !page.contains(LOGIN.1));
    assert!(browser.get("/setup/music-assistant?lang=de").await.text.contains("als kim mit der Rolle user"));

    stand_in.change(|household| household.players = json!([]));
    browser.submit("/setup/music-assistant/check", &[]).await;
    let part = browser.get("/setup/music-assistant/connection").await.text;
    assert!(part.contains("Kitchen: ") && part.contains("class=\"problem\""), "{part}");

    browser.submit("/setup/music-assistant/disconnect", &[]).await;
    let part = browser.get("/setup/music-assistant/connection").await.text;
    assert!(!part.contains("Disconnect") && !part.contains("Trennen"), "{part}");
    assert_eq!(kept(&app), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_comes_late_does_not_bring_back_what_was_disconnected() {
    let (app, stand_in) = (App::start().await, StandIn::start(Household::default()).await);
    let browser = Browser::logged_in(&app).await;
    let address = stand_in.address().to_string();
    let fields = [("address", address.as_str()), ("username", LOGIN.0), ("password", LOGIN.1), ("token", "")];
    browser.submit("/setup/music-assistant/connect", &fields).await;
    let part = async || browser.get("/setup/music-assistant/connection").await.text;
    assert!(part().await.contains("is connected at"));

    stand_in.change(|household| household.holds = Some("players/all"));
    let looks = browser.submit("/setup/music-assistant/check", &[]);
    let disconnects = async {
        stand_in.has_arrived().await;
        browser.submit("/setup/music-assistant/disconnect", &[]).await;
        stand_in.go_on();
    };
    tokio::join!(looks, disconnects);
    assert_eq!(kept(&app), None);
    assert!(!part().await.contains("is connected at"));
}
