//! What is wrong with a request is answered, and the connection stays.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::harness::{Answer, App, KITCHEN_1, MA, OWNER, answer, bare, basic, named};
use super::store::StoreCondition;

async fn post(app: &App, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let mut request = app.request(Method::POST, "/ma/push-url").basic_auth(MA.0, Some(MA.1)).body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    answer(request).await
}

#[tokio::test]
async fn a_body_that_is_no_push_is_refused_with_the_place() {
    let app = App::start().await;
    let long = "x".repeat(100_000);
    let deep = format!("{{\"streamUrl\":\"a\",\"x\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"not json".to_vec(),
        b"{\"streamUrl\":".to_vec(),
        b"\xff\xfe\x00{".to_vec(),
        b"{\"streamUrl\":\"http://\xff\"}".to_vec(),
        b"[]".to_vec(),
        format!("[\"{KITCHEN_1}\", null, null, null, null]").into_bytes(),
        b"null".to_vec(),
        b"{}".to_vec(),
        b"{\"title\":\"Sinnerman\"}".to_vec(),
        b"{\"streamUrl\":null}".to_vec(),
        b"{\"streamUrl\":5}".to_vec(),
        b"{\"streamUrl\":[\"a\"]}".to_vec(),
        json!({"streamUrl": KITCHEN_1, "artist": 5}).to_string().into_bytes(),
        json!({"streamUrl": KITCHEN_1, "album": {"name": "x"}}).to_string().into_bytes(),
        json!({"streamUrl": KITCHEN_1, "imageUrl": true}).to_string().into_bytes(),
        b"{\"streamUrl\":\"a\",\"streamUrl\":\"b\"}".to_vec(),
        format!("{} {{}}", bare(KITCHEN_1)).into_bytes(),
        deep.into_bytes(),
        json!(long).to_string().into_bytes(),
        json!({ "streamUrl": long }).to_string().into_bytes(),
    ];
    let mut said = Vec::new();
    for body in bodies {
        let answer = post(&app, Some("application/json"), body).await;
        assert_eq!(answer.status, 400);
        assert!(answer.error().len() < 250, "{}", answer.error());
        said.push(answer.error().to_owned());
    }
    insta::assert_json_snapshot!(said, @r#"
    [
      "the body is not a JSON object",
      "the body is not a JSON object",
      "the body is not JSON: EOF while parsing a value at line 1 column 13",
      "the body is not UTF-8",
      "the body is not UTF-8",
      "the body is not a JSON object",
      "the body is not a JSON object",
      "the body is not a JSON object",
      "missing field `streamUrl` at line 1 column 2",
      "missing field `streamUrl` at line 1 column 21",
      "streamUrl: invalid type: null, expected a string at line 1 column 17",
      "streamUrl: invalid type: integer `5`, expected a string at line 1 column 14",
      "streamUrl: invalid type: sequence, expected a string at line 1 column 13",
      "artist: invalid type: integer `5`, expected a string at line 1 column 11",
      "album: invalid type: map, expected a string at line 1 column 9",
      "imageUrl: invalid type: boolean `true`, expected a string at line 1 column 16",
      "duplicate field `streamUrl` at line 1 column 28",
      "the body is not JSON: something stands behind it",
      "streamUrl has to begin with http:// or https://",
      "the body is not a JSON object",
      "streamUrl is longer than 2000 characters"
    ]
    "#);
    assert_eq!(app.players().await, json!([]));
}

#[tokio::test]
async fn a_write_has_to_be_declared_as_json() {
    let app = App::start().await;
    let body = bare(KITCHEN_1).to_string();
    for refused in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=application/json"),
        Some("application/json-patch+json"),
        Some("application"),
    ] {
        assert_eq!(post(&app, refused, body.clone()).await.status, 415, "{refused:?}");
    }
    assert_eq!(app.players().await, json!([]));
    for taken in
        ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;x=y"]
    {
        assert_eq!(post(&app, Some(taken), body.clone()).await.status, 200, "{taken}");
    }
    let put = app
        .request(Method::PUT, "/v1/echos/D1/player")
        .basic_auth(OWNER.0, Some(OWNER.1))
        .body("{\"player\":\"Kitchen\"}");
    insta::assert_json_snapshot!(answer(put).await.body, @r#"
    {
      "error": {
        "code": "unsupported_media_type",
        "message": "the body has to be declared as Content-Type: application/json"
      }
    }
    "#);
}

#[tokio::test]
async fn json_may_escape_what_it_likes() {
    let app = App::start().await;
    let body = "{\"streamUrl\":\"http:\\/\\/192.168.1.5:8097\\/flow\\/s\\/q\\/i\\/K\\u00fcche \\ud83c\\udfa7.flac\"}";
    assert_eq!(post(&app, Some("application/json"), body).await.status, 200);
    assert_eq!(app.player("Küche 🎧").await["version"], 1);
}

#[tokio::test]
async fn large_bodies_are_refused_and_the_client_hears_it() {
    let app = App::start().await;
    for size in [256 * 1024 + 1, 2 * 1024 * 1024] {
        let answer = post(&app, Some("application/json"), vec![b' '; size]).await;
        assert_eq!(answer.status, 413);
        assert_eq!(answer.headers["connection"], Value::Null);
    }
    insta::assert_json_snapshot!(post(&app, Some("application/json"), vec![b' '; 2 * 1024 * 1024]).await, @r#"
    {
      "status": 413,
      "headers": {
        "content-type": "application/json"
      },
      "body": {
        "error": "the body is larger than 256 KiB"
      }
    }
    "#);
    let mut padded = bare(KITCHEN_1).to_string();
    padded.push_str(&" ".repeat(256 * 1024 - padded.len()));
    assert_eq!(post(&app, Some("application/json"), padded).await.status, 200);
}

#[tokio::test]
async fn a_form_has_at_most_64_kib_before_a_person_is_signed_in() {
    let app = App::start().await;
    for (size, status) in [(65_536, 403), (65_537, 413), (250_000, 413)] {
        let form = app.request(Method::POST, "/login").body(format!("csrf={}", "x".repeat(size - 5)));
        let form = form.header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        assert_eq!(answer(form).await.status, status, "{size}");
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_as_one() {
    let app = App::start().await;
    for (encoding, status) in [("gzip", 415), ("br, identity", 415), ("identity", 200)] {
        let push = app.request(Method::POST, "/ma/push-url").basic_auth(MA.0, Some(MA.1));
        let answer = answer(push.header("content-encoding", encoding).json(&bare(KITCHEN_1))).await;
        assert_eq!(answer.status, status, "{encoding}");
        assert_eq!(answer.error().contains("Content-Encoding"), status == 415, "{}", answer.error());
    }
}

#[tokio::test]
async fn slashes_may_be_doubled() {
    let app = App::start().await;
    for path in ["//ma/push-url", "/ma//push-url", "///ma///push-url", "//alexa//push-url"] {
        let answer = app.push_to(path, bare(KITCHEN_1)).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    assert_eq!(app.get("//v1//activity?limit=1", OWNER).await.status, 200);
    assert_eq!(app.get("//v1//activity?limit=//", OWNER).await.status, 400);
    // Without credentials they open nothing.
    for path in ["//v1/players", "/v1//players", "//ma/latest-url"] {
        assert_eq!(answer(app.request(Method::GET, path)).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_said_in_json() {
    let app = App::start().await;
    let mut said = Vec::new();
    for (method, path) in [
        (Method::POST, "/"),
        (Method::GET, "/nothing"),
        (Method::POST, "/healthz"),
        (Method::GET, "/ma"),
        (Method::GET, "/ma/push-url"),
        (Method::POST, "/ma/push-url/"),
        (Method::GET, "/%6da/latest-url"),
        (Method::GET, "/v1"),
        (Method::GET, "/v1/nothing"),
        (Method::GET, "/v10/players"),
        (Method::DELETE, "/v1/players"),
        (Method::PATCH, "/v1/echos/D1/player"),
    ] {
        let request = app.request(method.clone(), path).basic_auth(OWNER.0, Some(OWNER.1));
        let answer = answer(request).await;
        said.push(format!("{method} {path}: {} {} {}", answer.status, answer.headers["allow"], answer.body));
    }
    insta::assert_json_snapshot!(said, @r#"
    [
      "POST /: 405 \"GET,HEAD\" {\"error\":\"this path knows other methods\"}",
      "GET /nothing: 404 null {\"error\":\"there is nothing at this path\"}",
      "POST /healthz: 405 \"GET,HEAD\" {\"error\":\"this path knows other methods\"}",
      "GET /ma: 404 null {\"error\":\"there is nothing at this path\"}",
      "GET /ma/push-url: 405 \"POST\" {\"error\":\"this path knows other methods\"}",
      "POST /ma/push-url/: 404 null {\"error\":\"there is nothing at this path\"}",
      "GET /%6da/latest-url: 404 null {\"error\":\"there is nothing at this path\"}",
      "GET /v1: 404 null {\"error\":{\"code\":\"not_found\",\"message\":\"there is nothing at this path\"}}",
      "GET /v1/nothing: 404 null {\"error\":{\"code\":\"not_found\",\"message\":\"there is nothing at this path\"}}",
      "GET /v10/players: 404 null {\"error\":\"there is nothing at this path\"}",
      "DELETE /v1/players: 405 \"GET,HEAD\" {\"error\":{\"code\":\"method_not_allowed\",\"message\":\"this path knows other methods\"}}",
      "PATCH /v1/echos/D1/player: 405 \"PUT,DELETE\" {\"error\":{\"code\":\"method_not_allowed\",\"message\":\"this path knows other methods\"}}"
    ]
    "#);
}

#[tokio::test]
async fn paths_and_parameters_that_mean_nothing_are_refused() {
    let app = App::start().await;
    let mut said = Vec::new();
    for (method, path) in [
        (Method::GET, "/v1/players/%ff".to_owned()),
        (Method::GET, "/v1/activity?limit=0".to_owned()),
        (Method::GET, "/v1/activity?limit=201".to_owned()),
        (Method::GET, "/v1/activity?limit=-1".to_owned()),
        (Method::GET, "/v1/activity?limit=ten".to_owned()),
        (Method::GET, "/v1/activity?limit=99999999999999999999999".to_owned()),
        (Method::DELETE, "/v1/echos/%20/player".to_owned()),
        (Method::DELETE, "/v1/echos/%00/player".to_owned()),
        (Method::DELETE, "/v1/echos/%ff/player".to_owned()),
        (Method::DELETE, format!("/v1/echos/{}/player", "x".repeat(257))),
        (Method::DELETE, "/v1/echos/D1/player?player=a&player=b".to_owned()),
    ] {
        let request = app.request(method.clone(), &path).basic_auth(OWNER.0, Some(OWNER.1));
        let answer = answer(request).await;
        assert_eq!(answer.body["error"]["code"], "invalid_request", "{path}");
        said.push(format!("{} {}", answer.status, answer.error()));
    }
    insta::assert_json_snapshot!(said, @r#"
    [
      "400 the path does not decode to UTF-8",
      "400 limit: it has to be a number from 1 to 200",
      "400 limit: it has to be a number from 1 to 200",
      "400 limit: it has to be a number from 1 to 200",
      "400 limit: it has to be a number from 1 to 200",
      "400 limit: it has to be a number from 1 to 200",
      "400 deviceId: it has to have 1 to 256 characters and no control character",
      "400 deviceId: it has to have 1 to 256 characters and no control character",
      "400 the path does not decode to UTF-8",
      "400 deviceId: it has to have 1 to 256 characters and no control character",
      "400 player: it may stand once, in UTF-8"
    ]
    "#);
}

/// Sends raw requests on one connection and reads as many answers.
async fn on_one_connection(app: &App, requests: &[String]) -> Vec<String> {
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let mut answers = Vec::new();
    for request in requests {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(char::from(stream.read_u8().await.unwrap()));
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        answers.push(head.lines().next().unwrap().to_owned());
    }
    answers
}

#[tokio::test]
async fn a_refusal_keeps_the_connection() {
    let app = App::start().await;
    let body = named(KITCHEN_1, &"a long title ".repeat(5000)).to_string();
    let push = |authorization: &str, body: &str| {
        format!(
            "POST //ma/push-url HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Accept-Encoding: gzip, deflate\r\nAuthorization: {authorization}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let good = basic(format!("{}:{}", MA.0, MA.1).as_bytes());
    let requests = [
        push(&basic(b"music-assistant:"), &body),
        push(&good, "{}"),
        push(&good, &" ".repeat(300_000)),
        push(&good, &body),
    ];
    let answers = on_one_connection(&app, &requests).await;
    assert_eq!(
        answers,
        [
            "HTTP/1.1 401 Unauthorized",
            "HTTP/1.1 400 Bad Request",
            "HTTP/1.1 413 Payload Too Large",
            "HTTP/1.1 200 OK",
        ]
    );
}

#[tokio::test]
async fn a_panic_is_answered_and_the_next_request_served() {
    let app = App::start().await;
    app.store.set_condition(StoreCondition::Panics);
    insta::assert_json_snapshot!(app.get("/v1/players", OWNER).await, @r#"
    {
      "status": 500,
      "headers": {
        "content-type": "application/json"
      },
      "body": {
        "error": {
          "code": "internal",
          "message": "something went wrong here; the log says what"
        }
      }
    }
    "#);
    insta::assert_json_snapshot!(app.push(bare(KITCHEN_1)).await.body, @r#"
    {
      "error": "something went wrong here; the log says what"
    }
    "#);
    app.store.set_condition(StoreCondition::Serves);
    assert_eq!(app.get("/v1/players", OWNER).await.status, 200);
    assert_eq!((app.counted("Panics"), app.counted("Requests")), (2, 3));
}
