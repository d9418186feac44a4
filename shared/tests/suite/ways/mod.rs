//! Ways out, found on a machine of stand-ins.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

pub(crate) mod cloudflared;
mod door;
pub(crate) mod machine;
mod tailscale;

use ma_alexa::ways::found;
use serde_json::json;

use machine::{Machine, TAILSCALE, URL, running};

#[tokio::test]
async fn a_machine_without_programs_has_no_way() {
    let found = found(&Machine::new().config()).await;
    let absent = |way: &str| {
        json!({
            "way": way, "state": "absent", "url": null, "upstream": "http://127.0.0.1:5001", "version": null,
            "problems": [],
        })
    };
    assert_eq!(serde_json::to_value(found).unwrap(), json!([absent("tailscale"), absent("cloudflared")]));
}

#[tokio::test]
async fn each_way_says_what_is_to_be_done() {
    let machine = Machine::new();
    machine.install("tailscale", TAILSCALE);
    machine.install("cloudflared", "echo 'cloudflared version 2026.9.1 (built 2026-09-17-1103 UTC)'");
    let mut status = running();
    status["Self"]["CapMap"].as_object_mut().unwrap().remove("https");
    machine.status(&status);

    let found = serde_json::to_value(found(&machine.config()).await).unwrap();
    let [tailscale, cloudflared] = &found.as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!((&tailscale["state"], &tailscale["url"]), (&json!("blocked"), &json!(URL)));
    let problem = &tailscale["problems"][0];
    assert_eq!(problem["code"], "https_off");
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains("certificates are off") && message.contains("Enable HTTPS"), "{message}");
    assert_eq!((&cloudflared["state"], &cloudflared["version"]), (&json!("ready"), &json!("2026.9.1")));
    assert_eq!(cloudflared["upstream"], "http://127.0.0.1:5001");
}
