//! Serial numbers of devices in paths and bodies.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;

use crate::api::error::ApiError;
use crate::api::players::path_text;

/// Longest serial number that is taken, in characters. Amazon's have up to 32.
const MAX_SERIAL: usize = 64;

/// The serial number in a path.
pub(super) fn serial(text: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    let serial = path_text(text)?;
    check_serial(&serial)?;
    Ok(serial)
}

pub(super) fn check_serial(serial: &str) -> Result<(), ApiError> {
    let is_one = !serial.is_empty() && serial.len() <= MAX_SERIAL;
    if is_one && serial.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        return Ok(());
    }
    Err(ApiError::invalid("a serial number has up to 64 letters and digits; GET /v1/devices lists them"))
}

/// The serial numbers in a body.
pub(in crate::api) fn check_serials<'a>(
    serials: impl IntoIterator<Item = &'a String, IntoIter: ExactSizeIterator>,
) -> Result<(), ApiError> {
    const MOST: usize = 100;
    let mut serials = serials.into_iter();
    if serials.len() > MOST {
        return Err(ApiError::invalid(format!("devices: at most {MOST} at once")));
    }
    serials.try_for_each(|serial| check_serial(serial))
}
