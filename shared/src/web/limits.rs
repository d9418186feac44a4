//! `/limits`: what Echos, Amazon or Music Assistant do not allow, and what to do instead.

use askama::Template;
use axum::Router;
use axum::response::Response;

use super::page::Page;
use crate::api::ApiState;
use crate::routing::get;

/// The groups with their items, by the ends of their texts' keys. docs/limits.md has the same list.
const GROUPS: [(&str, &[&str]); 4] = [
    ("sound", &["sync", "lossless", "resume", "seek", "delay", "files", "services"]),
    ("voice", &["name", "languages", "provider"]),
    ("echos", &["screen", "interface"]),
    ("home", &["public", "skill", "household", "network", "internet"]),
];

pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/limits", get(show))
}

#[derive(Template)]
#[template(path = "limits/page.html")]
struct LimitsPage<'a> {
    page: &'a Page,
    groups: &'a [(&'a str, &'a [&'a str])],
}

impl LimitsPage<'_> {
    /// The text of a group or an item, or a part of it.
    fn text(&self, item: &str, part: &str) -> String {
        self.page.text(&format!("limits-{item}{part}"))
    }
}

async fn show(page: Page) -> Response {
    page.render(&LimitsPage { page: &page, groups: &GROUPS })
}
