//! Locales and identifiers.

use std::collections::BTreeSet;

use ma_alexa::alexa::{DeviceId, EndpointId, Locale, UserId};
use serde_json::json;

#[test]
fn there_are_17_documented_locales() {
    let codes: BTreeSet<_> = Locale::ALL.iter().map(Locale::as_str).collect();
    let documented = "ar-SA de-DE en-AU en-CA en-GB en-IN en-US es-ES es-MX es-US fr-CA fr-FR hi-IN it-IT ja-JP \
                      nl-NL pt-BR";
    assert_eq!(codes, documented.split(' ').collect());
}

#[test]
fn a_locale_survives_the_wire() {
    for locale in Locale::ALL.into_iter().chain([Locale::Unknown("sv-SE".to_owned())]) {
        let wire = serde_json::to_value(&locale).unwrap();
        assert_eq!(wire, json!(locale.as_str()));
        assert_eq!(serde_json::from_value::<Locale>(wire).unwrap(), locale);
        assert_eq!(locale.to_string(), locale.as_str());
    }
}

#[test]
fn people_write_locales_in_any_case() {
    assert_eq!(" de-de ".parse(), Ok(Locale::DeDe));
    assert_eq!("EN-us".parse(), Ok(Locale::EnUs));
    assert_eq!("sv-SE".parse(), Ok(Locale::Unknown("sv-SE".to_owned())));
}

#[test]
fn a_locale_knows_its_language() {
    assert_eq!(Locale::FrCa.language(), "fr");
    assert_eq!(Locale::Unknown("sv-SE".to_owned()).language(), "sv");
    assert_eq!(Locale::Unknown("eo".to_owned()).language(), "eo");
    assert!(Locale::NlNl.is_documented());
    assert!(!Locale::Unknown("sv-SE".to_owned()).is_documented());
}

#[test]
fn an_id_survives_the_wire_and_shows_as_a_hash() {
    let id = DeviceId::from("abc".to_owned());
    let wire = serde_json::to_value(&id).unwrap();
    assert_eq!(wire, json!("abc"));
    assert_eq!(serde_json::from_value::<DeviceId>(wire).unwrap(), id);
    assert_eq!(id.as_str(), "abc");
    // The beginning of the SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    assert_eq!(id.short_hash(), "ba7816bf");
    assert_eq!(format!("{id:?}"), "DeviceId(ba7816bf)");
    assert_eq!(format!("{:?}", UserId::from("abc")), "UserId(ba7816bf)");
    assert_eq!(format!("{:?}", EndpointId::from("abc")), "EndpointId(ba7816bf)");
}
