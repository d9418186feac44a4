//! Forms of the pages.

use axum::extract::{FromRequest, Request};
use axum_extra::extract::Form;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::PageError;
use super::flash::Flash;

/// Longest id of a place.
const MOST_OF_PLACE: usize = 64;

/// The fields of a form. A form that its page cannot have sent is answered with an error page.
#[derive(Debug)]
pub(super) struct ValidForm<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ValidForm<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let form = Form::<T>::from_request(request, state).await;
        form.map(|Form(fields)| Self(fields)).map_err(|_| PageError::malformed())
    }
}

/// The place of a form on its page, where its answer belongs: the id of an element, from the field `place`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "String")]
pub(super) struct FormId(Option<String>);

impl From<String> for FormId {
    /// None for what cannot be an id of ours.
    fn from(id: String) -> Self {
        let is_id = !id.is_empty()
            && id.len() <= MOST_OF_PLACE
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        Self(is_id.then_some(id))
    }
}

/// The page of a form that stands on several, to which its answer leads back: from the field `page`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FormPage {
    /// The first page.
    Home,
    #[default]
    Devices,
}

impl FormPage {
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Home => "/status",
            Self::Devices => "/devices",
        }
    }
}

impl FormId {
    /// The message at this place; for the whole page where the form named none.
    pub(super) fn says(&self, flash: Flash) -> Flash {
        match &self.0 {
            Some(place) => flash.at(place),
            None => flash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_id_or_none() {
        for (text, is_place) in [("device-a1", true), ("", false), ("a b", false), ("\"><x", false)] {
            assert_eq!(FormId::from(text.to_owned()).0.is_some(), is_place, "{text}");
        }
        assert!(FormId::from("x".repeat(65)).0.is_none());
    }
}
