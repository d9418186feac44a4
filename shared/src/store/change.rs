//! A change of a document that another process may change at the same time.

use serde::Serialize;
use serde_json::Value;

use super::{Document, SetupStore, StoreError};

/// Most attempts of a write that conflicts with another.
const TRIES: usize = 8;

/// Changes a document by a rule, which may run several times. What the rule refuses is not written.
///
/// # Errors
/// When the store does not answer, `read` cannot read what it holds, or others write all the time.
pub(crate) async fn change_document<T: Serialize, R, E>(
    store: &(impl SetupStore + ?Sized),
    which: Document,
    read: impl Fn(Option<Value>) -> Result<T, StoreError>,
    rule: impl Fn(&mut T) -> Result<R, E>,
) -> Result<Result<R, E>, StoreError> {
    for _ in 0..TRIES {
        let held = store.document(which).await?;
        let revision = held.as_ref().map(|held| held.revision);
        let mut content = read(held.map(|held| held.content))?;
        let changed = match rule(&mut content) {
            Ok(changed) => changed,
            Err(refused) => return Ok(Err(refused)),
        };
        if store.put_document(which, &written(which, &content)?, revision).await? {
            return Ok(Ok(changed));
        }
    }
    Err(StoreError::Unavailable("others write all the time".to_owned()))
}

/// The content as a store takes it.
///
/// # Errors
/// When it cannot be written down.
pub(crate) fn written(which: Document, content: &impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(content).map_err(|error| StoreError::Malformed(format!("{which:?}: {error}")))
}
