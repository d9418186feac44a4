//! RenderingControl:1: volume and mute. An Echo has no presets.

use super::definition::{Action, Events, Kind, Variable, action, argument, variable};

/// The actions.
pub(super) const ACTIONS: &[Action] = &[
    action(
        "GetVolume",
        &[argument("InstanceID", "A_ARG_TYPE_InstanceID"), argument("Channel", "A_ARG_TYPE_Channel")],
        &[argument("CurrentVolume", "Volume")],
    ),
    action(
        "SetVolume",
        &[
            argument("InstanceID", "A_ARG_TYPE_InstanceID"),
            argument("Channel", "A_ARG_TYPE_Channel"),
            argument("DesiredVolume", "Volume"),
        ],
        &[],
    ),
    action(
        "GetMute",
        &[argument("InstanceID", "A_ARG_TYPE_InstanceID"), argument("Channel", "A_ARG_TYPE_Channel")],
        &[argument("CurrentMute", "Mute")],
    ),
    action(
        "SetMute",
        &[
            argument("InstanceID", "A_ARG_TYPE_InstanceID"),
            argument("Channel", "A_ARG_TYPE_Channel"),
            argument("DesiredMute", "Mute"),
        ],
        &[],
    ),
];

/// The state variables.
pub(super) const VARIABLES: &[Variable] = &[
    variable("Volume", Kind::Percent, Events::LastChange),
    variable("Mute", Kind::Boolean, Events::LastChange),
    variable("LastChange", Kind::Text, Events::Own),
    variable("A_ARG_TYPE_Channel", Kind::Choice(&["Master"]), Events::None),
    variable("A_ARG_TYPE_InstanceID", Kind::Unsigned, Events::None),
];
