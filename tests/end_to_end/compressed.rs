//! Compressed answers by the real programs, and their sizes.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;

use end_to_end::api::{Api, CREDENTIALS};
use end_to_end::machine;
use end_to_end::runtime_api::{Function, Gateway};
use flate2::read::GzDecoder;
use reqwest::{Method, header};
use tempfile::TempDir;

use crate::amazon::harness::Harness;
use crate::pages::browser::Browser;

/// Most bytes that the login, the set-up and the first page take, with all that they load.
const FIRST_VIEW: usize = 60_000;

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

/// The addresses of what a page loads.
fn loaded(page: &str) -> impl Iterator<Item = String> {
    let tags =
        page.split('<').filter(|tag| ["link ", "script ", "img "].iter().any(|kind| tag.starts_with(kind)));
    let address = |tag: &str| {
        let after = tag.split(" href=\"").nth(1).or_else(|| tag.split(" src=\"").nth(1))?;
        Some(after.split('"').next()?.replace("&amp;", "&"))
    };
    let all: Vec<String> = tags.filter_map(address).filter(|address| address.starts_with('/')).collect();
    all.into_iter()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_view_is_small() {
    let harness = Harness::signed_in().await;
    let browser = Browser::logged_in(&harness.api, "de").await;
    let mut sizes = BTreeMap::new();
    let stranger = harness.api.request(Method::GET, "/login").header(header::ACCEPT_ENCODING, "gzip");
    sizes.insert("/login".to_owned(), stranger.send().await.unwrap().bytes().await.unwrap().len());
    for path in ["/status", "/setup"] {
        let (size, page) = browser.sent(path).await;
        sizes.insert(path.to_owned(), size);
        for address in loaded(&page) {
            if !sizes.contains_key(&address) {
                sizes.insert(address.clone(), browser.sent(&address).await.0);
            }
        }
    }
    let all: usize = sizes.values().sum();
    let lines: Vec<String> = sizes.iter().map(|(path, size)| format!("    {size:>7}  {path}")).collect();
    machine::say(&format!("bytes of the first view: {all}\n{}", lines.join("\n")));
    assert!(sizes.len() > 5, "{sizes:?}");
    assert!(all <= FIRST_VIEW, "{all} bytes, at most {FIRST_VIEW}");
}
