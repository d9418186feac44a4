//! `/api`: the HTTP API for people, made from the OpenAPI document.
//!
//! The viewers of npm are 0.8 to 3 MB of script and need inline styles, which the policy of the pages forbids.

use std::sync::LazyLock;

use askama::Template;
use axum::Router;
use axum::response::Response;
use serde_json::Value;

use super::page::Page;
use crate::api::{self, ApiState};
use crate::routing::get;

/// Statuses that every route may have, which the page says once.
const EVERYWHERE: [&str; 5] = ["401", "403", "500", "503", "504"];

/// Deepest nesting of schemas that is shown.
const DEPTH: usize = 4;

static OPERATIONS: LazyLock<Vec<Group>> =
    LazyLock::new(|| groups(&serde_json::to_value(api::document()).unwrap_or_default()));

pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/api", get(show))
}

#[derive(Template)]
#[template(path = "reference/page.html")]
struct ReferencePage<'a> {
    page: &'a Page,
    groups: &'a [Group],
}

/// The operations of one subject.
#[derive(Debug)]
struct Group {
    name: String,
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    /// Parameters of the address, and the fields of the body.
    inputs: Vec<Input>,
    /// Statuses, each with what it means.
    answers: Vec<(String, String)>,
}

#[derive(Debug)]
struct Input {
    name: String,
    kind: String,
    required: bool,
    text: String,
}

async fn show(page: Page) -> Response {
    page.render(&ReferencePage { page: &page, groups: &OPERATIONS })
}

/// The operations of a document by their first tag, in the order of the document.
fn groups(document: &Value) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let tag = text(&operation["tags"][0]);
            let operation = Operation::of(document, method, path, operation);
            match groups.iter_mut().find(|group| group.name == tag) {
                Some(group) => group.operations.push(operation),
                None => groups.push(Group { name: tag, operations: vec![operation] }),
            }
        }
    }
    groups
}

impl Operation {
    fn of(document: &Value, method: &str, path: &str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let mut inputs: Vec<Input> = parameters.map(Input::of_parameter).collect();
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let body = resolved(document, body, DEPTH);
        let required = body["required"].as_array();
        for (name, field) in body["properties"].as_object().into_iter().flatten() {
            let is_required = required.is_some_and(|names| names.iter().any(|one| one == name));
            inputs.push(Input::of_field(document, name, field, is_required));
        }
        let answers = operation["responses"].as_object().into_iter().flatten();
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            inputs,
            answers: answers
                .filter(|(status, _)| !EVERYWHERE.contains(&status.as_str()))
                .map(|(status, answer)| (status.clone(), text(&answer["description"])))
                .collect(),
        }
    }
}

impl Input {
    fn of_parameter(parameter: &Value) -> Self {
        Self {
            name: text(&parameter["name"]),
            kind: kind(&parameter["schema"]),
            required: parameter["required"] == true,
            text: text(&parameter["description"]),
        }
    }

    fn of_field(document: &Value, name: &str, field: &Value, required: bool) -> Self {
        let known = resolved(document, field, DEPTH);
        let own = text(&field["description"]);
        let text = if own.is_empty() { text(&known["description"]) } else { own };
        Self { name: name.to_owned(), kind: kind(known), required, text }
    }
}

/// The schema behind references.
fn resolved<'a>(document: &'a Value, schema: &'a Value, depth: usize) -> &'a Value {
    let reference = schema["$ref"].as_str().or_else(|| {
        let choices = schema["oneOf"].as_array()?;
        choices.iter().find_map(|choice| choice["$ref"].as_str())
    });
    let target = reference.and_then(|reference| document.pointer(reference.strip_prefix('#')?));
    match target {
        Some(target) if depth > 0 => resolved(document, target, depth - 1),
        _ => schema,
    }
}

/// The type of a schema: its name, or its values.
fn kind(schema: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect()
        }
        _ => String::new(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_document_is_shown_with_its_inputs() {
        let groups = groups(&serde_json::to_value(api::document()).unwrap_or_default());
        let all: Vec<&Operation> = groups.iter().flat_map(|group| &group.operations).collect();
        assert!(all.len() > 30, "{}", all.len());
        for operation in &all {
            assert!(!operation.id.is_empty() && !operation.answers.is_empty(), "{operation:?}");
            assert!(operation.inputs.iter().all(|input| !input.name.is_empty()), "{operation:?}");
        }
        let volume = all.iter().find(|operation| operation.id == "device_volume");
        let inputs =
            volume.map(|volume| volume.inputs.iter().map(|input| input.name.as_str()).collect::<Vec<_>>());
        let inputs = inputs.unwrap_or_default();
        assert!(inputs.contains(&"serial") && inputs.contains(&"volume"), "{inputs:?}");
    }
}
