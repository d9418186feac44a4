//! Every route, from the document of the API and from the sources of the pages.

use ma_alexa::app;
use reqwest::Method;
use serde_json::{Value, json};

use crate::sources;

/// A request that a route takes.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) is_page: bool,
}

impl Route {
    pub(super) fn is_get(&self) -> bool {
        self.method == Method::GET
    }

    /// A body that every route of the API takes: it reads what it knows.
    pub(super) fn body(&self) -> Value {
        let address = "https://www.amazon.com/ap/maplanding?openid.oa2.authorization_code=ANabc";
        let mut body = json!({
            "streamUrl": "http://192.168.1.5:8097/flow/aaaa/Kitchen/item1/Kitchen.flac",
            "text": "hello", "command": "pause", "enabled": true, "volume": 30, "all_off": false, "off": [], "address": address,
            "player": "Kitchen", "playerId": "Kitchen", "query": "tone", "id": "one", "reply": { "reply": "done" },
            "rooms": ["Bath"], "playlists": ["Dinner"],
            "request": { "stop": ["G0KITCHEN"] }, "name": "Home", "scope": "control",
        });
        if self.path.ends_with("/announce")
            || self.path.ends_with("/volume")
            || self.path.ends_with("/identify")
        {
            body["devices"] = json!(["G0KITCHEN"]);
        }
        if self.path.ends_with("/music-assistant/connect") {
            // The address that is set.
            body.as_object_mut().unwrap().remove("address");
        }
        body
    }
}

pub(super) fn all() -> Vec<Route> {
    let mut routes = of_the_api();
    let pages = of_the_pages();
    assert!(pages.len() > 30, "{} pages", pages.len());
    routes.extend(pages);
    routes
}

fn of_the_api() -> Vec<Route> {
    let document = serde_json::to_value(app::document()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase().parse().unwrap();
            routes.push(Route { method, path: filled(path), is_page: false });
        }
    }
    routes
}

/// The pages have no document: their routes stand in `.route("PATH", get(…).post(…))`.
fn of_the_pages() -> Vec<Route> {
    let mut routes = Vec::new();
    for (_, source) in sources::of_folder(&sources::library().join("web")) {
        for rest in source.split(".route(\"").skip(1) {
            let (path, rest) = rest.split_once('"').unwrap();
            let handlers = rest.lines().next().unwrap();
            for (word, method) in [("get(", Method::GET), ("post(", Method::POST)] {
                if handlers.contains(word) {
                    routes.push(Route { method, path: filled(path), is_page: true });
                }
            }
        }
    }
    routes
}

fn filled(path: &str) -> String {
    if path == "/v1/search" {
        return format!("{path}?query=tone");
    }
    let path = path.replace("{serial}", "G0KITCHEN").replace("{device_id}", "kitchen");
    path.replace("{id}", "Kitchen")
        .replace("{player}", "Kitchen")
        .replace("{file}", "app.css")
        .replace("{token}", "4fqz-7k2m-4fqz-7k2m")
}
