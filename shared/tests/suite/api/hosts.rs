//! By which names the server may be called.

use std::time::Duration;

use ma_alexa::config::Settings;
use ma_alexa::store::SetupStore as _;
use reqwest::Method;

use super::harness::{App, OWNER, answer};

const NAMES: [(&str, &str); 5] = [
    ("SKILL_ENDPOINT", "https://skill.example.com/"),
    ("API_URL", "http://alexa.home.example.com:5000"),
    ("STREAM_BASE_URL", "https://music.example.com"),
    ("ART_BASE_URL", "https://art.example.com"),
    ("TRUSTED_HOSTS", "raspberrypi, Box.local."),
];

async fn status(app: &App, host: &str) -> u16 {
    let request = app.request(Method::GET, "/v1/players").basic_auth(OWNER.0, Some(OWNER.1));
    answer(request.header("host", host)).await.status
}

#[tokio::test]
async fn a_name_that_only_leads_to_this_machine_is_not_served() {
    let app = App::start_with(&NAMES).await;
    for host in [
        "127.0.0.1:5000",
        "192.168.1.5",
        "[fd00::5]:5000",
        "localhost",
        "LocalHost:5000",
        "localhost.",
        "skill.example.com",
        "Skill.Example.COM.:443",
        "alexa.home.example.com:5000",
        "music.example.com",
        "art.example.com",
        "raspberrypi:5000",
        "box.local",
    ] {
        assert_eq!(status(&app, host).await, 200, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:5000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.1.5.nip.io",
        "2130706433",
        "0x7f000001",
        "127.1",
        "example.com",
        "raspberrypi.evil.example",
        "user@localhost",
        "localhost/",
        "a b",
    ] {
        let seen = status(&app, host).await;
        assert_eq!(seen, 421, "{host}");
    }
}

#[tokio::test]
async fn a_name_of_the_settings_is_known_and_the_refusal_says_the_cure() {
    let app = App::start_with(&[]).await;
    assert_eq!(status(&app, "alexa.home.example.com").await, 421);
    let api_url = Some("https://alexa.home.example.com".into());
    let settings = Settings { api_url, ..Settings::default() };
    app.store.put_settings(&settings).await.unwrap();
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(status(&app, "alexa.home.example.com").await, 200);
    let refused = app.request(Method::GET, "/setup").header("host", "evil.example");
    let refused = answer(refused).await;
    assert_eq!(refused.status, 421);
    assert!(refused.error().contains("TRUSTED_HOSTS"), "{}", refused.error());
    assert!(!refused.error().contains("evil"), "{}", refused.error());
}
