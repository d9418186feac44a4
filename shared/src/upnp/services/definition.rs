//! The forms in which a service says what it can do.

/// An action with its arguments, in the order in which they are written.
#[derive(Debug)]
pub(in crate::upnp) struct ServiceAction {
    /// Its name.
    pub(in crate::upnp) name: &'static str,
    /// Its inputs.
    pub(in crate::upnp) inputs: &'static [Argument],
    /// Its outputs.
    pub(in crate::upnp) outputs: &'static [Argument],
}

/// An argument of an action.
#[derive(Debug)]
pub(in crate::upnp) struct Argument {
    /// Its name.
    pub(in crate::upnp) name: &'static str,
    /// The state variable that has its type and, of an output, its value.
    pub(in crate::upnp) variable: &'static str,
}

/// A state variable.
#[derive(Debug)]
pub(in crate::upnp) struct StateVariable {
    /// Its name.
    pub(in crate::upnp) name: &'static str,
    /// Its type and its values.
    pub(in crate::upnp) kind: DataType,
    /// The events that its changes are sent with.
    pub(in crate::upnp) events: Events,
}

/// Type and values of a state variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::upnp) enum DataType {
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

/// The events with the changes of a state variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::upnp) enum Events {
    /// Nowhere.
    None,
    /// By themselves.
    Own,
    /// In `LastChange`, with a channel where it has one.
    LastChange,
}

impl StateVariable {
    /// Whether a change is an event of its own.
    pub(in crate::upnp) fn is_sent(&self) -> bool {
        self.events == Events::Own
    }
}

impl DataType {
    /// Whether it has a range.
    pub(in crate::upnp) fn is_percent(self) -> bool {
        self == Self::Percent
    }

    /// The name of the type (UPnP Device Architecture 1.0, section 2.3).
    pub(in crate::upnp) fn data_type(self) -> &'static str {
        match self {
            Self::Text | Self::Choice(_) => "string",
            Self::Percent => "ui2",
            Self::Boolean => "boolean",
            Self::Unsigned => "ui4",
            Self::Signed => "i4",
        }
    }

    /// The values of a choice; none of any other type.
    pub(in crate::upnp) fn choices(self) -> &'static [&'static str] {
        match self {
            Self::Choice(choices) => choices,
            _ => &[],
        }
    }
}

pub(super) const fn action(
    name: &'static str,
    inputs: &'static [Argument],
    outputs: &'static [Argument],
) -> ServiceAction {
    ServiceAction { name, inputs, outputs }
}

pub(super) const fn argument(name: &'static str, variable: &'static str) -> Argument {
    Argument { name, variable }
}

pub(super) const fn variable(name: &'static str, kind: DataType, events: Events) -> StateVariable {
    StateVariable { name, kind, events }
}
