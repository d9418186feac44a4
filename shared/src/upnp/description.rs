//! The descriptions of a renderer and of its services (UPnP Device Architecture 1.0, section 2).

use askama::Template;

use super::media_renderer::Identity;
use super::services::Service;
use super::xml::allowed;

/// Most characters of a name (UPnP Device Architecture 1.0, section 2.1).
const MAX_NAME: usize = 63;

#[derive(Template)]
#[template(path = "upnp/description.xml")]
struct Description {
    name: String,
    model: &'static str,
    version: &'static str,
    /// Never the Echo's own, which Amazon's account API takes.
    serial: String,
    udn: String,
    services: [Service; 3],
}

#[derive(Template)]
#[template(path = "upnp/scpd.xml")]
struct Scpd {
    service: Service,
}

/// The description of a renderer.
///
/// Its `presentationURL` is relative on purpose. Music Assistant takes renderers on one host for one player, by the host
/// of this address, else by that of the description (`providers/dlna/player.py`, of March 2026).
///
/// # Errors
/// When it cannot be written.
pub(super) fn device(identity: &Identity) -> Result<String, askama::Error> {
    let description = Description {
        name: allowed(&identity.name).trim().chars().take(MAX_NAME).collect::<String>().trim_end().to_owned(),
        model: identity.model.name(),
        version: env!("CARGO_PKG_VERSION"),
        serial: identity.udn.chars().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect(),
        udn: identity.udn.clone(),
        services: Service::ALL,
    };
    description.render()
}

/// The description of a service.
///
/// # Errors
/// When it cannot be written.
pub(super) fn service(service: Service) -> Result<String, askama::Error> {
    Scpd { service }.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upnp::RendererModel;
    use crate::upnp::xml::{Strictness, XmlPart, XmlReader};

    fn is_well_formed(text: &str) -> bool {
        let mut reader = XmlReader::new(text, Strictness::Strict);
        loop {
            match reader.next() {
                Ok(XmlPart::End) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    #[test]
    fn names_cannot_break_a_description() {
        let identity = Identity {
            udn: "2fac1234-31f8-11b4-a222-08002b34c003".into(),
            name: "Anna's <Küche> & \u{1}Bad".into(),
            model: RendererModel::EchoShow,
        };
        let text = device(&identity).unwrap();
        assert!(is_well_formed(&text), "{text}");
        assert!(text.contains("<UDN>uuid:2fac1234-31f8-11b4-a222-08002b34c003</UDN>"));
        assert!(text.contains("<serialNumber>08002b34c003</serialNumber>"));
        assert!(text.contains("<presentationURL>/2fac1234-31f8-11b4-a222-08002b34c003/</presentationURL>"));
        assert!(!text.contains('\u{1}') && !text.contains("<Küche>"), "{text}");
    }

    #[test]
    fn descriptions_of_services_are_well_formed() {
        for each in Service::ALL {
            let text = service(each).unwrap();
            assert!(is_well_formed(&text), "{text}");
            assert_eq!(text.matches("<stateVariable ").count(), each.variables().len());
            assert_eq!(text.matches("<action>").count(), each.actions().len());
        }
    }
}
