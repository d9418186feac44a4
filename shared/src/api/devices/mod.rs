//! The devices of the Amazon account, and everything that can be done with them.

mod body;
mod control;
mod identify;
mod list;
mod play_media;
mod serial;
mod state;
mod test;
mod trial_body;
mod trial_tones;
mod volume;

use utoipa_axum::router::OpenApiRouter;

use crate::routing::routes;

use super::state::ApiState;

pub use body::{DeviceBody, DevicesBody, OutcomeBody, OutcomesBody};
pub use control::{AnnounceBody, DoNotDisturbBody, PlaybackBody, PlaybackCommand, TextBody};
pub(crate) use control::{speak_on, transport_on};
pub(crate) use identify::identify_devices;
pub use identify::{IdentifiedBody, IdentifyAllBody, IdentifyBody, IdentifyResult, IdentifyResultBody};
pub(crate) use list::listed;
pub(crate) use play_media::play_target;
pub use play_media::{PlayMediaBody, PlayMediaResult, PlayedMediaBody};
pub(super) use serial::check_serials;
pub(super) use state::of_amazon;
pub use state::{DeviceStateBody, PlaybackStateBody, QuietBody, VolumeStateBody};
pub use test::TestBody;
pub(crate) use test::{cancel_trial, test_device};
pub use trial_body::{
    FormBody, LastTrialBody, LeftOutBody, PlayedToneBody, ToneBody, ToneRequestBody, ToneResult, TrialBody,
};
pub(crate) use trial_tones::tone_line;
pub use volume::{VolumeBody, VolumeOutcomeBody, VolumeOutcomesBody, VolumesBody};
pub(crate) use volume::{change_volume, change_volumes};

/// The routes under `/v1`.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(state::get))
        .routes(routes!(control::playback))
        .routes(routes!(control::text))
        .routes(routes!(control::speak))
        .routes(routes!(control::announce))
        .routes(routes!(control::do_not_disturb))
        .routes(routes!(volume::one))
        .routes(routes!(volume::several))
        .routes(routes!(identify::one))
        .routes(routes!(identify::several))
        .routes(routes!(play_media::play_media))
        .routes(routes!(test::start, test::last, test::cancel))
}
