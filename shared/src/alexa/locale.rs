//! Languages and regions that Alexa speaks.

use std::convert::Infallible;
use std::str::FromStr;

use super::open_enum::open_enum;

open_enum! {
    /// A locale of an Alexa skill, such as `de-DE`.
    ///
    /// The named ones are those that the Alexa Skills Kit documents ("Develop skills in multiple languages").
    pub enum Locale {
        /// Arabic, Saudi Arabia.
        ArSa = "ar-SA",
        /// German, Germany.
        DeDe = "de-DE",
        /// English, Australia.
        EnAu = "en-AU",
        /// English, Canada.
        EnCa = "en-CA",
        /// English, United Kingdom.
        EnGb = "en-GB",
        /// English, India.
        EnIn = "en-IN",
        /// English, United States.
        EnUs = "en-US",
        /// Spanish, Spain.
        EsEs = "es-ES",
        /// Spanish, Mexico.
        EsMx = "es-MX",
        /// Spanish, United States.
        EsUs = "es-US",
        /// French, Canada.
        FrCa = "fr-CA",
        /// French, France.
        FrFr = "fr-FR",
        /// Hindi, India.
        HiIn = "hi-IN",
        /// Italian, Italy.
        ItIt = "it-IT",
        /// Japanese, Japan.
        JaJp = "ja-JP",
        /// Dutch, Netherlands.
        NlNl = "nl-NL",
        /// Portuguese, Brazil.
        PtBr = "pt-BR",
    }
}

impl Locale {
    /// Every documented locale, in the order of their codes.
    pub const ALL: [Self; 17] = [
        Self::ArSa,
        Self::DeDe,
        Self::EnAu,
        Self::EnCa,
        Self::EnGb,
        Self::EnIn,
        Self::EnUs,
        Self::EsEs,
        Self::EsMx,
        Self::EsUs,
        Self::FrCa,
        Self::FrFr,
        Self::HiIn,
        Self::ItIt,
        Self::JaJp,
        Self::NlNl,
        Self::PtBr,
    ];

    /// The language without the region: `de` of `de-DE`.
    #[must_use]
    pub fn language(&self) -> &str {
        let code = self.as_str();
        code.split_once('-').map_or(code, |(language, _)| language)
    }

    /// Whether Alexa documents this locale.
    #[must_use]
    pub fn is_documented(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }
}

impl FromStr for Locale {
    type Err = Infallible;

    /// Reads a code in any letter case, as people write it in settings; an undocumented one is kept as it is.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let code = text.trim();
        Ok(Self::ALL
            .into_iter()
            .find(|locale| locale.as_str().eq_ignore_ascii_case(code))
            .unwrap_or_else(|| Self::Unknown(code.to_owned())))
    }
}
