//! The public origins of streams and pictures.

use std::time::Duration;

use end_to_end::internet::{Behavior, PICTURE, Reply};

use super::super::sites::{ART, MUSIC};
use super::{Stage, stages};

pub(super) fn streams() -> [Stage; 12] {
    stages! {
        ["stream-not-set"], "Public address", Healthy, |harness| {
            harness.change_settings(|settings| settings.stream_base_url = None).await;
        };
        [
            "stream-port", "push-never", "provider-never-asked", "echo-not-yet", "playback-not-yet",
            "stream-audio-unknown", "art-unknown",
        ], "443", SetUp, |harness| {
            let base = format!("https://{MUSIC}:{}", harness.internet.port());
            harness.change_settings(|settings| settings.stream_base_url = Some(base.into())).await;
        };
        ["stream-private-address"], "public name", Healthy, |harness| {
            harness.change_settings(|settings| {
                settings.stream_base_url = Some("https://192.168.1.5".into());
            }).await;
        };
        ["stream-not-found"], "whole path", Healthy, |harness| {
            harness.internet.change(MUSIC, |site| site.behavior = Behavior::does(|_| Reply::not_found()));
        };
        ["stream-wrong-status"], "password", Healthy, |harness| {
            harness.internet.change(MUSIC, |site| site.behavior = goods("/flow/", Reply::new(403, "text/plain", "no")));
        };
        ["stream-not-audio"], "8097", Healthy, |harness| {
            harness.internet.change(MUSIC, |site| {
                site.behavior = goods("/flow/one/", Reply::new(200, "text/html", "<html>"));
            });
        };
        ["stream-answers-everything"], "8097", Healthy, |harness| {
            harness.internet.change(MUSIC, |site| site.behavior = Behavior::OnePage);
        };
        ["stream-audio-unknown"], "Start music", Healthy, |harness| {
            harness.internet.change(MUSIC, |site| site.behavior = Behavior::does(|_| Reply::not_found()));
            harness.pass(Duration::from_mins(20));
        };
        ["stream-wrong-status"], "password", Playing, |harness| {
            harness.internet.change(MUSIC, |site| site.behavior = goods("/flow/", Reply::new(401, "text/plain", "no")));
        };
        ["stream-fetches-foreign"], "Public address", Playing, |harness| {
            harness.internet.change(MUSIC, |site| site.behavior = Behavior::StreamsAndAddresses);
        };
        ["stream-leaks-commands"], "404", Healthy, |harness| {
            harness.internet.change(MUSIC, |site| site.behavior = Behavior::StreamsAndCommands);
        };
        ["stream-leaks-pages"], "404", Healthy, |harness| {
            harness.internet.change(MUSIC, |site| site.behavior = leaking());
        };
    }
}

pub(super) fn art() -> [Stage; 11] {
    stages! {
        ["art-not-set"], "public address for pictures", Healthy, |harness| {
            harness.change_settings(|settings| settings.art_base_url = None).await;
        };
        ["art-port"], "443", Healthy, |harness| {
            let base = format!("https://{ART}:{}", harness.internet.port());
            harness.change_settings(|settings| settings.art_base_url = Some(base.into())).await;
        };
        ["art-not-found"], "/imageproxy", Healthy, |harness| {
            harness.internet.change(ART, |site| site.behavior = Behavior::does(|_| Reply::not_found()));
        };
        ["art-wrong-status"], "password", Healthy, |harness| {
            harness.internet.change(ART, |site| {
                site.behavior = goods("/imageproxy", Reply::new(401, "text/plain", "no"));
            });
        };
        ["art-not-image"], "/imageproxy", Healthy, |harness| {
            harness.internet.change(ART, |site| {
                site.behavior = goods(PICTURE, Reply::new(200, "text/html", "<html>"));
            });
        };
        ["art-answers-everything"], "/imageproxy", Healthy, |harness| {
            harness.internet.change(ART, |site| site.behavior = Behavior::OnePage);
        };
        ["art-old-release"], "Update Music Assistant", Healthy, |harness| {
            harness.push_picture("Kitchen", "one", "http://192.168.1.5:8095/imageproxy?path=blue").await;
        };
        ["art-fetches-foreign"], "with a hash as the name", Healthy, |harness| {
            harness.internet.change(ART, |site| site.behavior = Behavior::StreamsAndAddresses);
        };
        ["art-unknown"], "with a picture", Healthy, |harness| {
            harness.internet.change(ART, |site| site.behavior = Behavior::does(|_| Reply::not_found()));
            harness.pass(Duration::from_mins(20));
        };
        ["art-leaks-commands"], "/imageproxy", Healthy, |harness| {
            harness.internet.change(ART, |site| site.behavior = Behavior::StreamsAndCommands);
        };
        ["art-leaks-pages"], "/imageproxy", Healthy, |harness| {
            harness.internet.change(ART, |site| site.behavior = leaking());
        };
    }
}

