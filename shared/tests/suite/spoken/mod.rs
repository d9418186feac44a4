//! Which item a person means by what an Echo heard.

mod folding;
mod labelled;
mod measure;
mod properties;
mod queries;

use ma_alexa::spoken::{Candidate, Kind};

/// An item of the library.
fn item(kind: Kind, title: &str, artists: &[&str]) -> Candidate {
    Candidate {
        kind,
        title: title.to_owned(),
        artists: artists.iter().map(|artist| (*artist).to_owned()).collect(),
        album: None,
        in_library: true,
        favourite: false,
        popularity: 50,
        last_played: None,
        uri: format!("library://{kind:?}/{title}/{artists:?}"),
    }
}
