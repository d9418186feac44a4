//! Amazon's types of failed plays, and where a person acts on each.

use super::PagePart;
use crate::alexa::request::MediaErrorType;
use crate::web::page::Page;

/// The sentence about a failed play, and the place where a person acts on it. What only the Echo or Music Assistant can
/// mend has no place.
pub(crate) fn of_failure(page: &Page, kind: &MediaErrorType) -> (String, Option<PagePart>) {
    let (key, place) = match kind {
        MediaErrorType::InvalidRequest => ("failed-invalid-request", Some(PagePart::AddressCheck)),
        MediaErrorType::ServiceUnavailable => ("failed-service-unavailable", Some(PagePart::AddressCheck)),
        MediaErrorType::InternalServerError => ("failed-internal-server-error", None),
        MediaErrorType::InternalDeviceError => ("failed-internal-device-error", None),
        MediaErrorType::Unspecified => ("failed-unknown", None),
        MediaErrorType::Unknown(_) => ("failed-other", None),
    };
    (page.format(key, &[("type", kind.as_str())]), place)
}
