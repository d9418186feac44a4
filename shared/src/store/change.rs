//! Changes of a document that another process may change at the same time.

use serde::Serialize;
use serde::de::DeserializeOwned;
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
    Err(others_write())
}

/// Replaces a document, whatever it holds. `content` is asked again where another one wrote meanwhile.
///
/// # Errors
/// When the store does not answer, the content cannot be written, or others write all the time.
#[cfg(feature = "http")]
pub(crate) async fn replace_document<T: Serialize>(
    store: &(impl SetupStore + ?Sized),
    which: Document,
    content: impl Fn() -> T,
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let revision = store.document(which).await?.map(|held| held.revision);
        if store.put_document(which, &written(which, &content())?, revision).await? {
            return Ok(());
        }
    }
    Err(others_write())
}

/// Notes what was seen, unless `is_known` says so of what the document holds. What another one notes meanwhile stays.
///
/// # Errors
/// When the store does not answer, or the content cannot be written.
pub async fn note_document<T: Serialize + DeserializeOwned>(
    store: &(impl SetupStore + ?Sized),
    which: Document,
    content: &T,
    is_known: impl FnOnce(&T) -> bool,
) -> Result<(), StoreError> {
    let held = store.document(which).await?;
    let revision = held.as_ref().map(|held| held.revision);
    // What another release wrote is written over.
    let last = held.and_then(|held| serde_json::from_value::<T>(held.content).ok());
    if last.as_ref().is_some_and(is_known) {
        return Ok(());
    }
    store.put_document(which, &written(which, content)?, revision).await.map(drop)
}

fn others_write() -> StoreError {
    StoreError::Unavailable("others write all the time".to_owned())
}

/// The content as a store takes it.
///
/// # Errors
/// When it cannot be written down.
pub(crate) fn written(which: Document, content: &impl Serialize) -> Result<Value, StoreError> {
    serde_json::to_value(content).map_err(|error| StoreError::Malformed(format!("{which:?}: {error}")))
}
