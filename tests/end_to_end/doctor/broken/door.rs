//! The door.

use std::time::Duration;

use end_to_end::internet::{Behavior, Reply};
use ma_alexa::clock::Clock as _;
use ma_alexa::store::Document;
use serde_json::json;

use super::super::sites::{ART, DOOR, ENDPOINT, MUSIC, nothing};
use super::{Stage, stages};

#[expect(clippy::too_many_lines, reason = "it is one table")]
pub(super) fn stages() -> [Stage; 19] {
    stages! {
        ["grant-keys-missing"], "infra/deploy", Door, |harness| {
            harness.change_secret("credentials", |secret| {
                secret.as_object_mut().unwrap().remove("grant_keys");
            });
        };
        [
            "door-port", "endpoint-not-set", "push-never", "provider-never-asked", "echo-not-yet",
            "playback-not-yet", "door-audio-unknown",
        ], "443", DoorSetUp, |harness| {
            let base = format!("https://{DOOR}:{}", harness.internet.port());
            harness.change_settings(|settings| settings.door_url = Some(base.into())).await;
        };
        ["door-not-ours"], "every path", Door, |harness| {
            harness.internet.change(DOOR, |site| site.behavior = Behavior::OnePage);
        };
        ["door-leads-to-pages"], "instead of port 5000", Door, |harness| {
            harness.change_door(|request| match request.path.as_str() {
                "/setup" => Some(Reply::new(303, "text/html", "").with("location", "/login?next=%2Fsetup")),
                "/v1/players" => Some(
                    Reply::new(401, "application/json", "{}").with("www-authenticate", "Basic realm=\"api\""),
                ),
                "/" => Some(Reply::new(405, "text/plain", "")),
                _ => None,
            });
        };
        ["door-answers-more"], "alone", Door, |harness| {
            harness.change_door(|request| {
                (request.path == "/imageproxy").then(|| Reply::new(400, "text/plain", "400: Bad Request"))
            });
        };
        ["door-filtered"], "leave it", Door, |harness| {
            harness.change_door(|request| {
                request.path.starts_with("/unused-").then(|| Reply::new(404, "text/html", "<html>"))
            });
        };
        ["door-other-keys"], "GRANT_KEYS", Door, |harness| {
            harness.change_door(|request| request.path.starts_with("/s/").then(nothing));
        };
        ["door-wrong-status"], "password", Door, |harness| {
            harness.change_door(|request| {
                request.path.starts_with("/s/").then(|| Reply::new(403, "text/plain", "no"))
            });
        };
        ["door-without-ma"], "MA_STREAM_ORIGIN", Door, |harness| {
            harness.change_door(|request| of_music(request, 502, "text/plain"));
        };
        ["door-certificate-failed"], "Forward port 443", Door, |harness| {
            let order = json!({
                "name": "door.example.com", "code": "proof_refused", "cause": "Connection refused",
                "at": harness.clock.now(),
            });
            assert!(harness.store.put_document(Document::DoorCertificate, &order, None).await.unwrap());
        };
        ["door-fetch-failed"], "own address for streams", Door, |harness| {
            let failure = json!({ "code": "unreachable", "at": harness.clock.now().minus(Duration::from_mins(3)) });
            assert!(harness.store.put_document(Document::DoorFailure, &failure, None).await.unwrap());
        };
        ["door-not-found"], "own address for streams", Door, |harness| {
            harness.change_door(|request| of_music(request, 404, "text/plain"));
        };
        ["door-not-audio"], "8097", Door, |harness| {
            harness.change_door(|request| of_music(request, 200, "text/html"));
        };
        ["door-audio-unknown"], "Start music", Door, |harness| {
            harness.change_door(|request| of_music(request, 404, "text/plain"));
            harness.pass(Duration::from_mins(20));
        };
        ["stream-still-public"], "Public address for streams", Door, |harness| {
            let base = format!("https://{MUSIC}");
            harness.change_settings(|settings| settings.stream_base_url = Some(base.into())).await;
        };
        ["art-still-public"], "Public address for pictures", Door, |harness| {
            let base = format!("https://{ART}");
            harness.change_settings(|settings| settings.art_base_url = Some(base.into())).await;
        };
        ["art-not-through-door"], "and update it", Door, |harness| {
            harness.change_door(|request| {
                request.path.starts_with("/a/").then(|| Reply::new(502, "text/plain", ""))
            });
        };
        ["endpoint-takes-nothing"], "port 5001", Healthy, |harness| {
            harness.internet.change(ENDPOINT, |site| site.behavior = Behavior::does(|_| Reply::not_found()));
        };
        ["endpoint-takes-nothing"], "ALEXA_ON_BIND=yes", Door, |harness| {
            harness.change_door(|request| (request.path == "/").then(nothing));
        };
    }
}

/// The answer to a `GET` of a stream.
fn of_music(request: &end_to_end::internet::Request, status: u16, media_type: &str) -> Option<Reply> {
    let is_music = request.method == "GET" && request.path.starts_with("/s/");
    is_music.then(|| Reply::new(status, media_type, "no music"))
}
