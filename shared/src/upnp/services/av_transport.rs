//! AVTransport:1, as far as an Echo can do it. `Next`, `Previous` and `Seek` are required by the standard; no state offers
//! them.

use super::definition::{Action, Events, Kind, Variable, action, argument, variable};

/// Text of a state variable that a device does not have (AVTransport:1, section 2.2).
const NOT_IMPLEMENTED: &str = "NOT_IMPLEMENTED";

/// The actions.
pub(super) const ACTIONS: &[Action] = &[
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
pub(super) const VARIABLES: &[Variable] = &[
    variable(
        "TransportState",
        Kind::Choice(&["STOPPED", "PLAYING", "TRANSITIONING", "PAUSED_PLAYBACK", "NO_MEDIA_PRESENT"]),
        Events::LastChange,
    ),
    variable("TransportStatus", Kind::Choice(&["OK", "ERROR_OCCURRED"]), Events::LastChange),
    variable("TransportPlaySpeed", Kind::Choice(&["1"]), Events::LastChange),
    variable("CurrentTransportActions", Kind::Text, Events::LastChange),
    variable("NumberOfTracks", Kind::Unsigned, Events::LastChange),
    variable("CurrentTrack", Kind::Unsigned, Events::LastChange),
    variable("CurrentMediaDuration", Kind::Text, Events::LastChange),
    variable("CurrentTrackDuration", Kind::Text, Events::LastChange),
    variable("CurrentTrackURI", Kind::Text, Events::LastChange),
    variable("CurrentTrackMetaData", Kind::Text, Events::LastChange),
    variable("AVTransportURI", Kind::Text, Events::LastChange),
    variable("AVTransportURIMetaData", Kind::Text, Events::LastChange),
    variable("NextAVTransportURI", Kind::Text, Events::LastChange),
    variable("NextAVTransportURIMetaData", Kind::Text, Events::LastChange),
    variable("PlaybackStorageMedium", Kind::Choice(&["NETWORK", "NONE"]), Events::LastChange),
    variable("CurrentPlayMode", Kind::Choice(&["NORMAL"]), Events::LastChange),
    variable("RecordStorageMedium", Kind::Choice(&[NOT_IMPLEMENTED]), Events::LastChange),
    variable("RecordMediumWriteStatus", Kind::Choice(&[NOT_IMPLEMENTED]), Events::LastChange),
    variable("CurrentRecordQualityMode", Kind::Choice(&[NOT_IMPLEMENTED]), Events::LastChange),
    variable("PossiblePlaybackStorageMedia", Kind::Text, Events::LastChange),
    variable("PossibleRecordStorageMedia", Kind::Text, Events::LastChange),
    variable("PossibleRecordQualityModes", Kind::Text, Events::LastChange),
    variable("RelativeTimePosition", Kind::Text, Events::None),
    variable("AbsoluteTimePosition", Kind::Text, Events::None),
    variable("RelativeCounterPosition", Kind::Signed, Events::None),
    variable("AbsoluteCounterPosition", Kind::Signed, Events::None),
    variable("LastChange", Kind::Text, Events::Own),
    variable("A_ARG_TYPE_SeekMode", Kind::Choice(&["TRACK_NR"]), Events::None),
    variable("A_ARG_TYPE_SeekTarget", Kind::Text, Events::None),
    variable("A_ARG_TYPE_InstanceID", Kind::Unsigned, Events::None),
];
