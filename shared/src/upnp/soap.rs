//! SOAP: an action that is called, and its answer or fault (UPnP Device Architecture 1.0, section 3.2).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::media_renderer::ActionError;
use super::services::{Service, ServiceAction};
use super::xml::{Malformed, Strictness, XmlPart, XmlReader, escape};

/// Most arguments of a call.
const MAX_ARGUMENTS: usize = 32;

/// A call of an action, with all arguments that it takes.
#[derive(Debug)]
pub(super) struct ActionCall {
    /// The action.
    pub(super) action: &'static ServiceAction,
    arguments: BTreeMap<&'static str, String>,
}

impl ActionCall {
    /// The value of an argument; empty where the action takes none of that name.
    pub(super) fn argument(&self, name: &str) -> &str {
        self.arguments.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// The reason why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The service has no such action.
    InvalidAction,
    /// An argument is missing or is there twice, or the message cannot be read.
    InvalidArguments,
    /// The device cannot do it now.
    ActionFailed,
    /// The value is of another type.
    InvalidValue,
    /// The value is beyond the least or the largest one.
    OutOfRange,
    /// The action does not fit the state (AVTransport).
    NotNow,
    /// There is nothing to play (AVTransport).
    NoContents,
    /// There is one instance, 0 (RenderingControl).
    InvalidRenderingInstance,
    /// There is one channel, `Master` (RenderingControl).
    InvalidChannel,
    /// There is one connection, 0 (ConnectionManager).
    InvalidConnection,
    /// A position is of another kind (AVTransport).
    SeekMode,
    /// There is no such position (AVTransport).
    SeekTarget,
    /// It is no address that can be played (AVTransport).
    IllegalType,
    /// There is nothing there, or it may not be fetched (AVTransport).
    NotFound,
    /// There is one speed, 1 (AVTransport).
    PlaySpeed,
    /// There is one instance, 0 (AVTransport).
    InvalidInstance,
}

impl Fault {
    /// Number and text of the error.
    pub(super) fn error(self) -> (u16, &'static str) {
        match self {
            Self::InvalidAction => (401, "Invalid Action"),
            Self::InvalidArguments => (402, "Invalid Args"),
            Self::ActionFailed => (501, "Action Failed"),
            Self::InvalidValue => (600, "Argument Value Invalid"),
            Self::OutOfRange => (601, "Argument Value Out of Range"),
            Self::NotNow => (701, "Transition not available"),
            Self::NoContents => (702, "No contents"),
            Self::InvalidRenderingInstance => (702, "Invalid InstanceID"),
            Self::InvalidChannel => (703, "Invalid Channel"),
            Self::InvalidConnection => (706, "Invalid connection reference"),
            Self::SeekMode => (710, "Seek mode not supported"),
            Self::SeekTarget => (711, "Illegal seek target"),
            Self::IllegalType => (714, "Illegal MIME-type"),
            Self::NotFound => (716, "Resource not found"),
            Self::PlaySpeed => (717, "Play speed not supported"),
            Self::InvalidInstance => (718, "Invalid InstanceID"),
        }
    }
}

impl From<ActionError> for Fault {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::NotNow => Self::NotNow,
            ActionError::NotPlayable => Self::IllegalType,
            ActionError::NotFound => Self::NotFound,
            ActionError::Failed => Self::ActionFailed,
        }
    }
}

/// Reads a call of `service`: `header` is the value of `SOAPACTION`, without which no call is taken, since the page of
/// a stranger could send one by a browser otherwise.
///
/// # Errors
/// When it is no call of an action of the service, with each of its arguments once.
pub(super) fn read(service: Service, header: Option<&str>, body: &str) -> Result<ActionCall, Fault> {
    let header = header.map(|header| header.trim().trim_matches('"')).unwrap_or_default();
    let (kind, name) = header.split_once('#').ok_or(Fault::InvalidAction)?;
    if kind != service.kind() {
        return Err(Fault::InvalidAction);
    }
    let action = service.action(name).ok_or(Fault::InvalidAction)?;
    let (called, given) = read_envelope(body).map_err(|Malformed| Fault::InvalidArguments)?;
    if called != name {
        return Err(Fault::InvalidAction);
    }
    let mut arguments = BTreeMap::new();
    for input in action.inputs {
        let mut values = given.iter().filter(|(name, _)| name == input.name).map(|(_, value)| value);
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(Fault::InvalidArguments);
        };
        arguments.insert(input.name, value.clone());
    }
    Ok(ActionCall { action, arguments })
}

/// The name of the called action, and its arguments as they stand there. Elements inside of an argument are left out.
fn read_envelope(body: &str) -> Result<(String, Vec<(String, String)>), Malformed> {
    let mut reader = XmlReader::new(body, Strictness::Strict);
    let mut path: Vec<String> = Vec::new();
    let mut action: Option<String> = None;
    let mut arguments: Vec<(String, String)> = Vec::new();
    loop {
        match reader.next()? {
            XmlPart::Open(start) => {
                path.push(start.local_name().into_inner().to_owned());
                match &path[..] {
                    [envelope] if envelope != "Envelope" => return Err(Malformed),
                    [_, body, name] if body == "Body" => match action {
                        Some(_) => return Err(Malformed),
                        None => action = Some(name.clone()),
                    },
                    [_, body, _, name] if body == "Body" => {
                        if arguments.len() == MAX_ARGUMENTS {
                            return Err(Malformed);
                        }
                        arguments.push((name.clone(), String::new()));
                    }
                    _ => {}
                }
            }
            XmlPart::Text(text) => {
                if let ([_, body, _, _], Some((_, value))) = (&path[..], arguments.last_mut())
                    && body == "Body"
                {
                    value.push_str(&text);
                }
            }
            XmlPart::Close => drop(path.pop()),
            XmlPart::End => return Ok((action.ok_or(Malformed)?, arguments)),
        }
    }
}

