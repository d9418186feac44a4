//! The models of renderers, for people: a name and a picture.

use crate::speakers::RendererModel;

impl RendererModel {
    /// The name, of at most 31 characters (UPnP Device Architecture 1.0, section 2.1).
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Echo => "Echo",
            Self::EchoShow => "Echo Show",
            Self::StereoPair => "Stereo pair",
            Self::Group => "Group of Echos",
        }
    }

    /// A PNG of 120 by 120 pixels.
    pub(super) const fn icon(self) -> &'static [u8] {
        match self {
            Self::Echo => include_bytes!("icons/echo.png"),
            Self::EchoShow => include_bytes!("icons/show.png"),
            Self::StereoPair => include_bytes!("icons/pair.png"),
            Self::Group => include_bytes!("icons/group.png"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_model_has_a_short_name_and_a_picture_of_its_own() {
        let models =
            [RendererModel::Echo, RendererModel::EchoShow, RendererModel::StereoPair, RendererModel::Group];
        for (index, model) in models.iter().enumerate() {
            assert!(model.name().len() <= 31);
            // The size stands behind the signature and the head of the first chunk (PNG, 11.2.2).
            assert_eq!(model.icon()[16..24], [0, 0, 0, 120, 0, 0, 0, 120]);
            assert!(models[..index].iter().all(|other| other.icon() != model.icon()));
        }
    }
}
