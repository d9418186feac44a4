//! The renderers that are offered, by their UDNs.

use std::sync::Arc;

use super::media_renderer::MediaRenderer;

/// Most renderers that are offered: each has messages of its own in the network.
const MOST: usize = 64;

/// Renderers that can be offered: their UDN has the form of a UUID, and nothing of it can break a message.
pub(super) fn offered(renderers: &[Arc<dyn MediaRenderer>]) -> impl Iterator<Item = &Arc<dyn MediaRenderer>> {
    renderers.iter().filter(|renderer| is_uuid(&renderer.identity().udn)).take(MOST)
}

/// The renderer with this UDN.
pub(super) fn find(renderers: &[Arc<dyn MediaRenderer>], udn: &str) -> Option<Arc<dyn MediaRenderer>> {
    offered(renderers).find(|renderer| renderer.identity().udn == udn).cloned()
}

fn is_uuid(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_udn_is_a_uuid() {
        assert!(is_uuid("2fac1234-31f8-11b4-a222-08002b34c003"));
        for other in [
            "",
            "2fac1234-31f8-11b4-a222-08002b34c00",
            "2fac1234-31f8-11b4-a222-08002b34c00\n",
            "../../../../etc/passwd00000000000000",
        ] {
            assert!(!is_uuid(other), "{other}");
        }
    }
}
