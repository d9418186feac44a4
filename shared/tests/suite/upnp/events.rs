//! Subscriptions and events.

use std::time::Duration;

use super::controller::Controller;
use super::home::{Home, SOON};
use ma_alexa::upnp::{MediaItem, TransportState};

const AVT: &str = "AVTransport";
const RC: &str = "RenderingControl";

async fn renew(home: &Home, sid: &str, service: &str) -> u16 {
    let headers = [("SID", sid), ("TIMEOUT", "Second-600")];
    let answer = home.request("SUBSCRIBE", &home.path(&format!("{service}/event")), &headers, "").await;
    if answer.status == 200 {
        assert_eq!((answer.header("sid"), answer.header("timeout")), (sid, "Second-600"));
    }
    answer.status
}

/// Waits until a subscription is over.
async fn over(home: &Home, sid: &str, service: &str) {
    let ended = async {
        while renew(home, sid, service).await == 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, ended).await.unwrap();
}

#[tokio::test]
async fn the_first_event_has_everything_and_later_ones_what_changed() {
    let home = Home::start().await;
    let mut controller = Controller::start().await;
    let answer = controller.subscribe(&home, AVT).await;
    assert_eq!((answer.status, answer.header("timeout")), (200, "Second-300"), "{answer:?}");
    let sid = answer.header("sid").to_owned();
    assert!(sid.starts_with("uuid:") && answer.header("server").contains("UPnP"), "{answer:?}");
    let first = controller.event().await;
    assert_eq!((first.method.as_str(), first.sid.as_str(), first.sequence), ("NOTIFY", sid.as_str(), 0));
    for (variable, value) in [
        ("TransportState", "NO_MEDIA_PRESENT"),
        ("TransportStatus", "OK"),
        ("CurrentTransportActions", "Stop"),
        ("AVTransportURI", ""),
        ("NextAVTransportURI", ""),
        ("CurrentTrackURI", ""),
        ("CurrentTrackMetaData", ""),
        ("CurrentTrackDuration", "0:00:00"),
    ] {
        assert_eq!(first.value(variable).as_deref(), Some(value), "{variable}");
    }
    assert_eq!(first.value("RelativeTimePosition"), None);
    home.renderers[0].change(|state| state.state = TransportState::Playing);
    let second = controller.event().await;
    assert_eq!((second.sequence, second.value("TransportState").as_deref()), (1, Some("PLAYING")));
    assert_eq!(second.value("AVTransportURI"), None);
    home.renderers[0].change(|state| {
        state.item = Some(MediaItem { uri: "http://a/?b=1&c=2".into(), ..MediaItem::default() });
    });
    let third = controller.event().await;
    assert_eq!((third.sequence, third.value("TransportState")), (2, None));
    assert_eq!(third.value("CurrentTrackURI").as_deref(), Some("http://a/?b=1&amp;c=2"));
}

#[tokio::test]
async fn each_service_has_its_events() {
    let home = Home::start().await;
    let mut volume = Controller::start().await;
    assert_eq!(volume.subscribe(&home, RC).await.status, 200);
    let first = volume.event().await;
    assert_eq!((first.value("Volume").as_deref(), first.value("Mute").as_deref()), (Some("30"), Some("0")));
    assert!(first.body.contains("channel=&quot;Master&quot;"), "{}", first.body);
    let mut formats = Controller::start().await;
    assert_eq!(formats.subscribe(&home, "ConnectionManager").await.status, 200);
    let first = formats.event().await;
    assert!(first.body.contains("<SinkProtocolInfo>http-get:*:audio/mpeg:*,"), "{}", first.body);
    // What another service reports is no event of this one.
    home.renderers[0].change(|state| state.state = TransportState::Playing);
    home.renderers[0].change(|state| state.volume = Some(31));
    let (event, number) = volume.event_with("Volume", "31").await;
    assert_eq!((event.sequence, number), (1, 1));
}

