//! Compression of answers.

use std::io::Read as _;

use axum::Router;
use axum::http::header;
use flate2::read::GzDecoder;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;

use super::browser::Browser;
use crate::api::harness::{App, KITCHEN_1, OWNER, bare};

/// `Accept-Encoding` of browsers.
const ACCEPTED: &str = "gzip, deflate, br";

fn encoding(response: &Response) -> Option<&str> {
    response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap())
}

/// The body of a compressed answer, and its length before.
async fn decompressed(request: RequestBuilder) -> (String, usize) {
    let response = request.header(header::ACCEPT_ENCODING, ACCEPTED).send().await.unwrap();
    assert_eq!(encoding(&response), Some("gzip"), "{}", response.url());
    assert_eq!(response.headers()[header::VARY], "accept-encoding");
    let bytes = response.bytes().await.unwrap();
    let mut text = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    (text, bytes.len())
}

/// The addresses of the style, the script and the icon.
async fn assets(browser: &Browser<'_>) -> [String; 3] {
    let page = browser.get("/login").await;
    ["stylesheet\" href=\"", "src=\"", "icon\" href=\""]
        .map(|before| page.text.split(before).nth(1).unwrap().split('"').next().unwrap().to_owned())
}

#[tokio::test]
async fn pages_style_script_and_json_are_compressed_for_clients_that_accept_it() {
    let app = App::start().await;
    let stranger = Browser::new(&app);
    let [style, script, _] = assets(&stranger).await;
    let owner = Browser::logged_in(&app).await;
    for (browser, path) in [
        (&stranger, "/login"),
        (&stranger, &style),
        (&stranger, &script),
        (&stranger, "/openapi.json"),
        (&owner, "/status"),
        (&owner, "/devices"),
    ] {
        let plain = browser.get(path).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, ""), "{path}");
        let (text, length) = decompressed(browser.request(Method::GET, path)).await;
        assert_eq!(text, plain.text, "{path}");
        assert!(length < text.len() * 2 / 3, "{path}: {length} of {} bytes", text.len());
        for refused in ["identity", "gzip;q=0", "br"] {
            let request = browser.request(Method::GET, path).header(header::ACCEPT_ENCODING, refused);
            assert_eq!(encoding(&request.send().await.unwrap()), None, "{path}: {refused}");
        }
    }
}

#[tokio::test]
async fn small_answers_are_not_compressed() {
    let app = App::start().await;
    let browser = Browser::new(&app);
    let [_, _, icon] = assets(&browser).await;
    app.push(bare(KITCHEN_1)).await;
    for path in ["/healthz", icon.as_str(), "/v1/players", "/v1/unknown"] {
        let request = browser.request(Method::GET, path).basic_auth(OWNER.0, Some(OWNER.1));
        let response = request.header(header::ACCEPT_ENCODING, ACCEPTED).send().await.unwrap();
        assert_eq!(encoding(&response), None, "{path}");
        assert!(response.bytes().await.unwrap().len() < 1024, "{path}");
    }
}

#[tokio::test]
async fn pictures_are_not_compressed() {
    const PICTURE: [u8; 5000] = [7; 5000];
    let router = Router::new().fallback(async || ([(header::CONTENT_TYPE, "image/bmp")], PICTURE));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let from = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let app =
        App::start_with(&[("STREAM_BASE_URL", "https://music.example.com"), ("MA_API_URL", &from)]).await;
    let mut push = bare(KITCHEN_1);
    push["title"] = json!("Title");
    push["imageUrl"] = json!(format!("{from}/imageproxy/picture"));
    assert_eq!(app.push(push).await.status, 200);
    let browser = Browser::logged_in(&app).await;
    let request = browser.request(Method::GET, "/art/Kitchen");
    let response = request.header(header::ACCEPT_ENCODING, ACCEPTED).send().await.unwrap();
    assert_eq!(encoding(&response), None);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "image/bmp");
    assert_eq!(response.bytes().await.unwrap(), PICTURE.as_slice());
}

// Its length would tell how much of a secret in it another site has guessed.
#[tokio::test]
async fn a_page_with_a_password_or_with_words_of_its_request_is_not_compressed() {
    let app = App::start().await;
    let (stranger, owner) = (Browser::new(&app), Browser::logged_in(&app).await);
    for (browser, method, path) in [
        (&owner, Method::GET, "/setup"),
        (&owner, Method::GET, "/setup?machine=192.168.1.5"),
        (&owner, Method::GET, "/status?lang=de"),
        (&stranger, Method::GET, "/login?next=/status"),
        (&stranger, Method::POST, "/login"),
    ] {
        let request = browser.request(method.clone(), path).header(header::ACCEPT_ENCODING, ACCEPTED);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = request.send().await.unwrap();
        assert_eq!(encoding(&response), None, "{method} {path}");
        assert!(response.bytes().await.unwrap().len() > 1024, "{method} {path}");
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let app = App::start().await;
    let browser = Browser::new(&app);
    let [style, _, icon] = assets(&browser).await;
    for path in ["/login", &style, &icon, "/openapi.json", "/healthz"] {
        for accepted in ["identity", ACCEPTED] {
            let ask = async |method: Method| {
                let request = browser.request(method, path).header(header::ACCEPT_ENCODING, accepted);
                request.send().await.unwrap()
            };
            let (head, get) = (ask(Method::HEAD).await, ask(Method::GET).await);
            assert_eq!(head.status(), 200, "{path}");
            for name in [
                header::CONTENT_TYPE,
                header::CONTENT_ENCODING,
                header::CONTENT_LENGTH,
                header::CACHE_CONTROL,
                header::VARY,
            ] {
                assert_eq!(head.headers().get(&name), get.headers().get(&name), "{path}, {accepted}: {name}");
            }
            assert!(
                head.bytes().await.unwrap().is_empty() && !get.bytes().await.unwrap().is_empty(),
                "{path}"
            );
        }
    }
}
