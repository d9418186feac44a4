//! The counterparts of the variables of the Python prototype.

/// The counterpart of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counterpart {
    /// The public name of the skill: the address of the door.
    Door,
    /// The address of Music Assistant's API.
    MaApi,
    /// The token for that API.
    MaToken,
    /// The language in which Music Assistant speaks.
    Locale,
    /// The skill.
    SkillId,
    /// The user name that Music Assistant calls with.
    PushUsername,
    /// The password that Music Assistant calls with.
    PushPassword,
    /// The port of the pages.
    Port,
    /// Nothing, for this reason.
    None(&'static str),
}

/// The variables of the prototype, of its add-on and of its forks.
const TABLE: &[(&str, Counterpart)] = &[
    ("SKILL_HOSTNAME", Counterpart::Door),
    ("MA_API_URL", Counterpart::MaApi),
    ("MA_BASE_URL", Counterpart::MaApi),
    ("MA_API_TOKEN", Counterpart::MaToken),
    ("MA_TOKEN", Counterpart::MaToken),
    ("LOCALE", Counterpart::Locale),
    ("SKILL_ID", Counterpart::SkillId),
    ("APP_USERNAME", Counterpart::PushUsername),
    ("API_USERNAME", Counterpart::PushUsername),
    ("APP_PASSWORD", Counterpart::PushPassword),
    ("API_PASSWORD", Counterpart::PushPassword),
    ("PORT", Counterpart::Port),
    (
        "MA_HOSTNAME",
        Counterpart::None(
            "the door serves streams and covers. Delete this name, its certificate and its entry in the proxy: they make port 8097 of Music Assistant public",
        ),
    ),
    ("API_HOSTNAME", Counterpart::None("the API is a part of this program")),
    ("DEBUG_PORT", Counterpart::None("there is no debugger. Close that port")),
    ("AWS_DEFAULT_REGION", Counterpart::None("the set-up page knows Amazon's addresses")),
    ("AWS_REGION", Counterpart::None("the set-up page knows Amazon's addresses")),
    ("TZ", Counterpart::None("pages show the time of your browser, and logs are in UTC")),
    ("SKIP_URL_VALIDATION", Counterpart::None("no play waits for a look at its own address")),
    ("ENABLE_APL", Counterpart::None("an Echo with a screen shows title and cover without a switch")),
    ("QUIET_HTTP", Counterpart::None("RUST_LOG says what is logged")),
    ("FLASK_DEBUG", Counterpart::None("there is no debugger")),
    ("SKILL_CERTIFICATE_TYPE", Counterpart::None("the set-up reads it from the certificate")),
    (
        "LWA_CLIENT_ID",
        Counterpart::None("the set-up page makes a sign-in of its own to the developer account"),
    ),
    (
        "LWA_CLIENT_SECRET",
        Counterpart::None("the set-up page makes a sign-in of its own to the developer account"),
    ),
    (
        "ASK_CREDENTIALS_DIR",
        Counterpart::None(
            "the set-up page signs in by itself. Delete that folder: it opens your developer account",
        ),
    ),
    ("DEVICE_MAPPING_PATH", Counterpart::None("each Echo is paired with its player by itself")),
];

/// The counterpart of a variable; none where the prototype has no such variable.
pub(super) fn counterpart(name: &str) -> Option<Counterpart> {
    TABLE.iter().find(|(known, _)| *known == name).map(|(_, counterpart)| *counterpart)
}
