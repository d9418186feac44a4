//! The address that a controller hands over to be played.

use url::{Host, Url};

use super::media_renderer::ActionError;
use crate::host_place::HostPlace;

/// Longest address, in bytes.
const MAX_LENGTH: usize = 2048;

/// Checks that an address may be kept as an item: `http` or `https`, without credentials, on a host that is not this
/// machine itself.
///
/// # Errors
/// [`ActionError::NotPlayable`] where it is no address of a stream, [`ActionError::NotFound`] where it may not be fetched.
pub(super) fn check(uri: &str) -> Result<(), ActionError> {
    // The parser would leave them out, and what is fetched were another address than what is shown.
    let is_clean = !uri.chars().any(|character| character.is_control() || character.is_whitespace());
    let url = Url::parse(uri).ok().filter(|_| is_clean && uri.len() <= MAX_LENGTH);
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or(ActionError::NotPlayable)?;
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    let is_elsewhere = url.host().is_some_and(|host| is_elsewhere(&host));
    if has_credentials || !is_elsewhere || url.port() == Some(0) {
        return Err(ActionError::NotFound);
    }
    Ok(())
}

/// Whether a host may be another machine. A name is not resolved.
fn is_elsewhere(host: &Host<&str>) -> bool {
    match HostPlace::of(host) {
        HostPlace::Home | HostPlace::Reserved | HostPlace::Public => true,
        HostPlace::ThisMachine | HostPlace::CloudMachine | HostPlace::Multicast => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_other_machines_are_taken() {
        for uri in [
            "http://192.168.1.5:8097/flow/a/b/c.mp3?x=1&y=2",
            "https://example.com/a.mp3",
            "http://music.local/a",
            "http://[fd00::5]:8097/a.mp3",
            "http://[2001:db8::1]/a",
            &format!("http://a/{}", "x".repeat(MAX_LENGTH - 9)),
        ] {
            assert_eq!(check(uri), Ok(()), "{uri}");
        }
    }

    #[test]
    fn what_is_no_stream_is_not_playable() {
        for uri in [
            "",
            "x",
            "file:///etc/passwd",
            "ftp://a/b",
            "rtsp://a/b",
            "data:audio/mpeg;base64,AAAA",
            "http://",
            "http://a\tb/",
            "http://a/\u{0}b",
            "http://a/b c",
            &format!("http://a/{}", "x".repeat(MAX_LENGTH - 8)),
        ] {
            assert_eq!(check(uri), Err(ActionError::NotPlayable), "{uri}");
        }
    }

    #[test]
    fn this_machine_and_its_metadata_are_not_fetched() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f000001",
            "2130706433",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "255.255.255.255",
            "239.255.255.250",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[ff02::c]",
            "100.100.100.200",
            "localhost.localdomain",
            "u:p@192.168.1.5",
            "u@192.168.1.5",
            "192.168.1.5:0",
        ] {
            assert_eq!(check(&format!("http://{host}/a.mp3")), Err(ActionError::NotFound), "{host}");
        }
    }
}
