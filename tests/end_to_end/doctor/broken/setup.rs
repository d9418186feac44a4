//! Settings, the clock, the API, and Music Assistant's own API.

use end_to_end::internet::{Behavior, Reply};
use serde_json::{Value, json};

use super::super::sites::{API, ART, MA, MUSIC, TIME, healthz};
use super::{Stage, stages};

pub(super) fn stages() -> [Stage; 13] {
    stages! {
        ["setting-malformed"], "SKILL_ID", Healthy, |harness| {
            harness.change_settings(|settings| settings.skill_ids.push("my skill".into())).await;
        };
        ["setting-malformed", "api-not-set"], "http://192.168.1.5:5000", Healthy, |harness| {
            harness.change_settings(|settings| settings.api_url = Some("home".into())).await;
        };
        ["credentials-missing", "ma-api-token-missing"], "credentials", Healthy, |harness| {
            std::fs::remove_file(harness.secret_file("credentials")).unwrap();
        };
        ["secrets-unreadable", "ma-api-token-missing"], "may be read", Healthy, |harness| {
            harness.change_secret("credentials", |secret| *secret = json!({ "owner": 1 }));
        };
        ["clock-wrong"], "NTP", Healthy, |harness| {
            harness.internet.change(TIME, |site| site.ahead = -600);
        };
        ["clock-unknown", "stream-name-unknown", "art-name-unknown"], "internet", Healthy, |harness| {
            for host in [TIME, MUSIC, ART] {
                harness.internet.remove(host);
            }
        };
        ["api-not-set"], "API URL", Healthy, |harness| {
            harness.change_settings(|settings| settings.api_url = None).await;
        };
        ["api-not-encrypted"], "https://", Healthy, |harness| {
            harness.change_settings(|settings| settings.api_url = Some(format!("http://{API}").into())).await;
        };
        ["api-not-ours"], "/healthz", Healthy, |harness| {
            harness.internet.change(API, |site| site.behavior = Behavior::OnePage);
        };
        ["api-busy"], "healthz", Healthy, |harness| {
            harness.internet.change(API, |site| site.behavior = Behavior::Answers(429));
        };
        ["api-busy"], "healthz", Healthy, |harness| {
            harness.internet.change(API, |site| site.behavior = Behavior::Answers(503));
        };
        ["api-wrong-status"], "login", Healthy, |harness| {
            harness.internet.change(API, |site| site.behavior = Behavior::Answers(401));
        };
        ["api-other-release"], "old program", Healthy, |harness| {
            harness.internet.change(API, |site| site.behavior = Behavior::does(|_| healthz("0.0.1")));
        };
    }
}

pub(super) fn music_assistant() -> [Stage; 11] {
    stages! {
        ["ma-api-not-set"], "step Music Assistant", Healthy, |harness| {
            harness.change_settings(|settings| settings.ma_api_url = None).await;
        };
        ["ma-api-not-encrypted"], "https://", Healthy, |harness| {
            harness.change_settings(|settings| settings.ma_api_url = Some(format!("http://{MA}").into())).await;
        };
        ["ma-api-not-ma"], "8095", Healthy, |harness| {
            harness.internet.change(MA, |site| site.behavior = Behavior::OnePage);
        };
        ["ma-api-token-missing"], "ma_token", Healthy, |harness| {
            harness.change_secret("credentials", |secret| {
                secret.as_object_mut().unwrap().remove("ma_token");
            });
        };
        ["ma-api-token-refused"], "ma_token", Healthy, |harness| {
            harness.internet.change(MA, |site| site.behavior = calls(401));
        };
        ["ma-api-wrong-status"], "log", Healthy, |harness| {
            harness.internet.change(MA, |site| site.behavior = calls(500));
        };
        ["ma-api-not-ma"], "8095", Healthy, |harness| {
            harness.internet.change(MA, |site| site.behavior = calls(200));
        };
        ["ma-api-schema-unknown"], "Update Music Assistant", Healthy, |harness| {
            let info = json!({ "server_version": "1.9", "schema_version": 23 });
            harness.internet.change(MA, |site| site.behavior = says("/info", info));
        };
        ["ma-api-guest"], "admin", Healthy, |harness| {
            let guest = json!({ "username": "kim", "role": "guest" });
            harness.internet.change(MA, |site| site.behavior = says("auth/me", guest));
        };
        ["ma-api-player-missing"], "may use it", Healthy, |harness| {
            harness.internet.change(MA, |site| site.behavior = says("players/all", json!([{ "name": 7 }])));
        };
        ["ma-api-player-away"], "reload", Healthy, |harness| {
            let away = json!([{ "player_id": "Kitchen", "provider": "alexa--1", "available": false }]);
            harness.internet.change(MA, |site| site.behavior = says("players/all", away));
        };
    }
}

/// Music Assistant, with another answer to a path or a command.
fn says(what: &'static str, answer: Value) -> Behavior {
    Behavior::does(move |request| {
        let is_asked = request.path == what || String::from_utf8_lossy(&request.body).contains(what);
        if is_asked { Reply::json(&answer) } else { Behavior::MusicAssistant.reply(request) }
    })
}

/// Music Assistant, which answers calls with a status.
fn calls(status: u16) -> Behavior {
    Behavior::does(move |request| match request.path.as_str() {
        "/api" => Reply::new(status, "text/plain", "no"),
        _ => Behavior::MusicAssistant.reply(request),
    })
}
