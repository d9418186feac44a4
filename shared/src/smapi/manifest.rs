//! The manifest of the skill. Only our parts of it are set; those of the person stay.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde_json::{Map, Value, json};

use super::spec::StoredSpec;
use crate::config::InvocationName;
use crate::voice::{LocaleSpec, PLAY_AUDIO};

/// The name of the skill in the Alexa app.
const NAME: &str = "Music Assistant";

/// The interface for playback.
const AUDIO_PLAYER: &str = "AUDIO_PLAYER";

/// The events that the skill needs: a person enabled it, or disabled it, after which all ids are void.
const EVENTS: [&str; 2] = ["SKILL_ENABLED", "SKILL_DISABLED"];

/// A text that marks a skill as ours before it has an endpoint.
pub(super) fn marker(endpoint: &str) -> String {
    let hash = digest::digest(&digest::SHA256, endpoint.as_bytes());
    format!("ma-alexa-{}", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..15]))
}

/// Whether a manifest is that of our skill: it has one of our endpoints, or our mark and no endpoint yet.
pub(super) fn is_ours(manifest: &Value, endpoints: &[String]) -> bool {
    if let Some(known) = endpoint_of(manifest) {
        // Other programs leave out the slash of an address without a path.
        let known = known.trim_end_matches('/');
        return endpoints.iter().any(|endpoint| endpoint.trim_end_matches('/') == known);
    }
    let notes = manifest["publishingInformation"]["testingInstructions"].as_str();
    notes.is_some_and(|notes| endpoints.iter().any(|endpoint| notes.contains(&marker(endpoint))))
}

/// The endpoint that a manifest names.
pub(super) fn endpoint_of(manifest: &Value) -> Option<&str> {
    manifest["apis"]["custom"]["endpoint"]["uri"].as_str().filter(|uri| !uri.is_empty())
}

/// Whether a skill with this manifest serves a spec, with any further parts.
pub(super) fn serves(manifest: &Value, spec: &StoredSpec) -> bool {
    let interfaces = manifest["apis"]["custom"]["interfaces"].as_array();
    let locales = &manifest["publishingInformation"]["locales"];
    endpoint_of(manifest) == Some(spec.endpoint.as_str())
        && interfaces.is_some_and(|all| all.iter().any(|interface| interface["type"] == AUDIO_PLAYER))
        && spec.locales.iter().all(|locale| locales[locale].is_object())
}

/// The first manifest of a new skill. It has no endpoint: Amazon checks the permission of a function, which needs the
/// skill's id (Alexa Skills Kit, SMAPI).
pub(super) fn first(spec: &StoredSpec) -> Value {
    let locales: Map<String, Value> =
        spec.locales.iter().map(|locale| (locale.clone(), texts(locale, spec))).collect();
    json!({
        "manifestVersion": "1.0",
        "apis": { "custom": {} },
        "publishingInformation": {
            "locales": locales,
            "category": "STREAMING_SERVICE",
            "isAvailableWorldwide": true,
            "distributionCountries": [],
            "testingInstructions": format!("For one household only. Made by {}.", marker(&spec.endpoint)),
        },
        "privacyAndCompliance": {
            "allowsPurchases": false,
            "usesPersonalInfo": false,
            "isChildDirected": false,
            "isExportCompliant": true,
            "containsAds": false,
        },
    })
}

/// The wanted manifest, from the present one. `certificate` is the endpoint's type, and none for a function.
pub(super) fn merged(
    there: &Value,
    spec: &StoredSpec,
    certificate: Option<&str>,
    with_events: bool,
) -> Value {
    let mut manifest = there.clone();
    let before = endpoint_of(there).map(str::to_owned);
    let mut endpoint = json!({ "uri": spec.endpoint });
    if let Some(certificate) = certificate {
        endpoint["sslCertificateType"] = json!(certificate);
    }
    if !manifest["manifestVersion"].is_string() {
        object(&mut manifest).insert("manifestVersion".to_owned(), json!("1.0"));
    }
    let custom = member(member(object(&mut manifest), "apis"), "custom");
    custom.insert("endpoint".to_owned(), endpoint.clone());
    add(list(custom, "interfaces"), "type", AUDIO_PLAYER);
    let locales = member(member(object(&mut manifest), "publishingInformation"), "locales");
    for locale in &spec.locales {
        let texts = texts(locale, spec);
        let known = member(locales, locale);
        // The person describes a locale that the person named.
        if known.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
            for (name, text) in texts.as_object().into_iter().flatten() {
                known.entry(name.clone()).or_insert_with(|| text.clone());
            }
            known.insert("name".to_owned(), json!(NAME));
        }
    }
    if with_events {
        merge_events(object(&mut manifest), &endpoint, before.as_deref());
    }
    manifest
}

/// Sends events to the endpoint of requests, unless the person sends them elsewhere.
fn merge_events(manifest: &mut Map<String, Value>, endpoint: &Value, before: Option<&str>) {
    let known = manifest.get("events").map_or(&Value::Null, |events| &events["endpoint"]["uri"]);
    let is_ours = match known.as_str() {
        None => true,
        Some(known) => Some(known) == endpoint["uri"].as_str() || Some(known) == before,
    };
    if !is_ours {
        return;
    }
    let events = member(manifest, "events");
    events.insert("endpoint".to_owned(), endpoint.clone());
    for event in EVENTS {
        add(list(events, "subscriptions"), "eventName", event);
    }
}

/// The texts of the Alexa app in a language, until the person writes others. Only a published skill needs more.
fn texts(locale: &str, spec: &StoredSpec) -> Value {
    let named = LocaleSpec::of(locale).zip(spec.invocation_name.parse::<InvocationName>().ok());
    let phrase = named.map(|(voice, name)| {
        let request = voice.samples(PLAY_AUDIO).first().map_or("", String::as_str);
        format!("Alexa, {} {request}", voice.carrier(&name))
    });
    json!({
        "name": NAME,
        "summary": "Plays the music of your own Music Assistant.",
        "description": "Plays the music of your own Music Assistant on your Echos.",
        "examplePhrases": phrase.into_iter().collect::<Vec<_>>(),
        "keywords": [],
    })
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(members) => members,
        _ => unreachable!("it was made an object"),
    }
}

fn member<'a>(of: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    object(of.entry(name).or_insert_with(|| json!({})))
}

fn list<'a>(of: &'a mut Map<String, Value>, name: &str) -> &'a mut Vec<Value> {
    let value = of.entry(name).or_insert_with(|| json!([]));
    if !value.is_array() {
        *value = json!([]);
    }
    match value {
        Value::Array(items) => items,
        _ => unreachable!("it was made a list"),
    }
}

fn add(items: &mut Vec<Value>, key: &str, value: &str) {
    if !items.iter().any(|item| item[key] == value) {
        items.push(json!({ key: value }));
    }
}
