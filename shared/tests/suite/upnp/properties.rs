//! What holds for any input of the parsers.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ma_alexa::upnp::testing;
use proptest::prelude::*;

/// Text as content of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text with what makes XML, in any order.
fn markup() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("<DIDL-Lite>".to_owned()),
        Just("<item>".to_owned()),
        Just("</item>".to_owned()),
        Just("<dc:title>".to_owned()),
        Just("</dc:title>".to_owned()),
        Just("<res duration=\"".to_owned()),
        Just("\"/>".to_owned()),
        Just("<![CDATA[".to_owned()),
        Just("]]>".to_owned()),
        Just("<!--".to_owned()),
        Just("-->".to_owned()),
        Just("<!DOCTYPE a [".to_owned()),
        Just("&#x0;".to_owned()),
        Just("&amp;".to_owned()),
        Just("&".to_owned()),
        Just("<?".to_owned()),
        "[0-9:.]{0,9}",
        ".{0,8}",
    ];
    proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn a_search_has_a_plain_target_and_a_bounded_time(datagram in proptest::collection::vec(any::<u8>(), 0..3000)) {
        if let Some((target, seconds)) = testing::search(&datagram) {
            prop_assert!(target.bytes().all(|byte| byte.is_ascii_graphic()) && (1..=5).contains(&seconds));
        }
    }

    #[test]
    fn headers_of_a_search_come_in_any_order(target in "[!-~]{1,40}", wait in ".{0,6}", noise in "[^\r\n]{0,40}") {
        let mut headers = [format!("ST: {target}"), "MAN: \"ssdp:discover\"".into(), format!("MX:{wait}"), format!("X-{noise}")];
        headers.rotate_left(noise.len() % 4);
        let datagram = format!("M-SEARCH * HTTP/1.1\r\n{}\r\n\r\n", headers.join("\r\n"));
        let read = testing::search(datagram.as_bytes());
        let (found, seconds) = read.unwrap();
        prop_assert!(found == target && (1..=5).contains(&seconds), "{} {}", found, seconds);
    }

    #[test]
    fn an_argument_arrives_as_it_was_sent(value in "[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{fffe}\u{ffff}]{0,60}") {
        let body = format!(
            "<s:Envelope><s:Body><u:SetAVTransportURI><InstanceID>0</InstanceID><CurrentURI>{}</CurrentURI>\
             <CurrentURIMetaData/></u:SetAVTransportURI></s:Body></s:Envelope>",
            escaped(&value),
        );
        let header = "urn:schemas-upnp-org:service:AVTransport:1#SetAVTransportURI";
        let (_, arguments) = testing::call("AVTransport", Some(header), &body).unwrap();
        prop_assert_eq!(&arguments[1], &("CurrentURI", value));
    }

    #[test]
    fn a_message_is_a_call_or_a_fault(body in markup(), action in 0..32_usize) {
        let headers = testing::headers();
        let (service, header) = &headers[action % headers.len()];
        let called = testing::call(service, Some(header), &body);
        prop_assert!(called.is_ok() || called == Err(402) || called == Err(401));
    }

    #[test]
    fn a_description_of_an_item_is_bounded_and_shown_well_formed(didl in markup()) {
        let item = testing::described("http://192.168.1.5/a?b=1&c=2", &didl);
        for name in [&item.title, &item.artist, &item.album].into_iter().flatten() {
            prop_assert!((1..=256).contains(&name.chars().count()), "{}", name);
        }
        prop_assert!(item.duration.is_none_or(|duration| duration.as_secs() > 0));
        prop_assert!(testing::is_well_formed(&testing::shown(&item)), "{:?}", item);
    }

    #[test]
    fn a_subscription_is_refused_or_has_plain_addresses(
        callback in "[ -~]{0,80}|<http://[0-9a-z.:@/]{0,30}>",
        timeout in "[ -~]{0,30}|Second-[0-9]{0,30}",
        nt in "upnp:event|[ -~]{0,12}",
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("callback", &callback), ("timeout", &timeout), ("nt", &nt)] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        match testing::subscription(&headers) {
            Ok((seconds, callbacks)) => {
                prop_assert!((60..=1800).contains(&seconds) && (1..=4).contains(&callbacks.len()));
                for callback in callbacks {
                    let url = url::Url::parse(&callback).unwrap();
                    prop_assert!(url.scheme() == "http" && url.username().is_empty() && url.password().is_none());
                    prop_assert!(matches!(url.host(), Some(url::Host::Ipv4(_))), "{}", callback);
                }
            }
            Err(status) => prop_assert_eq!(status, 412),
        }
    }
}
