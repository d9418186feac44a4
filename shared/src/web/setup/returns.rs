//! The address to which Amazon leads back after the sign-in to the developer account.

use url::Url;

use crate::web::page::Page;

const RETURN_PATH: &str = "/setup/developer/return";

/// The return address of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Returns {
    pub(super) url: String,
    /// Whether the browser finds nothing there, and the person has to bring the address back.
    pub(super) is_pasted: bool,
}

impl Returns {
    /// Amazon takes https addresses, and http ones of the browser's own machine (Login with Amazon, allowed return
    /// URLs).
    pub(super) fn of(page: &Page, api_url: Option<&str>, port: u16) -> Self {
        Self::from_origins(page.origin(), api_url, port)
    }

    fn from_origins(page: Option<&str>, api_url: Option<&str>, port: u16) -> Self {
        let usable = page.and_then(usable_origin).or_else(|| {
            // The page was reached by another name: the one that was set is as good where it is https.
            api_url.filter(|url| url.starts_with("https://")).and_then(usable_origin)
        });
        if let Some(origin) = usable {
            return Self { url: format!("{origin}{RETURN_PATH}"), is_pasted: false };
        }
        // Where a browser finds nothing, unless this very program runs beside it.
        Self { url: format!("http://127.0.0.1:{port}{RETURN_PATH}"), is_pasted: true }
    }
}

fn usable_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    // A proxy that speaks https and calls us by our own name hides the one that the browser knows.
    let is_usable = match url.scheme() {
        "https" => !is_local,
        _ => is_local,
    };
    is_usable.then(|| url.origin().ascii_serialization())
}
