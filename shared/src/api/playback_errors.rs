//! Sentences about failed plays: the cause and the remedy.

use crate::playback::Failure;

/// A sentence with the cause and the remedy (Alexa Skills Kit, `AudioPlayer.PlaybackFailed`, error types).
pub(super) fn explain(failure: &Failure) -> &'static str {
    match failure.kind.as_str() {
        "MEDIA_ERROR_INVALID_REQUEST" => {
            "The Echo was refused the stream. Check the address in the step Public address of the setup: no login \
             may stand before it. If the music was started hours ago, start it again"
        }
        "MEDIA_ERROR_SERVICE_UNAVAILABLE" => {
            "The Echo did not reach the stream. Check the address in the step Public address of the setup. It has to \
             open from outside your home, with a valid certificate"
        }
        "MEDIA_ERROR_INTERNAL_SERVER_ERROR" => {
            "The stream server answered the Echo with an error. Look into the log of Music Assistant, and into that \
             of the proxy before it"
        }
        "MEDIA_ERROR_INTERNAL_DEVICE_ERROR" => {
            "The Echo itself failed. Start the music again. If that does not help, unplug the Echo for a minute"
        }
        "MEDIA_ERROR_UNKNOWN" => {
            "The Echo gave no reason. Most often the stream broke off, or the Echo does not play its format. Look into \
             the log of Music Assistant, and start the music again"
        }
        _ => {
            "The Echo could not play the stream, and its reason is new here. Start the music again, and look into the \
             log of Music Assistant"
        }
    }
}
