//! Every action, and every way in which one is refused.

use ma_alexa::upnp::{ActionError, RendererSnapshot, TransportState};

use super::home::{Answer, Home};

const AVT: &str = "AVTransport";
const RC: &str = "RenderingControl";
const CM: &str = "ConnectionManager";

/// Music Assistant's, escaped as text; its address in `dc:queueItemId` is malformed XML inside.
const DIDL: &str = "&lt;DIDL-Lite&gt;&lt;item&gt;&lt;dc:title&gt;Song &amp;amp; more&lt;/dc:title&gt;\
    &lt;dc:queueItemId&gt;http://192.168.1.5:8097/x.mp3?a=1&amp;b=2&lt;/dc:queueItemId&gt;\
    &lt;upnp:artist&gt;Artist&lt;/upnp:artist&gt;&lt;res duration=&quot;0:03:25&quot;/&gt;&lt;/item&gt;&lt;/DIDL-Lite&gt;";

/// Arguments by their names.
type Arguments<'a> = &'a [(&'a str, &'a str)];

/// The number of a fault; it always has its body.
fn fault(answer: &Answer) -> u16 {
    assert_eq!(answer.status, 500, "{answer:?}");
    assert_eq!(answer.element("faultstring").as_deref(), Some("UPnPError"), "{answer:?}");
    assert!(answer.element("errorDescription").is_some(), "{answer:?}");
    answer.element("errorCode").unwrap().parse().unwrap()
}

async fn done(home: &Home, service: &str, action: &str, arguments: &[(&str, &str)]) -> Answer {
    let answer = home.call(service, action, arguments).await;
    assert_eq!(answer.status, 200, "{action}: {answer:?}");
    let name = format!("u:{action}Response xmlns:u=\"urn:schemas-upnp-org:service:{service}:1\"");
    assert!(answer.text().contains(&name), "{answer:?}");
    answer
}

async fn set(home: &Home, uri: &str, didl: &str) -> Answer {
    let arguments = [("InstanceID", "0"), ("CurrentURI", uri), ("CurrentURIMetaData", didl)];
    home.call(AVT, "SetAVTransportURI", &arguments).await
}

#[tokio::test]
async fn a_play_as_music_assistant_calls_it() {
    let home = Home::start().await;
    let instance = [("InstanceID", "0")];
    done(&home, AVT, "Stop", &instance).await;
    let uri = "http://192.168.1.5:8097/flow/a/b/c.mp3?x=1&amp;y=2";
    assert_eq!(set(&home, uri, DIDL).await.status, 200);
    let item = home.renderers[0].snapshot().item.unwrap();
    assert_eq!(item.uri, "http://192.168.1.5:8097/flow/a/b/c.mp3?x=1&y=2");
    assert_eq!((item.title.as_deref(), item.artist.as_deref()), (Some("Song & more"), Some("Artist")));
    assert!(item.didl.contains("a=1&b=2"), "{}", item.didl);
    let actions = done(&home, AVT, "GetCurrentTransportActions", &instance).await;
    assert_eq!(actions.element("Actions").as_deref(), Some("Play,Stop"));
    done(&home, AVT, "Play", &[("InstanceID", "0"), ("Speed", "1")]).await;
    let info = done(&home, AVT, "GetTransportInfo", &instance).await;
    assert_eq!(info.element("CurrentTransportState").as_deref(), Some("PLAYING"));
    assert_eq!(info.element("CurrentTransportStatus").as_deref(), Some("OK"));
    let position = done(&home, AVT, "GetPositionInfo", &instance).await;
    assert_eq!(position.element("RelTime").as_deref(), Some("0:01:01"));
    assert_eq!(position.element("TrackDuration").as_deref(), Some("0:03:25"));
    assert_eq!(position.element("TrackURI").as_deref(), Some(item.uri.as_str()));
    assert!(position.element("TrackMetaData").unwrap().contains("<dc:title>Song &amp; more</dc:title>"));
    let next = [("InstanceID", "0"), ("NextURI", "http://192.168.1.5/next.mp3"), ("NextURIMetaData", "")];
    done(&home, AVT, "SetNextAVTransportURI", &next).await;
    let media = done(&home, AVT, "GetMediaInfo", &instance).await;
    assert_eq!(media.element("NextURI").as_deref(), Some("http://192.168.1.5/next.mp3"));
    assert_eq!(media.element("NrTracks").as_deref(), Some("1"));
    done(&home, AVT, "Pause", &instance).await;
    assert_eq!(home.renderers[0].snapshot().state, TransportState::Paused);
    let none = [("InstanceID", "0"), ("NextURI", ""), ("NextURIMetaData", "")];
    done(&home, AVT, "SetNextAVTransportURI", &none).await;
    assert_eq!(home.renderers[0].snapshot().next, None);
    done(&home, AVT, "Stop", &instance).await;
    assert_eq!(home.renderers[0].snapshot().state, TransportState::Stopped);
}

