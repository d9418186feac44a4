//! The pages in a frame of Home Assistant, through its Supervisor.

use reqwest::Method;

use super::browser::{Browser, Seen, form};
use crate::api::harness::App;

const BASE: &str = "/api/hassio_ingress/kS2_Zo-1";
const PATH: &str = "x-ingress-path";
const USER: &str = "x-remote-user-id";

/// An add-on whose Supervisor has the address of these tests.
async fn add_on() -> App {
    App::start_with(&[("INGRESS", "on"), ("INGRESS_ADDRESS", "127.0.0.1")]).await
}

/// A browser behind Home Assistant at `home.example`.
fn through_ingress<'a>(app: &'a App, user: &str) -> Browser<'a> {
    Browser::new(app).with(PATH, BASE).with(USER, user).with("host", "home.example:8123")
}

/// The token of the forms, which stands in every page.
fn token(seen: &Seen) -> String {
    let (_, rest) = seen.text.split_once("data-csrf=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The root-relative values of all attributes that hold an address.
fn addresses(html: &str) -> Vec<&str> {
    let attributes = html.split(['\n', ' ']).filter_map(|part| part.split_once("=\""));
    let addresses = attributes.filter(|(name, _)| {
        name.starts_with("data-") || ["action", "formaction", "href", "src"].contains(name)
    });
    addresses.filter_map(|(_, rest)| rest.split('"').next()).filter(|value| value.starts_with('/')).collect()
}

#[tokio::test]
async fn people_of_home_assistant_need_no_second_login() {
    let app = add_on().await;
    let browser = through_ingress(&app, "0a1b");
    let home = browser.get("/").await;
    assert_eq!((home.status, home.header("location")), (303, format!("{BASE}/setup").as_str()));
    for path in ["/setup", "/status", "/devices", "/no/such/page"] {
        let seen = browser.get(path).await;
        assert!(!seen.text.contains("/logout"), "{path}: a session of Home Assistant ends there");
        let found = addresses(&seen.text);
        assert!(found.len() > 5, "{path}: {found:?}");
        for address in found {
            assert!(address.starts_with(&format!("{BASE}/")), "{path}: {address}");
        }
        assert_eq!(seen.header("x-frame-options"), "SAMEORIGIN", "{path}");
        let policy = seen.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'self'") && policy.contains("default-src 'none'"),
            "{policy}"
        );
    }
    let page = browser.get("/setup").await;
    for address in addresses(&page.text).iter().filter(|address| address.contains("/assets/")) {
        let asset = browser.get(address.strip_prefix(BASE).unwrap()).await;
        assert_eq!(asset.status, 200, "{address}");
    }
}

#[tokio::test]
async fn a_phone_installs_the_pages_also_below_a_base_path() {
    let app = add_on().await;
    let page = through_ingress(&app, "0a1b").get("/setup").await;
    let manifest = format!("{BASE}/manifest.webmanifest");
    // The frame of Home Assistant has a cookie of its own, which a manifest is asked for with as well.
    assert!(
        page.text.contains(&format!(
            "<link rel=\"manifest\" href=\"{manifest}\" crossorigin=\"use-credentials\">"
        ))
    );
    assert!(page.header("content-security-policy").contains("manifest-src 'self'"));
    assert_eq!(page.text.matches("<meta name=\"theme-color\"").count(), 2);
    let browser = Browser::new(&app);
    let seen = browser.get("/manifest.webmanifest").await;
    assert_eq!((seen.status, seen.header("content-type")), (200, "application/manifest+json"));
    assert_eq!(seen.header("cache-control"), "public, max-age=3600");
    let content: serde_json::Value = serde_json::from_str(&seen.text).unwrap();
    let address = url::Url::parse(&format!("https://home.example:8123{manifest}")).unwrap();
    for member in ["start_url", "scope"] {
        let resolved = address.join(content[member].as_str().unwrap()).unwrap();
        assert_eq!(resolved.path(), format!("{BASE}/"), "{member}");
    }
    assert_eq!(content["display"], "standalone");
    let mut purposes = Vec::new();
    for icon in content["icons"].as_array().unwrap() {
        let resolved = address.join(icon["src"].as_str().unwrap()).unwrap();
        let path = resolved.path().strip_prefix(BASE).unwrap();
        let (status, kind, size) = picture(&app, path).await;
        assert_eq!((status, kind.as_str()), (200, icon["type"].as_str().unwrap()), "{path}");
        assert!(icon["sizes"] == "any" || icon["sizes"] == format!("{size}x{size}"), "{icon}: {size}");
        purposes
            .push((icon["purpose"].as_str().unwrap().to_owned(), icon["sizes"].as_str().unwrap().to_owned()));
    }
    for (purpose, size) in [("any", "any"), ("any", "192x192"), ("any", "512x512"), ("maskable", "512x512")] {
        assert!(purposes.contains(&(purpose.to_owned(), size.to_owned())), "{purpose} {size}");
    }
    let touch = page.text.split("apple-touch-icon\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(picture(&app, touch.strip_prefix(BASE).unwrap()).await, (200, "image/png".to_owned(), 192));
    let (status, kind, _) = picture(&app, "/favicon.ico").await;
    assert_eq!((status, kind.as_str()), (200, "image/x-icon"));
}

/// Status and type of a picture, and its width if it is a PNG.
async fn picture(app: &App, path: &str) -> (u16, String, u32) {
    let response = app.client.get(format!("{}{path}", app.base)).send().await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    let is_png = bytes.starts_with(b"\x89PNG");
    let width = if is_png { u32::from_be_bytes(bytes[16..20].try_into().unwrap()) } else { 0 };
    (status, kind, width)
}

#[tokio::test]
async fn only_the_supervisor_lets_people_in() {
    let elsewhere = App::start_with(&[("INGRESS", "on")]).await;
    let off = App::start_with(&[("INGRESS_ADDRESS", "127.0.0.1")]).await;
    for app in [&elsewhere, &off] {
        let browser = Browser::new(app)
            .with(PATH, BASE)
            .with(USER, "0a1b")
            .with("x-forwarded-for", "172.30.32.2")
            .with("x-real-ip", "172.30.32.2");
        let seen = browser.get("/setup").await;
        assert_eq!((seen.status, seen.header("location")), (303, "/login?next=%2Fsetup"));
        let login = browser.get("/login").await;
        assert_eq!(login.header("x-frame-options"), "DENY");
        assert!(!login.text.contains(BASE) && !login.header("set-cookie").contains(BASE), "{}", login.text);
    }
}

#[tokio::test]
async fn a_malformed_path_is_no_ingress() {
    let app = add_on().await;
    let long = format!("/{}", "a".repeat(300));
    for evil in [
        "",
        "/",
        "//evil.example",
        "https://evil.example",
        "/a\"><script>alert(1)</script>",
        "/a' onload='x",
        "/a;Path=/",
        "/a/../b",
        "/a?b",
        "/a%0d%0aSet-Cookie:x=y",
        long.as_str(),
    ] {
        let browser = Browser::new(&app).with(PATH, evil);
        let seen = browser.get("/setup").await;
        assert_eq!((seen.status, seen.header("location")), (303, "/login?next=%2Fsetup"), "{evil}");
        let login = browser.get("/login").await;
        assert!(login.text.contains("action=\"/login\"") && !login.text.contains("alert"), "{evil}");
    }
    let twice = Browser::new(&app).with(PATH, BASE).with(PATH, "/b");
    assert_eq!(twice.get("/setup").await.header("location"), "/login?next=%2Fsetup");
    assert_eq!(Browser::new(&app).get("/setup").await.header("location"), "/login?next=%2Fsetup");
}

#[tokio::test]
async fn a_form_comes_from_a_page_of_the_same_user() {
    let app = add_on().await;
    let browser = through_ingress(&app, "0a1b");
    let token_of = token(&browser.get("/setup").await);
    let post = async |browser: &Browser<'_>, headers: &[(&str, &str)], csrf: &str| {
        let mut request = browser.request(Method::POST, "/setup/api-url");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        browser.send(form(request, &[("csrf", csrf), ("api_url", "http://192.168.1.5:5000")])).await
    };
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.example")],
        [("origin", "null")],
    ] {
        assert_eq!(post(&browser, &headers, &token_of).await.status, 403, "{headers:?}");
    }
    let other = through_ingress(&app, "2c3d");
    assert_eq!(post(&other, &[], &token_of).await.status, 403);
    assert_eq!(post(&browser, &[], "").await.status, 403);
    let outside = Browser::new(&app);
    assert_eq!(post(&outside, &[], &token_of).await.header("location"), "/login");

    let saved = post(&browser, &[("origin", "http://home.example:8123")], &token_of).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert!(saved.header("location").starts_with(&format!("{BASE}/setup")), "{}", saved.header("location"));
}

