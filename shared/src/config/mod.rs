//! Variables and settings.

mod address;
mod settings;

pub use address::{BaseUrl, BaseUrlError, Origin};
pub use settings::Settings;
