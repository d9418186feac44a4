//! State that people can change while everything runs.

use async_trait::async_trait;
use serde_json::Value;

use super::Repository;
use crate::config::Settings;
use crate::store::document::DocumentItem;
use crate::store::item::{SETTINGS, StoredItem, Written};
use crate::store::kv::{KeyValue, NEVER, Read};
use crate::store::{Document, SettingsChange, SetupStore, StoreError, VersionedDocument};

#[async_trait]
impl<K: KeyValue> SetupStore for Repository<K> {
    async fn settings(&self) -> Result<Settings, StoreError> {
        Ok(self.kv.get_permanent(SETTINGS).await?.unwrap_or_default())
    }

    async fn put_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        let settings = settings.clone();
        self.kv
            .change(Read::key(SETTINGS), NEVER, move |unit| unit.put(SETTINGS, &settings, None).map(drop))
            .await
    }

    async fn change_settings(&self, change: SettingsChange) -> Result<Settings, StoreError> {
        self.kv
            .update(SETTINGS, move |settings: &mut Settings| {
                change(settings);
                settings.clone()
            })
            .await
    }

    async fn document(&self, which: Document) -> Result<Option<VersionedDocument>, StoreError> {
        let written: Option<DocumentItem> = self.kv.get_permanent(which.key()).await?;
        written.map(|written| written.decode(which)).transpose()
    }

    async fn put_document(
        &self,
        which: Document,
        content: &Value,
        read: Option<u64>,
    ) -> Result<bool, StoreError> {
        let (key, write) = (which.key(), DocumentItem::new(content));
        // Its writer read it, so the store need not: the revision is all that counts of it.
        let seen = read.map(|revision| K::Item::encode(key, &Written::counted((), revision, None), None));
        let seen = seen.transpose()?.into_iter().collect();
        self.kv
            .change(Read::key(key).seen(Some(seen)), NEVER, move |unit| {
                let is_as_read = unit.revision(key) == read;
                if is_as_read {
                    unit.put(key, &write, None)?;
                }
                Ok(is_as_read)
            })
            .await
    }
}
