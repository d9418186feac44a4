//! The question for a newer release, over real HTTP, and where its answer shows.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ma_alexa::clock::Clock as _;
use ma_alexa::store::{Document, SetupStore as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::browser::Browser;
use crate::api::harness::{App, OWNER, START};
use crate::api::store::StoreCondition;

const DAY: Duration = Duration::from_hours(24);

/// What the pretended GitHub answers.
#[derive(Clone, Debug)]
enum Answer {
    Json(Value),
    Status(u16),
    /// A release behind a redirect.
    Redirect,
    /// A body without an end.
    Endless,
    /// Nothing.
    Silence,
}

/// A pretended GitHub, which keeps what it is asked.
#[derive(Clone)]
struct GitHub {
    base: String,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<Mutex<Vec<(String, HeaderMap)>>>,
}

impl GitHub {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(release("v0.2.0")));
        let github = Self { base, answer, asked: Arc::default() };
        let router = Router::new().fallback(answer_one).with_state(github.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        github
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// Number of the questions so far.
    fn questions(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// A server at home that asks here.
    async fn app(&self) -> App {
        App::at_home(&[("UPDATE_CHECK", "on"), ("UPDATE_ENDPOINT", &self.base)]).await
    }
}

fn release(tag: &str) -> Answer {
    Answer::Json(json!({ "tag_name": tag, "draft": false, "prerelease": false, "body": "x".repeat(4000) }))
}

async fn answer_one(State(github): State<GitHub>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1024).await.unwrap();
    assert!(body.is_empty(), "the question has no body");
    github.asked.lock().unwrap().push((format!("{} {}", parts.method, parts.uri), parts.headers));
    let answer = github.answer.lock().unwrap().clone();
    match answer {
        Answer::Json(body) => axum::Json(body).into_response(),
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Redirect => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        Answer::Endless => {
            let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 8192]));
            Body::from_stream(futures_util::stream::iter(chunks)).into_response()
        }
        Answer::Silence => std::future::pending().await,
    }
}

/// The task looks whether it is time.
async fn look(app: &App) {
    if let Some(question) = app.state.updates().question().unwrap() {
        app.state.look_for_release(&question).await.unwrap();
    }
}

fn newer(app: &App) -> Option<String> {
    app.state.updates().newer().map(|newer| newer.to_string())
}

#[tokio::test]
async fn a_newer_release_is_a_quiet_line_with_a_way_to_it() {
    let github = GitHub::start().await;
    let app = github.app().await;
    for (language, line, how, about) in [
        ("en", "Version 0.2.0 is there.", "How to update", "A newer one is there"),
        ("de", "Version 0.2.0 ist da.", "So aktualisierst du", "Ein neueres ist da"),
        (
            "fr",
            "La version 0.2.0 est disponible.",
            "Comment mettre à jour",
            "Une version plus récente est disponible",
        ),
    ] {
        look(&app).await;
        let browser = Browser::logged_in(&app).await.with("accept-language", language);
        for path in ["/status", "/settings"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(page.text.contains(line) && page.text.contains(how), "{path}: {}", page.text);
            assert!(page.text.contains("/blob/main/docs/install.md#"), "{path}: {}", page.text);
        }
        assert!(browser.get("/settings").await.text.contains(about));
    }
    assert!(!Browser::new(&app).get("/login").await.text.contains("0.2.0"), "a stranger learns nothing");
    let report = app.get("/v1/diagnostics", OWNER).await.body;
    assert_eq!(report["update"], json!({ "asks": true, "newer": "0.2.0" }));
    assert!(!report["doctor"].to_string().contains("0.2.0"), "it is no finding");
}

#[tokio::test]
async fn the_question_says_nothing_of_this_home() {
    let github = GitHub::start().await;
    let app = github.app().await;
    look(&app).await;
    let asked = github.asked.lock().unwrap().clone();
    let [(line, headers)] = &asked[..] else { panic!("{asked:?}") };
    let repository = env!("CARGO_PKG_REPOSITORY").strip_prefix("https://github.com/").unwrap();
    assert_eq!(*line, format!("GET /repos/{repository}/releases/latest"));
    let names: BTreeSet<&str> = headers.keys().map(header::HeaderName::as_str).collect();
    assert_eq!(names, BTreeSet::from(["accept", "host", "user-agent"]));
    assert_eq!(headers["user-agent"], "ma-alexa");
}

#[tokio::test]
async fn it_is_asked_once_a_day_also_over_restarts() {
    let github = GitHub::start().await;
    let app = github.app().await;
    for (passes, questions) in [(Duration::ZERO, 1), (DAY / 2, 1), (DAY / 2, 2), (DAY / 3, 2), (DAY, 3)] {
        app.clock.advance(passes);
        for _ in 0..3 {
            look(&app).await;
        }
        assert_eq!(github.questions(), questions);
    }
    // A process that starts knows what the one before it has learned, and asks no earlier.
    let again = app.again(&[("UPDATE_CHECK", "on"), ("UPDATE_ENDPOINT", &github.base)]).await;
    assert_eq!(newer(&again), None);
    look(&again).await;
    assert_eq!((newer(&again).as_deref(), github.questions()), (Some("0.2.0"), 3));
}

#[tokio::test]
async fn what_is_no_newer_release_is_not_shown() {
    let github = GitHub::start().await;
    let app = github.app().await;
    let own = concat!("v", env!("CARGO_PKG_VERSION"));
    let of = |draft: bool, prerelease: bool| {
        Answer::Json(json!({ "tag_name": "v9.0.0", "draft": draft, "prerelease": prerelease }))
    };
    for answer in [
        release(own),
        release("v0.0.9"),
        release("v9.0.0-rc.1"),
        release("<script>alert(1)</script>"),
        release("nightly"),
        of(true, false),
        of(false, true),
    ] {
        github.answers(answer.clone());
        app.clock.advance(DAY);
        look(&app).await;
        assert_eq!(newer(&app), None, "{answer:?}");
    }
    assert_eq!(github.questions(), 7);
    let settings = Browser::logged_in(&app).await.get("/settings").await.text;
    assert!(settings.contains("No newer one is known."), "{settings}");
}

