//! What the doctor does to a household where all is well: nothing.

use std::time::Duration;

use end_to_end::amazon::Fault;
use end_to_end::api::{OWNER, send};
use end_to_end::envelope::{Envelope, Played};
use ma_alexa::doctor::{LinkKind, Verdict};
use ma_alexa::i18n::PageLanguage;
use ma_alexa::probe::MOST_OF_A_STREAM;
use reqwest::Method;
use serde_json::json;

use crate::pages::browser::Browser;

use super::world::{API, ART, ENDPOINT, MA, MA_TOKEN, MUSIC, TIME, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_household_has_nothing_to_complain_of() {
    for world in [World::healthy().await, World::playing().await] {
        let found = world.examine().await;
        assert_eq!(super::world::complaints(&found), Vec::<String>::new());
        assert!(found.is_healthy());
        assert_eq!(found.links.iter().map(|link| link.link).collect::<Vec<_>>(), LinkKind::ALL);
        for finding in found.findings() {
            assert!(finding.code.ends_with("-ok"), "{finding:?}");
            assert_eq!(finding.cure(PageLanguage::english()), None);
        }
        assert!(world.amazon.violations().is_empty());
    }
}

/// Whether the address of the stream `session` was asked in any way.
fn is_asked(world: &World, session: &str) -> bool {
    let paths = world.internet.paths(MUSIC);
    assert!(paths.iter().any(|path| path.contains("/nobody-")), "the host itself is asked");
    paths.iter().any(|path| path.starts_with(&format!("/flow/{session}/")))
}

/// Everything of ours that looks at how things are: the doctor, the API and every page, with its buttons.
async fn look(world: &World) {
    world.internet.forget();
    world.examine().await;
    world.api.get("/v1/doctor?fresh=true").await;
    let browser = Browser::logged_in(&world.api, "en").await;
    for page in ["/status", "/status/live", "/status/health", "/setup", "/devices", "/art/Kitchen"] {
        browser.get(page).await;
    }
    world.pass(Duration::from_mins(11));
    browser.send("/status/check/due", &[]).await;
    world.pass(Duration::from_mins(1));
    browser.send("/status/check", &[]).await;
}

// A second question for a stream that plays, even one for headers alone, empties Music Assistant's record of it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_ours_asks_for_a_stream_that_plays_or_may_be_resumed() {
    let world = World::playing().await;
    look(&world).await;
    assert!(!is_asked(&world, "one"), "it plays");
    world.pass(Duration::from_hours(13));
    look(&world).await;
    assert!(!is_asked(&world, "one"), "it still plays: a play has no longest time");
    let world = World::playing().await;
    world.end("PlaybackStopped").await;
    look(&world).await;
    assert!(!is_asked(&world, "one"), "it was stopped, and may be resumed");
    world.push("Kitchen", "two").await;
    look(&world).await;
    assert!(!is_asked(&world, "two"), "it was pushed, and may begin");
    assert!(!is_asked(&world, "one"), "nor is the one before");
}

// Music Assistant gives a stream out once: whoever fetched one that was stopped would take it from the Echo that resumes.
#[tokio::test(flavor = "multi_thread")]
async fn music_that_may_be_resumed_is_left_alone_for_as_long_as_it_may() {
    let world = World::playing().await;
    world.end("PlaybackStopped").await;
    for (passed, may_be_asked) in [(0, false), (12 * 60 - 1, false), (2, true)] {
        world.pass(Duration::from_mins(passed));
        world.internet.forget();
        world.examine().await;
        assert_eq!(is_asked(&world, "one"), may_be_asked, "{passed}");
    }
}

