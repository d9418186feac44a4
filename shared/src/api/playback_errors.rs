//! Sentences about failed plays: the cause and the remedy.

use crate::playback::Failure;

/// A sentence with the cause and the remedy (Alexa Skills Kit, `AudioPlayer.PlaybackFailed`, error types).
pub(super) fn explain(failure: &Failure) -> &'static str {
    match failure.kind.as_str() {
        "MEDIA_ERROR_INVALID_REQUEST" => {
            "The Echo was refused the stream. Check that STREAM_BASE_URL leads to Music Assistant's stream server, \
             that no login stands before it, and that the music was started within the last hours"
        }
        "MEDIA_ERROR_SERVICE_UNAVAILABLE" => {
            "The Echo did not reach the stream. Check that STREAM_BASE_URL can be opened from outside your home, \
             with a certificate that is valid"
        }
        "MEDIA_ERROR_INTERNAL_SERVER_ERROR" => {
            "The Echo reached the stream server, which answered with an error. Look into Music Assistant's log, and \
             into that of what stands before it"
        }
        "MEDIA_ERROR_INTERNAL_DEVICE_ERROR" => {
            "The Echo itself failed. Start the music again; if that does not help, unplug the Echo for a minute"
        }
        "MEDIA_ERROR_UNKNOWN" => {
            "The Echo gave no reason. Most often the stream broke off or is in a format that it cannot play: look \
             into Music Assistant's log, and start the music again"
        }
        _ => {
            "The Echo could not play the stream, for a reason that is new here. Start the music again, and look into \
             Music Assistant's log"
        }
    }
}
