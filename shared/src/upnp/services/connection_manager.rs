//! ConnectionManager:1: one connection that is always there, and the formats that an Echo plays.

use super::definition::{Action, Events, Kind, Variable, action, argument, variable};

/// The actions.
pub(super) const ACTIONS: &[Action] = &[
    action(
        "GetProtocolInfo",
        &[],
        &[argument("Source", "SourceProtocolInfo"), argument("Sink", "SinkProtocolInfo")],
    ),
    action("GetCurrentConnectionIDs", &[], &[argument("ConnectionIDs", "CurrentConnectionIDs")]),
    action(
        "GetCurrentConnectionInfo",
        &[argument("ConnectionID", "A_ARG_TYPE_ConnectionID")],
        &[
            argument("RcsID", "A_ARG_TYPE_RcsID"),
            argument("AVTransportID", "A_ARG_TYPE_AVTransportID"),
            argument("ProtocolInfo", "A_ARG_TYPE_ProtocolInfo"),
            argument("PeerConnectionManager", "A_ARG_TYPE_ConnectionManager"),
            argument("PeerConnectionID", "A_ARG_TYPE_ConnectionID"),
            argument("Direction", "A_ARG_TYPE_Direction"),
            argument("Status", "A_ARG_TYPE_ConnectionStatus"),
        ],
    ),
];

/// The state variables.
pub(super) const VARIABLES: &[Variable] = &[
    variable("SourceProtocolInfo", Kind::Text, Events::Own),
    variable("SinkProtocolInfo", Kind::Text, Events::Own),
    variable("CurrentConnectionIDs", Kind::Text, Events::Own),
    variable("A_ARG_TYPE_ConnectionID", Kind::Signed, Events::None),
    variable("A_ARG_TYPE_RcsID", Kind::Signed, Events::None),
    variable("A_ARG_TYPE_AVTransportID", Kind::Signed, Events::None),
    variable("A_ARG_TYPE_ProtocolInfo", Kind::Text, Events::None),
    variable("A_ARG_TYPE_ConnectionManager", Kind::Text, Events::None),
    variable("A_ARG_TYPE_Direction", Kind::Choice(&["Input", "Output"]), Events::None),
    variable(
        "A_ARG_TYPE_ConnectionStatus",
        Kind::Choice(&[
            "OK",
            "ContentFormatMismatch",
            "InsufficientBandwidth",
            "UnreliableChannel",
            "Unknown",
        ]),
        Events::None,
    ),
];
