//! The renderers on the pages, where people know them as players in Music Assistant.

use crate::api::ApiState;
use crate::renderer_report::{Announcing, RendererReport, Serving};
use crate::web::page::Page;

/// Whether Music Assistant has found the Echos, in one sentence, and what to check where it has not.
pub(crate) struct PlayersSeen {
    /// The class of the sentence.
    pub(crate) tone: &'static str,
    /// The sentence.
    pub(crate) text: String,
    /// The address of the last controller, and when it came: as it is shown, and for programs.
    pub(crate) last: Option<(String, String, String)>,
    /// Whether it has to be checked why nothing came.
    pub(crate) needs_checks: bool,
}

impl PlayersSeen {
    /// The renderers of this process; none where renderers are no part of it. An add-on leaves them to Music
    /// Assistant's Alexa provider.
    pub(crate) fn of(page: &Page, state: &ApiState, all_off: bool, signed_in: bool) -> Option<Self> {
        let report = state.renderers().report();
        let warning = |text| Self { tone: "warn", text, last: None, needs_checks: false };
        Some(match report.serving {
            Serving::NotHere => return None,
            Serving::Off if state.is_add_on() => return None,
            Serving::Off => {
                Self { tone: "", text: page.text("players-off-by-variable"), last: None, needs_checks: false }
            }
            Serving::PortTaken(address) => {
                warning(page.format("players-port-taken", &[("port", &address.port().to_string())]))
            }
            Serving::At(_) | Serving::AtHome if all_off => warning(page.text("players-all-off")),
            Serving::At(_) | Serving::AtHome if !signed_in => warning(page.text("players-sign-in")),
            Serving::AtHome => {
                Self { tone: "", text: page.text("players-at-home"), last: None, needs_checks: false }
            }
            Serving::At(address) => Self::of_served(page, &report, address.port()),
        })
    }

    fn of_served(page: &Page, report: &RendererReport, port: u16) -> Self {
        let found = report.found();
        if found > 0 {
            let (found, all) = (found.to_string(), report.renderers.len().to_string());
            let last = report
                .found_by
                .as_ref()
                .map(|finder| (finder.address.to_string(), page.ago(finder.at), finder.at.rfc3339()));
            let text = page.format("players-found", &[("found", &found), ("all", &all)]);
            return Self { tone: "good", text, last, needs_checks: false };
        }
        let text = match report.announcing {
            Announcing::NoNetwork => page.text("players-no-network"),
            Announcing::Failed => page.text("players-not-announced"),
            Announcing::NotYet | Announcing::Yes => match report.searched_at {
                Some(at) => {
                    let (port, ago) = (port.to_string(), page.ago(at));
                    page.format("players-searched", &[("port", &port), ("ago", &ago)])
                }
                None => page.text("players-waiting"),
            },
        };
        Self { tone: "warn", text, last: None, needs_checks: true }
    }
}
