//! The phrases of Music Assistant's provider, which are stored at no cost for it.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::time::Duration;

use ma_alexa::diagnostics::ProviderSnapshot;
use ma_alexa::store::Document;

use super::harness::Harness;

/// The stored snapshot with its revision.
async fn kept(harness: &Harness) -> Option<(ProviderSnapshot, u64)> {
    let held = harness.store.document(Document::StartPhrases).await.unwrap()?;
    Some((serde_json::from_value(held.content).unwrap(), held.revision))
}

#[tokio::test(flavor = "multi_thread")]
async fn phrases_are_stored_when_they_change_or_after_an_hour() {
    let harness = Harness::set_up().await;
    assert!(kept(&harness).await.is_none());
    let answer = harness.ask_intents().await;
    let (seen, revision) = kept(&harness).await.unwrap();
    assert_eq!((seen.locale.as_str(), revision), ("en-US", 1));
    assert_eq!(answer["invocationName"], seen.invocation_name);
    let intents = answer["intents"].as_array().unwrap();
    assert_eq!(intents.len(), seen.utterances.len());
    for intent in intents {
        assert_eq!(
            intent["utterances"],
            serde_json::json!(seen.utterances[intent["intent"].as_str().unwrap()])
        );
    }

    harness.pass(Duration::from_mins(59));
    harness.ask_intents().await;
    assert_eq!(kept(&harness).await.unwrap().1, 1);
    harness.pass(Duration::from_mins(2));
    harness.ask_intents().await;
    assert_eq!(kept(&harness).await.unwrap().1, 2);
    harness.change_settings(|settings| settings.locale = Some("de-DE".into())).await;
    harness.ask_intents().await;
    let (seen, revision) = kept(&harness).await.unwrap();
    assert_eq!((seen.locale.as_str(), revision), ("de-DE", 3));
}

// A newer release may have stored another shape.
#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_snapshot_is_replaced() {
    let harness = Harness::set_up().await;
    let strange = serde_json::json!({ "schema": 9 });
    assert!(harness.store.put_document(Document::StartPhrases, &strange, None).await.unwrap());
    harness.ask_intents().await;
    assert_eq!(kept(&harness).await.unwrap().0.locale, "en-US");
}
