//! The real binary on the loopback network, commanded by a controller of this process: it takes neither Music Assistant
//! nor namespaces.

use std::sync::Arc;

use end_to_end::amazon::serial;

use super::controller::{Controller, RENDERING, TRANSPORT};
use super::echos::{Behavior, Echos, STOPPED_AT};
use super::household::{Household as _, RealHousehold};

const ECHO: &str = serial::KITCHEN;

/// A stream as Music Assistant has it.
pub(super) fn stream(item: &str) -> String {
    format!("http://192.168.1.5:8097/single/s1/q1/{item}/p1.mp3?a=1&b=2")
}

/// Its description, with the address as Music Assistant writes it: not escaped.
pub(super) fn didl(title: &str, item: &str) -> String {
    format!(
        "<DIDL-Lite xmlns=\"urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:upnp=\"urn:schemas-upnp-org:metadata-1-0/upnp/\">\
         <item id=\"1\" parentID=\"0\"><dc:title>{title}</dc:title><upnp:artist>Three</upnp:artist>\
         <dc:queueItemId>{}</dc:queueItemId></item></DIDL-Lite>",
        stream(item)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_on_this_host_commands_the_real_binary() {
    let household = RealHousehold::new().await;
    let server = household.start("127.0.0.1:0");
    household.sign_in(&server).await;
    server.offers(ECHO).await;
    let echos = Echos::new(Arc::clone(&household) as _, "http://127.0.0.1:9");
    let listening = tokio::spawn(echos.clone().listen());
    let mut controller = Controller::of(&server, ECHO).await;
    controller.sees("TransportState", "NO_MEDIA_PRESENT").await;
    assert_eq!(controller.call(TRANSPORT, "Play", &[("Speed", "1")]).await, Err(702), "there is nothing");

    controller.play(&stream("one"), &didl("One &amp; two", "one")).await;
    controller.sees("TransportState", "PLAYING").await;
    controller.sees("CurrentTrackURI", &stream("one")).await;
    let first = echos.shown(ECHO).remove(0);
    assert_eq!((first.title.as_str(), first.subtitle.as_str()), ("One & two", "Three"));

    controller.call(TRANSPORT, "Pause", &[]).await.unwrap();
    controller.sees("TransportState", "PAUSED_PLAYBACK").await;
    echos.is_silent(ECHO).await;
    controller.resume().await;
    controller.sees("TransportState", "PLAYING").await;
    assert_eq!(echos.shown(ECHO)[1].from_ms, STOPPED_AT, "it goes on where it was");
    assert!(u128::from(STOPPED_AT) <= controller.position().await.as_millis());

    controller.play(&stream("two"), &didl("Four", "two")).await;
    controller.sees("CurrentTrackURI", &stream("two")).await;
    controller.sees("TransportState", "PLAYING").await;
    assert_eq!(echos.titles(ECHO), ["One & two", "One & two", "Four"]);
    assert_eq!(echos.sentences(ECHO), 3, "two starts and a resume");

    for (volume, muted) in [("44", "0"), ("44", "1")] {
        let (name, value) = if muted == "0" { ("Volume", volume) } else { ("Mute", muted) };
        let inputs = [("Channel", "Master"), (&*format!("Desired{name}"), value)];
        controller.call(RENDERING, &format!("Set{name}"), &inputs).await.unwrap();
        controller.sees(name, value).await;
    }
    assert_eq!(household.amazon().device(ECHO).volume, 0, "what is muted is silent");

    controller.call(TRANSPORT, "Stop", &[]).await.unwrap();
    controller.sees("TransportState", "STOPPED").await;
    echos.is_silent(ECHO).await;
    controller.sees("TransportStatus", "OK").await;

    echos.behave(Behavior::CannotPlay("MEDIA_ERROR_INVALID_REQUEST"));
    controller.play(&stream("three"), &didl("Five", "three")).await;
    controller.sees("TransportStatus", "ERROR_OCCURRED").await;
    assert_eq!(server.renderer(ECHO).await["problem"]["code"], "did_not_play");
    assert_eq!(controller.call(TRANSPORT, "Next", &[]).await, Err(701), "there is one item");
    listening.abort();
    assert!(server.program.terminate().status.success());
}
