//! The calls themselves, in the expressions of `shared/src/store/dynamodb/`. The server that answers them in the
//! benchmark refuses any other.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use lambda_runtime::Error;

/// How many items a household of ten players and ten Echos has.
const HOUSEHOLD: usize = 20;

/// What every write requires: the item exists, in a known schema.
const LIVE: &str = "attribute_exists(#pk) AND (attribute_not_exists(#expires_at) OR #expires_at > :v1) \
                    AND #schema <= :v0";

/// The attributes that a report names, beside those of [`LIVE`].
const EVENT: [&str; 15] = [
    "version",
    "last_event",
    "pairing",
    "device",
    "event_request",
    "state",
    "offset_ms",
    "state_at",
    "origin",
    "reported_at",
    "played_by",
    "played_at",
    "error",
    "moved",
    "revision",
];

const PLAY: &str = r#"{"version":"1.0","response":{"directives":[{"type":"AudioPlayer.Play",
"playBehavior":"REPLACE_ALL","audioItem":{"stream":{"url":"https://music.example.com/flow/a/b/c/d.mp3",
"token":"floor","offsetInMilliseconds":0}}}],"shouldEndSession":true}}"#;
const HELP: &str = r#"{"version":"1.0","response":{"outputSpeech":{"type":"PlainText","text":"Help"}}}"#;
const NOTHING: &str = r#"{"version":"1.0","response":{}}"#;

/// The fixed answer of a function that makes these calls.
pub(crate) fn answer(calls: &str) -> &'static str {
    match calls {
        "play" => PLAY,
        "help" => HELP,
        _ => NOTHING,
    }
}

/// A household, and the one item of it that is written or read.
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) key: String,
}

impl Table {
    /// One query of the household, and beside it one write to an Echo.
    pub(crate) async fn play(&self) -> Result<(), Error> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text("home"))
            .expression_attribute_values(":prefix", text("play#"))
            .send();
        let asked = self.update(
            "SET #asked_before = #asked_at, #asked_at = :v5, #asked_request = :v6, #endpoint = :v7, \
             #user = :v8, #locale = :v9, #expires_at = :v10 ADD #revision :v11",
            "NOT #asked_request = :v2 AND (#asked_at <= :v3 OR #asked_at > :v4)",
            &["asked_request", "asked_at", "asked_before", "endpoint", "user", "locale", "revision"],
            values("nnwnnnwwwwnn"),
        );
        let (household, asked) = tokio::join!(query, asked);
        asked?;
        if household?.count() != i32::try_from(HOUSEHOLD)? {
            return Err("the household is not whole".into());
        }
        Ok(())
    }

    /// One write to a player.
    pub(crate) async fn event(&self) -> Result<(), Error> {
        self.update(
            "SET #last_event = :v7, #event_request = :v8, #state = :v9, #offset_ms = :v10, #state_at = :v11, \
             #origin = :v12, #reported_at = :v13, #played_by = :v14, #played_at = :v15 REMOVE #error, #moved \
             ADD #revision :v16",
            "#version = :v2 AND (attribute_not_exists(#last_event) OR #last_event < :v3 OR #last_event > :v4) \
             AND (attribute_not_exists(#pairing.#device) OR #pairing.#device = :v5 OR #played_by = :v6)",
            &EVENT,
            values("nnnwwwwwwwnnwnwnn"),
        )
        .await
    }

    /// One item.
    pub(crate) async fn get(&self) -> Result<(), Error> {
        let get = self.client.get_item().table_name(&self.name).consistent_read(true);
        let found = get.key("pk", text("home")).key("sk", text(&self.key)).send().await?;
        found.item.map(drop).ok_or_else(|| "there is no such item".into())
    }

    async fn update(
        &self,
        update: &str,
        condition: &str,
        names: &[&str],
        values: Vec<AttributeValue>,
    ) -> Result<(), Error> {
        let names = ["pk", "expires_at", "schema"].iter().chain(names);
        let names: HashMap<_, _> = names.map(|name| (format!("#{name}"), (*name).to_owned())).collect();
        let values: HashMap<_, _> =
            values.into_iter().enumerate().map(|(number, value)| (format!(":v{number}"), value)).collect();
        self.client
            .update_item()
            .table_name(&self.name)
            .key("pk", text("home"))
            .key("sk", text(&self.key))
            .update_expression(update)
            .condition_expression(format!("{LIVE} AND {condition}"))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await?;
        Ok(())
    }
}

/// The values of an expression in their order: `n` for a number, `w` for text.
fn values(kinds: &str) -> Vec<AttributeValue> {
    kinds.chars().map(|kind| if kind == 'n' { number() } else { word() }).collect()
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Some text.
fn word() -> AttributeValue {
    text("amzn1.echo-api.request.00000001-1111-4222-8333-444455556666")
}

/// Some time.
fn number() -> AttributeValue {
    AttributeValue::N("1799999999999".to_owned())
}
