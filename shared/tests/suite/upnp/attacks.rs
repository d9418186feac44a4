//! What strangers and broken controllers send.

use std::net::Ipv4Addr;

use tokio::net::TcpStream;

use super::controller::Controller;
use super::home::{Home, exchange};

/// A call that would stop the renderer.
const STOP: &str = "\"urn:schemas-upnp-org:service:AVTransport:1#Stop\"";

async fn still_there(home: &Home) {
    assert_eq!(home.get(&home.path("description.xml")).await.status, 200);
    assert_eq!(home.call("AVTransport", "Stop", &[("InstanceID", "0")]).await.status, 200);
}

#[tokio::test]
async fn events_go_to_no_third_machine() {
    let home = Home::start().await;
    let own = Controller::start().await;
    for callback in [
        "<http://8.8.8.8/>",
        "<http://192.168.1.1/>",
        "<http://127.0.0.2/>",
        "<http://localhost/>",
        "<http://example.com/>",
        "<http://169.254.169.254/latest/meta-data>",
        "<http://[::1]/>",
        "<http://0.0.0.0/>",
        "<https://127.0.0.1/>",
        "<http://127.0.0.1:0/>",
        "<http://me@127.0.0.1/>",
        "http://127.0.0.1/",
        "",
    ] {
        let headers = [("CALLBACK", callback), ("NT", "upnp:event")];
        let answer = home.request("SUBSCRIBE", &home.path("AVTransport/event"), &headers, "").await;
        assert_eq!(answer.status, 412, "{callback}");
    }
    // The one address of several that is the asker's own is taken.
    let several = format!("<http://8.8.8.8/>{}", own.callback);
    let headers = [("CALLBACK", several.as_str()), ("NT", "upnp:event")];
    assert_eq!(home.request("SUBSCRIBE", &home.path("AVTransport/event"), &headers, "").await.status, 200);
    let elsewhere = Ipv4Addr::new(127, 0, 0, 2);
    let headers = [("CALLBACK", own.callback.as_str()), ("NT", "upnp:event")];
    let path = home.path("AVTransport/event");
    assert_eq!(home.request_from(elsewhere, ("SUBSCRIBE", &path), &headers).await.status, 412);
}

