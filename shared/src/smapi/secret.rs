//! Changes of the secret that holds the developer's session.

use super::error::SmapiError;
use crate::account::AmazonSession;
use crate::secrets::{PutResult, SecretStore};

/// Number of attempts of a change after another process wrote.
const MAX_ATTEMPTS: usize = 5;

/// Changes the secret as it is now; another process may write it at the same time. `change` may run several times.
///
/// # Errors
/// Those of `change`, [`SmapiError::Conflict`] when every attempt met another write, or when the secret cannot be read
/// or written.
pub(super) async fn update(
    secrets: &dyn SecretStore,
    mut change: impl FnMut(&mut AmazonSession) -> Result<(), SmapiError> + Send,
) -> Result<(), SmapiError> {
    for _ in 0..MAX_ATTEMPTS {
        let stored = secrets.amazon().await?;
        let mut session = stored.session;
        change(&mut session)?;
        if let PutResult::Stored(_) = secrets.put_amazon(&session, &stored.version).await? {
            return Ok(());
        }
    }
    Err(SmapiError::Conflict)
}