// While one player plays, what another one played to its end is what there is to ask for.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_asked_for_while_others_play() {
    let world = World::healthy().await;
    world.push("Bedroom", "two").await;
    world.internet.forget();
    world.examine().await;
    assert!(is_asked(&world, "one"));
    assert!(!is_asked(&world, "two"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_idle_stream_64_kib_are_taken_at_most() {
    let world = World::healthy().await;
    world.internet.forget();
    world.examine().await;
    let stream = world.internet.hung_up(MUSIC, "/flow/one/").await;
    assert_eq!((stream.method.as_str(), stream.taken), ("GET", MOST_OF_A_STREAM));
    let commands = |seen: &end_to_end::internet::Seen| seen.path.contains("/command/");
    for seen in world.internet.all_requests().into_iter().filter(commands) {
        assert_eq!(seen.method, "HEAD");
        assert!(!seen.path.contains("Kitchen") && seen.path.contains("/nobody-"), "{}", seen.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_cloud_nothing_inside_is_asked() {
    let world = World::in_the_cloud().await;
    world
        .change_settings(|settings| {
            settings.stream_base_url = Some("https://10.0.0.1".to_owned());
            settings.art_base_url = Some("https://[::ffff:169.254.169.254]".to_owned());
            settings.api_url = Some("http://127.0.0.1:5000".to_owned());
            settings.ma_api_url = Some("http://169.254.169.254/latest".to_owned());
        })
        .await;
    let found = world.complaints().await;
    for code in
        ["stream-private-address", "art-private-address", "api-private-address", "ma-api-private-address"]
    {
        assert!(found.iter().any(|found| found == code), "{code}: {found:?}");
    }
    // Every site of the tests is on loopback: by their names they are not asked either.
    assert!(found.iter().any(|found| found == "endpoint-private-address"), "{found:?}");
    assert_eq!(world.internet.all_requests(), []);
}

// A token that Amazon renewed once is gone when nobody keeps what it answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_to_the_end_although_nobody_waits_any_more() {
    let world = World::healthy().await;
    world.amazon.expire_lwa();
    let before = std::fs::read(world.secret_file("amazon")).unwrap();
    let asked = world.amazon.requests("/auth/o2/token").len();
    let slow = Fault::Slow(Duration::from_millis(500));
    world.amazon.fault("/auth/o2/token", slow, 1);
    let doctor = world.state.doctor().clone();
    let walk = tokio::spawn(async move { doctor.at_most(Duration::ZERO).await });
    world.amazon.wait_for("/auth/o2/token", asked + 1).await;
    walk.abort();
    assert!(walk.await.unwrap_err().is_cancelled());
    let kept = tokio::time::timeout(Duration::from_secs(10), async {
        while std::fs::read(world.secret_file("amazon")).is_ok_and(|now| now == before) {
            tokio::task::yield_now().await;
        }
    });
    kept.await.unwrap();
}

// Known mistake S-12: credentials that went to an address out of the name servers.
#[tokio::test(flavor = "multi_thread")]
async fn s12_no_credential_goes_to_what_is_looked_at() {
    let world = World::healthy().await;
    world.internet.forget();
    world.examine().await;
    let secrets = world.amazon.secrets();
    for seen in world.internet.all_requests() {
        let said = format!("{seen:?}");
        assert!(world.amazon.secrets_in(&said).is_empty(), "{said}");
        assert!(!said.contains(OWNER.1), "{said}");
        let is_ma = seen.host == MA && seen.path == "/api";
        assert_eq!(seen.header("authorization").is_some(), is_ma, "{said}");
        assert_eq!(said.contains(MA_TOKEN), is_ma, "{said}");
    }
    assert!(!secrets.is_empty());
    let hosts = [MUSIC, ART, API, ENDPOINT, MA, TIME];
    assert!(world.internet.all_requests().iter().all(|seen| hosts.contains(&seen.host.as_str())));
}

// The token goes where Music Assistant is, and nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn s12_a_stranger_at_the_address_of_music_assistant_gets_no_token() {
    let world = World::healthy().await;
    world.internet.put(MA, super::world::site(API));
    world.internet.forget();
    world.examine().await;
    assert!(!format!("{:?}", world.internet.requests(MA)).contains(MA_TOKEN));
    world.internet.put(MA, super::world::site(MA));
    world.change_settings(|settings| settings.ma_api_url = Some(format!("http://{MA}"))).await;
    world.internet.forget();
    world.examine().await;
    assert!(!format!("{:?}", world.internet.requests(MA)).contains(MA_TOKEN), "nor without encryption");
}

// Known mistake S-13: an address that was made of the headers of a request.
#[tokio::test(flavor = "multi_thread")]
async fn s13_no_header_of_a_request_decides_what_is_asked() {
    const EVIL: &str = "evil.example.net";
    let world = World::healthy().await;
    world.internet.put(EVIL, super::world::site(API));
    world.internet.forget();
    let request = world.api.request(Method::GET, "/v1/doctor?fresh=true");
    let request = request.basic_auth(OWNER.0, Some(OWNER.1));
    assert_eq!(send(request.try_clone().unwrap().header("host", EVIL)).await.0, 421);
    let request = request.header("x-forwarded-host", EVIL).header("forwarded", format!("host={EVIL}"));
    let (status, answer) = send(request.header("x-forwarded-proto", "https")).await;
    assert_eq!((status, &answer["healthy"]), (200, &json!(true)), "{answer}");
    assert!(!world.internet.looked_up().iter().any(|name| name == EVIL));
    assert_eq!(world.internet.requests(EVIL), []);
    assert!(!answer.to_string().contains(EVIL));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_again_and_again_asks_nobody_else() {
    let world = World::healthy().await;
    let doctor = world.state.doctor();
    world.internet.forget();
    let (first, second) = tokio::join!(doctor.examine(), doctor.examine());
    let first = first.unwrap();
    assert_eq!(first, second.unwrap());
    let asked = world.internet.requests(API).len();
    assert_eq!(asked, 1);
    assert_eq!(doctor.last().await.unwrap().as_ref(), Some(&first));
    world.pass(Duration::from_secs(9));
    assert_eq!(doctor.examine().await.unwrap(), first);
    world.pass(Duration::from_secs(2));
    assert_ne!(doctor.examine().await.unwrap().at, first.at);
    assert_eq!(world.internet.requests(API).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_over_the_api_in_the_language_that_was_asked_for() {
    let world = World::healthy().await;
    world.internet.remove(MUSIC);
    let stream = async |query: &str| {
        let body = world.api.get(&format!("/v1/doctor{query}")).await;
        assert_eq!(body["healthy"], false);
        body["links"].as_array().unwrap().iter().find(|link| link["link"] == "stream").unwrap().clone()
    };
    let link = stream("?fresh=true").await;
    assert_eq!(link["verdict"], "broken");
    let finding = &link["findings"][0];
    assert_eq!(finding["code"], "stream-name-unknown");
    assert!(finding["message"].as_str().unwrap().contains("The name music.example.com leads nowhere"));
    assert!(finding["cure"].as_str().unwrap().contains("STREAM_BASE_URL"));
    let german = stream("?language=de-AT").await;
    assert!(german["findings"][0]["message"].as_str().unwrap().contains("führt nirgendwohin"), "{german}");
    world.internet.put(MUSIC, super::world::site(MUSIC));
    stream("").await;
    world.pass(Duration::from_mins(2));
    assert_eq!(world.api.get("/v1/doctor").await["healthy"], true);
    let (status, _) = world.api.ask(Method::GET, "/v1/doctor?fresh=perhaps", None).await;
    assert_eq!(status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_fresh_is_looked_at_then() {
    let world = World::healthy().await;
    let stream = async |query: &str| {
        let body = world.api.get(&format!("/v1/doctor{query}")).await;
        let link = body["links"].as_array().unwrap().iter().find(|link| link["link"] == "stream").unwrap();
        link["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(stream("?fresh=true").await, "ok");
    world.internet.remove(MUSIC);
    assert_eq!(stream("").await, "ok", "what was found a moment ago");
    assert_eq!(stream("?fresh=true").await, "broken");
    world.internet.put(MUSIC, super::world::site(MUSIC));
    assert_eq!(stream("").await, "broken", "what was found a moment ago");
    assert_eq!(stream("?fresh=true").await, "ok");
    // What was found before the clock was set back is no fresher for that.
    world.clock.set_back(Duration::from_hours(365 * 24));
    world.internet.remove(MUSIC);
    assert_eq!(stream("?fresh=true").await, "broken");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_set_up_once_an_echo_reported_that_it_plays() {
    for (language, done) in [("en", "Everything is set up"), ("de", "Alles ist eingerichtet")] {
        let world = World::set_up().await;
        world.ask_intents().await;
        let browser = Browser::logged_in(&world.api, language).await;
        world.push("Kitchen", "one").await;
        world.pass(Duration::from_secs(1));
        assert!(!browser.get("/setup").await.contains(done), "it was pushed");
        let begun = Played::of(&world.ask_skill(&Envelope::new("play-audio")).await);
        assert!(!browser.get("/setup").await.contains(done), "its Echo was answered");
        world.ask_skill(&Envelope::report("PlaybackStarted", &begun.token, 0)).await;
        let page = browser.get("/setup").await;
        assert!(page.contains(done), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_port_of_streams_is_doubted_until_an_echo_reported_that_it_plays() {
    let world = World::set_up().await;
    world.ask_intents().await;
    let base = format!("https://{MUSIC}:{}", world.internet.port());
    world.change_settings(|settings| settings.stream_base_url = Some(base)).await;
    let doubt = async || {
        let found = world.examine().await;
        found.findings().find(|finding| finding.code == "stream-port").map(|finding| finding.verdict)
    };
    assert_eq!(doubt().await, Some(Verdict::NotCheckable));
    world.push("Kitchen", "one").await;
    world.pass(Duration::from_secs(1));
    let begun = Played::of(&world.ask_skill(&Envelope::new("play-audio")).await);
    assert_eq!(doubt().await, Some(Verdict::NotCheckable), "its Echo was answered");
    world.ask_skill(&Envelope::report("PlaybackStarted", &begun.token, 0)).await;
    assert_eq!(doubt().await, None);
}
