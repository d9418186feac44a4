//! An Echo as a media player of Home Assistant, by what its integration for renderers does.

use end_to_end::amazon::serial;
use end_to_end::machine;
use end_to_end::network::{self, OURS, OtherHost};
use ma_alexa::renderer::udn;
use tokio::task::JoinSet;

use super::media::{controls, media_host, offer};

#[test]
fn an_echo_is_a_media_player_of_home_assistant() {
    let Some(python) = std::env::var("TEST_UPNP_PYTHON").ok().filter(|python| !python.is_empty()) else {
        machine::say("left out: an Echo in Home Assistant: TEST_UPNP_PYTHON is not set");
        return;
    };
    network::alone("renderers::home_assistant::an_echo_is_a_media_player_of_home_assistant", || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(has_all_that_it_uses(&python));
    });
}

async fn has_all_that_it_uses(python: &str) {
    let _other = OtherHost::connect();
    let mut tasks = JoinSet::new();
    let (_, machine) = media_host(&mut tasks).await;
    let offered = offer(&mut tasks).await;
    let [first, second] = ["blue", "bell"].map(|name| format!("http://{machine}/local/{name}.mp3"));
    let (echo, host) = (udn(serial::KITCHEN), OURS.to_string());
    let arguments = [&echo, &host, &first, &second].map(String::as_str);
    let last = controls(python, "home_assistant.py", &arguments, async |_| {}).await;
    assert!(last.ends_with(" steps"), "{last}");

    assert_eq!(offered.volume_of(serial::KITCHEN), 30);
    let titles = offered.titles_of(serial::KITCHEN);
    assert_eq!(titles.first().map(String::as_str), Some("Little Green"), "{titles:?}");
    assert_eq!(titles.last().map(String::as_str), Some("Home Assistant"), "{titles:?}");
    tasks.abort_all();
}
