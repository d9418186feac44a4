//! The page that leads from nothing to music.

use std::path::Path;

use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::config::Settings;
use ma_alexa::grant::GrantKeys;
use ma_alexa::secrets::Credentials;
use ma_alexa::store::SetupStore as _;
use secrecy::ExposeSecret as _;

use super::browser::{Browser, Seen};
use crate::api::harness::{App, KITCHEN_1, MA, OWNER, bare, credentials};

/// The text of an element with this id, which holds no other of its kind.
fn text_of(seen: &Seen, id: &str) -> Option<String> {
    let (_, rest) = seen.text.split_once(&format!("id=\"{id}\""))?;
    let (_, rest) = rest.split_once('>')?;
    let text = rest.split("</").next()?;
    Some(text.replace("&#34;", "\"").replace("&quot;", "\""))
}

async fn settings(app: &App) -> Settings {
    app.store.settings().await.unwrap()
}

#[tokio::test]
async fn what_is_entered_is_kept_and_what_is_wrong_loses_nothing() {
    let app = App::start_with(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let good =
        [("stream_base_url", " music.example.com "), ("ma_api_url", "192.168.1.5:8095"), ("scripted", "1")];
    let seen = browser.submit("/setup/address", &good).await;
    assert_eq!((seen.status, seen.header("location")), (303, "/setup/address#address-check"));
    assert_eq!(settings(&app).await.stream_base_url, Some("https://music.example.com".into()));

    let bad = [("stream_base_url", "http://music.example.com"), ("art_base_url", "https://art.example.com")];
    let seen = browser.submit("/setup/address", &bad).await;
    assert_eq!(seen.status, 422);
    assert!(seen.text.contains("value=\"http://music.example.com\""), "what was typed is still there");
    assert!(text_of(&seen, "stream_base_url-problem").unwrap().contains("https://"));
    let kept = settings(&app).await;
    assert_eq!(kept.stream_base_url, Some("https://music.example.com".into()));
    assert_eq!((kept.art_base_url, kept.ma_api_url), (None, Some("http://192.168.1.5:8095".into())));

    // An empty field takes its setting back, a missing one does not.
    browser.submit("/setup/address", &[("stream_base_url", ""), ("scripted", "1")]).await;
    let kept = settings(&app).await;
    assert_eq!((kept.stream_base_url, kept.ma_api_url), (None, Some("http://192.168.1.5:8095".into())));
}

/// A page that is older than a setting, such as one from before Music Assistant was connected.
#[tokio::test]
async fn an_old_page_takes_back_nothing_that_changed_elsewhere() {
    let app = App::start_with(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get("/setup/address").await;
    assert_eq!(page.hidden("ma_api_url-before").as_deref(), Some(""));
    let old = [("ma_api_url", ""), ("ma_api_url-before", ""), ("scripted", "1")];
    let connected = [("ma_api_url", "http://192.168.1.5:8095"), ("ma_api_url-before", ""), ("scripted", "1")];
    browser.submit("/setup/address", &connected).await;
    let kept = async || settings(&app).await.ma_api_url;
    let with = |stream| [old[0], old[1], old[2], ("stream_base_url", stream)];
    for stream in ["http://music.example.com", "https://music.example.com"] {
        let seen = browser.submit("/setup/address", &with(stream)).await;
        assert_eq!(kept().await, Some("http://192.168.1.5:8095".into()), "{stream}");
        if seen.status == 422 {
            assert_eq!(seen.hidden("ma_api_url-before").as_deref(), Some(""), "it is as old as before");
        }
    }
    assert_eq!(settings(&app).await.stream_base_url, Some("https://music.example.com".into()));
    let page = browser.get("/setup/address").await;
    assert_eq!(page.hidden("ma_api_url-before").as_deref(), Some("http://192.168.1.5:8095"));
    let emptied = [("ma_api_url", ""), ("ma_api_url-before", "http://192.168.1.5:8095"), ("scripted", "1")];
    browser.submit("/setup/address", &emptied).await;
    assert_eq!(kept().await, None, "a person takes it back");
}

#[tokio::test]
async fn what_a_variable_fixes_is_shown_and_its_setting_left_alone() {
    let app =
        App::start_with(&[("STREAM_BASE_URL", "https://fixed.example.com"), ("MA_PHRASES", "own")]).await;
    let stored = Settings {
        stream_base_url: Some("https://stored.example.com".into()),
        ma_phrases: Some("builtin".into()),
        ..Settings::default()
    };
    app.store.put_settings(&stored).await.unwrap();
    let browser = Browser::logged_in(&app).await;
    let seen = browser.get("/setup/address").await;
    assert!(seen.text.contains("https://fixed.example.com") && seen.text.contains("STREAM_BASE_URL"));
    assert!(!seen.text.contains("name=\"stream_base_url\""));
    assert!(!browser.get("/setup/skill").await.text.contains("name=\"ma_phrases\""));
    browser.submit("/setup/address", &[("art_base_url", "https://art.example.com"), ("scripted", "1")]).await;
    browser.submit("/setup/skill", &[("skill_locale", "de-DE"), ("skill_locale", "en-GB")]).await;
    let kept = settings(&app).await;
    assert_eq!((kept.stream_base_url, kept.ma_phrases), (stored.stream_base_url, stored.ma_phrases));
    assert_eq!(kept.art_base_url, Some("https://art.example.com".into()));
    assert_eq!(kept.skill_locales, ["de-DE".into(), "en-GB".into()]);
}

#[tokio::test]
async fn a_name_is_held_against_the_rules_while_it_is_typed() {
    let app = App::start_with(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let said =
        async |name: &str| browser.submit("/setup/check/invocation-name", &[("value", name)]).await.text;
    for (name, part) in [
        ("alexa music", "wakes an Echo"),
        ("play music", "starts skills"),
        ("music 2", "digit"),
        ("music", "two words"),
        ("our house", "reload the Alexa provider"),
        ("", "Music Assistant itself says this name"),
    ] {
        let text = said(name).await;
        assert!(text.contains(part), "{name}: {text}");
        assert_eq!(text.contains("message good"), matches!(name, "our house" | ""), "{name}: {text}");
    }
    let refused = browser.submit("/setup/skill", &[("invocation_name", "play music")]).await;
    assert_eq!((refused.status, settings(&app).await.invocation_name), (422, None));
}

/// The snippets of the page, by proxy.
async fn snippet(app: &App, settings: &Settings, proxy: &str) -> Option<String> {
    app.store.put_settings(settings).await.unwrap();
    let seen = Browser::logged_in(app).await.get("/setup?machine=ma.local").await;
    text_of(&seen, &format!("proxy-{proxy}"))
}

fn addresses(stream: &str, art: &str, skill: &str) -> Settings {
    Settings {
        stream_base_url: Some(stream.into()),
        art_base_url: Some(art.into()),
        skill_endpoint: Some(skill.into()),
        ..Settings::default()
    }
}

#[tokio::test]
async fn one_host_may_serve_everything() {
    let app = App::start_with(&[("BIND", "127.0.0.1:5044")]).await;
    let one =
        addresses("https://home.example.com/ma", "https://home.example.com/art", "https://home.example.com/");
    let caddy = snippet(&app, &one, "caddy").await.unwrap();
    assert_eq!(caddy.matches("home.example.com {").count(), 1, "{caddy}");
    for part in [
        "^/ma(/(flow|single|",
        "^/art/imageproxy/[0-9a-f]{64}$",
        "read_body 10s",
        "reverse_proxy 127.0.0.1:5044",
        "ma.local:8097",
    ] {
        assert!(caddy.contains(part), "{part}: {caddy}");
    }
    let nginx = snippet(&app, &one, "nginx").await.unwrap();
    assert_eq!(nginx.matches("server_name").count(), 1, "{nginx}");
    for part in [
        "^/ma/(flow|single|",
        "^/art/imageproxy/[0-9a-f]{64}$",
        "client_body_timeout 10s",
        "limit_except GET",
        "proxy_buffering off",
        "proxy_read_timeout 12h",
    ] {
        assert!(nginx.contains(part), "{part}: {nginx}");
    }
    // A tunnel takes nothing away from a path, so there is nothing to paste.
    assert_eq!(snippet(&app, &one, "cloudflare").await, None);
    let plain =
        addresses("https://music.example.com", "https://music.example.com", "https://skill.example.com/");
    let tunnel = snippet(&app, &plain, "cloudflare").await.unwrap();
    for part in
        ["hostname: music.example.com", "hostname: skill.example.com", "http_status:404", "Bot Fight Mode"]
    {
        assert!(tunnel.contains(part), "{part}: {tunnel}");
    }
}

#[tokio::test]
async fn a_proxy_needs_one_line_for_the_door() {
    let app = App::start_with(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get("/setup/address").await;
    assert!(text_of(&page, "door-caddy").unwrap().starts_with("music.example.com {"), "an example");
    let seen = browser
        .submit("/setup/address", &[("door_url", "https://door.example.org"), ("scripted", "1")])
        .await;
    assert_eq!((seen.status, seen.header("location")), (303, "/setup/address#address-check"));
    let page = browser.get("/setup/address").await;
    let text = |id: &str| text_of(&page, id).unwrap();
    assert_eq!(
        text("door-caddy").split_whitespace().collect::<Vec<_>>(),
        ["door.example.org", "{", "reverse_proxy", "127.0.0.1:5001", "}"]
    );
    for part in ["server_name door.example.org;", "proxy_pass http://127.0.0.1:5001;", "send_timeout 12h;"] {
        assert!(text("door-nginx").contains(part), "{part}");
    }
    assert!(text("door-cloudflared").contains("hostname: door.example.org"));
    assert_eq!(text("door-funnel"), "tailscale funnel --bg 5001");
    assert_eq!(text("door-tls"), "DOOR_NAME=door.example.org DOOR_TLS_BIND=0.0.0.0:443 ma-alexa");
    assert!(page.text.contains("Alexa calls https://door.example.org/"));
    // Without a function in AWS one process does all, and nothing of Music Assistant is public.
    assert_eq!(text_of(&page, "door-alone"), None);
    assert_eq!(text_of(&page, "proxy-caddy"), None);
}

#[tokio::test]
async fn an_address_with_a_path_is_warned_of() {
    let app = App::start_with(&[("DOOR_URL", "https://door.example.com/ma")]).await;
    let page = Browser::logged_in(&app).await.get("/setup/address").await;
    assert!(page.text.contains("Use an address without one"));
    assert!(!page.text.contains("name=\"door_url\""), "the variable fixes it");
}

#[tokio::test]
async fn each_way_leads_to_the_port_of_the_door() {
    let app = App::start_with(&[("DOOR_BIND", "127.0.0.1:5044")]).await;
    let page = Browser::logged_in(&app).await.get("/setup/address").await;
    for id in ["door-funnel", "door-cloudfront", "door-cloudflared", "door-caddy", "door-nginx"] {
        let text = text_of(&page, id).unwrap();
        assert!(text.contains("5044") && !text.contains("5001"), "{id}: {text}");
    }
}

#[tokio::test]
async fn the_keys_of_the_door_are_shown_to_the_owner_who_asks() {
    const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:skill";
    let app = App::start_with(&[("SKILL_ENDPOINT", ARN), ("DOOR_URL", "https://door.example.com")]).await;
    let keys = GrantKeys::generate(&SeededRandom::new(3)).unwrap();
    let text = keys.text().expose_secret().to_owned();
    app.secrets.set(Ok(Some(Credentials { grant_keys: Some(keys), ..credentials(OWNER, MA) })));
    app.push(bare(KITCHEN_1)).await;
    let browser = Browser::logged_in(&app).await;
    for path in ["/setup/address", "/setup/progress?step=address", "/status"] {
        assert!(!browser.get(path).await.text.contains(&text), "{path}");
    }
    let line = |seen: &Seen| text_of(seen, "door-alone").unwrap().replace("&#39;", "'");
    let hidden = line(&browser.get("/setup/address").await);
    assert_eq!(hidden, "GRANT_KEYS='…' MA_STREAM_ORIGIN='http://192.168.1.5:8097' ma-alexa door");
    let seen = browser.submit("/setup/door/keys", &[]).await;
    assert_eq!((seen.status, seen.header("cache-control")), (200, "no-store"));
    assert_eq!(line(&seen), hidden.replace('…', &text));
    assert_eq!(browser.get("/setup/door/keys").await.status, 405, "never by an address");
    assert_eq!(browser.post("/setup/door/keys", &[]).await.status, 403, "nor without the token");
    let own = Settings { ma_stream_origin: Some("http://10.0.0.7:8097".into()), ..Settings::default() };
    app.store.put_settings(&own).await.unwrap();
    assert!(line(&browser.get("/setup/address").await).contains("MA_STREAM_ORIGIN='http://10.0.0.7:8097'"));
}

#[tokio::test]
async fn without_keys_the_page_says_how_to_make_them() {
    let app = App::start_with(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let seen = browser.submit("/setup/door/keys", &[]).await;
    assert_eq!((seen.status, seen.header("location")), (303, "/setup/address#door-keys"));
    assert!(browser.get("/setup/address").await.text.contains("There are no keys for the door yet"));
}

#[tokio::test]
async fn a_request_does_not_choose_the_endpoint_of_the_skill() {
    let app = App::start_with(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let forged =
        |name: &str| browser.request(reqwest::Method::GET, "/setup/skill/plan").header(name, "evil.example");
    assert_eq!(browser.send(forged("host")).await.status, 421);
    let seen = browser.send(forged("x-forwarded-host")).await;
    assert_eq!(seen.header("location"), "/setup/skill#skill-form", "no plan without an address");
    browser
        .submit(
            "/setup/skill",
            &[("skill_endpoint", "https://evil.example/"), ("endpoint", "https://evil.example/")],
        )
        .await;
    assert_eq!(settings(&app).await, Settings::default());
    assert!(!browser.get("/setup/skill").await.text.contains("evil.example"));
}

#[tokio::test]
async fn no_form_of_any_page_is_taken_without_its_token() {
    let app = App::start_with(&[]).await;
    let browser = Browser::logged_in(&app).await;
    let routes = post_routes();
    assert!(routes.len() > 15, "{routes:?}");
    for path in routes {
        let seen = browser.post(&path, &[("csrf", "x"), ("address", "https://evil.example")]).await;
        assert_eq!(seen.status, 403, "{path}");
        let stranger = Browser::new(&app).post(&path, &[]).await;
        assert!(stranger.header("location").starts_with("/login"), "{path}: {}", stranger.status);
    }
    assert_eq!(settings(&app).await, Settings::default());
}

/// Every route behind the login that takes a form, as the code of the pages names them.
fn post_routes() -> Vec<String> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let modules = ["setup/mod.rs", "status/mod.rs", "devices/mod.rs"];
    let sources = modules.map(|module| std::fs::read_to_string(web.join(module)).unwrap());
    let routes = sources.iter().flat_map(|source| source.split(".route(\"").skip(1));
    let posts = routes.filter(|route| route.lines().next().is_some_and(|line| line.contains("post(")));
    posts.map(|route| route.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_amazon_answered_survives_a_login() {
    let app = App::start_with(&[]).await;
    let browser = Browser::new(&app);
    let back = "/setup/developer/return?code=ANabc&state=x-Y_z&scope=alexa%3A%3Aask";
    let to = browser.get(back).await.header("location").to_owned();
    assert!(to.starts_with("/login?next=%2Fsetup%2Fdeveloper%2Freturn%3Fcode%3DANabc"), "{to}");
    let seen = browser.log_in_as(OWNER, back).await;
    assert_eq!(seen.header("location"), back);
    // And nothing else does.
    for foreign in ["//evil.example/setup", "https://evil.example/setup", "/setup\\evil", "/setup?x=<script>"]
    {
        let seen = Browser::new(&app).log_in_as(OWNER, foreign).await;
        assert_eq!(seen.header("location"), "/", "{foreign}");
    }
}

#[tokio::test]
async fn a_language_is_kept_on_https_and_found_from_what_a_form_was_answered_with() {
    let app = App::start_with(&[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let browser = Browser::new(&app).with("x-forwarded-proto", "https");
    browser.log_in().await;
    browser.get("/setup?lang=de").await;
    assert!(browser.get("/setup").await.text.contains("<html lang=\"de\">"));
    let refused = browser.submit("/setup/address", &[("stream_base_url", "no address")]).await;
    assert!(refused.text.contains("href=\"/setup?lang=en\""), "the address of a form answers no link");
    let malformed = browser.get("/setup?machine=a&machine=b").await;
    assert_eq!((malformed.status, malformed.text.contains("<html lang=\"de\">")), (400, true));
}
