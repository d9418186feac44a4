//! The body of an event: the state variables that changed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::upnp::media_renderer::RendererSnapshot;
use crate::upnp::services::{Events, Service, StateVariable};
use crate::upnp::values::value;
use crate::upnp::xml::escape;

/// The values of a service that events tell, by the names of their variables. One that is not known is not there.
pub(super) fn values(service: Service, snapshot: &RendererSnapshot) -> BTreeMap<&'static str, String> {
    let sent = service.variables().iter().filter(|variable| variable.events != Events::None);
    // No event has a position.
    sent.filter_map(|variable| Some((variable.name, value(variable.name, snapshot, Duration::ZERO)?)))
        .collect()
}

/// The event with the values that are not as they were; none where all are.
pub(super) fn changes(
    service: Service,
    was: &BTreeMap<&'static str, String>,
    is: &BTreeMap<&'static str, String>,
) -> Option<String> {
    let changed = |variable: &&StateVariable| is.get(variable.name) != was.get(variable.name);
    let changed: Vec<&StateVariable> = service.variables().iter().filter(changed).collect();
    (!changed.is_empty()).then(|| write(service, &changed, is))
}

/// The event with all values: the first one of a subscription.
pub(super) fn all(service: Service, is: &BTreeMap<&'static str, String>) -> String {
    write(service, &service.variables().iter().collect::<Vec<_>>(), is)
}

fn write(service: Service, variables: &[&StateVariable], values: &BTreeMap<&'static str, String>) -> String {
    let of = |events: Events| {
        let variables = variables.iter().filter(move |variable| variable.events == events);
        variables.filter_map(|variable| Some((variable.name, values.get(variable.name)?)))
    };
    let mut body = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <e:propertyset xmlns:e=\"urn:schemas-upnp-org:event-1-0\">",
    );
    let mut property = |name: &str, value: &str| {
        let _ = write!(body, "<e:property><{name}>{}</{name}></e:property>", escape(value));
    };
    for (name, value) in of(Events::Own) {
        property(name, value);
    }
    if let Some((namespace, channel)) = last_change(service) {
        let mut event = format!("<Event xmlns=\"{namespace}\"><InstanceID val=\"0\">");
        for (name, value) in of(Events::LastChange) {
            let _ = write!(event, "<{name}{channel} val=\"{}\"/>", escape(value));
        }
        event.push_str("</InstanceID></Event>");
        property("LastChange", &event);
    }
    body.push_str("</e:propertyset>");
    body
}

/// The namespace of a service's `LastChange`, and what it writes of a channel (AVTransport:1 and RenderingControl:1,
/// section 2.3.1).
fn last_change(service: Service) -> Option<(&'static str, &'static str)> {
    match service {
        Service::AvTransport => Some(("urn:schemas-upnp-org:metadata-1-0/AVT/", "")),
        Service::RenderingControl => Some(("urn:schemas-upnp-org:metadata-1-0/RCS/", " channel=\"Master\"")),
        Service::ConnectionManager => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speakers::MediaItem;
    use crate::upnp::media_renderer::TransportState;

    #[test]
    fn an_event_has_what_changed() {
        let quiet = RendererSnapshot { volume: Some(30), muted: Some(false), ..RendererSnapshot::default() };
        let loud = RendererSnapshot { volume: Some(31), ..quiet.clone() };
        let service = Service::RenderingControl;
        let (was, is) = (values(service, &quiet), values(service, &loud));
        assert_eq!(changes(service, &was, &was), None);
        let event = changes(service, &was, &is).unwrap();
        assert!(event.contains("&lt;Volume channel=&quot;Master&quot; val=&quot;31&quot;/&gt;"), "{event}");
        assert!(!event.contains("Mute"), "{event}");
        assert!(all(service, &is).contains("&lt;Mute channel=&quot;Master&quot; val=&quot;0&quot;/&gt;"));
    }

    #[test]
    fn text_of_a_controller_is_escaped_twice() {
        let item = MediaItem { uri: "http://a/?b=1&c=\"".into(), ..MediaItem::default() };
        let playing = RendererSnapshot {
            state: TransportState::Playing,
            item: Some(item),
            ..RendererSnapshot::default()
        };
        let event = all(Service::AvTransport, &values(Service::AvTransport, &playing));
        let expected = "&lt;AVTransportURI val=&quot;http://a/?b=1&amp;amp;c=&amp;quot;&quot;/&gt;";
        assert!(event.contains(expected), "{event}");
        assert!(event.contains("&lt;TransportState val=&quot;PLAYING&quot;/&gt;"), "{event}");
        assert!(!event.contains("RelativeTimePosition") && !event.contains("A_ARG"), "{event}");
    }

    #[test]
    fn a_service_without_last_change_has_properties() {
        let event = all(
            Service::ConnectionManager,
            &values(Service::ConnectionManager, &RendererSnapshot::default()),
        );
        let sink = "<e:property><SinkProtocolInfo>http-get:*:audio/mpeg:*,";
        assert!(event.contains(sink) && !event.contains("LastChange"), "{event}");
        assert_eq!(event.matches("<e:property>").count(), 3);
    }
}
