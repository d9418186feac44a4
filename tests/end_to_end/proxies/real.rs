//! The real Music Assistant behind the proxies: its streams come through, and nothing else reaches it.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::SocketAddr;

use end_to_end::api::http_client;
use end_to_end::internet::PICTURE;
use reqwest::header::{CONTENT_TYPE, HOST};
use tokio::task::block_in_place;

use super::upstream::Upstream;
use super::{Proxied, check_halves, check_hostile, check_methods, check_upgrades, named};
use crate::doctor::sites::MUSIC;
use crate::music_assistant::{KITCHEN, at_home};

/// How much of a stream is heard: a few seconds.
const HEARD: usize = 32 * 1024;

/// Whether an answer is the stream that was asked for. Where a proxy passes half a body on, the stream has begun before
/// the proxy loses its patience.
fn is_stream(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200") && answer.contains("audio/mpeg") && answer.contains("ID3")
}

/// The address in `http://127.0.0.1:8095`.
fn address(base: &str) -> SocketAddr {
    base.trim_start_matches("http://").parse().unwrap()
}

/// Asserts that a stream comes through, as what an Echo plays.
async fn assert_plays(proxied: &Proxied, stream: &str, proxy: &str) {
    let url = format!("http://{}{stream}", proxied.proxy.address);
    let mut answer = http_client().get(url).header(HOST, MUSIC).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{proxy}: {stream}");
    assert_eq!(answer.headers()[CONTENT_TYPE], "audio/mpeg", "{proxy}: {stream}");
    let mut heard = Vec::new();
    while heard.len() < HEARD {
        heard.extend(answer.chunk().await.unwrap().unwrap());
    }
    assert!(heard.starts_with(b"ID3"), "{proxy}: {stream}");
    let reached = proxied.streams.take();
    assert!(reached.iter().any(|reached| reached.target == stream), "{proxy}: {reached:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_streams_reach_the_real_music_assistant() {
    let Some(named) = named() else { return };
    at_home(async |house, tracks| {
        house.play_all(KITCHEN, tracks).await;
        house.plays(KITCHEN, 1, Some("Tone 1")).await;
        let flow = house.stream(KITCHEN);
        let single = flow.replacen("/flow/", "/single/", 1);
        // The server gives more than streams, and asks for no login.
        let open = http_client().get(format!("{}/info", house.ma.api())).send().await.unwrap();
        assert_eq!(open.status(), 200);

        for proxy in named.split_whitespace() {
            let [streams, pictures] =
                [house.ma.streams(), house.ma.api()].map(|base| Upstream::before(address(base)));
            let proxied = Proxied::before(proxy, "", streams, pictures).await;
            for stream in [&flow, &single] {
                assert_plays(&proxied, stream, proxy).await;
            }
            block_in_place(|| {
                // This Music Assistant makes no addresses of this kind.
                assert_eq!(proxied.get(PICTURE), 404, "{proxy}");
                assert_eq!(proxied.pictures.take().len(), 1, "{proxy}");
                check_hostile(&proxied, "", proxy);
                check_methods(&proxied, proxy, &flow, 404);
                check_upgrades(&proxied, proxy, &flow);
                check_halves(&proxied, proxy, &flow, is_stream);
            });
        }
    })
    .await;
}
