//! `/status`.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::http::header;
use axum::routing::get;
use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{Clock as _, Timestamp};
use ma_alexa::diagnostics::{Check, CheckKind, DoctorReport, ReportedFinding, Verdict};
use ma_alexa::grant::{GrantKeys, GrantKind};
use ma_alexa::playback::{Failure, ReportKind};
use ma_alexa::probe::{ProbeError, ProbeRequest, ProbeResponse, Prober};
use ma_alexa::secrets::Credentials;
use ma_alexa::store::{Document, SetupStore as _};
use serde_json::json;

use super::browser::Browser;
use super::pages::{check, check_page};
use crate::api::harness::{App, KITCHEN_1, MA, OFFICE_1, OWNER, bare, credentials, named};
use crate::api::store::StoreCondition;

const HOSTILE: &str = "<script>alert('1')</script>\"onload=\"x";

async fn examined(app: &App, at: Timestamp, verdict: Verdict) {
    let finding = ReportedFinding { code: "a-code-of-tomorrow".to_owned(), verdict, details: [].into() };
    let checks = vec![Check { kind: CheckKind::Clock, verdict, findings: vec![finding] }];
    let content = serde_json::to_value(DoctorReport { at, checks }).unwrap();
    let read = app.store.document(Document::DoctorReport).await.unwrap().map(|held| held.revision);
    assert!(app.store.put_document(Document::DoctorReport, &content, read).await.unwrap());
}

#[tokio::test]
async fn it_says_what_plays_where() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    app.claim("D1", "Kitchen", 1).await;
    app.report("Kitchen", 1, ReportKind::Started, None).await;
    app.push(named(OFFICE_1, "Feeling Good")).await;
    app.claim("D2", "Office", 1).await;
    let failure = Failure { kind: MediaErrorType::ServiceUnavailable, message: None };
    app.report("Office", 1, ReportKind::Failed, Some(failure)).await;
    app.clock.advance(Duration::from_mins(3));
    let browser = Browser::logged_in(&app).await;
    let seen = browser.get("/status").await;
    check_page("/status", &seen);
    for part in [
        "Sinnerman",
        "Nina Simone",
        "Pastel Blues",
        ">playing<",
        ">failed<",
        "3 minutes ago",
        "the public address",
    ] {
        assert!(seen.text.contains(part), "{part}: {}", seen.text);
    }
    let (kitchen, office) = (seen.text.find("<h3>Kitchen").unwrap(), seen.text.find("<h3>Office").unwrap());
    assert!(kitchen < office, "what plays comes first");
    for part in ["Kitchen plays.", "asked for music.", "Music Assistant started “Feeling Good” on Office."]
    {
        assert!(seen.text.contains(part), "{part}: {}", seen.text);
    }
    let german = Browser::logged_in(&app).await.with("accept-language", "de");
    let seen = german.get("/status").await;
    for part in [">läuft<", "vor 3 Minuten", "Kitchen läuft.", "nicht angemeldet"] {
        assert!(seen.text.contains(part), "{part}: {}", seen.text);
    }
}

#[tokio::test]
async fn the_live_part_is_the_same_and_shows_what_is_new() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get("/status").await;
    let live = browser.get("/status/live").await;
    check("/status/live", &live);
    assert!(!live.text.contains("<html") && page.text.contains(live.text.trim()), "{}", live.text);
    app.claim("D1", "Kitchen", 1).await;
    app.report("Kitchen", 1, ReportKind::Started, None).await;
    let news = browser.get("/status/live").await;
    assert!(news.text.contains(">playing<"), "{}", news.text);
    let health = browser.get("/status/health").await;
    check("/status/health", &health);
    assert!(page.text.contains(health.text.trim()), "{}", health.text);
}

