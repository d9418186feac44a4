//! The address of the pages as a QR code, which a phone reads.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};
use url::Url;

use crate::api::ApiState;
use crate::host_place::HostPlace;
use crate::web::origin;
use crate::web::page::Page;

/// Width of the light edge that a reader needs, in modules (ISO/IEC 18004).
const QUIET: usize = 4;

/// An address that a phone opens, and its code. It holds no secret: the phone logs in.
pub(super) struct Phone {
    pub(super) address: String,
    pub(super) code: Option<QrDrawing>,
}

/// A QR code as an SVG draws it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct QrDrawing {
    /// Width and height, with the edge.
    pub(super) size: usize,
    /// The dark modules, as one path of an SVG.
    pub(super) path: String,
}

impl Phone {
    /// The address by which this browser came, else the one of the settings; none where both lead to this machine alone.
    pub(super) async fn of(state: &ApiState, page: &Page) -> Option<Self> {
        let came_by = page.origin().and_then(|origin| Url::parse(origin).ok());
        let address = match came_by.filter(is_reached) {
            Some(address) => Some(address),
            // Through Home Assistant, the browser came by an address of Home Assistant's.
            None if page.origin().is_none() => None,
            None => {
                let set = origin::configured(state).await;
                set.map(|set| set.as_url().clone()).filter(is_reached)
            }
        };
        address.map(|address| Self { code: QrDrawing::of(address.as_str()), address: address.into() })
    }
}

/// Whether another machine may reach it.
fn is_reached(address: &Url) -> bool {
    address.host().is_some_and(|host| HostPlace::of(&host) != HostPlace::ThisMachine)
}

impl QrDrawing {
    /// The code of a text; none where it is too long for one.
    fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let (width, modules) = (code.width(), code.to_colors());
        let mut path = String::new();
        for (row, line) in modules.chunks(width).enumerate() {
            let mut at = 0;
            for run in line.chunk_by(|a, b| a == b) {
                if run[0] == Color::Dark {
                    let length = run.len();
                    let _ = write!(path, "M{} {}h{length}v1h-{length}z", at + QUIET, row + QUIET);
                }
                at += run.len();
            }
        }
        Some(Self { size: width + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dark modules that a path draws.
    fn drawn(code: &QrDrawing) -> Vec<(usize, usize)> {
        let mut dark = Vec::new();
        for run in code.path.split('M').skip(1) {
            let (place, rest) = run.split_once('h').unwrap_or_default();
            let (column, row) = place.split_once(' ').unwrap_or_default();
            let length = rest.split('v').next().unwrap_or_default();
            let [column, row, length] = [column, row, length].map(|text| text.parse().unwrap_or(usize::MAX));
            dark.extend((column..column + length).map(|column| (column, row)));
        }
        dark
    }

    #[test]
    fn a_path_draws_the_modules_of_the_code_and_leaves_an_edge() {
        let text = "http://192.168.1.5:5000/";
        let code = QrDrawing::of(text).map(|code| (drawn(&code), code.size));
        let known = QrCode::with_error_correction_level(text, EcLevel::M).ok();
        let known = known.map(|known| {
            let width = known.width();
            let modules = known.to_colors();
            let dark = (0..modules.len()).filter(|at| modules[*at] == Color::Dark);
            let dark: Vec<_> = dark.map(|at| (at % width + QUIET, at / width + QUIET)).collect();
            (dark, width + 2 * QUIET)
        });
        assert!(code.is_some());
        assert_eq!(code, known);
        assert_eq!(QrDrawing::of(&"x".repeat(4_000)), None);
    }

    #[test]
    fn an_address_of_this_machine_alone_leads_a_phone_nowhere() {
        let is_reached = |text: &str| Url::parse(text).is_ok_and(|address| is_reached(&address));
        for here in
            ["http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000", "http://0.0.0.0:5000"]
        {
            assert!(!is_reached(here), "{here}");
        }
        for reached in ["http://192.168.1.5:5000", "http://nas:5000", "https://alexa.example.com"] {
            assert!(is_reached(reached), "{reached}");
        }
    }
}
