//! `/settings`, the choices that a browser keeps, and the page of the API.

use std::fs;
use std::path::Path;

use super::browser::Browser;
use super::pages::check_page;
use crate::api::harness::App;

#[tokio::test]
async fn settings_and_the_api_are_whole_pages_in_every_language() {
    let app = App::start().await;
    for language in ["en", "de", "fr"] {
        let browser = Browser::logged_in(&app).await.with("accept-language", language);
        for path in ["/settings", "/api", "/limits", "/log"] {
            let seen = browser.get(path).await;
            assert_eq!(seen.status, 200, "{path}");
            check_page(path, &seen);
        }
    }
}

/// The text of a page without its elements, each space once.
fn plain(html: &str) -> String {
    let text: String =
        html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    let text = text.replace("&#39;", "'").replace("&#x27;", "'");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_page_of_limits_has_the_list_of_the_document() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/limits.md");
    let document = fs::read_to_string(document).unwrap();
    let app = App::start().await;
    let page = Browser::logged_in(&app).await.with("accept-language", "en").get("/limits").await.text;
    let text = plain(&page);
    let sections: Vec<&str> = document.split("\n#").skip(1).collect();
    for section in &sections {
        for paragraph in section.trim_start_matches('#').split("\n\n") {
            let paragraph = paragraph.replace("*Instead:*", "Instead:");
            let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&paragraph), "{paragraph}\nis not in\n{text}");
        }
    }
    let titles = page.matches("<h2").count() + page.matches("<h3").count();
    assert_eq!((titles, sections.len() > 15), (sections.len(), true));
}

#[tokio::test]
async fn a_phone_reads_the_address_of_the_pages_without_a_secret() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let here = browser.get("/settings").await.text;
    assert!(
        here.contains("an address that a phone does not reach") && !here.contains("role=\"img\""),
        "{here}"
    );
    let reached = Browser::new(&app).with("host", "192.168.1.5:5000");
    reached.log_in().await;
    let page = reached.get("/settings").await;
    check_page("/settings", &page);
    let section = page.text.split("id=\"phone-title\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(section.contains("<code>http://192.168.1.5:5000/</code>"), "{section}");
    assert!(section.contains("aria-label=\"QR code of the address\""), "{section}");
    // The path is of this address alone.
    let other = Browser::new(&app).with("host", "192.168.1.6:5000");
    other.log_in().await;
    let other = other.get("/settings").await;
    let drawn =
        |text: &str| text.split("fill=\"#000\" d=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_ne!(drawn(&page.text), drawn(&other.text));
    let again = reached.get("/settings").await;
    assert_eq!(drawn(&page.text), drawn(&again.text));
}

#[tokio::test]
async fn a_theme_is_kept_until_another_is_chosen() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let dark = async |path: &str| {
        let page = browser.get(path).await.text;
        let sheet = page.split("rel=\"stylesheet\" href=\"/assets/dark.").nth(1)?;
        Some(sheet.split("media=\"").nth(1)?.split('"').next()?.to_owned())
    };
    assert_eq!(dark("/settings").await.as_deref(), Some("(prefers-color-scheme: dark)"));
    assert_eq!(dark("/settings?theme=dark").await.as_deref(), Some("all"));
    assert_eq!(dark("/status").await.as_deref(), Some("all"));
    assert_eq!(dark("/status?theme=pink").await.as_deref(), Some("all"));
    assert_eq!(dark("/status?theme=light").await, None);
    assert_eq!(dark("/devices").await, None);
}

#[tokio::test]
async fn the_report_for_a_question_is_a_download() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let report = browser.get("/settings/diagnostics").await;
    assert_eq!((report.status, report.header("content-type")), (200, "application/json"));
    assert!(report.header("content-disposition").starts_with("attachment"), "{:?}", report.headers);
    let report: serde_json::Value = serde_json::from_str(&report.text).unwrap();
    assert!(report["doctor"].is_object() && report["activity"].is_array(), "{report}");
}

#[tokio::test]
async fn a_message_stands_where_its_form_is_and_never_gets_lost() {
    let app = App::start().await;
    let browser = Browser::logged_in(&app).await;
    let sent = browser.submit("/devices/test", &[("serial", "S1"), ("place", "device-gone")]).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/devices#device-gone"));
    // The place is not on the page any more.
    let page = browser.get("/devices").await.text;
    assert_eq!(page.matches("No Amazon account is signed in.").count(), 2, "{page}");
    let sent = browser.submit("/devices/test", &[("serial", "S1"), ("place", "x\"><script>")]).await;
    assert_eq!(sent.header("location"), "/devices");
}
