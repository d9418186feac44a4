//! The codes of problems with the developer account and the skill.

/// The code of a problem. Texts of the pages, stored steps and programs have it as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum ProblemCode {
    NotSignedIn,
    SignInAgain,
    ProfileIdAsSecret,
    ProfileId,
    ProfileNoSecret,
    ProfileSecret,
    LoginNotBegun,
    LoginExpired,
    LoginReturnUnusable,
    LoginAddressElsewhere,
    LoginAddressNoState,
    LoginAddressNoCode,
    LoginWrongState,
    LoginUsed,
    LoginDenied,
    LoginRefused,
    LoginCodeRefused,
    InvalidClient,
    NoVendor,
    NoLocale,
    Certificate,
    Busy,
    Gone,
    Forbidden,
    NotAccepted,
    ChangedMeanwhile,
    TokenRefused,
    AmazonUnavailable,
    AmazonChanged,
    #[strum(serialize = "overtaken")]
    Conflict,
    Store,
    Secrets,
    AmazonCertificate,
    NoAnswer,
    PermissionDenied,
    PermissionUnknown,
    PermissionUnavailable,
    Throttled,
    Internal,
    CreateFailed,
    SkillSlow,
    ManifestFailed,
    ManifestKept,
    ManifestSlow,
    ModelSlow,
    BuildFailed,
    BuildSlow,
    SentenceElsewhere,
}

impl ProblemCode {
    /// Its word.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}
