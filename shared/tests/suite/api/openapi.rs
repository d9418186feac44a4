//! The document describes what is served, and all of it.

use std::collections::BTreeSet;

use ma_alexa::api::ErrorCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{App, OWNER, answer};

/// What a server at home has beside functions in AWS.
#[cfg(feature = "music-assistant")]
const OF_MUSIC_ASSISTANT: &[&str] = &[
    "DELETE /v1/music-assistant",
    "GET /v1/music-assistant",
    "GET /v1/players/{id}/queue",
    "GET /v1/search",
    "POST /v1/music-assistant/connect",
    "POST /v1/players/{id}/command",
    "POST /v1/players/{id}/play",
];
#[cfg(not(feature = "music-assistant"))]
const OF_MUSIC_ASSISTANT: &[&str] = &[];

/// Every operation of the document: method, path and what is said of it.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            operations.push((method, path.clone(), operation.clone()));
        }
    }
    operations
}

/// Every `$ref` in a part of the document.
fn references(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.insert(reference.clone());
            }
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_lists_every_route() {
    let app = App::start().await;
    let document = answer(app.request(Method::GET, "/openapi.json")).await;
    assert_eq!((document.status, &document.headers["content-type"]), (200, &"application/json".into()));
    let listed: BTreeSet<String> =
        operations(&document.body).iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let served = [
        "DELETE /v1/amazon/login",
        "DELETE /v1/devices/{serial}/test",
        "DELETE /v1/echos/{device_id}/player",
        "DELETE /v1/tokens/{id}",
        "GET /alexa/intents",
        "GET /alexa/latest-url",
        "GET /healthz",
        "GET /ma/latest-url",
        "GET /openapi.json",
        "GET /v1/activity",
        "GET /v1/amazon",
        "GET /v1/backup",
        "GET /v1/devices",
        "GET /v1/devices/{serial}",
        "GET /v1/devices/{serial}/test",
        "GET /v1/diagnostics",
        "GET /v1/doctor",
        "GET /v1/door",
        "GET /v1/echos",
        "GET /v1/events",
        "GET /v1/players",
        "GET /v1/players/{id}",
        "GET /v1/renderers",
        "GET /v1/tokens",
        "POST /alexa/push-url",
        "POST /ma/control",
        "POST /ma/push-url",
        "POST /v1/amazon/login",
        "POST /v1/amazon/login/complete",
        "POST /v1/amazon/refresh",
        "POST /v1/bridge/answer",
        "POST /v1/bridge/echos",
        "POST /v1/bridge/names",
        "POST /v1/bridge/seen",
        "POST /v1/bridge/ticket",
        "POST /v1/devices/announce",
        "POST /v1/devices/identify",
        "POST /v1/devices/{serial}/identify",
        "POST /v1/devices/{serial}/play-media",
        "POST /v1/devices/{serial}/playback",
        "POST /v1/devices/{serial}/speak",
        "POST /v1/devices/{serial}/test",
        "POST /v1/devices/{serial}/text",
        "POST /v1/door/funnel",
        "POST /v1/link",
        "POST /v1/tokens",
        "PUT /v1/devices/volume",
        "PUT /v1/devices/{serial}/do-not-disturb",
        "PUT /v1/devices/{serial}/volume",
        "PUT /v1/echos/{device_id}/player",
        "PUT /v1/renderers",
    ];
    let served = served.into_iter().chain(OF_MUSIC_ASSISTANT.iter().copied());
    assert_eq!(listed, served.map(str::to_owned).collect());
}

#[tokio::test]
async fn every_listed_operation_is_served() {
    let app = App::start().await;
    let document = answer(app.request(Method::GET, "/openapi.json")).await.body;
    for (method, path, operation) in operations(&document) {
        let real = path.replace("{id}", "Kitchen").replace("{device_id}", "D1").replace("{serial}", "G1");
        let request = app.request(method.clone(), &real).basic_auth(OWNER.0, Some(OWNER.1));
        let got = answer(request).await;
        let documented = operation["responses"].get(got.status.to_string()).is_some();
        assert!(documented, "{method} {path} answers {}", got.status);
        assert_ne!(got.body["error"]["code"], "not_found", "{method} {path}");
        assert_ne!(got.status, 405, "{method} {path}");
    }
}

#[tokio::test]
async fn the_document_is_whole() {
    let app = App::start().await;
    let document = answer(app.request(Method::GET, "/openapi.json")).await.body;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut referenced = BTreeSet::new();
    references(&document, &mut referenced);
    for reference in &referenced {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let defined: BTreeSet<String> = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
        .map(|name| format!("#/components/schemas/{name}"))
        .collect();
    assert_eq!(defined.difference(&referenced).collect::<Vec<_>>(), Vec::<&String>::new());
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id), "{method} {path}");
        assert!(!operation["summary"].as_str().unwrap_or("").is_empty(), "{method} {path}");
        assert!(operation["responses"]["200"].is_object(), "{method} {path}");
        let open = ["/healthz", "/openapi.json"].contains(&path.as_str());
        assert_eq!(operation["security"].is_array(), !open, "{method} {path}");
        assert_eq!(operation["responses"]["401"].is_object(), !open, "{method} {path}");
        let writes = [Method::POST, Method::PUT].contains(&method);
        assert_eq!(operation["requestBody"].is_object(), writes, "{method} {path}");
        assert_eq!(operation["responses"]["415"].is_object(), writes, "{method} {path}");
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            let parameters = operation["parameters"].as_array().unwrap();
            let described =
                parameters.iter().any(|parameter| parameter["name"] == name && parameter["in"] == "path");
            assert!(described, "{method} {path}: {name}");
        }
    }
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(
        (&schemes["basic"]["scheme"], &schemes["token"]["scheme"]),
        (&json!("basic"), &json!("bearer"))
    );
}

#[tokio::test]
async fn the_document_lists_every_error_code() {
    let app = App::start().await;
    let document = answer(app.request(Method::GET, "/openapi.json")).await.body;
    let listed = document["components"]["schemas"]["ErrorCode"]["enum"].clone();
    let all: Vec<&str> = ErrorCode::ALL.into_iter().map(ErrorCode::as_str).collect();
    assert_eq!(listed, json!(all));
    let description = document["info"]["description"].as_str().unwrap();
    for code in ErrorCode::ALL {
        let wire = serde_json::to_value(code).unwrap();
        assert_eq!(wire, code.as_str());
        assert!(description.contains(&format!("`{}`", code.as_str())), "{}", code.as_str());
        assert!(code.status().is_client_error() || code.status().is_server_error());
    }
}