#[tokio::test]
async fn a_thousand_subscriptions_leave_sixty_four() {
    let home = Home::with(10).await;
    // It takes the events of all.
    let port = Controller::on(Ipv4Addr::UNSPECIFIED).await.port;
    let mut taken = vec![0; home.renderers.len()];
    for number in 0..1000_usize {
        let [high, low] = u16::try_from(number + 1).unwrap().to_be_bytes();
        let asker = Ipv4Addr::new(127, 1, high, low);
        let callback = format!("<http://{asker}:{port}/notify?a=b>");
        let which = number % home.renderers.len();
        let path = format!("/{}/AVTransport/event", home.renderers[which].udn());
        let headers = [("CALLBACK", callback.as_str()), ("NT", "upnp:event")];
        match home.request_from(asker, ("SUBSCRIBE", &path), &headers).await.status {
            200 => taken[which] += 1,
            503 => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(taken.iter().sum::<usize>(), 64);
    assert!(taken.iter().all(|taken| *taken <= 8), "{taken:?}");
    still_there(&home).await;
}

/// One renderer has no more than its part.
#[tokio::test]
async fn a_hundred_controllers_leave_eight_at_one_renderer() {
    let home = Home::with(2).await;
    let port = Controller::on(Ipv4Addr::UNSPECIFIED).await.port;
    let mut taken = 0;
    for number in 0..100_u8 {
        let asker = Ipv4Addr::new(127, 1, 0, number + 1);
        let callback = format!("<http://{asker}:{port}/notify?a=b>");
        let headers = [("CALLBACK", callback.as_str()), ("NT", "upnp:event")];
        let answer = home.request_from(asker, ("SUBSCRIBE", &home.path("AVTransport/event")), &headers).await;
        taken += usize::from(answer.status == 200);
    }
    assert_eq!(taken, 8);
}

#[tokio::test]
async fn a_controller_that_starts_again_and_again_takes_its_own_places() {
    let home = Home::start().await;
    let controller = Controller::start().await;
    let mut sids = Vec::new();
    for _ in 0..100 {
        let answer = controller.subscribe(&home, "AVTransport").await;
        assert_eq!(answer.status, 200);
        sids.push(answer.header("sid").to_owned());
    }
    let mut open = Vec::new();
    for sid in &sids {
        let answer = home.request("UNSUBSCRIBE", &home.path("AVTransport/event"), &[("SID", sid)], "").await;
        open.extend((answer.status == 200).then_some(sid));
    }
    assert_eq!(open, sids[92..].iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn large_messages_are_not_read() {
    let home = Home::start().await;
    let path = home.path("AVTransport/control");
    for length in [64 * 1024 + 1, 10 * 1024 * 1024] {
        let body = "x".repeat(length);
        let message = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nSOAPACTION: {STOP}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        let stream = TcpStream::connect(home.address).await.unwrap();
        let answer = exchange(stream, &message).await;
        // A sender that does not listen while it sends may lose the answer.
        assert!(answer.is_none_or(|answer| answer.status == 413), "{length}");
    }
    let whole = "x".repeat(64 * 1024);
    assert_eq!(home.request("POST", &path, &[("SOAPACTION", STOP)], &whole).await.status, 500);
    still_there(&home).await;
}

#[tokio::test]
async fn bombs_and_nonsense_are_faults() {
    let home = Home::start().await;
    let path = home.path("AVTransport/control");
    let laughs = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol1 \"&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;\">\
        <!ENTITY lol2 \"&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;\">]><s:Envelope><s:Body><u:Stop><InstanceID>&lol2;\
        </InstanceID></u:Stop></s:Body></s:Envelope>";
    let file = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><s:Envelope><s:Body><u:Stop><InstanceID>&b;\
        </InstanceID></u:Stop></s:Body></s:Envelope>";
    let deep = "<a>".repeat(20_000);
    let wide =
        format!("<s:Envelope><s:Body><u:Stop>{}</u:Stop></s:Body></s:Envelope>", "<a/>".repeat(10_000));
    for body in [
        "",
        "\0",
        "{}",
        "<",
        laughs,
        file,
        &deep,
        &wide,
        "<s:Envelope/>",
        "<s:Envelope><s:Body/></s:Envelope>",
    ] {
        let answer = home.request("POST", &path, &[("SOAPACTION", STOP)], body).await;
        assert_eq!(answer.status, 500, "{answer:?}");
        assert_eq!(answer.element("errorCode").as_deref(), Some("402"));
        assert!(!answer.text().contains("root:") && !answer.text().contains("lol"));
    }
    still_there(&home).await;
}

/// A page can send no `SOAPACTION` without asking before, which is not answered.
#[tokio::test]
async fn a_browser_cannot_call_an_action() {
    let home = Home::start().await;
    let path = home.path("AVTransport/control");
    let body = "<s:Envelope><s:Body><u:Stop><InstanceID>0</InstanceID></u:Stop></s:Body></s:Envelope>";
    let plain = home.request("POST", &path, &[("Content-Type", "text/plain")], body).await;
    assert_eq!(plain.element("errorCode").as_deref(), Some("401"));
    let asked = [("Origin", "http://example.com"), ("Access-Control-Request-Headers", "soapaction")];
    let answer = home.request("OPTIONS", &path, &asked, "").await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (405, ""));
    for host in
        ["example.com", "example.com:5002", "rebind.example.com", "127.0.0.1.example.com", "a@127.0.0.1"]
    {
        let headers = [("SOAPACTION", STOP), ("Host", host)];
        assert_eq!(home.request("POST", &path, &headers, body).await.status, 421, "{host}");
        assert_eq!(
            home.request("GET", &home.path("description.xml"), &[("Host", host)], "").await.status,
            421
        );
    }
}

#[tokio::test]
async fn two_headers_of_one_name_decide_nothing() {
    let home = Home::start().await;
    let body = "<s:Envelope><s:Body><u:Stop><InstanceID>0</InstanceID></u:Stop></s:Body></s:Envelope>";
    let twice = [("SOAPACTION", STOP), ("SOAPACTION", STOP)];
    let answer = home.request("POST", &home.path("AVTransport/control"), &twice, body).await;
    assert_eq!(answer.element("errorCode").as_deref(), Some("401"));
    let controller = Controller::start().await;
    let twice =
        [("CALLBACK", controller.callback.as_str()), ("CALLBACK", "<http://8.8.8.8/>"), ("NT", "upnp:event")];
    assert_eq!(home.request("SUBSCRIBE", &home.path("AVTransport/event"), &twice, "").await.status, 412);
}
