//! Funnel of Tailscale, asked over a real socket and by a real process.

use std::os::unix::net::UnixListener as StdListener;

use axum::body::Body;
use axum::http::StatusCode;
use ma_alexa::ways::tailscale::{Funnel, FunnelTarget, TailscaleProblem, look, turn_on};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixListener;

use super::machine::{Machine, TAILSCALE, URL, funnel, running};

/// More than is read of an answer.
const HUGE: usize = 1024 * 1024 + 1;

fn code(found: &Result<Funnel, TailscaleProblem>) -> &'static str {
    found.as_ref().map_or_else(TailscaleProblem::code, |_| "found")
}

fn missing(funnel: &Funnel) -> Vec<&'static str> {
    funnel.missing.iter().map(TailscaleProblem::code).collect()
}

/// The machine after a change of its status.
fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut status = running();
    change(&mut status);
    status
}

#[tokio::test]
async fn the_daemon_is_asked_through_its_socket() {
    let machine = Machine::new();
    machine.start_daemon();
    // It would fail, and is not needed.
    machine.install("tailscale", "exit 1");
    let found = look(&machine.config()).await.unwrap();
    assert_eq!(found.url.unwrap().as_str(), URL);
    assert_eq!((found.target, found.missing), (FunnelTarget::Off, vec![]));
}

#[tokio::test]
async fn a_machine_without_tailscale_is_not_one_where_it_does_not_run() {
    let machine = Machine::new();
    assert_eq!(code(&look(&machine.config()).await), "not_installed");
    drop(StdListener::bind(machine.socket()).unwrap());
    assert_eq!(code(&look(&machine.config()).await), "not_running");
}

#[tokio::test]
async fn a_machine_that_is_not_connected_says_why() {
    let machine = Machine::new();
    machine.start_daemon();
    for (state, expected) in [
        ("NeedsLogin", "logged_out"),
        ("NoState", "logged_out"),
        ("NeedsMachineAuth", "not_approved"),
        ("Stopped", "stopped"),
        ("Starting", "starting"),
        ("InUseOtherUser", "unreadable"),
    ] {
        machine.status(&json!({ "BackendState": state, "Self": null, "CurrentTailnet": null }));
        assert_eq!(code(&look(&machine.config()).await), expected, "{state}");
    }
}

#[tokio::test]
async fn each_permission_that_is_missing_is_named() {
    let machine = Machine::new();
    machine.start_daemon();
    let ports = "https://tailscale.com/cap/funnel-ports?ports=443,8443,10000";
    let without = |name: &'static str| {
        move |status: &mut Value| drop(status["Self"]["CapMap"].as_object_mut().unwrap().remove(name))
    };
    let capabilities = |names: Value| move |status: &mut Value| status["Self"]["CapMap"] = names;
    let cases: [(Value, &[&str]); 8] = [
        (with(|status| status["CurrentTailnet"]["MagicDNSEnabled"] = false.into()), &["magic_dns_off"]),
        (with(without("https")), &["https_off"]),
        (with(without("funnel")), &["funnel_not_allowed"]),
        (with(without(ports)), &["port_not_allowed"]),
        (with(capabilities(Value::Null)), &["https_off", "funnel_not_allowed"]),
        (
            with(capabilities(json!({
                "https": null, "funnel": null, "https://tailscale.com/cap/funnel-ports?ports=8443,9000-9100": null,
            }))),
            &["port_not_allowed"],
        ),
        (
            with(capabilities(json!({
                "https": null, "funnel": null, "https://tailscale.com/cap/funnel-ports?ports=80,400-500": null,
            }))),
            &[],
        ),
        // As releases before 1.50 list them.
        (
            with(|status| {
                status["Self"]["CapMap"] = Value::Null;
                status["Self"]["Capabilities"] = json!(["https", "funnel", ports]);
            }),
            &[],
        ),
    ];
    for (status, expected) in cases {
        machine.status(&status);
        assert_eq!(missing(&look(&machine.config()).await.unwrap()), expected, "{status}");
    }
    machine.status(&with(|status| {
        status["Self"]["DNSName"] = "".into();
        status["CurrentTailnet"] = Value::Null;
    }));
    let nameless = look(&machine.config()).await.unwrap();
    assert_eq!((nameless.url.clone(), missing(&nameless)), (None, vec!["magic_dns_off"]));
}

