//! The services of a renderer: their actions and state variables (UPnP Device Architecture 1.0, section 2.3).

mod av_transport;
mod connection_manager;
mod rendering_control;

/// A service of a renderer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Service {
    /// What is played (AVTransport:1).
    AvTransport,
    /// How loud it is (RenderingControl:1).
    RenderingControl,
    /// Which formats are taken (ConnectionManager:1).
    ConnectionManager,
}

/// An action with its arguments, in the order in which they are written.
#[derive(Debug)]
pub(super) struct Action {
    /// Its name.
    pub(super) name: &'static str,
    /// What it takes.
    pub(super) inputs: &'static [Argument],
    /// What it returns.
    pub(super) outputs: &'static [Argument],
}

/// An argument of an action.
#[derive(Debug)]
pub(super) struct Argument {
    /// Its name.
    pub(super) name: &'static str,
    /// The state variable that has its type and, of an output, its value.
    pub(super) variable: &'static str,
}

/// A state variable.
#[derive(Debug)]
pub(super) struct Variable {
    /// Its name.
    pub(super) name: &'static str,
    /// Its type and its values.
    pub(super) kind: Kind,
    /// Where its changes are sent.
    pub(super) events: Events,
}

/// Type and values of a state variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A whole number from 0 to 100 (`ui2`).
    Percent,
    /// `0` or `1`.
    Boolean,
    /// A whole number of 32 bits without a sign.
    Unsigned,
    /// A whole number of 32 bits.
    Signed,
}

/// Where changes of a state variable are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Events {
    /// Nowhere.
    None,
    /// By themselves.
    Own,
    /// In `LastChange`, with a channel where it has one.
    LastChange,
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
    pub(super) fn actions(self) -> &'static [Action] {
        match self {
            Self::AvTransport => av_transport::ACTIONS,
            Self::RenderingControl => rendering_control::ACTIONS,
            Self::ConnectionManager => connection_manager::ACTIONS,
        }
    }

    /// The action of that name.
    pub(super) fn action(self, name: &str) -> Option<&'static Action> {
        self.actions().iter().find(|action| action.name == name)
    }

    /// Its state variables.
    pub(super) fn variables(self) -> &'static [Variable] {
        match self {
            Self::AvTransport => av_transport::VARIABLES,
            Self::RenderingControl => rendering_control::VARIABLES,
            Self::ConnectionManager => connection_manager::VARIABLES,
        }
    }
}

impl Variable {
    /// Whether a change is an event of its own.
    pub(super) fn is_sent(&self) -> bool {
        self.events == Events::Own
    }
}

impl Kind {
    /// Whether it has a range.
    pub(super) fn is_percent(self) -> bool {
        self == Self::Percent
    }

    /// The name of the type (UPnP Device Architecture 1.0, section 2.3).
    pub(super) fn data_type(self) -> &'static str {
        match self {
            Self::Text | Self::Choice(_) => "string",
            Self::Percent => "ui2",
            Self::Boolean => "boolean",
            Self::Unsigned => "ui4",
            Self::Signed => "i4",
        }
    }

    /// The values of a choice; none of any other type.
    pub(super) fn choices(self) -> &'static [&'static str] {
        match self {
            Self::Choice(choices) => choices,
            _ => &[],
        }
    }
}

const fn action(name: &'static str, inputs: &'static [Argument], outputs: &'static [Argument]) -> Action {
    Action { name, inputs, outputs }
}

const fn argument(name: &'static str, variable: &'static str) -> Argument {
    Argument { name, variable }
}

const fn variable(name: &'static str, kind: Kind, events: Events) -> Variable {
    Variable { name, kind, events }
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