#[tokio::test]
async fn volume_and_mute_are_set_and_read() {
    let home = Home::start().await;
    let channel = [("InstanceID", "0"), ("Channel", "Master")];
    let with = |name, value| [channel[0], channel[1], (name, value)];
    let volume = done(&home, RC, "GetVolume", &channel).await;
    assert_eq!(volume.element("CurrentVolume").as_deref(), Some("30"));
    for percent in ["0", "100", " 7 "] {
        done(&home, RC, "SetVolume", &with("DesiredVolume", percent)).await;
        assert_eq!(home.renderers[0].snapshot().volume.unwrap().to_string(), percent.trim());
    }
    for (text, muted) in
        [("1", true), ("0", false), ("true", true), ("false", false), ("yes", true), ("no", false)]
    {
        done(&home, RC, "SetMute", &with("DesiredMute", text)).await;
        assert_eq!(home.renderers[0].snapshot().muted, Some(muted), "{text}");
        let mute = done(&home, RC, "GetMute", &channel).await;
        assert_eq!(mute.element("CurrentMute").unwrap(), u8::from(muted).to_string());
    }
    home.renderers[0].change(|state| (state.volume, state.muted) = (None, None));
    assert_eq!(fault(&home.call(RC, "GetVolume", &channel).await), 501);
    assert_eq!(fault(&home.call(RC, "GetMute", &channel).await), 501);
}

#[tokio::test]
async fn what_only_reads_is_answered() {
    let home = Home::start().await;
    let instance = [("InstanceID", "0")];
    let formats = done(&home, CM, "GetProtocolInfo", &[]).await;
    let sink = formats.element("Sink").unwrap();
    let taken: Vec<&str> = sink.split(',').collect();
    // Controllers that choose a format take the first one.
    assert_eq!(taken[0], "http-get:*:audio/mpeg:*");
    assert!(
        taken.contains(&"http-get:*:audio/mp4:*") && taken.iter().all(|entry| entry.split(':').count() == 4)
    );
    assert_eq!(formats.element("Source").as_deref(), Some(""));
    let ids = done(&home, CM, "GetCurrentConnectionIDs", &[]).await;
    assert_eq!(ids.element("ConnectionIDs").as_deref(), Some("0"));
    let connection = done(&home, CM, "GetCurrentConnectionInfo", &[("ConnectionID", "0")]).await;
    assert_eq!(connection.element("Direction").as_deref(), Some("Input"));
    assert_eq!(connection.element("PeerConnectionID").as_deref(), Some("-1"));
    let able = done(&home, AVT, "GetDeviceCapabilities", &instance).await;
    assert_eq!(able.element("PlayMedia").as_deref(), Some("NETWORK"));
    let settings = done(&home, AVT, "GetTransportSettings", &instance).await;
    assert_eq!(settings.element("PlayMode").as_deref(), Some("NORMAL"));
    let info = done(&home, AVT, "GetTransportInfo", &instance).await;
    assert_eq!(info.element("CurrentTransportState").as_deref(), Some("NO_MEDIA_PRESENT"));
    let media = done(&home, AVT, "GetMediaInfo", &instance).await;
    assert_eq!(
        (media.element("CurrentURI").as_deref(), media.element("PlayMedium").as_deref()),
        (Some(""), Some("NONE"))
    );
    home.renderers[0].change(|state| state.failed = true);
    let failed = done(&home, AVT, "GetTransportInfo", &instance).await;
    assert_eq!(failed.element("CurrentTransportStatus").as_deref(), Some("ERROR_OCCURRED"));
}