/// A proxy that answers one thing in its own way.
fn goods(path: &'static str, reply: Reply) -> Behavior {
    Behavior::does(move |request| {
        if request.path.starts_with(path) { reply.clone() } else { Behavior::Streams.reply(request) }
    })
}

/// A proxy that lets out Music Assistant's pages, and neither commands nor addresses.
fn leaking() -> Behavior {
    Behavior::does(|request| {
        let is_other = request.path.starts_with("/command/") || request.path == "/imageproxy";
        if is_other { Reply::not_found() } else { Behavior::MusicAssistant.reply(request) }
    })
}

// A stream address that opens the whole server.
#[tokio::test(flavor = "multi_thread")]
async fn the_whole_server_is_seen_in_the_open() {
    use super::super::harness::Harness;
    for harness in [Harness::healthy().await, Harness::playing().await] {
        for host in [MUSIC, ART] {
            harness.internet.change(host, |site| site.behavior = Behavior::MusicAssistant);
        }
        let leaks = [
            "art-fetches-foreign",
            "art-leaks-commands",
            "art-leaks-pages",
            "stream-fetches-foreign",
            "stream-leaks-commands",
            "stream-leaks-pages",
        ];
        assert_eq!(harness.complaints().await, leaks);
    }
}

// A response to a foreign path that is no refusal is a fetch, or would be one.
#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_of_a_foreign_picture_is_found() {
    use super::super::harness::Harness;
    let harness = Harness::healthy().await;
    for (status, is_fetched) in [
        (200, true),
        (204, true),
        (500, true),
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (405, false),
    ] {
        harness.internet.change(ART, |site| {
            site.behavior = Behavior::does(move |request| match request.path.as_str() {
                "/imageproxy" if !request.query.contains("size=") => {
                    Reply::new(status, "image/png", "a picture")
                }
                _ => Behavior::Streams.reply(request),
            });
        });
        let expected: &[&str] = if is_fetched { &["art-fetches-foreign"] } else { &[] };
        assert_eq!(harness.complaints().await, expected, "{status}");
    }
    // No host is asked for that there could be.
    let is_foreign = |path: &str| path.split_once("path=http%3A%2F%2F").map(|(_, host)| host.to_owned());
    let mut hosts =
        harness.internet.all_requests().into_iter().filter_map(|seen| is_foreign(&seen.path)).peekable();
    assert!(hosts.peek().is_some());
    assert!(hosts.all(|host| host.starts_with("unused-") && host.contains(".invalid%2F")));
}

// A welcome page of the proxy's own, a login before everything else, or a refusal let nothing out.
#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_lets_nothing_out_is_no_leak() {
    use super::super::harness::Harness;
    let harness = Harness::healthy().await;
    for status in [401, 403, 404, 405, 410, 302] {
        harness.internet.change(MUSIC, |site| {
            site.behavior = Behavior::does(move |request| match request.path.as_str() {
                "/" => Reply::new(200, "text/html", "<title>Welcome to nginx!</title>"),
                path if path.starts_with("/flow/") => Behavior::Streams.reply(request),
                path if path.starts_with("/unused-") => Reply::not_found(),
                _ => Reply::new(status, "text/html", "no").with("location", "https://login.example.com"),
            });
        });
        assert_eq!(harness.complaints().await, Vec::<String>::new(), "{status}");
    }
}
