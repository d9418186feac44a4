//! The services of a renderer: their actions and state variables (UPnP Device Architecture 1.0, section 2.3).

mod av_transport;
mod connection_manager;
pub(super) mod definition;
mod rendering_control;

pub(super) use definition::{Argument, Events, ServiceAction, StateVariable};

/// A service of a renderer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Service {
    /// The transport (AVTransport:1).
    AvTransport,
    /// The volume (RenderingControl:1).
    RenderingControl,
    /// Which formats are taken (ConnectionManager:1).
    ConnectionManager,
}

impl Service {
    /// All services.
    pub(super) const ALL: [Self; 3] = [Self::AvTransport, Self::RenderingControl, Self::ConnectionManager];

    /// Its name, as it stands in its type and in our addresses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AvTransport => "AVTransport",
            Self::RenderingControl => "RenderingControl",
            Self::ConnectionManager => "ConnectionManager",
        }
    }

    /// The service of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// Its type.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::AvTransport => "urn:schemas-upnp-org:service:AVTransport:1",
            Self::RenderingControl => "urn:schemas-upnp-org:service:RenderingControl:1",
            Self::ConnectionManager => "urn:schemas-upnp-org:service:ConnectionManager:1",
        }
    }

    /// Its id.
    pub(super) fn id(self) -> String {
        format!("urn:upnp-org:serviceId:{}", self.name())
    }

    /// Its actions.
    pub(super) fn actions(self) -> &'static [ServiceAction] {
        match self {
            Self::AvTransport => av_transport::ACTIONS,
            Self::RenderingControl => rendering_control::ACTIONS,
            Self::ConnectionManager => connection_manager::ACTIONS,
        }
    }

    /// The action of that name.
    pub(super) fn action(self, name: &str) -> Option<&'static ServiceAction> {
        self.actions().iter().find(|action| action.name == name)
    }

    /// Its state variables.
    pub(super) fn variables(self) -> &'static [StateVariable] {
        match self {
            Self::AvTransport => av_transport::VARIABLES,
            Self::RenderingControl => rendering_control::VARIABLES,
            Self::ConnectionManager => connection_manager::VARIABLES,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn arguments_and_state_variables_belong_to_each_other() {
        for service in Service::ALL {
            let used: BTreeSet<&str> = service
                .actions()
                .iter()
                .flat_map(|action| action.inputs.iter().chain(action.outputs))
                .map(|argument| argument.variable)
                .collect();
            let sent = service.variables().iter().filter(|variable| variable.events != Events::None);
            let declared: BTreeSet<&str> = service.variables().iter().map(|variable| variable.name).collect();
            let needed: BTreeSet<&str> =
                used.iter().copied().chain(sent.map(|variable| variable.name)).collect();
            assert_eq!(declared, needed, "{service:?}");
            assert_eq!(declared.len(), service.variables().len(), "{service:?} declares one twice");
            assert_eq!(Service::named(service.name()), Some(service));
            assert!(service.kind().contains(service.name()));
        }
    }
}