#[tokio::test]
async fn many_changes_make_few_events_and_the_last_one_counts() {
    let home = Home::start().await;
    let mut controller = Controller::start().await;
    assert_eq!(controller.subscribe(&home, RC).await.status, 200);
    controller.event().await;
    let began = tokio::time::Instant::now();
    for change in 0..500_u32 {
        home.renderers[0].change(|state| state.volume = Some(u8::try_from(change % 90).unwrap()));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    home.renderers[0].change(|state| state.volume = Some(99));
    let (last, events) = controller.event_with("Volume", "99").await;
    let most = began.elapsed().as_millis() / 200 + 2;
    assert!(u128::try_from(events).unwrap() <= most, "{events} events, at most {most} may be");
    assert_eq!(usize::try_from(last.sequence).unwrap(), events);
}

#[tokio::test]
async fn a_subscription_is_renewed_and_ends() {
    let home = Home::start().await;
    let controller = Controller::start().await;
    let sid = controller.subscribe(&home, AVT).await.header("sid").to_owned();
    assert_eq!(renew(&home, &sid, AVT).await, 200);
    assert_eq!(renew(&home, &sid, RC).await, 412);
    assert_eq!(renew(&home, "uuid:other", AVT).await, 412);
    let path = home.path("AVTransport/event");
    let unsubscribe =
        async |headers: &[(&str, &str)]| home.request("UNSUBSCRIBE", &path, headers, "").await.status;
    assert_eq!(unsubscribe(&[]).await, 412);
    assert_eq!(unsubscribe(&[("SID", &sid), ("NT", "upnp:event")]).await, 400);
    assert_eq!(unsubscribe(&[("SID", "uuid:other")]).await, 412);
    assert_eq!(unsubscribe(&[("SID", &sid)]).await, 200);
    assert_eq!(unsubscribe(&[("SID", &sid)]).await, 412);
    let second = controller.subscribe(&home, AVT).await.header("sid").to_owned();
    home.clock.advance(Duration::from_secs(301));
    assert_eq!(renew(&home, &second, AVT).await, 412);
}

#[tokio::test]
async fn times_are_bounded() {
    let home = Home::start().await;
    let controller = Controller::start().await;
    for (asked, given) in [
        (Some("Second-1"), "Second-60"),
        (Some("Second-999999999999999999999999"), "Second-1800"),
        (Some("Second-infinite"), "Second-1800"),
        (Some("soon"), "Second-300"),
        (None, "Second-300"),
    ] {
        let mut headers = vec![("CALLBACK", controller.callback.as_str()), ("NT", "upnp:event")];
        headers.extend(asked.map(|asked| ("TIMEOUT", asked)));
        let answer = home.request("SUBSCRIBE", &home.path("AVTransport/event"), &headers, "").await;
        assert_eq!((answer.status, answer.header("timeout")), (200, given), "{asked:?}");
    }
}

#[tokio::test]
async fn a_controller_that_fails_is_left_after_a_few_events() {
    let home = Home::start().await;
    let mut controller = Controller::start().await;
    controller.answer(500);
    let sid = controller.subscribe(&home, AVT).await.header("sid").to_owned();
    for sequence in 0..3 {
        assert_eq!(controller.event().await.sequence, sequence);
    }
    over(&home, &sid, AVT).await;
}

#[tokio::test]
async fn a_controller_that_knows_no_such_subscription_is_left() {
    let home = Home::start().await;
    let mut controller = Controller::start().await;
    controller.answer(412);
    let sid = controller.subscribe(&home, AVT).await.header("sid").to_owned();
    assert_eq!(controller.event().await.sequence, 0);
    over(&home, &sid, AVT).await;
}

#[tokio::test]
async fn an_event_that_failed_comes_with_the_next_state() {
    let home = Home::start().await;
    let mut controller = Controller::start().await;
    assert_eq!(controller.subscribe(&home, RC).await.status, 200);
    controller.event().await;
    controller.answer(503);
    home.renderers[0].change(|state| state.volume = Some(31));
    assert_eq!(controller.event().await.value("Volume").as_deref(), Some("31"));
    controller.answer(200);
    home.renderers[0].change(|state| state.muted = Some(true));
    let both = controller.event().await;
    assert_eq!(
        (both.sequence, both.value("Volume").as_deref(), both.value("Mute").as_deref()),
        (2, Some("31"), Some("1"))
    );
}

#[tokio::test]
async fn events_follow_a_renderer_that_is_renamed() {
    let home = Home::start().await;
    let mut controller = Controller::start().await;
    let sid = controller.subscribe(&home, RC).await.header("sid").to_owned();
    controller.event().await;
    let renamed = home.renderers[0].renamed("Bath");
    home.offer(std::slice::from_ref(&renamed));
    renamed.change(|state| state.volume = Some(44));
    controller.event_with("Volume", "44").await;
    assert_eq!(renew(&home, &sid, RC).await, 200);
    home.offer(&[]);
    let gone = async { while renew(&home, &sid, RC).await != 404 {} };
    tokio::time::timeout(SOON, gone).await.unwrap();
}
