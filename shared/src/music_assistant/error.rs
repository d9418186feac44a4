//! Errors of Music Assistant's API.

/// The reason why Music Assistant did not do it. Its text is a sentence for people, without a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MusicAssistantError {
    /// No address of Music Assistant is known.
    #[error("no Music Assistant is connected: connect it on the setup page")]
    NotConnected,
    /// The address would carry a token over the internet without encryption.
    #[error("the address of Music Assistant has to be one of the home, or begin with https://")]
    NotEncrypted,
    /// No connection was made, or it broke off.
    #[error("Music Assistant does not answer at {host}: {reason}")]
    Unreachable {
        /// The host of the address.
        host: String,
        /// The reason, in words.
        reason: &'static str,
    },
    /// There was no whole answer in time. A command may be done all the same.
    #[error("Music Assistant takes too long; it may be done all the same")]
    Slow,
    /// The token is missing, unknown, revoked or too old.
    #[error("Music Assistant does not accept the token: connect it again on the setup page")]
    SignedOut,
    /// User name or password is wrong, or the user is disabled, or waits after many wrong ones.
    #[error("Music Assistant does not accept this user name and password")]
    LoginRefused,
    /// The role of the token's user does not allow it.
    #[error("the user of the token may not do this: take a user with the role user or admin, and no guest")]
    NotAllowed,
    /// Music Assistant has no users yet.
    #[error("Music Assistant is not set up yet: open its own pages first")]
    NotSetUp,
    /// No player of Music Assistant has this id or name.
    #[error("Music Assistant has no player {player}")]
    PlayerUnknown {
        /// The player, as it was asked for.
        player: String,
    },
    /// The queue has no item there.
    #[error("the queue has no such item")]
    NoSuchItem,
    /// The queue has no items.
    #[error("the queue is empty")]
    QueueEmpty,
    /// Not possible: the present item has no length, or cannot be a favourite, or its queue is made by Music Assistant.
    #[error("what plays does not allow it")]
    NotPossible,
    /// Nothing fits what was searched for.
    #[error("Music Assistant finds nothing of that name")]
    NothingFound,
    /// A text is too long, or a number is out of its range.
    #[error("{0}")]
    Invalid(&'static str),
    /// Music Assistant failed; over HTTP it does not say why.
    #[error("Music Assistant could not do it ({status}); its log says why")]
    Failed {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is none of Music Assistant's API, or too large.
    #[error("something else than Music Assistant's API answers at {host}")]
    Garbage {
        /// The host of the address.
        host: String,
    },
    /// The settings cannot be read.
    #[error("the store cannot be reached at the moment; try again")]
    StoreUnavailable,
    /// The token cannot be read or written.
    #[error("the token of Music Assistant cannot be read or written; the log says more")]
    SecretUnavailable,
    /// The API has another schema than this release knows.
    #[error("this release does not know Music Assistant's API of schema {schema}")]
    OtherSchema {
        /// `schema_version` of the server.
        schema: u64,
    },
}
