//! The parsers of what strangers send, for fuzzers and tests.

use axum::http::HeaderMap;

use super::services::Service;
use super::xml::{Strictness, XmlPart, XmlReader};
use super::{didl, events, soap, ssdp};
use crate::speakers::MediaItem;

/// The name of an action, with its arguments by their names.
pub type Called = (&'static str, Vec<(&'static str, String)>);

/// Target and seconds of a search; none where a datagram is none.
#[must_use]
pub fn search(datagram: &[u8]) -> Option<(String, u64)> {
    ssdp::Search::read(datagram).map(|search| (search.target, search.wait.as_secs()))
}

/// The name of the action that a message calls at a service, with its arguments, or the number of the error.
///
/// # Errors
/// When it is no call, or `service` no name of a service.
pub fn call(service: &str, header: Option<&str>, body: &str) -> Result<Called, u16> {
    let service = Service::named(service).ok_or(404_u16)?;
    let call = soap::read(service, header, body).map_err(|fault| fault.error().0)?;
    let argument = |input: &super::services::Argument| (input.name, call.argument(input.name).to_owned());
    Ok((call.action.name, call.action.inputs.iter().map(argument).collect()))
}

/// The names of the services, each with the header that calls one of its actions.
#[must_use]
pub fn headers() -> Vec<(&'static str, String)> {
    let of = |service: Service| {
        service
            .actions()
            .iter()
            .map(move |action| (service.name(), format!("\"{}#{}\"", service.kind(), action.name)))
    };
    Service::ALL.into_iter().flat_map(of).collect()
}

/// An item as a controller describes it.
#[must_use]
pub fn described(uri: &str, didl: &str) -> MediaItem {
    didl::describe(uri, didl)
}

/// The DIDL-Lite by which a renderer shows an item.
#[must_use]
pub fn shown(item: &MediaItem) -> String {
    didl::write(item)
}

/// The seconds of a subscription, with the addresses of a new one or the id of one that goes on.
///
/// # Errors
/// The status of the answer where it is refused.
pub fn subscription(headers: &HeaderMap) -> Result<(u64, Vec<String>), u16> {
    match events::read(headers).map_err(|refusal| refusal.status().as_u16())? {
        events::Subscribe::New { callbacks, timeout } => {
            Ok((timeout.as_secs(), callbacks.iter().map(|callback| callback.uri.to_string()).collect()))
        }
        events::Subscribe::Renew { sid, timeout } => Ok((timeout.as_secs(), vec![sid])),
    }
}

/// Whether a text is XML that we read, with every element closed.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    let mut reader = XmlReader::new(text, Strictness::Strict);
    loop {
        match reader.next() {
            Ok(XmlPart::End) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}