#[tokio::test]
async fn port_443_and_other_ports_are_distinguished() {
    let machine = Machine::new();
    machine.start_daemon();
    let change = |change: fn(&mut Value)| {
        let mut serving = funnel("http://127.0.0.1:5001");
        change(&mut serving);
        serving
    };
    let name = "kitchen.tail1234.ts.net:443";
    let cases = [
        (json!({}), FunnelTarget::Off),
        (funnel("http://127.0.0.1:5001"), FunnelTarget::Door),
        (funnel("http://localhost:5001/"), FunnelTarget::Door),
        (funnel("5001"), FunnelTarget::Door),
        (funnel("http://127.0.0.1:5000"), FunnelTarget::Taken),
        (funnel("http://192.168.1.5:5001"), FunnelTarget::Taken),
        (funnel("https+insecure://127.0.0.1:5001"), FunnelTarget::Taken),
        (funnel("http://127.0.0.1:5001/deeper"), FunnelTarget::Taken),
        // Within the network alone.
        (change(|serving| serving["AllowFunnel"] = Value::Null), FunnelTarget::Off),
        (
            change(|serving| serving["AllowFunnel"] = json!({ "kitchen.tail1234.ts.net:443": false })),
            FunnelTarget::Off,
        ),
        // What stands beside the door would become public with it.
        (
            change(|serving| {
                serving["Web"]["kitchen.tail1234.ts.net:443"]["Handlers"]["/photos"] =
                    json!({ "Path": "/photos" });
            }),
            FunnelTarget::Taken,
        ),
        // Another port does not matter, nor does a Funnel that leads nowhere.
        (json!({ "AllowFunnel": { "kitchen.tail1234.ts.net:8443": true } }), FunnelTarget::Off),
        (json!({ "AllowFunnel": { name: true } }), FunnelTarget::Off),
        (
            json!({
                "TCP": { "443": { "TCPForward": "127.0.0.1:5001", "TerminateTLS": "kitchen.tail1234.ts.net" } },
                "AllowFunnel": { name: true },
            }),
            FunnelTarget::Door,
        ),
        (json!({ "TCP": { "443": { "TCPForward": "127.0.0.1:22" } } }), FunnelTarget::Taken),
        // A command in a terminal.
        (json!({ "Foreground": { "session": funnel("http://127.0.0.1:3000") } }), FunnelTarget::Taken),
        (json!({ "Foreground": { "session": funnel("http://127.0.0.1:5001") } }), FunnelTarget::Door),
    ];
    for (serving, expected) in cases {
        machine.serves(&serving);
        assert_eq!(look(&machine.config()).await.unwrap().target, expected, "{serving}");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_none() {
    for garbage in ["", "no JSON", "[]", "{\"BackendState\": 7}", "{\"BackendState\": \"Running\"}"] {
        let machine = Machine::new();
        machine.start_daemon();
        machine.write("status.json", garbage);
        assert_eq!(code(&look(&machine.config()).await), "unreadable", "{garbage}");
    }
    let machine = Machine::new();
    machine.start_daemon();
    machine.write("serving.json", "{\"Web\": []}");
    assert_eq!(code(&look(&machine.config()).await), "unreadable");
    machine.status(&with(|status| status["Self"]["DNSName"] = "no name/../..".into()));
    assert_eq!(code(&look(&machine.config()).await), "unreadable");
}

#[tokio::test]
async fn a_refusal_and_a_failure_of_the_daemon_differ() {
    let machine = Machine::new();
    machine.start_odd_daemon(|| StatusCode::FORBIDDEN);
    assert_eq!(code(&look(&machine.config()).await), "no_rights");
    let machine = Machine::new();
    machine.start_odd_daemon(|| StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(code(&look(&machine.config()).await), "unreadable");
}

#[tokio::test]
async fn a_huge_answer_is_read_to_its_limit() {
    let machine = Machine::new();
    machine.start_odd_daemon(|| " ".repeat(HUGE));
    assert_eq!(code(&look(&machine.config()).await), "unreadable");
    // Without an end, and so without a length.
    let machine = Machine::new();
    machine.start_odd_daemon(|| {
        let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(" ".repeat(1000)));
        Body::from_stream(chunks)
    });
    assert_eq!(code(&look(&machine.config()).await), "unreadable");
}

#[tokio::test]
async fn what_speaks_no_http_or_never_answers_is_left() {
    let machine = Machine::new();
    let listener = UnixListener::bind(machine.socket()).unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"SSH-2.0-other\r\n\r\n").await.unwrap();
        }
    });
    assert_eq!(code(&look(&machine.config()).await), "unreadable");

    let machine = Machine::new();
    // It takes connections into its queue, and never looks at them.
    let _silent = StdListener::bind(machine.socket()).unwrap();
    assert_eq!(code(&look(&machine.hasty()).await), "too_slow");
}

