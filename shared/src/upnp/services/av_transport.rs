//! AVTransport:1, as far as an Echo can do it. `Next`, `Previous` and `Seek` are required by the standard; no state offers
//! them.

use super::definition::{DataType, Events, ServiceAction, StateVariable, action, argument, variable};
use crate::upnp::values::NOT_IMPLEMENTED;

/// The actions.
pub(super) const ACTIONS: &[ServiceAction] = &[
    action(
        "SetAVTransportURI",
        &[
            argument("InstanceID", "A_ARG_TYPE_InstanceID"),
            argument("CurrentURI", "AVTransportURI"),
            argument("CurrentURIMetaData", "AVTransportURIMetaData"),
        ],
        &[],
    ),
    action(
        "SetNextAVTransportURI",
        &[
            argument("InstanceID", "A_ARG_TYPE_InstanceID"),
            argument("NextURI", "NextAVTransportURI"),
            argument("NextURIMetaData", "NextAVTransportURIMetaData"),
        ],
        &[],
    ),
    action(
        "GetMediaInfo",
        &[argument("InstanceID", "A_ARG_TYPE_InstanceID")],
        &[
            argument("NrTracks", "NumberOfTracks"),
            argument("MediaDuration", "CurrentMediaDuration"),
            argument("CurrentURI", "AVTransportURI"),
            argument("CurrentURIMetaData", "AVTransportURIMetaData"),
            argument("NextURI", "NextAVTransportURI"),
            argument("NextURIMetaData", "NextAVTransportURIMetaData"),
            argument("PlayMedium", "PlaybackStorageMedium"),
            argument("RecordMedium", "RecordStorageMedium"),
            argument("WriteStatus", "RecordMediumWriteStatus"),
        ],
    ),
    action(
        "GetTransportInfo",
        &[argument("InstanceID", "A_ARG_TYPE_InstanceID")],
        &[
            argument("CurrentTransportState", "TransportState"),
            argument("CurrentTransportStatus", "TransportStatus"),
            argument("CurrentSpeed", "TransportPlaySpeed"),
        ],
    ),
    action(
        "GetPositionInfo",
        &[argument("InstanceID", "A_ARG_TYPE_InstanceID")],
        &[
            argument("Track", "CurrentTrack"),
            argument("TrackDuration", "CurrentTrackDuration"),
            argument("TrackMetaData", "CurrentTrackMetaData"),
            argument("TrackURI", "CurrentTrackURI"),
            argument("RelTime", "RelativeTimePosition"),
            argument("AbsTime", "AbsoluteTimePosition"),
            argument("RelCount", "RelativeCounterPosition"),
            argument("AbsCount", "AbsoluteCounterPosition"),
        ],
    ),
    action(
        "GetDeviceCapabilities",
        &[argument("InstanceID", "A_ARG_TYPE_InstanceID")],
        &[
            argument("PlayMedia", "PossiblePlaybackStorageMedia"),
            argument("RecMedia", "PossibleRecordStorageMedia"),
            argument("RecQualityModes", "PossibleRecordQualityModes"),
        ],
    ),
    action(
        "GetTransportSettings",
        &[argument("InstanceID", "A_ARG_TYPE_InstanceID")],
        &[argument("PlayMode", "CurrentPlayMode"), argument("RecQualityMode", "CurrentRecordQualityMode")],
    ),
    action(
        "GetCurrentTransportActions",
        &[argument("InstanceID", "A_ARG_TYPE_InstanceID")],
        &[argument("Actions", "CurrentTransportActions")],
    ),
    action(
        "Play",
        &[argument("InstanceID", "A_ARG_TYPE_InstanceID"), argument("Speed", "TransportPlaySpeed")],
        &[],
    ),
    action("Pause", &[argument("InstanceID", "A_ARG_TYPE_InstanceID")], &[]),
    action("Stop", &[argument("InstanceID", "A_ARG_TYPE_InstanceID")], &[]),
    action(
        "Seek",
        &[
            argument("InstanceID", "A_ARG_TYPE_InstanceID"),
            argument("Unit", "A_ARG_TYPE_SeekMode"),
            argument("Target", "A_ARG_TYPE_SeekTarget"),
        ],
        &[],
    ),
    action("Next", &[argument("InstanceID", "A_ARG_TYPE_InstanceID")], &[]),
    action("Previous", &[argument("InstanceID", "A_ARG_TYPE_InstanceID")], &[]),
];

/// The state variables. Those of a position are in no event (AVTransport:1, section 2.3.1).
pub(super) const VARIABLES: &[StateVariable] = &[
    variable(
        "TransportState",
        DataType::Choice(&["STOPPED", "PLAYING", "TRANSITIONING", "PAUSED_PLAYBACK", "NO_MEDIA_PRESENT"]),
        Events::LastChange,
    ),
    variable("TransportStatus", DataType::Choice(&["OK", "ERROR_OCCURRED"]), Events::LastChange),
    variable("TransportPlaySpeed", DataType::Choice(&["1"]), Events::LastChange),
    variable("CurrentTransportActions", DataType::Text, Events::LastChange),
    variable("NumberOfTracks", DataType::Unsigned, Events::LastChange),
    variable("CurrentTrack", DataType::Unsigned, Events::LastChange),
    variable("CurrentMediaDuration", DataType::Text, Events::LastChange),
    variable("CurrentTrackDuration", DataType::Text, Events::LastChange),
    variable("CurrentTrackURI", DataType::Text, Events::LastChange),
    variable("CurrentTrackMetaData", DataType::Text, Events::LastChange),
    variable("AVTransportURI", DataType::Text, Events::LastChange),
    variable("AVTransportURIMetaData", DataType::Text, Events::LastChange),
    variable("NextAVTransportURI", DataType::Text, Events::LastChange),
    variable("NextAVTransportURIMetaData", DataType::Text, Events::LastChange),
    variable("PlaybackStorageMedium", DataType::Choice(&["NETWORK", "NONE"]), Events::LastChange),
    variable("CurrentPlayMode", DataType::Choice(&["NORMAL"]), Events::LastChange),
    variable("RecordStorageMedium", DataType::Choice(&[NOT_IMPLEMENTED]), Events::LastChange),
    variable("RecordMediumWriteStatus", DataType::Choice(&[NOT_IMPLEMENTED]), Events::LastChange),
    variable("CurrentRecordQualityMode", DataType::Choice(&[NOT_IMPLEMENTED]), Events::LastChange),
    variable("PossiblePlaybackStorageMedia", DataType::Text, Events::LastChange),
    variable("PossibleRecordStorageMedia", DataType::Text, Events::LastChange),
    variable("PossibleRecordQualityModes", DataType::Text, Events::LastChange),
    variable("RelativeTimePosition", DataType::Text, Events::None),
    variable("AbsoluteTimePosition", DataType::Text, Events::None),
    variable("RelativeCounterPosition", DataType::Signed, Events::None),
    variable("AbsoluteCounterPosition", DataType::Signed, Events::None),
    variable("LastChange", DataType::Text, Events::Own),
    variable("A_ARG_TYPE_SeekMode", DataType::Choice(&["TRACK_NR"]), Events::None),
    variable("A_ARG_TYPE_SeekTarget", DataType::Text, Events::None),
    variable("A_ARG_TYPE_InstanceID", DataType::Unsigned, Events::None),
];