#[tokio::test]
async fn cookies_stay_below_the_path_and_come_back() {
    let app = add_on().await;
    for (https, prefix) in [(None, ""), (Some("https"), "__Secure-")] {
        let mut browser = through_ingress(&app, "0a1b");
        if let Some(scheme) = https {
            browser = browser.with("x-forwarded-proto", scheme).with("x-forwarded-host", "home.example");
        }
        let name = format!("{prefix}ma-alexa-language");
        let seen = browser.get("/setup?lang=de").await;
        let cookie = seen.set_cookie(&name).unwrap();
        assert!(cookie.contains(&format!("Path={BASE}/;")), "{cookie}");
        assert_eq!(cookie.contains("Secure;"), https.is_some(), "{cookie}");
        assert!(browser.get("/setup").await.text.contains("<html lang=\"de\">"), "it is not taken back");
    }
}

#[tokio::test]
async fn what_a_person_types_gets_no_path() {
    let app = add_on().await;
    let browser = through_ingress(&app, "0a1b");
    let csrf = token(&browser.get("/setup").await);
    let typed = "x\" href=\"/stolen\" data-live=\"/stolen";
    let seen = browser.post("/setup/api-url", &[("csrf", &csrf), ("api_url", typed)]).await;
    assert!(seen.text.contains("&#34;/stolen&#34;"), "it comes back as text: {}", seen.text);
    assert!(!seen.text.contains(&format!("{BASE}/stolen")), "{}", seen.text);
}