/// The answer to a call, with the outputs of its action in their order.
pub(super) fn write_answer(service: Service, action: &ServiceAction, outputs: &[(&str, String)]) -> String {
    let mut content = format!("<u:{}Response xmlns:u=\"{}\">", action.name, service.kind());
    for (name, value) in outputs {
        let _ = write!(content, "<{name}>{}</{name}>", escape(value));
    }
    let _ = write!(content, "</u:{}Response>", action.name);
    envelope(&content)
}

/// The answer to a call that is refused.
pub(super) fn write_fault(fault: Fault) -> String {
    let (code, text) = fault.error();
    envelope(&format!(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>\
         <UPnPError xmlns=\"urn:schemas-upnp-org:control-1-0\"><errorCode>{code}</errorCode>\
         <errorDescription>{text}</errorDescription></UPnPError></detail></s:Fault>"
    ))
}

fn envelope(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>{content}</s:Body></s:Envelope>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAY: &str = "\"urn:schemas-upnp-org:service:AVTransport:1#Play\"";

    fn body(content: &str) -> String {
        envelope(content)
    }

    fn read_play(content: &str) -> Result<ActionCall, Fault> {
        read(Service::AvTransport, Some(PLAY), &body(content))
    }

    #[test]
    fn a_call_has_its_arguments() {
        let call = read_play(
            "<u:Play xmlns:u=\"urn:schemas-upnp-org:service:AVTransport:1\"><InstanceID>0</InstanceID>\
             <Other>x</Other><Speed>1<!-- c -->&#48;</Speed></u:Play>",
        );
        let call = call.unwrap();
        assert_eq!(
            (call.action.name, call.argument("InstanceID"), call.argument("Speed")),
            ("Play", "0", "10")
        );
        assert_eq!((call.argument("Other"), call.argument("None")), ("", ""));
        let nested = read_play("<Play><InstanceID>0</InstanceID><Speed><a>2</a>1</Speed></Play>").unwrap();
        assert_eq!(nested.argument("Speed"), "1");
    }

    #[test]
    fn arguments_that_are_missing_or_there_twice_are_refused() {
        for content in [
            "<Play/>",
            "<Play><InstanceID>0</InstanceID></Play>",
            "<Play><InstanceID>0</InstanceID><Speed>1</Speed><Speed>1</Speed></Play>",
            "<Play><InstanceID>0</InstanceID><Speed>1</Speed></Play><Play/>",
            "<Play><InstanceID>0</InstanceID><Speed>1 & 2</Speed></Play>",
            "<Play>",
            "",
            &format!("<Play>{}</Play>", "<a/>".repeat(MAX_ARGUMENTS + 1)),
        ] {
            assert_eq!(read_play(content).unwrap_err(), Fault::InvalidArguments, "{content}");
        }
        let bomb = "<!DOCTYPE s [<!ENTITY a \"aaaa\">]><s:Envelope><s:Body><Play/></s:Body></s:Envelope>";
        for other in ["", "x", "<a/>", bomb, "<Body><Play/></Body>"] {
            let refused = read(Service::AvTransport, Some(PLAY), other).unwrap_err();
            assert_eq!(refused, Fault::InvalidArguments, "{other}");
        }
    }

    #[test]
    fn header_and_body_name_one_action_of_the_service() {
        let play = body("<u:Play><InstanceID>0</InstanceID><Speed>1</Speed></u:Play>");
        for header in [
            None,
            Some(""),
            Some("Play"),
            Some("\"urn:schemas-upnp-org:service:AVTransport:1#Stop\""),
            Some("\"urn:schemas-upnp-org:service:AVTransport:1#Record\""),
            Some("\"urn:schemas-upnp-org:service:AVTransport:2#Play\""),
            Some("\"urn:schemas-upnp-org:service:RenderingControl:1#Play\""),
        ] {
            assert_eq!(
                read(Service::AvTransport, header, &play).unwrap_err(),
                Fault::InvalidAction,
                "{header:?}"
            );
        }
        assert!(read(Service::AvTransport, Some(PLAY.trim_matches('"')), &play).is_ok());
        assert_eq!(read(Service::RenderingControl, Some(PLAY), &play).unwrap_err(), Fault::InvalidAction);
    }

    #[test]
    fn answers_are_escaped_and_in_order() {
        let action = Service::AvTransport.action("GetTransportInfo").unwrap();
        let answer =
            write_answer(Service::AvTransport, action, &[("A", "<&>".to_owned()), ("B", "2".to_owned())]);
        assert!(answer.contains(
            "<u:GetTransportInfoResponse xmlns:u=\"urn:schemas-upnp-org:service:AVTransport:1\">\
             <A>&lt;&amp;&gt;</A><B>2</B></u:GetTransportInfoResponse>"
        ));
        assert!(write_fault(Fault::InvalidInstance).contains("<errorCode>718</errorCode>"));
    }
}
