//! ConnectionManager:1: one connection that is always there, and the formats that an Echo plays.

use super::definition::{DataType, Events, ServiceAction, StateVariable, action, argument, variable};

/// The actions.
pub(super) const ACTIONS: &[ServiceAction] = &[
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
pub(super) const VARIABLES: &[StateVariable] = &[
    variable("SourceProtocolInfo", DataType::Text, Events::Own),
    variable("SinkProtocolInfo", DataType::Text, Events::Own),
    variable("CurrentConnectionIDs", DataType::Text, Events::Own),
    variable("A_ARG_TYPE_ConnectionID", DataType::Signed, Events::None),
    variable("A_ARG_TYPE_RcsID", DataType::Signed, Events::None),
    variable("A_ARG_TYPE_AVTransportID", DataType::Signed, Events::None),
    variable("A_ARG_TYPE_ProtocolInfo", DataType::Text, Events::None),
    variable("A_ARG_TYPE_ConnectionManager", DataType::Text, Events::None),
    variable("A_ARG_TYPE_Direction", DataType::Choice(&["Input", "Output"]), Events::None),
    variable(
        "A_ARG_TYPE_ConnectionStatus",
        DataType::Choice(&[
            "OK",
            "ContentFormatMismatch",
            "InsufficientBandwidth",
            "UnreliableChannel",
            "Unknown",
        ]),
        Events::None,
    ),
];