#[tokio::test]
async fn an_outsider_logs_in_to_an_add_on_as_everywhere() {
    let app = add_on().await;
    let browser = Browser::logged_in(&app).await;
    let seen = browser.get("/setup").await;
    assert!(seen.text.contains("action=\"/logout\"") && !seen.text.contains(BASE), "{}", seen.text);
    // A session of ours opens nothing more through ingress, and its cookie is not looked at.
    let both = through_ingress(&app, "0a1b");
    both.set_cookie("ma-alexa-session", &browser.cookie("ma-alexa-session").unwrap());
    assert!(!both.get("/setup").await.text.contains("/logout"));
}

#[tokio::test]
async fn the_script_takes_every_address_from_its_page() {
    let app = add_on().await;
    let browser = through_ingress(&app, "0a1b");
    let page = browser.get("/setup").await;
    let script = addresses(&page.text).into_iter().find(|address| address.contains(".js")).unwrap();
    let script = browser.get(script.strip_prefix(BASE).unwrap()).await.text;
    // Through ingress nothing leads to the login, which stands there for all others.
    let written = script.replace("\"/login", "");
    let is_address = |quote: char| {
        let mut rest = written.as_str();
        while let Some((_, behind)) = rest.split_once(&format!("{quote}/")) {
            if behind.starts_with(|c: char| c.is_ascii_lowercase()) {
                return true;
            }
            rest = behind;
        }
        false
    };
    for quote in ['"', '\'', '`'] {
        assert!(!is_address(quote), "an address after {quote} gets no path");
    }
}

/// A person of an add-on has no terminal, and does not reach its files.
#[tokio::test]
async fn an_add_on_names_neither_commands_nor_files() {
    let app = add_on().await;
    let direct = Browser::new(&app);
    let login = direct.get("/login").await.text;
    assert!(login.contains("open the panel Alexa") && !login.contains("ma-alexa password"), "{login}");
    let csrf = direct.get("/link/none").await.hidden("csrf").unwrap();
    let refused = direct.post("/link", &[("csrf", &csrf), ("token", "none")]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("open the panel Alexa instead") && !refused.text.contains("infra/deploy"));
    let browser = through_ingress(&app, "0a1b");
    let step = browser.get("/setup/sign-in").await.text;
    assert!(
        step.contains("open Settings and make a new one") && !step.contains("home/credentials"),
        "{step}"
    );
    let settings = browser.get("/settings").await.text;
    assert!(!settings.contains("home/credentials") && !settings.contains("ma-alexa restore"), "{settings}");
    // Elsewhere both are there.
    let plain = App::start().await;
    let settings = Browser::logged_in(&plain).await.get("/settings").await.text;
    assert!(settings.contains("home/credentials"), "{settings}");
    assert!(Browser::new(&plain).get("/login").await.text.contains("ma-alexa password"));
}
