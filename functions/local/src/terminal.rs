//! Colours, and pictures of addresses, for people who look at a terminal.

use std::fmt::Display;
use std::io::IsTerminal as _;

use ma_alexa::config::Env;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// Whether standard output is a terminal.
pub(crate) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// The colours of standard output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    is_coloured: bool,
}

/// A colour.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Colour {
    Red,
    Green,
    Yellow,
    Bold,
}

impl Paint {
    /// Colours on a terminal, unless `NO_COLOR` is set (no-color.org).
    pub(crate) fn of(env: &Env) -> Self {
        Self { is_coloured: is_terminal() && env.get("NO_COLOR").is_none() }
    }

    /// A text in a colour.
    pub(crate) fn text(self, colour: Colour, text: impl Display) -> String {
        let code = match colour {
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Bold => 1,
        };
        if self.is_coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }

    /// An address as a QR code, which a phone reads, each line behind `indent`; none where it is too long for one.
    pub(crate) fn qr_code(self, address: &str, indent: &str) -> Option<String> {
        let code = QrCode::new(address).ok()?;
        let mut image = code.render::<Dense1x2>();
        // Without colours, letters are light on most terminals: they draw the light parts.
        let (dark, light) = if self.is_coloured {
            (Dense1x2::Dark, Dense1x2::Light)
        } else {
            (Dense1x2::Light, Dense1x2::Dark)
        };
        let image = image.dark_color(dark).light_color(light).build();
        let line = |line: &str| {
            if self.is_coloured {
                format!("{indent}\x1b[30;107m{line}\x1b[0m")
            } else {
                format!("{indent}{line}")
            }
        };
        Some(image.lines().map(line).collect::<Vec<_>>().join("\n"))
    }
}
