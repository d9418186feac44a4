//! Our identity at Amazon: the Alexa app on a telephone (docs/amazon-api.md, 1.1 and 13).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret as _, SecretString};

use crate::clock::{NoRandomness, Random};

/// The app's type of device.
pub(super) const DEVICE_TYPE: &str = "A2IVLV5VM2W81";

/// Hexadecimal digits of `#A2IVLV5VM2W81`.
const CLIENT_ID_END: &str = "23413249564c5635564d32573831";

/// The name under which people find us in their list of devices.
pub(super) const APP_NAME: &str = "Music Assistant for Alexa";
pub(super) const APP_VERSION: &str = "2.2.663733.0";
pub(super) const OS_VERSION: &str = "18.5";
pub(super) const SDK_VERSION: &str = "6.12.4";
pub(super) const PACKAGE: &str = "com.amazon.echo";

/// The app's user agent for token requests.
pub(super) const APP_AGENT: &str = "AmazonWebView/AmazonAlexa/2.2.663733.0/iOS/18.5/iPhone";

/// A browser's user agent, for all other requests.
pub(super) const BROWSER_AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// A serial number for a device of ours: 32 hexadecimal digits in upper case.
pub(super) fn new_serial(random: &dyn Random) -> Result<String, NoRandomness> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    Ok(format!("{:032X}", u128::from_be_bytes(bytes)))
}

/// The client id of a device: the serial number's characters and a constant, in hexadecimal digits.
pub(super) fn client_id(serial: &str) -> String {
    let mut id = String::with_capacity(2 * serial.len() + CLIENT_ID_END.len());
    for byte in serial.bytes() {
        // A write to a string does not fail.
        let _ = write!(id, "{byte:02x}");
    }
    id + CLIENT_ID_END
}

/// A code verifier (RFC 7636, section 4.1).
pub(super) fn new_verifier(random: &dyn Random) -> Result<SecretString, NoRandomness> {
    let mut bytes = [0; 32];
    random.fill(&mut bytes)?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
}

/// The challenge of a verifier, method `S256` (RFC 7636, section 4.2).
pub(super) fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.expose_secret().as_bytes()))
}

/// A stand-in for the fingerprint of the device.
pub(super) fn new_frc(random: &dyn Random) -> Result<String, NoRandomness> {
    let mut bytes = [0; 313];
    random.fill(&mut bytes)?;
    Ok(STANDARD_NO_PAD.encode(bytes))
}
