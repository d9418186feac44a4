//! Sentences about failed plays: the cause and the remedy.

use crate::alexa::request::MediaErrorType;
use crate::playback::Failure;

/// A sentence with the cause and the remedy (Alexa Skills Kit, `AudioPlayer.PlaybackFailed`, error types).
pub(super) fn explain(failure: &Failure) -> &'static str {
    match &failure.kind {
        MediaErrorType::InvalidRequest => {
            "The Echo was refused the stream. Check the address in the step Public address of the setup: no login \
             may stand before it. If the music was started hours ago, start it again"
        }
        MediaErrorType::ServiceUnavailable => {
            "The Echo did not reach the stream. Check the address in the step Public address of the setup. It has to \
             open from outside your home, with a valid certificate"
        }
        MediaErrorType::InternalServerError => {
            "The stream server answered the Echo with an error. Look into the log of Music Assistant, and into that \
             of the proxy before it"
        }
        MediaErrorType::InternalDeviceError => {
            "The Echo itself failed. Start the music again. If that does not help, unplug the Echo for a minute"
        }
        MediaErrorType::Unspecified => {
            "The Echo gave no reason. Most often the stream broke off, or the Echo does not play its format. Look into \
             the log of Music Assistant, and start the music again"
        }
        MediaErrorType::Unknown(_) => {
            "The Echo could not play the stream, and its reason is new here. Start the music again, and look into the \
             log of Music Assistant"
        }
    }
}