#[tokio::test]
async fn without_an_answer_it_is_asked_less_often_and_what_is_known_stays() {
    let github = GitHub::start().await;
    let app = github.app().await;
    look(&app).await;
    assert_eq!(newer(&app).as_deref(), Some("0.2.0"));
    let mut questions = 1;
    // The first of these waits for a day, as after an answer.
    for (answer, days) in [
        (Answer::Status(404), 1),
        (Answer::Status(403), 1),
        (Answer::Redirect, 2),
        (Answer::Endless, 4),
        (Answer::Json(json!({ "message": "not found" })), 7),
        (Answer::Json(json!({ "tag_name": "v0.3.0", "body": "x".repeat(65 * 1024) })), 7),
    ] {
        github.answers(answer.clone());
        app.clock.advance((DAY * days).saturating_sub(Duration::from_secs(1)));
        look(&app).await;
        assert_eq!(github.questions(), questions, "{answer:?} comes too early");
        app.clock.advance(Duration::from_secs(1));
        look(&app).await;
        questions += 1;
        assert_eq!(github.questions(), questions, "{answer:?}");
        assert_eq!(newer(&app).as_deref(), Some("0.2.0"), "{answer:?}");
    }
    github.answers(release("v0.3.0"));
    app.clock.advance(DAY * 7);
    look(&app).await;
    assert_eq!(newer(&app).as_deref(), Some("0.3.0"));
    app.clock.advance(DAY);
    look(&app).await;
    assert_eq!(github.questions(), questions + 2, "it is asked every day again");
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_given_up() {
    let github = GitHub::start().await;
    github.answers(Answer::Silence);
    let app = github.app().await;
    let began = tokio::time::Instant::now();
    look(&app).await;
    assert_eq!((newer(&app), began.elapsed().as_secs()), (None, 10));
}

#[tokio::test]
async fn a_question_that_cannot_be_noted_is_not_asked() {
    let github = GitHub::start().await;
    let app = github.app().await;
    let question = app.state.updates().question().unwrap().unwrap();
    for condition in [StoreCondition::IsDown, StoreCondition::IsFull] {
        app.store.set_condition(condition);
        assert!(app.state.look_for_release(&question).await.is_err(), "{condition:?}");
    }
    assert_eq!(github.questions(), 0);
    app.store.set_condition(StoreCondition::Serves);
    // What another release wrote is asked for again.
    assert!(app.store.put_document(Document::NewestRelease, &json!("?"), None).await.unwrap());
    look(&app).await;
    assert_eq!((newer(&app).as_deref(), github.questions()), (Some("0.2.0"), 1));
    assert!(app.clock.now() == START, "no time passes in it");
}

#[tokio::test]
async fn off_asks_no_one_and_says_how_to_switch_it_on() {
    let github = GitHub::start().await;
    for (variables, said) in [
        (vec![("UPDATE_ENDPOINT", github.base.as_str())], "With the variable UPDATE_CHECK=on"),
        (
            vec![("UPDATE_CHECK", "off"), ("UPDATE_ENDPOINT", github.base.as_str())],
            "With the variable UPDATE_CHECK=on",
        ),
        (vec![("INGRESS", "on")], "Home Assistant says when there is a newer release"),
        (vec![("UPDATE_CHECK", "on"), ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")], "infra/deploy"),
    ] {
        let app = App::at_home(&variables).await;
        assert!(app.state.updates().question().unwrap().is_none(), "{variables:?}");
        let settings = Browser::logged_in(&app).await.get("/settings").await.text;
        assert!(settings.contains(said), "{variables:?}: {settings}");
        let report = app.get("/v1/diagnostics", OWNER).await.body;
        assert_eq!(report["update"], json!({ "asks": false, "newer": null }));
    }
    assert_eq!(github.questions(), 0);
}

/// An account of this name belongs to a stranger.
#[tokio::test]
async fn a_build_without_a_repository_asks_no_one() {
    let app = App::at_home(&[("UPDATE_CHECK", "on")]).await;
    let is_named = !env!("CARGO_PKG_REPOSITORY").contains("/OWNER/");
    assert_eq!(app.state.updates().question().unwrap().is_some(), is_named);
    let settings = Browser::logged_in(&app).await.get("/settings").await.text;
    assert_eq!(settings.contains("this build names no repository"), !is_named, "{settings}");
}

#[tokio::test]
async fn each_way_leads_to_its_part_of_the_document() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/install.md");
    let document = std::fs::read_to_string(document).unwrap();
    let is_container = ["/.dockerenv", "/run/.containerenv"].iter().any(|file| Path::new(file).exists());
    for (variables, heading) in [
        (vec![("INGRESS", "on"), ("STATE_DIRECTORY", "/var/lib/ma-alexa")], "Home Assistant add-on"),
        (
            vec![("STATE_DIRECTORY", "/var/lib/ma-alexa")],
            if is_container { "Container" } else { "Archive and systemd" },
        ),
        (vec![], if is_container { "Container" } else { "cargo" }),
    ] {
        let app = App::at_home(&variables).await;
        let anchor = heading.to_lowercase().replace(' ', "-");
        let how = app.state.updates().how().to_owned();
        assert!(how.ends_with(&format!("/docs/install.md#{anchor}")), "{variables:?}: {how}");
        assert!(document.contains(&format!("\n## {heading}\n")), "{heading}");
    }
}