#[tokio::test]
async fn without_a_socket_the_command_is_asked() {
    let machine = Machine::new();
    machine.install("tailscale", TAILSCALE);
    machine.serves(&funnel("http://127.0.0.1:5001"));
    let found = look(&machine.config()).await.unwrap();
    assert_eq!((found.url.unwrap().as_str(), found.target), (URL, FunnelTarget::Door));
    let asked = machine.asked();
    assert!(asked.contains("status --json --peers=false\n"), "{asked}");
}

#[tokio::test]
async fn a_command_that_fails_says_why() {
    let machine = Machine::new();
    for (behavior, expected) in [
        (
            "echo 'failed to connect to local tailscaled; it doesn'\\''t appear to be running' >&2; exit 1",
            "not_running",
        ),
        ("echo 'Access denied: serve config denied' >&2; exit 1", "no_rights"),
        ("echo 'flag provided but not defined: -peers' >&2; exit 2", "unreadable"),
        ("echo 'no JSON'", "unreadable"),
        ("exec head -c 1100000 /dev/zero", "unreadable"),
    ] {
        machine.install("tailscale", behavior);
        assert_eq!(code(&look(&machine.config()).await), expected, "{behavior}");
    }
    machine.install("tailscale", "exec sleep 600");
    assert_eq!(code(&look(&machine.hasty()).await), "too_slow");
    let broken = machine.path("broken");
    let config = ma_alexa::config::WaysConfig { tailscale: Some(broken), ..machine.config() };
    assert_eq!(code(&look(&config).await), "not_installed");
}

#[tokio::test]
async fn funnel_is_turned_on_once() {
    let machine = Machine::new();
    machine.start_daemon();
    machine.install("tailscale", TAILSCALE);
    for _ in 0..2 {
        let funnel = turn_on(&machine.config()).await.unwrap();
        assert_eq!((funnel.url.unwrap().as_str(), funnel.target), (URL, FunnelTarget::Door));
    }
    assert_eq!(machine.asked(), "funnel --bg 5001\n");
}

#[tokio::test]
async fn what_port_443_serves_already_stays() {
    let machine = Machine::new();
    machine.start_daemon();
    machine.install("tailscale", TAILSCALE);
    machine.serves(&funnel("http://127.0.0.1:3000"));
    assert_eq!(code(&turn_on(&machine.config()).await), "port_taken");
    assert_eq!(machine.asked(), "");
}

#[tokio::test]
async fn a_command_that_turns_nothing_on_says_why() {
    let machine = Machine::new();
    machine.start_daemon();
    assert_eq!(code(&turn_on(&machine.config()).await), "no_command");
    for (behavior, expected) in [
        ("echo 'sending serve config: Access denied: serve config denied' >&2; exit 1", "no_rights"),
        ("echo 'something else' >&2; exit 1", "failed"),
        ("exit 0", "failed"),
    ] {
        machine.install("tailscale", behavior);
        assert_eq!(code(&turn_on(&machine.config()).await), expected, "{behavior}");
    }
    machine.install("tailscale", "exec sleep 600");
    assert_eq!(code(&turn_on(&machine.hasty()).await), "too_slow");
}

#[tokio::test]
async fn the_page_to_agree_on_is_passed_on() {
    let machine = Machine::new();
    machine.start_daemon();
    let page = "https://login.tailscale.com/f/funnel?node=nAbCdEf1CNTRL";
    // It names the page and waits for the person, or ends.
    for end in ["exec sleep 600", "exit 1"] {
        let said = format!(
            "printf '\\nFunnel is not enabled on your tailnet.\\nTo enable, visit:\\n\\n\\t {page}\\n\\n'"
        );
        machine.install("tailscale", &format!("{said}\n{end}"));
        let problem = turn_on(&machine.patient_for_seconds()).await.unwrap_err();
        assert_eq!(problem, TailscaleProblem::Consent(page.to_owned()), "{end}");
        assert!(problem.to_string().contains(page));
    }
    machine.install("tailscale", "echo https://evil.example.com/f/funnel; exit 1");
    assert_eq!(code(&turn_on(&machine.config()).await), "failed");
}

#[test]
fn every_problem_has_a_code_and_a_cure_of_its_own() {
    let problems: Vec<_> = TailscaleProblem::all().collect();
    let codes: std::collections::BTreeSet<_> = problems.iter().map(TailscaleProblem::code).collect();
    assert_eq!(codes.len(), problems.len());
    for problem in problems {
        assert!(!problem.message().ends_with('.') && !problem.remedy().is_empty(), "{problem}");
    }
}
