//! A household where all is well, which the doctor does not disturb.

use std::time::Duration;

use end_to_end::amazon::Fault;
use end_to_end::api::{OWNER, send};
use end_to_end::envelope::{Envelope, Played};
use ma_alexa::clock::Clock as _;
use ma_alexa::diagnostics::{CheckKind, Verdict};
use ma_alexa::i18n::PageLanguage;
use ma_alexa::probe::STREAM_SAMPLE;
use ma_alexa::renderer_report::Serving;
use ma_alexa::speakers::RendererFailure;
use reqwest::Method;
use serde_json::json;

use crate::pages::browser::Browser;

use super::broken::renderers::{find, offer};
use super::harness::{Harness, MA_TOKEN};
use super::sites::{API, ART, ENDPOINT, MA, MUSIC, TIME};

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_household_has_nothing_to_complain_of() {
    for harness in [
        Harness::healthy().await,
        Harness::playing().await,
        Harness::with_door().await,
        Harness::playing_through_door().await,
    ] {
        let found = harness.check().await;
        assert_eq!(super::harness::complaints(&found), Vec::<String>::new());
        assert!(found.is_healthy());
        assert_eq!(found.checks.iter().map(|check| check.kind).collect::<Vec<_>>(), CheckKind::ALL);
        for finding in found.findings() {
            assert_eq!(finding.verdict, Verdict::Ok, "{finding:?}");
            assert_eq!(finding.remedy(PageLanguage::english()), None);
        }
        assert!(harness.amazon.violations().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn players_that_are_found_are_well_and_so_are_none() {
    let harness = Harness::healthy().await;
    let code = async || {
        let found = harness.check().await;
        assert_eq!(super::harness::complaints(&found), Vec::<String>::new());
        let check = found.checks.into_iter().find(|check| check.kind == CheckKind::Renderers).unwrap();
        check.findings[0].code.clone()
    };
    assert_eq!(code().await, "renderers-not-here");
    let reports = harness.state.renderers();
    reports.serves(Serving::Off);
    assert_eq!(code().await, "renderers-off");
    reports.serves(Serving::At(([0, 0, 0, 0], 5002).into()));
    assert_eq!(code().await, "renderers-none");
    offer(&harness);
    assert_eq!(code().await, "renderers-waiting");
    find(&harness);
    assert_eq!(code().await, "renderers-ok");
    // A failure is shown for a day.
    reports.failed("G0A", "device_offline", "it is offline", harness.clock.now().minus(TIME_OF_A_FAILURE));
    assert_eq!(code().await, "renderers-ok");
    // Each device of the home can ask for it, and nothing of the household is broken.
    for code_of_media in [RendererFailure::MediaRefused, RendererFailure::MediaNotFetched] {
        reports.failed("G0A", code_of_media, "it is no sound", harness.clock.now());
        assert_eq!(code().await, "renderers-ok");
    }
}

/// Longer than a failure of a player is shown.
const TIME_OF_A_FAILURE: Duration = Duration::from_hours(25);

/// Whether the address of the stream `session` was asked in any way.
fn is_asked(harness: &Harness, session: &str) -> bool {
    let paths = harness.internet.paths(MUSIC);
    assert!(paths.iter().any(|path| path.contains("/unused-")), "the host itself is asked");
    paths.iter().any(|path| path.starts_with(&format!("/flow/{session}/")))
}

/// Uses everything that shows the state: the doctor, the API and every page with its buttons.
async fn look(harness: &Harness) {
    harness.internet.forget();
    harness.check().await;
    harness.api.get("/v1/doctor?fresh=true").await;
    let browser = Browser::logged_in(&harness.api, "en").await;
    for page in ["/status", "/status/live", "/status/health", "/setup", "/devices", "/art/Kitchen"] {
        browser.get(page).await;
    }
    harness.pass(Duration::from_mins(11));
    browser.send("/status/check/due", &[]).await;
    harness.pass(Duration::from_mins(1));
    browser.send("/status/check", &[]).await;
}

// A second request for a stream that plays, even a `HEAD`, empties Music Assistant's record of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_requests_no_stream_that_plays_or_may_be_resumed() {
    let harness = Harness::playing().await;
    look(&harness).await;
    assert!(!is_asked(&harness, "one"), "it plays");
    harness.pass(Duration::from_hours(13));
    look(&harness).await;
    assert!(!is_asked(&harness, "one"), "it still plays: a play has no longest time");
    let harness = Harness::playing().await;
    harness.end("PlaybackStopped").await;
    look(&harness).await;
    assert!(!is_asked(&harness, "one"), "it was stopped, and may be resumed");
    harness.push("Kitchen", "two").await;
    look(&harness).await;
    assert!(!is_asked(&harness, "two"), "it was pushed, and may begin");
    assert!(!is_asked(&harness, "one"), "nor is the one before");
}

// Music Assistant sends a stream once: a fetch of a stopped stream would take it from the Echo that resumes it.
#[tokio::test(flavor = "multi_thread")]
async fn music_that_may_be_resumed_is_left_alone_for_as_long_as_it_may() {
    let harness = Harness::playing().await;
    harness.end("PlaybackStopped").await;
    for (passed, may_be_asked) in [(0, false), (12 * 60 - 1, false), (2, true)] {
        harness.pass(Duration::from_mins(passed));
        harness.internet.forget();
        harness.check().await;
        assert_eq!(is_asked(&harness, "one"), may_be_asked, "{passed}");
    }
}

// While one player plays, what another one played to its end is what there is to ask for.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_asked_for_while_others_play() {
    let harness = Harness::healthy().await;
    harness.push("Bedroom", "two").await;
    harness.internet.forget();
    harness.check().await;
    assert!(is_asked(&harness, "one"));
    assert!(!is_asked(&harness, "two"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_idle_stream_64_kib_are_taken_at_most() {
    let harness = Harness::healthy().await;
    harness.internet.forget();
    harness.check().await;
    let stream = harness.internet.hung_up(MUSIC, "/flow/one/").await;
    assert_eq!((stream.method.as_str(), stream.taken), ("GET", STREAM_SAMPLE));
    let commands = |seen: &end_to_end::internet::Seen| seen.path.contains("/command/");
    for seen in harness.internet.all_requests().into_iter().filter(commands) {
        assert_eq!(seen.method, "HEAD");
        assert!(!seen.path.contains("Kitchen") && seen.path.contains("/unused-"), "{}", seen.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_cloud_nothing_inside_is_asked() {
    let harness = Harness::in_the_cloud().await;
    harness
        .change_settings(|settings| {
            settings.stream_base_url = Some("https://10.0.0.1".into());
            settings.art_base_url = Some("https://[::ffff:169.254.169.254]".into());
            settings.api_url = Some("http://127.0.0.1:5000".into());
            settings.ma_api_url = Some("http://169.254.169.254/latest".into());
        })
        .await;
    let found = harness.complaints().await;
    for code in
        ["stream-private-address", "art-private-address", "api-private-address", "ma-api-private-address"]
    {
        assert!(found.iter().any(|found| found == code), "{code}: {found:?}");
    }
    // Every site of the tests is on loopback: by their names they are not asked either.
    assert!(found.iter().any(|found| found == "endpoint-private-address"), "{found:?}");
    assert_eq!(harness.internet.all_requests(), []);
}

// A refreshed token is lost when its response is not stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_of_a_token_ends_also_after_its_run_was_cancelled() {
    let harness = Harness::healthy().await;
    harness.amazon.expire_lwa();
    let before = std::fs::read(harness.secret_file("amazon")).unwrap();
    let asked = harness.amazon.requests("/auth/o2/token").len();
    let slow = Fault::Slow(Duration::from_millis(500));
    harness.amazon.fault("/auth/o2/token", slow, 1);
    let doctor = harness.state.doctor().clone();
    let run = tokio::spawn(async move { doctor.check_max_age(Duration::ZERO).await });
    harness.amazon.wait_for("/auth/o2/token", asked + 1).await;
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    let kept = tokio::time::timeout(Duration::from_secs(10), async {
        while std::fs::read(harness.secret_file("amazon")).is_ok_and(|now| now == before) {
            tokio::task::yield_now().await;
        }
    });
    kept.await.unwrap();
}

// Credentials that went to an address out of the name servers.
#[tokio::test(flavor = "multi_thread")]
async fn no_credential_goes_to_what_is_looked_at() {
    let harness = Harness::healthy().await;
    harness.internet.forget();
    harness.check().await;
    let secrets = harness.amazon.secrets();
    for seen in harness.internet.all_requests() {
        let said = format!("{seen:?}");
        assert!(harness.amazon.secrets_in(&said).is_empty(), "{said}");
        assert!(!said.contains(OWNER.1), "{said}");
        let is_ma = seen.host == MA && seen.path == "/api";
        assert_eq!(seen.header("authorization").is_some(), is_ma, "{said}");
        assert_eq!(said.contains(MA_TOKEN), is_ma, "{said}");
    }
    assert!(!secrets.is_empty());
    let hosts = [MUSIC, ART, API, ENDPOINT, MA, TIME];
    assert!(harness.internet.all_requests().iter().all(|seen| hosts.contains(&seen.host.as_str())));
}

// The token goes where Music Assistant is, and nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_at_the_address_of_music_assistant_gets_no_token() {
    let harness = Harness::healthy().await;
    harness.internet.put(MA, super::sites::site(API));
    harness.internet.forget();
    harness.check().await;
    assert!(!format!("{:?}", harness.internet.requests(MA)).contains(MA_TOKEN));
    harness.internet.put(MA, super::sites::site(MA));
    harness.change_settings(|settings| settings.ma_api_url = Some(format!("http://{MA}").into())).await;
    harness.internet.forget();
    harness.check().await;
    assert!(!format!("{:?}", harness.internet.requests(MA)).contains(MA_TOKEN), "nor without encryption");
}

// An address that was made of the headers of a request.
#[tokio::test(flavor = "multi_thread")]
async fn no_header_of_a_request_decides_what_is_asked() {
    const EVIL: &str = "evil.example.net";
    let harness = Harness::healthy().await;
    harness.internet.put(EVIL, super::sites::site(API));
    harness.internet.forget();
    let request = harness.api.request(Method::GET, "/v1/doctor?fresh=true");
    let request = request.basic_auth(OWNER.0, Some(OWNER.1));
    assert_eq!(send(request.try_clone().unwrap().header("host", EVIL)).await.0, 421);
    let request = request.header("x-forwarded-host", EVIL).header("forwarded", format!("host={EVIL}"));
    let (status, answer) = send(request.header("x-forwarded-proto", "https")).await;
    assert_eq!((status, &answer["healthy"]), (200, &json!(true)), "{answer}");
    assert!(!harness.internet.looked_up().iter().any(|name| name == EVIL));
    assert_eq!(harness.internet.requests(EVIL), []);
    assert!(!answer.to_string().contains(EVIL));
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_checks_share_one_report() {
    let harness = Harness::healthy().await;
    let doctor = harness.state.doctor();
    harness.internet.forget();
    let (first, second) = tokio::join!(doctor.check(), doctor.check());
    let first = first.unwrap();
    assert_eq!(first, second.unwrap());
    let asked = harness.internet.requests(API).len();
    assert_eq!(asked, 1);
    assert_eq!(doctor.last_report().await.unwrap().as_ref(), Some(&first));
    harness.pass(Duration::from_secs(9));
    assert_eq!(doctor.check().await.unwrap(), first);
    harness.pass(Duration::from_secs(2));
    assert_ne!(doctor.check().await.unwrap().at, first.at);
    assert_eq!(harness.internet.requests(API).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_answers_in_the_requested_language() {
    let harness = Harness::healthy().await;
    harness.internet.remove(MUSIC);
    let stream = async |query: &str| {
        let body = harness.api.get(&format!("/v1/doctor{query}")).await;
        assert_eq!(body["healthy"], false);
        body["links"].as_array().unwrap().iter().find(|link| link["link"] == "stream").unwrap().clone()
    };
    let link = stream("?fresh=true").await;
    assert_eq!(link["verdict"], "broken");
    let finding = &link["findings"][0];
    assert_eq!(finding["code"], "stream-name-unknown");
    assert!(finding["message"].as_str().unwrap().contains("The name music.example.com leads nowhere"));
    assert!(finding["cure"].as_str().unwrap().contains("music.example.com"));
    let german = stream("?language=de-AT").await;
    assert!(german["findings"][0]["message"].as_str().unwrap().contains("führt nirgendwohin"), "{german}");
    harness.internet.put(MUSIC, super::sites::site(MUSIC));
    stream("").await;
    harness.pass(Duration::from_mins(2));
    assert_eq!(harness.api.get("/v1/doctor").await["healthy"], true);
    let (status, _) = harness.api.ask(Method::GET, "/v1/doctor?fresh=perhaps", None).await;
    assert_eq!(status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_fresh_is_looked_at_then() {
    let harness = Harness::healthy().await;
    let stream = async |query: &str| {
        let body = harness.api.get(&format!("/v1/doctor{query}")).await;
        let link = body["links"].as_array().unwrap().iter().find(|link| link["link"] == "stream").unwrap();
        link["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(stream("?fresh=true").await, "ok");
    harness.internet.remove(MUSIC);
    assert_eq!(stream("").await, "ok", "what was found a moment ago");
    assert_eq!(stream("?fresh=true").await, "broken");
    harness.internet.put(MUSIC, super::sites::site(MUSIC));
    assert_eq!(stream("").await, "broken", "what was found a moment ago");
    assert_eq!(stream("?fresh=true").await, "ok");
    // What was found before the clock was set back is no fresher for that.
    harness.clock.set_back(Duration::from_hours(365 * 24));
    harness.internet.remove(MUSIC);
    assert_eq!(stream("?fresh=true").await, "broken");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_set_up_once_an_echo_reported_that_it_plays() {
    for (language, done) in
        [("en", "Everything is set up"), ("de", "Alles ist eingerichtet"), ("fr", "Tout est configuré")]
    {
        let harness = Harness::set_up().await;
        harness.ask_intents().await;
        let browser = Browser::logged_in(&harness.api, language).await;
        harness.push("Kitchen", "one").await;
        harness.pass(Duration::from_secs(1));
        assert!(!browser.get("/setup").await.contains(done), "it was pushed");
        let begun = Played::of(&harness.ask_skill(&Envelope::new("play-audio")).await);
        assert!(!browser.get("/setup").await.contains(done), "its Echo was answered");
        harness.ask_skill(&Envelope::report("PlaybackStarted", &begun.token, 0)).await;
        let page = browser.get("/setup").await;
        assert!(page.contains(done), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_port_of_streams_is_doubted_until_an_echo_reported_that_it_plays() {
    let harness = Harness::set_up().await;
    harness.ask_intents().await;
    let base = format!("https://{MUSIC}:{}", harness.internet.port());
    harness.change_settings(|settings| settings.stream_base_url = Some(base.into())).await;
    let doubt = async || {
        let found = harness.check().await;
        found.findings().find(|finding| finding.code == "stream-port").map(|finding| finding.verdict)
    };
    assert_eq!(doubt().await, Some(Verdict::Unknown));
    harness.push("Kitchen", "one").await;
    harness.pass(Duration::from_secs(1));
    let begun = Played::of(&harness.ask_skill(&Envelope::new("play-audio")).await);
    assert_eq!(doubt().await, Some(Verdict::Unknown), "its Echo was answered");
    harness.ask_skill(&Envelope::report("PlaybackStarted", &begun.token, 0)).await;
    assert_eq!(doubt().await, None);
}
