//! Which errors a route may answer, for the document that describes it.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{self, RefOr};

use super::error::ErrorCode;

macro_rules! error_group {
    ($(#[$meta:meta])* $name:ident, $body:ident, [$($code:ident),+ $(,)?]) => {
        $(#[$meta])*
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
                describe(&[$(ErrorCode::$code),+], &[stringify!($body)])
            }
        }
    };
}

error_group!(
    /// What every route of `/v1` may answer.
    ReadErrors,
    ErrorBody,
    [
        Unauthorized, Forbidden, Throttled, MethodNotAllowed, BodyTooLarge, Internal, CredentialsUnavailable, StoreFull,
        StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// What every route of `/v1` that takes a body may answer.
    WriteErrors,
    ErrorBody,
    [
        InvalidRequest, Unauthorized, Forbidden, Throttled, MethodNotAllowed, BodyTooLarge, UnsupportedMediaType, Internal,
        CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// What the end of a sign-in may answer.
    LoginErrors,
    ErrorBody,
    [
        LoginWrongAddress, LoginAddressUsed, LoginNotBegun, LoginAddressExpired, Throttled, AmazonChanged,
        AmazonUnavailable, InvalidRequest, Unauthorized, Forbidden, MethodNotAllowed, BodyTooLarge,
        UnsupportedMediaType, Internal, CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// What every route may answer that asks Amazon a question.
    AmazonReadErrors,
    ErrorBody,
    [
        NotSignedIn, SignInAgain, SessionRefused, DeviceUnknown, DeviceOffline, NotControllable, Throttled,
        AmazonChanged, AmazonUnavailable, InvalidRequest, Unauthorized, Forbidden, MethodNotAllowed, BodyTooLarge,
        Internal, CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// What every route may answer that sends Amazon a command.
    AmazonWriteErrors,
    ErrorBody,
    [
        NotSignedIn, SignInAgain, SessionRefused, DeviceUnknown, DeviceOffline, NotControllable, Throttled,
        AmazonChanged, AmazonUnavailable, InvalidRequest, Unauthorized, Forbidden, MethodNotAllowed, BodyTooLarge,
        UnsupportedMediaType, Internal, CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// What every other route behind credentials may answer.
    ShortReadErrors,
    ShortErrorBody,
    [
        Unauthorized, Throttled, MethodNotAllowed, BodyTooLarge, Internal, CredentialsUnavailable, StoreFull,
        StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// What every other route that takes a body may answer.
    ShortWriteErrors,
    ShortErrorBody,
    [
        InvalidRequest, Unauthorized, Throttled, MethodNotAllowed, BodyTooLarge, UnsupportedMediaType, Internal,
        CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);

/// The responses of these codes: one for each status, which names its codes where the body has them, and has one of
/// these bodies.
pub(super) fn describe(codes: &[ErrorCode], bodies: &[&str]) -> BTreeMap<String, RefOr<openapi::Response>> {
    let mut meanings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for code in codes {
        let meaning = if bodies.contains(&"ErrorBody") {
            format!("{}: {}", code.as_str(), code.meaning())
        } else {
            code.meaning().to_owned()
        };
        meanings.entry(code.status().as_u16().to_string()).or_default().push(meaning);
    }
    meanings
        .into_iter()
        .map(|(status, meanings)| {
            let content = openapi::ContentBuilder::new().schema(Some(either(bodies))).build();
            let response = openapi::ResponseBuilder::new()
                .description(meanings.join(". "))
                .content("application/json", content)
                .build();
            (status, RefOr::T(response))
        })
        .collect()
}

fn either(bodies: &[&str]) -> RefOr<openapi::Schema> {
    if let [body] = bodies {
        return openapi::Ref::from_schema_name(*body).into();
    }
    let any_of = bodies.iter().fold(openapi::schema::AnyOfBuilder::new(), |any, body| {
        any.item(openapi::Ref::from_schema_name(*body))
    });
    RefOr::T(openapi::Schema::AnyOf(any_of.build()))
}