#[tokio::test]
async fn every_fault_has_its_number() {
    let home = Home::start().await;
    let (instance, master) = (("InstanceID", "0"), ("Channel", "Master"));
    let calls: [(&str, &str, Arguments<'_>, u16); 22] = [
        (AVT, "Record", &[instance], 401),
        (AVT, "GetVolume", &[instance, master], 401),
        (AVT, "Play", &[instance], 402),
        (AVT, "Play", &[instance, ("Speed", "1"), ("Speed", "1")], 402),
        (AVT, "Play", &[instance, ("Speed", "<a>")], 402),
        (AVT, "Play", &[instance, ("Speed", "&nbsp;")], 402),
        (AVT, "Play", &[instance, ("Speed", "2")], 717),
        (AVT, "Next", &[instance], 701),
        (AVT, "Previous", &[instance], 701),
        (AVT, "Seek", &[instance, ("Unit", "REL_TIME"), ("Target", "0:01:00")], 710),
        (AVT, "Seek", &[instance, ("Unit", "TRACK_NR"), ("Target", "2")], 711),
        (AVT, "Seek", &[instance, ("Unit", "TRACK_NR"), ("Target", "1")], 701),
        (RC, "SetVolume", &[instance, master, ("DesiredVolume", "loud")], 600),
        (RC, "SetVolume", &[instance, master, ("DesiredVolume", "")], 600),
        (RC, "SetVolume", &[instance, master, ("DesiredVolume", "101")], 601),
        (RC, "SetVolume", &[instance, master, ("DesiredVolume", "-1")], 601),
        (RC, "SetMute", &[instance, master, ("DesiredMute", "2")], 600),
        (RC, "GetVolume", &[instance, ("Channel", "LF")], 703),
        (CM, "GetCurrentConnectionInfo", &[("ConnectionID", "1")], 706),
        (CM, "GetCurrentConnectionInfo", &[("ConnectionID", "x")], 706),
        (CM, "PrepareForConnection", &[], 401),
        (RC, "SelectPreset", &[instance, ("PresetName", "FactoryDefaults")], 401),
    ];
    for (service, action, arguments, number) in calls {
        let answer = home.call(service, action, arguments).await;
        assert_eq!(fault(&answer), number, "{action} {arguments:?}");
    }
    assert_eq!(
        home.renderers[0].snapshot(),
        RendererSnapshot { volume: Some(30), muted: Some(false), ..RendererSnapshot::default() }
    );
}

#[tokio::test]
async fn there_is_one_instance() {
    let home = Home::start().await;
    let master = ("Channel", "Master");
    for wrong in ["1", "-1", "00x", "", "4294967296", "0.0", "zero"] {
        let instance = ("InstanceID", wrong);
        for action in ["Stop", "Pause", "GetPositionInfo", "GetMediaInfo", "Next"] {
            assert_eq!(fault(&home.call(AVT, action, &[instance]).await), 718, "{action} {wrong}");
        }
        let play = [instance, ("Speed", "1")];
        assert_eq!(fault(&home.call(AVT, "Play", &play).await), 718, "{wrong}");
        assert_eq!(fault(&home.call(RC, "GetVolume", &[instance, master]).await), 702, "{wrong}");
    }
    assert_eq!(home.renderers[0].snapshot().state, TransportState::NoMediaPresent);
}

#[tokio::test]
async fn addresses_that_may_not_be_fetched_are_refused() {
    let home = Home::start().await;
    let long = format!("http://192.168.1.5/{}", "x".repeat(2048));
    for (uri, number) in [
        ("", 714),
        ("file:///etc/passwd", 714),
        ("rtsp://192.168.1.5/a", 714),
        ("x-rincon:RINCON_1", 714),
        (&long, 714),
        ("http://127.0.0.1/a.mp3", 716),
        ("http://localhost:5000/a.mp3", 716),
        ("http://169.254.169.254/latest", 716),
        ("http://[::1]/a", 716),
        ("http://0.0.0.0/a", 716),
        ("http://me:secret@192.168.1.5/a", 716),
    ] {
        assert_eq!(fault(&set(&home, uri, "").await), number, "{uri}");
        if !uri.is_empty() {
            let next = [("InstanceID", "0"), ("NextURI", uri), ("NextURIMetaData", "")];
            assert_eq!(fault(&home.call(AVT, "SetNextAVTransportURI", &next).await), number, "{uri}");
        }
    }
    let state = home.renderers[0].snapshot();
    assert_eq!((state.item, state.next), (None, None));
}

#[tokio::test]
async fn no_play_is_refused_for_its_metadata() {
    let home = Home::start().await;
    for didl in [
        "",
        "NOT_IMPLEMENTED",
        "&lt;",
        "&lt;DIDL-Lite&gt;&lt;item&gt;",
        "&lt;!DOCTYPE a [&lt;!ENTITY b &quot;c&quot;&gt;]&gt;&lt;a&gt;&amp;b;&lt;/a&gt;",
        "&#x26;&#60;&#1114111;",
        "<![CDATA[<a & b>]]>",
        "<DIDL-Lite><item><title>not escaped</title></item></DIDL-Lite>",
        &"&lt;a&gt;".repeat(2000),
        DIDL,
    ] {
        let answer = set(&home, "http://192.168.1.5/a.mp3", didl).await;
        assert_eq!(answer.status, 200, "{didl}: {answer:?}");
        let media = done(&home, AVT, "GetMediaInfo", &[("InstanceID", "0")]).await;
        let shown = media.element("CurrentURIMetaData").unwrap();
        assert!(ma_alexa::upnp::testing::is_well_formed(&shown), "{shown}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_renderer_is_passed_on() {
    let home = Home::start().await;
    let play = [("InstanceID", "0"), ("Speed", "1")];
    let renderer = &home.renderers[0];
    renderer.refuse(Some(ActionError::NotNow));
    assert_eq!(fault(&home.call(AVT, "Play", &play).await), 702, "there is nothing to play");
    assert_eq!(home.call(AVT, "Stop", &[("InstanceID", "0")]).await.status, 200, "nothing plays");
    renderer.refuse(None);
    assert_eq!(set(&home, "http://192.168.1.5/a.mp3", "").await.status, 200);
    for (refusal, number) in [
        (ActionError::NotNow, 701),
        (ActionError::NotPlayable, 714),
        (ActionError::NotFound, 716),
        (ActionError::Failed, 501),
    ] {
        renderer.refuse(Some(refusal));
        assert_eq!(fault(&home.call(AVT, "Play", &play).await), number);
        assert_eq!(fault(&set(&home, "http://192.168.1.5/b.mp3", "").await), number);
        renderer.change(|state| state.state = TransportState::Playing);
        assert_eq!(fault(&home.call(AVT, "Stop", &[("InstanceID", "0")]).await), number);
    }
}

#[tokio::test]
async fn a_panic_is_a_failed_action() {
    let home = Home::start().await;
    home.renderers[0].break_down();
    assert_eq!(fault(&home.call(AVT, "Pause", &[("InstanceID", "0")]).await), 501);
    assert_eq!(home.get(&home.path("description.xml")).await.status, 200);
}
