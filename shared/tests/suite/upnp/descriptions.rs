//! Descriptions of renderers and services.

use ma_alexa::clock::Clock as _;
use ma_alexa::renderer_report::OfferedDevice;
use ma_alexa::upnp::testing::is_well_formed;

use super::home::Home;

#[tokio::test]
async fn who_asks_for_a_description_is_noted() {
    let home = Home::with(2).await;
    let devices = home.renderers.iter().map(|renderer| OfferedDevice {
        serial: renderer.udn().to_owned(),
        name: "Echo".to_owned(),
        udn: renderer.udn().to_owned(),
    });
    home.reports.offers(devices.collect(), home.clock.now());
    home.get("/2fac1234-31f8-11b4-a222-08002b34c003/description.xml").await;
    assert_eq!(home.reports.report().found_by, None, "there is no such renderer");
    let agent = format!("Python/3.13<i> aiohttp/3.12 {}", "x".repeat(2000));
    home.request("GET", &home.path("description.xml"), &[("user-agent", &agent)], "").await;
    let report = home.reports.report();
    let finder = report.found_by.clone().unwrap();
    assert!(finder.address.is_loopback());
    assert_eq!(finder.product.as_deref(), Some("Python/3.13i"));
    assert_eq!((report.found(), report.renderers.len()), (1, 2));
}

#[tokio::test]
async fn a_renderer_describes_itself_and_its_services() {
    let home = Home::start().await;
    let udn = home.renderers[0].udn().to_owned();
    let answer = home.get(&home.path("description.xml")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/xml; charset=\"utf-8\"");
    assert!(answer.header("server").contains("UPnP/1.0"), "{answer:?}");
    assert!(is_well_formed(answer.text()));
    for (name, value) in [
        ("deviceType", "urn:schemas-upnp-org:device:MediaRenderer:1"),
        ("friendlyName", "Echo 0"),
        ("modelName", "Echo"),
        ("UDN", &format!("uuid:{udn}")),
        ("url", &format!("/{udn}/icon.png")),
    ] {
        assert_eq!(answer.element(name).as_deref(), Some(value), "{name}");
    }
    let page = home.get(&answer.element("presentationURL").unwrap()).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(page.text().starts_with("Echo 0 (Echo)"), "{page:?}");
    let icon = home.get(&home.path("icon.png")).await;
    assert_eq!((icon.status, icon.header("content-type")), (200, "image/png"));
    assert!(icon.body.starts_with(b"\x89PNG\r\n"));
    for service in ["AVTransport", "RenderingControl", "ConnectionManager"] {
        let place = format!("<SCPDURL>/{udn}/{service}/scpd.xml</SCPDURL>");
        assert!(answer.text().contains(&place), "{service}");
        let scpd = home.get(&home.path(&format!("{service}/scpd.xml"))).await;
        assert_eq!(scpd.status, 200);
        assert!(is_well_formed(scpd.text()), "{service}");
    }
}

#[tokio::test]
async fn a_service_declares_what_controllers_look_for() {
    let home = Home::start().await;
    let transport = home.get(&home.path("AVTransport/scpd.xml")).await;
    for action in [
        "SetAVTransportURI",
        "SetNextAVTransportURI",
        "Play",
        "Pause",
        "Stop",
        "Next",
        "Previous",
        "Seek",
        "GetTransportInfo",
        "GetPositionInfo",
        "GetCurrentTransportActions",
        "GetMediaInfo",
        "GetDeviceCapabilities",
        "GetTransportSettings",
    ] {
        assert!(transport.text().contains(&format!("<action><name>{action}</name>")), "{action}");
    }
    let sent = "<stateVariable sendEvents=\"yes\"><name>LastChange</name>";
    assert!(transport.text().contains(sent));
    assert_eq!(transport.text().matches("sendEvents=\"yes\"").count(), 1);
    let control = home.get(&home.path("RenderingControl/scpd.xml")).await;
    let range =
        "<allowedValueRange><minimum>0</minimum><maximum>100</maximum><step>1</step></allowedValueRange>";
    assert!(control.text().contains(range) && control.text().contains(sent));
    for action in ["GetVolume", "SetVolume", "GetMute", "SetMute"] {
        assert!(control.text().contains(&format!("<action><name>{action}</name>")), "{action}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let home = Home::start().await;
    let other = "2fac1234-31f8-11b4-a222-999999999999";
    for path in [
        "/".to_owned(),
        "/description.xml".to_owned(),
        format!("/{other}/description.xml"),
        format!("/{other}/icon.png"),
        format!("/{other}/"),
        format!("/{other}/AVTransport/scpd.xml"),
        home.path("ContentDirectory/scpd.xml"),
        home.path("AVTransport/other.xml"),
        home.path("../description.xml"),
        home.path("%2e%2e/scpd.xml"),
    ] {
        assert_eq!(home.get(&path).await.status, 404, "{path}");
    }
    for (method, path, status) in [
        ("POST", "description.xml", 405),
        ("GET", "AVTransport/control", 405),
        ("GET", "AVTransport/event", 405),
        ("NOTIFY", "AVTransport/event", 405),
        ("SUBSCRIBE", "AVTransport/control", 405),
        ("POST", "Other/control", 404),
        ("SUBSCRIBE", "Other/event", 404),
    ] {
        assert_eq!(home.request(method, &home.path(path), &[], "").await.status, status, "{method} {path}");
    }
}

#[tokio::test]
async fn a_renderer_that_goes_is_not_found_any_more() {
    let home = Home::start().await;
    home.offer(&[home.renderers[0].renamed("Küche")]);
    let renamed = home.get(&home.path("description.xml")).await;
    assert_eq!(renamed.element("friendlyName").as_deref(), Some("Küche"));
    home.offer(&[]);
    assert_eq!(home.get(&home.path("description.xml")).await.status, 404);
    home.stop().await;
}
