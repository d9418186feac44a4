//! In how far this Amazon behaves as others were seen to behave.

use std::time::Duration;

use super::smapi::SmapiQuirks;

/// Responses to cookies that are stale, missing, or of another marketplace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refusal {
    /// 401.
    #[default]
    Unauthorized,
    /// 403.
    Forbidden,
    /// 302 to the sign-in page.
    SignInRedirect,
    /// 200 with the sign-in page.
    SignInPage,
}

/// Ways in which the list of devices shows members and groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clusters {
    /// The true members.
    #[default]
    Listed,
    /// That there are none.
    Empty,
    /// Nothing.
    Null,
}

/// Differences from account to account, and from day to day.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a quirk of its own")]
pub struct Quirks {
    /// The lifetime of access tokens that is answered, in seconds. They end when a test says so.
    pub expires_in: u64,
    /// The `error` of a refresh token that was revoked: `invalid_grant`, `invalid_token` or `unauthorized_client`.
    pub revoked_as: &'static str,
    /// Whether Login with Amazon answers a new refresh token each time.
    pub rotates_lwa: bool,
    /// Whether the values of cookies come in quotes.
    pub quotes_cookies: bool,
    /// Whether the exchange for cookies answers 200 with none for the marketplace that was asked for.
    pub withholds_cookies: bool,
    /// The paths whose answers set the csrf cookie.
    pub csrf_places: Vec<&'static str>,
    /// The answer to a request without a session.
    pub refusal: Refusal,
    /// Whether `marketPlaceDomainName` is a name and no URL.
    pub bare_marketplace: bool,
    /// Value of `websiteApiUrl` in `/api/endpoints`, instead of the true one.
    pub website_api_url: Option<String>,
    /// Members and groups in the list of devices.
    pub clusters: Clusters,
    /// Whether the list of devices has one twice and one without a serial.
    pub untidy_devices: bool,
    /// Whether the list of devices calls itself `application/octet-stream`.
    pub octet_stream: bool,
    /// Whether every queue is said to have expired: commands to players answer 400.
    pub queues_expired: bool,
    /// The devices whose volumes are listed; nothing for all that are online.
    pub volumes_of: Option<Vec<String>>,
    /// Amount by which listed volumes are lower than they were set, as Echos round them.
    pub rounds_volumes_by: u8,
    /// Whether the sessions give progress in seconds, not in milliseconds.
    pub sessions_in_seconds: bool,
    /// Least time between two behaviours; those that come earlier are throttled.
    pub behavior_spacing: Option<Duration>,
    /// Error of Login with Amazon's page instead of a code, such as `access_denied`.
    pub lwa_refuses: Option<&'static str>,
    /// Quirks of skill management.
    pub smapi: SmapiQuirks,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            expires_in: 3600,
            revoked_as: "invalid_grant",
            rotates_lwa: false,
            quotes_cookies: false,
            withholds_cookies: false,
            csrf_places: vec![
                "/api/language",
                "/spa/index.html",
                "/api/devices-v2/device",
                "/templates/oobe/d-device-pick.handlebars",
                "/api/strings",
            ],
            refusal: Refusal::default(),
            bare_marketplace: false,
            website_api_url: None,
            clusters: Clusters::default(),
            untidy_devices: false,
            octet_stream: false,
            queues_expired: false,
            volumes_of: None,
            rounds_volumes_by: 0,
            sessions_in_seconds: false,
            behavior_spacing: None,
            lwa_refuses: None,
            smapi: SmapiQuirks::default(),
        }
    }
}