#[tokio::test]
async fn foreign_names_are_shown_as_text() {
    let app = App::start().await;
    let url = "http://192.168.1.5:8097/flow/aaaa/q/item/%3Cscript%3Ealert(2)%3C%2Fscript%3E%22.flac";
    let mut push = named(url, HOSTILE);
    push["artist"] = json!(HOSTILE);
    push["album"] = json!(HOSTILE);
    assert_eq!(app.push(push).await.status, 200);
    app.claim("D1\"><script>", "<script>alert(2)</script>\"", 1).await;
    let browser = Browser::logged_in(&app).await;
    for path in ["/status", "/status/live", "/devices", "/devices/live"] {
        let seen = browser.get(path).await;
        check(path, &seen);
        assert!(seen.text.contains("&#60;script&#62;alert("), "{path}: {}", seen.text);
        for raw in ["<script>alert", "\"onload", "D1\"", "</script>\""] {
            assert!(!seen.text.contains(raw), "{path}: {raw} in {}", seen.text);
        }
    }
    // No envelope, no token and no whole address is shown anywhere.
    let status = browser.get("/status").await.text;
    for secret in ["192.168.1.5", "amzn1.", "a user", "claim of"] {
        assert!(!status.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn it_says_how_the_chain_was_found_and_when() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let never = browser.get("/status").await.text;
    assert!(never.contains("Not checked yet.") && never.contains("/status/check/due"), "{never}");
    examined(&app, app.clock.now(), Verdict::Ok).await;
    let fine = browser.get("/status").await.text;
    assert!(fine.contains("Everything that can be checked is fine."), "{fine}");
    assert!(fine.contains("just now") && !fine.contains("/status/check/due"), "{fine}");
    app.clock.advance(Duration::from_mins(10) + Duration::from_millis(1));
    let old = browser.get("/status/health").await.text;
    assert!(old.contains("10 minutes ago") && old.contains("/status/check/due"), "{old}");
    examined(&app, app.clock.now(), Verdict::Broken).await;
    let broken = browser.get("/status").await.text;
    assert!(broken.contains("One problem.") && broken.contains("class=\"plain problems\""), "{broken}");
}

#[tokio::test]
async fn looking_never_checks_and_a_button_does() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    browser.get("/status").await;
    browser.get("/status/health").await;
    assert_eq!(app.store.document(Document::DoctorReport).await.unwrap(), None);
    let sent = browser.submit("/status/check", &[]).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/status#checks"));
    let held = app.store.document(Document::DoctorReport).await.unwrap().unwrap();
    let page = browser.get("/status").await;
    assert!(page.text.contains("Checked: "), "{}", page.text);
    // An open page asks by itself, and only when it is due.
    let again = browser.submit("/status/check/due", &[]).await;
    assert!(again.status == 200 && again.text.contains("data-refresh-also=\"#health\""), "{}", again.text);
    assert_eq!(app.store.document(Document::DoctorReport).await.unwrap().unwrap(), held);
    app.clock.advance(Duration::from_mins(11));
    browser.submit("/status/check/due", &[]).await;
    assert_ne!(app.store.document(Document::DoctorReport).await.unwrap().unwrap().revision, held.revision);
}

#[tokio::test]
async fn a_store_that_is_down_is_said_on_a_page() {
    let app = App::start().await;
    let (browser, script) = (Browser::logged_in(&app).await, Browser::logged_in(&app).await);
    app.store.set_condition(StoreCondition::IsDown);
    for path in ["/", "/status", "/status/live", "/devices", "/art/Kitchen"] {
        let seen = browser.get(path).await;
        assert_eq!(seen.status, 503, "{path}");
        check_page(path, &seen);
        assert!(seen.text.contains("The store does not answer"), "{path}: {}", seen.text);
    }
    let by_script = script.with("x-fetch", "1").get("/status/live").await;
    assert!(by_script.status == 503 && !by_script.text.contains("<html"), "{}", by_script.text);
}

#[tokio::test]
async fn without_a_session_it_shows_nothing() {
    let app = App::start().await;
    app.push(named(KITCHEN_1, "Sinnerman")).await;
    let browser = Browser::new(&app);
    for path in ["/status", "/devices"] {
        let seen = browser.get(path).await;
        let to = format!("/login?next=%2F{}", &path[1..]);
        assert_eq!((seen.status, seen.header("location")), (303, to.as_str()));
        assert!(!seen.text.contains("Kitchen"));
    }
    for path in ["/status/live", "/status/health", "/devices/live", "/art/Kitchen"] {
        assert_eq!(browser.get(path).await.status, 303, "{path}");
    }
    for path in
        ["/status/check", "/status/check/due", "/devices/pair", "/devices/identify", "/devices/volume"]
    {
        let seen = browser.post(path, &[]).await;
        assert_eq!((seen.status, seen.header("location")), (303, "/login"), "{path}");
    }
}

/// A server with pictures of all sorts.
async fn pictures() -> SocketAddr {
    let of = |kind: &'static str, bytes: Vec<u8>| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], bytes) })
    };
    let router = Router::new()
        .route("/imageproxy/png", of("image/png; charset=binary", b"\x89PNG picture".to_vec()))
        .route("/imageproxy/svg", of("image/svg+xml", b"<svg><script/></svg>".to_vec()))
        .route("/imageproxy/page", of("text/html", b"<script>".to_vec()))
        .route("/imageproxy/large", of("image/jpeg", vec![1; 2 * 1024 * 1024 + 1]))
        .route("/imageproxy/empty", of("image/jpeg", Vec::new()))
        .route("/imageproxy/moved", get(async || axum::response::Redirect::to("/imageproxy/png")));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn pictures_are_fetched_by_us_and_only_pictures() {
    let from = pictures().await;
    let ma = format!("http://{from}");
    let app = App::start_with(&[("STREAM_BASE_URL", "https://music.example.com"), ("MA_API_URL", &ma)]).await;
    let browser = Browser::logged_in(&app).await;
    for (version, (name, is_picture)) in [
        ("png", true),
        ("svg", false),
        ("page", false),
        ("large", false),
        ("empty", false),
        ("moved", false),
        ("gone", false),
    ]
    .into_iter()
    .enumerate()
    {
        let url = format!("http://192.168.1.5:8097/flow/s{version}/Kitchen/item/Kitchen Echo.flac");
        let mut push = bare(&url);
        push["title"] = json!("Title");
        push["imageUrl"] = json!(format!("http://{from}/imageproxy/{name}"));
        assert_eq!(app.push(push).await.status, 200);
        let page = browser.get("/status").await;
        let path = page.text.split("class=\"cover\" src=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(path.starts_with("/art/Kitchen%20Echo?v="), "{path}");
        let seen = browser.get(path).await;
        assert_eq!(seen.status, 200, "{name}");
        assert_eq!(seen.header("x-content-type-options"), "nosniff");
        let kind = if is_picture { "image/png" } else { "image/svg+xml" };
        assert_eq!(seen.header("content-type"), kind, "{name}");
        assert!(seen.header("cache-control").starts_with("private, max-age="), "{name}");
        assert_eq!(seen.text.contains("PNG picture"), is_picture, "{name}");
        assert!(!seen.text.contains("<script"), "{name}");
    }
    assert_eq!(browser.get("/art/Unknown").await.status, 404);
}

/// A server that counts all its requests.
async fn counting() -> (SocketAddr, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let router = Router::new().fallback(get(move || async move {
        counted.fetch_add(1, Ordering::SeqCst);
        ([(header::CONTENT_TYPE, "image/png")], "PNG picture")
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, count)
}

/// A prober that records the requested URLs, and reaches none.
#[derive(Debug, Default)]
struct Deaf(Mutex<Vec<String>>);

#[async_trait]
impl Prober for Deaf {
    async fn probe(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeError> {
        self.0.lock().unwrap().push(request.url.to_string());
        Err(ProbeError::Unreachable)
    }
}

// A machine that a push alone names is asked nothing, wherever it stands.
#[tokio::test]
async fn pictures_are_fetched_from_the_machines_that_settings_and_streams_name() {
    let picture = format!("/imageproxy/{}", "0123456789abcdef".repeat(4));
    let deaf = Arc::new(Deaf::default());
    let app = App::asking(
        &[
            ("STREAM_BASE_URL", "https://music.example.com"),
            ("ART_BASE_URL", "https://art.example.com/ma"),
            ("MA_API_URL", "http://192.168.1.6:8123"),
            ("MA_STREAM_ORIGIN", "https://ma.example.org"),
        ],
        deaf.clone(),
    )
    .await;
    let browser = Browser::logged_in(&app).await;
    let let_out = format!("https://art.example.com/ma{picture}");
    for (number, (host, asked)) in [
        ("http://192.168.1.5:8097", vec![&*let_out, "itself"]),
        ("http://192.168.1.5:8095", vec![&*let_out, "itself"]),
        ("http://192.168.1.6:8123", vec![&*let_out, "itself"]),
        ("https://ma.example.org", vec![&*let_out, "itself"]),
        // Only the host is another, only the port is, or only the scheme.
        ("http://192.168.1.7:8097", vec![&*let_out]),
        ("http://192.168.1.5:8123", vec![&*let_out]),
        ("http://192.168.1.5", vec![&*let_out]),
        ("http://192.168.1.6:8097", vec![&*let_out]),
        ("http://192.168.1.6", vec![&*let_out]),
        ("http://ma.example.org", vec![&*let_out]),
        ("http://cdn.example.net", vec![&*let_out]),
        // What stands outside needs no help of ours, and gets no question of ours.
        ("https://ma.example.org:444", vec![]),
        ("https://cdn.example.net", vec![]),
        ("https://art.example.com", vec![]),
        ("ftp://192.168.1.5:8097", vec![]),
        ("http://user:word@192.168.1.5:8097", vec![]),
    ]
    .into_iter()
    .enumerate()
    {
        let mut push = bare(&format!("http://192.168.1.5:8097/flow/s{number}/Kitchen/item/Kitchen.flac"));
        let pushed = format!("{host}{picture}");
        push["imageUrl"] = json!(pushed);
        assert_eq!(app.push(push).await.status, 200);
        deaf.0.lock().unwrap().clear();
        assert_eq!(browser.get("/art/Kitchen").await.status, 200);
        let expected: Vec<&str> =
            asked.into_iter().map(|url| if url == "itself" { pushed.as_str() } else { url }).collect();
        assert_eq!(*deaf.0.lock().unwrap(), expected, "{host}");
    }
}

// Functions in AWS reach no machine of the home.
#[tokio::test]
async fn a_picture_of_the_home_is_fetched_through_the_door() {
    let deaf = Arc::new(Deaf::default());
    let app = App::asking(&[("DOOR_URL", "https://door.example.com")], deaf.clone()).await;
    let keys = GrantKeys::generate(&SeededRandom::new(3)).unwrap();
    app.secrets.set(Ok(Some(Credentials { grant_keys: Some(keys.clone()), ..credentials(OWNER, MA) })));
    let browser = Browser::logged_in(&app).await;
    let mut push = bare(KITCHEN_1);
    push["imageUrl"] = json!("http://192.168.1.7:8123/imageproxy?path=a%2Fb");
    assert_eq!(app.push(push).await.status, 200);
    assert_eq!(browser.get("/art/Kitchen").await.status, 200);
    let asked = deaf.0.lock().unwrap().clone();
    assert_eq!(asked.len(), 1, "{asked:?}");
    let grant = asked[0].strip_prefix("https://door.example.com/a/").unwrap();
    let grant = keys.open(grant, GrantKind::Picture, app.clock.now()).unwrap();
    assert_eq!(grant.path, "/imageproxy?path=a%2Fb");
}

// A caller with the credentials of Music Assistant must not make us ask any address in the home.
#[tokio::test]
async fn of_what_is_inside_only_music_assistants_pictures_are_fetched() {
    let (inside, count) = counting().await;
    let (here, elsewhere) = (format!("http://{inside}"), "http://127.0.0.1:1".to_owned());
    let at_home = "http://192.168.1.5:8097".to_owned();
    for (stream, api, origin, image, is_fetched) in [
        (&at_home, &elsewhere, &elsewhere, "/reboot", false),
        (&at_home, &elsewhere, &elsewhere, "/imageproxy?path=a", false),
        (&here, &elsewhere, &elsewhere, "/imageproxy?path=a", true),
        (&here, &elsewhere, &elsewhere, "/imageproxy/../reboot", false),
        (&here, &elsewhere, &elsewhere, "/imageproxyreboot", false),
        (&at_home, &here, &elsewhere, "/imageproxy?path=a", true),
        (&at_home, &here, &elsewhere, "/reboot", false),
        (&at_home, &format!("{here}/ma/"), &elsewhere, "/ma/imageproxy?path=a", true),
        (&at_home, &elsewhere, &here, "/imageproxy?path=a", true),
        (&at_home, &elsewhere, &here, "/reboot", false),
        // What another server may decode to a way out of the folder of pictures.
        (&here, &here, &here, "/imageproxy/..%2freboot", false),
        (&here, &here, &here, "/imageproxy/%2e%2e/reboot", false),
        (&here, &here, &here, "/imageproxy/%2E%2E%2Freboot", false),
        (&here, &here, &here, "/imageproxy/%252e%252e%252freboot", false),
        (&here, &here, &here, "/imageproxy/..%5creboot", false),
        (&here, &here, &here, "/imageproxy/..\\reboot", false),
        (&here, &here, &here, "/imageproxy/a%", false),
        (&here, &here, &here, "/imageproxy?path=a%2Fb%252Fc", true),
    ] {
        let app = App::start_with(&[
            ("STREAM_BASE_URL", "https://music.example.com"),
            ("MA_API_URL", api),
            ("MA_STREAM_ORIGIN", origin),
        ])
        .await;
        let browser = Browser::logged_in(&app).await;
        let mut push = bare(&format!("{stream}/flow/s1/Kitchen/item/Kitchen.flac"));
        push["imageUrl"] = json!(format!("{here}{image}"));
        assert_eq!(app.push(push).await.status, 200);
        count.store(0, Ordering::SeqCst);
        let seen = browser.get("/art/Kitchen").await;
        let case = format!("{stream} {api} {origin} {image}");
        assert_eq!((seen.status, seen.text.contains("PNG picture")), (200, is_fetched), "{case}");
        assert_eq!(count.load(Ordering::SeqCst), usize::from(is_fetched), "{case}");
    }
}
