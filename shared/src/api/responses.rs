//! Groups of errors of routes, for the OpenAPI document.

use std::collections::BTreeMap;

use utoipa::openapi::{self, RefOr};
use utoipa::{IntoResponses, ToSchema};

use super::error::{ErrorBody, ErrorCode, PlainErrorBody};

macro_rules! error_group {
    ($(#[$meta:meta])* $name:ident, $body:ident, [$($code:ident),+ $(,)?]) => {
        $(#[$meta])*
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
                describe(&[$(ErrorCode::$code),+], &[&<$body as ToSchema>::name()])
            }
        }
    };
}

error_group!(
    /// Errors of every route of `/v1`.
    ReadErrors,
    ErrorBody,
    [
        Unauthorized, Forbidden, Throttled, MethodNotAllowed, BodyTooLarge, Internal, CredentialsUnavailable, StoreFull,
        StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// Errors of every route of `/v1` that takes a body.
    WriteErrors,
    ErrorBody,
    [
        InvalidRequest, Unauthorized, Forbidden, Throttled, MethodNotAllowed, BodyTooLarge, UnsupportedMediaType, Internal,
        CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// Errors of the change of a way to the door.
    DoorErrors,
    ErrorBody,
    [
        FunnelRefused, InvalidRequest, Unauthorized, Forbidden, Throttled, MethodNotAllowed, BodyTooLarge,
        UnsupportedMediaType, Internal, CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// Errors at the end of a sign-in.
    LoginErrors,
    ErrorBody,
    [
        LoginWrongAddress, LoginAddressUsed, LoginNotBegun, LoginAddressExpired, Throttled, AmazonChanged,
        AmazonUnavailable, InvalidRequest, Unauthorized, Forbidden, MethodNotAllowed, BodyTooLarge,
        UnsupportedMediaType, Internal, CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// Errors of every route that reads from Amazon.
    AmazonReadErrors,
    ErrorBody,
    [
        NotSignedIn, SignInAgain, SessionRefused, DeviceUnknown, DeviceOffline, NotControllable, Throttled,
        AmazonChanged, AmazonUnavailable, InvalidRequest, Unauthorized, Forbidden, MethodNotAllowed, BodyTooLarge,
        Internal, CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// Errors of every route that sends Amazon a command.
    AmazonWriteErrors,
    ErrorBody,
    [
        NotSignedIn, SignInAgain, SessionRefused, DeviceUnknown, DeviceOffline, NotControllable, Throttled,
        AmazonChanged, AmazonUnavailable, InvalidRequest, Unauthorized, Forbidden, MethodNotAllowed, BodyTooLarge,
        UnsupportedMediaType, Internal, CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
#[cfg(feature = "music-assistant")]
error_group!(
    /// Errors of every route that asks Music Assistant.
    MusicAssistantReadErrors,
    ErrorBody,
    [
        MusicAssistantNotConnected, MusicAssistantUnreachable, MusicAssistantSlow, MusicAssistantSignedOut,
        MusicAssistantNotAllowed, MusicAssistantFailed, MusicAssistantUnexpected, MusicUnknown, PlayerUnknown,
        InvalidRequest, Unauthorized, Forbidden, Throttled, MethodNotAllowed, BodyTooLarge, Internal,
        CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
#[cfg(feature = "music-assistant")]
error_group!(
    /// Errors of every route that sends Music Assistant a command or a sign-in.
    MusicAssistantErrors,
    ErrorBody,
    [
        MusicAssistantNotConnected, MusicAssistantUnreachable, MusicAssistantSlow, MusicAssistantSignedOut,
        MusicAssistantLoginRefused, MusicAssistantNotAllowed, MusicAssistantFailed, MusicAssistantUnexpected,
        MusicUnknown, PlayerUnknown, InvalidRequest, Unauthorized, Forbidden, Throttled, MethodNotAllowed, BodyTooLarge,
        UnsupportedMediaType, Internal, CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);
#[cfg(feature = "prometheus")]
error_group!(
    /// Errors of `/metrics`.
    MetricsErrors,
    PlainErrorBody,
    [
        Unauthorized, Forbidden, Throttled, MethodNotAllowed, BodyTooLarge, Internal, CredentialsUnavailable,
        StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// Errors of every other route behind credentials.
    PlainReadErrors,
    PlainErrorBody,
    [
        Unauthorized, Throttled, MethodNotAllowed, BodyTooLarge, Internal, CredentialsUnavailable, StoreFull,
        StoreUnavailable, TookTooLong,
    ]
);
error_group!(
    /// Errors of every other route that takes a body.
    PlainWriteErrors,
    PlainErrorBody,
    [
        InvalidRequest, Unauthorized, Throttled, MethodNotAllowed, BodyTooLarge, UnsupportedMediaType, Internal,
        CredentialsUnavailable, StoreFull, StoreUnavailable, TookTooLong,
    ]
);

/// Responses of these codes, one for each status. Each has one of these bodies, and names its codes where the body has
/// them.
pub(super) fn describe(codes: &[ErrorCode], bodies: &[&str]) -> BTreeMap<String, RefOr<openapi::Response>> {
    let mut descriptions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for code in codes {
        let description = if bodies.contains(&"ErrorBody") {
            format!("{}: {}", code.as_str(), code.description())
        } else {
            code.description().to_owned()
        };
        descriptions.entry(code.status().as_u16().to_string()).or_default().push(description);
    }
    descriptions
        .into_iter()
        .map(|(status, descriptions)| {
            let content = openapi::ContentBuilder::new().schema(Some(either(bodies))).build();
            let response = openapi::ResponseBuilder::new()
                .description(descriptions.join(". "))
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
