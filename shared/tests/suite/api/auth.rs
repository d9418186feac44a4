//! Who may call what.

use std::path::Path;
use std::time::Duration;

use ma_alexa::secrets::{Credentials, SecretsError};
use reqwest::{Method, StatusCode};

use crate::logs;

use super::harness::{App, MA, OWNER, START, answer, basic, credentials};

const ROUTES: [(Method, &str); 13] = [
    (Method::POST, "/ma/push-url"),
    (Method::GET, "/ma/latest-url"),
    (Method::GET, "/ma/unknown"),
    (Method::GET, "/alexa/intents"),
    (Method::POST, "/alexa/push-url"),
    (Method::GET, "/alexa/latest-url"),
    (Method::GET, "/v1/players"),
    (Method::GET, "/v1/players/Kitchen"),
    (Method::GET, "/v1/echos"),
    (Method::PUT, "/v1/echos/D1/player"),
    (Method::DELETE, "/v1/echos/D1/player"),
    (Method::GET, "/v1/activity"),
    (Method::GET, "/v1/unknown"),
];

async fn status(app: &App, method: &Method, path: &str, authorization: Option<&str>) -> StatusCode {
    let mut request = app.request(method.clone(), path);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn every_route_is_closed_to_all_others() {
    let app = App::start().await;
    let wrong = [
        None,
        Some(String::new()),
        Some("Basic".to_owned()),
        Some("Basic !!!".to_owned()),
        Some("Bearer owner-password-0001".to_owned()),
        Some(basic(b"owner")),
        Some(basic(b"owner:")),
        Some(basic(b":owner-password-0001")),
        Some(basic(b"owner:owner-password-0002")),
        Some(basic(b"owner:push-password-00001")),
        Some(basic(b"music-assistant:owner-password-0001")),
        Some(basic(b"owner:owner-password-0001\0")),
        Some(basic(b"OWNER:owner-password-0001")),
        Some(format!("Basic {}", "QUFB".repeat(4000))),
    ];
    for (method, path) in &ROUTES {
        for authorization in &wrong {
            app.clock.advance(Duration::from_mins(1));
            assert_eq!(
                status(&app, method, path, authorization.as_deref()).await,
                StatusCode::UNAUTHORIZED,
                "{method} {path} with {authorization:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_owner_opens_everything_and_music_assistant_its_own() {
    let app = App::start().await;
    let owner = basic(format!("{}:{}", OWNER.0, OWNER.1).as_bytes());
    let music_assistant = basic(format!("{}:{}", MA.0, MA.1).as_bytes());
    for (method, path) in &ROUTES {
        let opened = status(&app, method, path, Some(&owner)).await;
        assert!(
            ![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&opened),
            "{method} {path}: {opened}"
        );
        let refused = status(&app, method, path, Some(&music_assistant)).await == StatusCode::FORBIDDEN;
        assert_eq!(refused, path.starts_with("/v1"), "{method} {path}");
    }
}

#[tokio::test]
async fn open_routes_need_no_credentials() {
    let app = App::start().await;
    app.secrets.set(Ok(None));
    for path in ["/healthz", "/openapi.json"] {
        assert_eq!(status(&app, &Method::GET, path, None).await, StatusCode::OK, "{path}");
    }
    assert_eq!(app.secrets.reads(), 0);
}

#[tokio::test]
async fn a_refusal_says_how_to_be_let_in() {
    let app = App::start().await;
    insta::assert_json_snapshot!(answer(app.request(Method::GET, "/ma/latest-url")).await, @r#"
    {
      "status": 401,
      "headers": {
        "content-type": "application/json",
        "www-authenticate": "Basic realm=\"Music Assistant for Alexa\", charset=\"UTF-8\""
      },
      "body": {
        "error": "this needs a user name and a password, by HTTP Basic"
      }
    }
    "#);
    insta::assert_json_snapshot!(answer(app.request(Method::GET, "/v1/players")).await, @r#"
    {
      "status": 401,
      "headers": {
        "content-type": "application/json",
        "www-authenticate": "Basic realm=\"Music Assistant for Alexa\", charset=\"UTF-8\""
      },
      "body": {
        "error": {
          "code": "unauthorized",
          "message": "this needs a user name and a password, by HTTP Basic"
        }
      }
    }
    "#);
    insta::assert_json_snapshot!(app.get("/v1/players", MA).await, @r#"
    {
      "status": 403,
      "headers": {
        "content-type": "application/json"
      },
      "body": {
        "error": {
          "code": "forbidden",
          "message": "these are Music Assistant's credentials; this needs the owner's"
        }
      }
    }
    "#);
    assert_eq!(app.counted("AuthFailures"), 3);
}

#[tokio::test]
async fn credentials_may_be_sent_as_latin1_or_utf8() {
    let app = App::start().await;
    app.secrets.set(Ok(Some(credentials(("Jürgen", "größer als sechzehn"), ("Zoë", "ein anderes Paßwort")))));
    let utf8 = basic("Jürgen:größer als sechzehn".as_bytes());
    let latin1 = basic(b"J\xfcrgen:gr\xf6\xdfer als sechzehn");
    let half = basic(b"J\xfcrgen:gr\xf6\xdfer als siebzehn");
    assert_eq!(status(&app, &Method::GET, "/v1/players", Some(&utf8)).await, StatusCode::OK);
    assert_eq!(status(&app, &Method::GET, "/v1/players", Some(&latin1)).await, StatusCode::OK);
    assert_eq!(status(&app, &Method::GET, "/v1/players", Some(&half)).await, StatusCode::UNAUTHORIZED);
    let no_padding = utf8.trim_end_matches('=').replace("Basic", "bAsIc");
    assert_eq!(status(&app, &Method::GET, "/v1/players", Some(&no_padding)).await, StatusCode::OK);
}

#[tokio::test]
async fn the_secret_is_read_once_in_five_minutes() {
    let app = App::start().await;
    for _ in 0..3 {
        assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    }
    assert_eq!(app.secrets.reads(), 1);
    app.clock.advance(Duration::from_secs(299));
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    assert_eq!(app.secrets.reads(), 1);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    assert_eq!(app.secrets.reads(), 2);
}

#[tokio::test]
async fn a_new_password_works_at_once_and_the_old_one_no_longer() {
    let app = App::start().await;
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    let new = ("owner", "owner-password-0002");
    app.secrets.set(Ok(Some(credentials(new, MA))));
    assert_eq!(app.get("/v1/players", new).await.status, 200);
    assert_eq!(app.get("/v1/players", OWNER).await.status, 401);
}

#[tokio::test]
async fn wrong_passwords_read_the_secret_once_in_half_a_minute() {
    let app = App::start().await;
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    for _ in 0..5 {
        assert_eq!(app.get("/v1/players", ("owner", "a wrong password!")).await.status, 401);
    }
    assert_eq!(app.secrets.reads(), 2);
    app.clock.advance(Duration::from_secs(30));
    assert_eq!(app.get("/v1/players", ("owner", "a wrong password!")).await.status, 401);
    assert_eq!(app.secrets.reads(), 3);
}

#[tokio::test]
async fn a_known_password_does_not_wait_for_a_wrong_one() {
    let app = App::start().await;
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    let shut = app.secrets.door.lock().await;
    let known_while_guessing = async {
        while app.secrets.reads() < 2 {
            tokio::task::yield_now().await;
        }
        let status = app.get("/v1/players", OWNER).await.status;
        drop(shut);
        status
    };
    let (guessed, known) =
        tokio::join!(app.get("/v1/players", ("owner", "a wrong password!")), known_while_guessing);
    assert_eq!((guessed.status, known), (401, 200));
}

#[tokio::test]
async fn a_burst_reads_the_secret_once() {
    let app = App::start().await;
    let asks = (0..20).map(|_| app.get("/v1/players", OWNER));
    for answer in futures_util::future::join_all(asks).await {
        assert_eq!(answer.status, 200);
    }
    assert_eq!(app.secrets.reads(), 1);
}

#[tokio::test]
async fn without_credentials_a_stranger_learns_no_name_and_no_path() {
    logs::keep();
    let app = App::start().await;
    app.secrets.set(Ok(None));
    insta::assert_json_snapshot!(app.get("/v1/players", OWNER).await, @r#"
    {
      "status": 503,
      "headers": {
        "content-type": "application/json"
      },
      "body": {
        "error": {
          "code": "credentials_unavailable",
          "message": "this server cannot read its user names and passwords; its log says how to mend that"
        }
      }
    }
    "#);
    assert_eq!(app.get("/ma/latest-url", MA).await.status, 503);
    assert_eq!(app.secrets.reads(), 1);
    for _ in 0..3 {
        app.clock.advance(Duration::from_secs(10));
        assert_eq!(app.get("/v1/players", OWNER).await.status, 503);
    }
    let told: Vec<_> = logs::kept().into_iter().filter(|line| line["place"] == "home/credentials").collect();
    let [line] = &told[..] else { panic!("the log says it once a minute: {told:?}") };
    assert_eq!(line["error"], "home/credentials does not exist");
    app.secrets.set(Ok(Some(credentials(OWNER, MA))));
    app.clock.advance(Duration::from_secs(5));
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    assert_eq!(app.counted("AuthFailures"), 0);
}

#[tokio::test]
async fn a_secret_that_is_out_of_reach_keeps_what_was_known() {
    let app = App::start().await;
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    app.secrets.set(Err(SecretsError::Unavailable {
        place: "home/credentials".to_owned(),
        reason: "ThrottlingException".to_owned(),
    }));
    app.clock.advance(Duration::from_mins(10));
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    assert_eq!(app.get("/v1/players", MA).await.status, 403);
    app.secrets.set(Ok(None));
    app.clock.advance(Duration::from_secs(5));
    assert_eq!(app.get("/v1/players", OWNER).await.status, 503);
}

#[tokio::test]
async fn a_malformed_secret_closes_the_door_and_shows_nothing_of_itself() {
    let app = App::start().await;
    let malformed =
        Credentials::from_json(r#"{"owner":{"username":"owner","password":7777777}}"#, "home/credentials");
    app.secrets.set(malformed.map(Some));
    let answer = app.get("/v1/players", OWNER).await;
    assert_eq!(answer.status, 503);
    assert!(!answer.error().contains("home/credentials"), "{}", answer.error());
    assert!(!answer.error().contains("7777777"));
}

#[tokio::test]
async fn the_environment_goes_before_the_secret() {
    let own = ("me", "chosen by myself 1");
    let app = App::start_with(&[("API_USERNAME", own.0), ("API_PASSWORD", own.1)]).await;
    assert_eq!(app.get("/v1/players", own).await.status, 200);
    assert_eq!(app.secrets.reads(), 0);
    assert_eq!(app.get("/v1/players", OWNER).await.status, 401);
    assert_eq!(app.get("/alexa/intents", MA).await.status, 200);

    let both = App::start_with(&[
        ("API_USERNAME", own.0),
        ("API_PASSWORD", own.1),
        ("PUSH_USERNAME", "ma"),
        ("PUSH_PASSWORD", "chosen by myself 2"),
    ])
    .await;
    both.secrets.set(Ok(None));
    assert_eq!(both.get("/v1/players", own).await.status, 200);
    assert_eq!(both.get("/alexa/intents", ("ma", "chosen by myself 2")).await.status, 200);
    assert_eq!(both.get("/alexa/intents", MA).await.status, 401);
    assert_eq!(both.secrets.reads(), 0);
}

/// Clocks: set forward and back by an hour, 30 days and a year, and no time goes by with it.
#[tokio::test]
async fn a_revoked_password_dies_within_five_minutes_whatever_the_clock_does() {
    let (hour, new) = (Duration::from_hours(1), ("owner", "owner-password-0002"));
    for span in [hour, 30 * 24 * hour, 365 * 24 * hour] {
        for is_back in [true, false] {
            let app = App::start().await;
            assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
            app.clock.set(if is_back { START.minus(span) } else { START.plus(span) });
            if !is_back {
                assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
                app.clock.set(START);
            }
            // A guess before the change, so that the new password has to wait for its turn.
            assert_eq!(app.get("/v1/players", ("owner", "a wrong password!")).await.status, 401);
            app.secrets.set(Ok(Some(credentials(new, MA))));
            app.clock.advance(Duration::from_secs(30));
            assert_eq!(app.get("/v1/players", new).await.status, 200, "{span:?}, back: {is_back}");
            app.secrets.set(Ok(Some(credentials(OWNER, MA))));
            app.clock.advance(Duration::from_mins(5));
            assert_eq!(app.get("/v1/players", new).await.status, 401, "{span:?}, back: {is_back}");
        }
    }
}

const WRONG: (&str, &str) = ("owner", "a wrong password!");

#[tokio::test]
async fn wrong_passwords_have_to_wait_and_other_addresses_do_not() {
    logs::keep();
    let app = App::start_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let from = async |address: &str, (name, password): (&str, &str)| {
        let header = basic(format!("{name}:{password}").as_bytes());
        let request = app.request(Method::GET, "/v1/players").header("authorization", header);
        let response = request.header("x-forwarded-for", address).send().await.unwrap();
        let wait = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), wait)
    };
    for _ in 0..10 {
        assert_eq!(from("203.0.113.9", WRONG).await, (401, None));
    }
    let slowed = (429, Some("10".to_owned()));
    assert_eq!(from("203.0.113.9", WRONG).await, slowed);
    assert_eq!(from("203.0.113.9", OWNER).await, slowed, "a right one would tell which guess was right");
    let lines = logs::kept();
    let named: Vec<_> = lines.iter().filter(|line| line["caller"] == "203.0.113.9").collect();
    let says: Vec<_> = named.iter().map(|line| line["message"].as_str().unwrap()).collect();
    let expected = [
        "a user name, a password, a token or a sign-in link was wrong",
        "too many user names, passwords, tokens or sign-in links were wrong",
    ];
    assert_eq!(says, expected, "a firewall learns the address, in one line of each kind");
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
    let document = std::fs::read_to_string(document).unwrap();
    assert!(
        document.contains(&format!("\"message\":\"{}\",\"caller\":\"203.0.113.9\"", says[1])),
        "the document"
    );
    assert_eq!(from("198.51.100.1", OWNER).await.0, 200, "the owner is not locked out");
    assert_eq!(from("203.0.113.9", MA).await.0, 403, "nor is Music Assistant behind the same address");
    app.clock.set(START.minus(Duration::from_hours(1)));
    assert_eq!(from("203.0.113.9", WRONG).await.0, 429, "a clock that is set back forgets nothing");
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(from("203.0.113.9", OWNER).await.0, 200);

    // From many addresses: each that failed once waits for all, and one that never failed does not.
    for last in 0..30 {
        assert_eq!(from(&format!("192.0.2.{last}"), WRONG).await.0, 401);
    }
    assert_eq!(from("192.0.2.7", WRONG).await.0, 429);
    assert_eq!(from("192.0.2.99", OWNER).await.0, 200);
    // What fills the table does not free those that wait.
    for number in 0..2500 {
        from("203.0.113.9", (&format!("name-{number}"), "a wrong password!")).await;
    }
    assert_eq!(from("203.0.113.9", WRONG).await.0, 429);
}
