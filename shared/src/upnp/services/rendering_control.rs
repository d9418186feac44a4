//! RenderingControl:1: volume and mute. An Echo has no presets.

use super::definition::{DataType, Events, ServiceAction, StateVariable, action, argument, variable};

/// The actions.
pub(super) const ACTIONS: &[ServiceAction] = &[
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
pub(super) const VARIABLES: &[StateVariable] = &[
    variable("Volume", DataType::Percent, Events::LastChange),
    variable("Mute", DataType::Boolean, Events::LastChange),
    variable("LastChange", DataType::Text, Events::Own),
    variable("A_ARG_TYPE_Channel", DataType::Choice(&["Master"]), Events::None),
    variable("A_ARG_TYPE_InstanceID", DataType::Unsigned, Events::None),
];
