//! Ways in beside the passwords: API tokens and sign-in links. The store keeps only hashes of them.

mod api_token;
mod known_tokens;
mod sign_in_link;

use ring::digest::{SHA256, digest};

pub use api_token::{
    ApiToken, LONGEST_NAME, MadeToken, NoToken, Scope, StoredToken, TokenSpec, list, make, revoke,
};
pub use known_tokens::KnownTokens;
pub(crate) use sign_in_link::take as take_sign_in_link;
pub use sign_in_link::{LINK_LASTS, LinkError, SignInLink, make as make_sign_in_link};

/// The hash of something that opens a way in. All of it is random, so that no salt is of use.
pub(crate) fn hash(secret: &[u8]) -> [u8; 32] {
    let mut short = [0; 32];
    short.copy_from_slice(digest(&SHA256, secret).as_ref());
    short
}
