//! Compressed answers by the real programs.

use std::io::Read as _;
use std::sync::Arc;

use end_to_end::api::{Api, CREDENTIALS};
use end_to_end::runtime_api::{Function, Gateway};
use flate2::read::GzDecoder;
use reqwest::{Method, header};
use tempfile::TempDir;

// The event of an HTTP API has text alone, so the function hands a compressed body over in base64.
#[tokio::test(flavor = "multi_thread")]
async fn the_function_answers_compressed_pages_through_an_http_api() {
    let folder = TempDir::new().unwrap();
    let store = format!("sqlite:{}", folder.path().join("state.db").display());
    let variables: Vec<(&str, &str)> =
        [("STORE_URL", store.as_str())].into_iter().chain(CREDENTIALS).collect();
    let function = Arc::new(Function::start("api", &variables).await);
    let gateway = Gateway::start(Arc::clone(&function)).await;
    let api = Api::at(&gateway.base());
    for path in ["/openapi.json", "/login"] {
        let plain = api.request(Method::GET, path).send().await.unwrap();
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING), "{path}");
        let plain = plain.text().await.unwrap();
        let request = api.request(Method::GET, path).header(header::ACCEPT_ENCODING, "gzip, br");
        let compressed = request.send().await.unwrap();
        assert_eq!(compressed.status(), 200, "{path}");
        assert_eq!(compressed.headers()[header::CONTENT_ENCODING], "gzip", "{path}");
        let bytes = compressed.bytes().await.unwrap();
        let mut text = String::new();
        GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        // Each login form has a token of its own.
        let end = text.find("name=\"csrf\"").unwrap_or(text.len());
        assert_eq!((text.len(), &text[..end]), (plain.len(), &plain[..end]), "{path}");
        assert!(bytes.len() < text.len(), "{path}");
    }
}
