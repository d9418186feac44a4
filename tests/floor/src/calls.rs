//! The calls themselves, in the expressions of `shared/src/store/dynamodb/`. A test holds them to what was recorded,
//! since the server that answers them in the benchmark refuses any other.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use lambda_runtime::Error;

/// How many items a household of ten players and ten Echos has.
const HOUSEHOLD: usize = 20;

/// What every write requires: the item exists, in a known schema.
const LIVE: &str = "attribute_exists(#pk) AND (attribute_not_exists(#expires_at) OR #expires_at > :v1) \
                    AND #schema <= :v0";

/// One write of one item.
struct Update {
    expression: &'static str,
    /// What it requires beside [`LIVE`].
    condition: &'static str,
    /// The attributes that it names beside those of [`LIVE`].
    names: &'static [&'static str],
    /// Its values in their order, those of [`LIVE`] first: `n` for a number, `w` for text.
    values: &'static str,
}

/// An Echo asks what to play.
const ASKED: Update = Update {
    expression: "SET #asked_before = #asked_at, #asked_at = :v5, #asked_request = :v6, #endpoint = :v7, \
                 #user = :v8, #locale = :v9, #expires_at = :v10 ADD #revision :v11",
    condition: "NOT #asked_request = :v2 AND (#asked_at <= :v3 OR #asked_at > :v4)",
    names: &["asked_request", "asked_at", "asked_before", "endpoint", "user", "locale", "revision"],
    values: "nnwnnnwwwwnn",
};

/// An Echo reports what it plays.
const EVENT: Update = Update {
    expression: "SET #last_event = :v8, #event_request = :v9, #state = :v10, #offset_ms = :v11, \
                 #state_at = :v12, #origin = :v13, #reported_at = :v14, #played_by = :v15, \
                 #played_at = :v16 REMOVE #error, #moved ADD #revision :v17",
    condition: "#version = :v2 AND #version > :v3 AND attribute_exists(#stream) AND \
                (attribute_not_exists(#last_event) OR #last_event < :v4 OR #last_event > :v5) AND \
                (attribute_not_exists(#pairing.#device) OR #pairing.#device = :v6 OR #played_by = :v7)",
    names: &[
        "version",
        "stream",
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
    ],
    values: "nnnnwwwwwwwnnwnwnn",
};

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
        let (household, asked) = tokio::join!(query, self.update(&ASKED));
        asked?;
        if household?.count() != i32::try_from(HOUSEHOLD)? {
            return Err("the household is not whole".into());
        }
        Ok(())
    }

    /// One write to a player.
    pub(crate) async fn event(&self) -> Result<(), Error> {
        self.update(&EVENT).await
    }

    /// One item.
    pub(crate) async fn get(&self) -> Result<(), Error> {
        let get = self.client.get_item().table_name(&self.name).consistent_read(true);
        let found = get.key("pk", text("home")).key("sk", text(&self.key)).send().await?;
        found.item.map(drop).ok_or_else(|| "there is no such item".into())
    }

    async fn update(&self, update: &Update) -> Result<(), Error> {
        self.client
            .update_item()
            .table_name(&self.name)
            .key("pk", text("home"))
            .key("sk", text(&self.key))
            .update_expression(update.expression)
            .condition_expression(update.condition())
            .set_expression_attribute_names(Some(update.names()))
            .set_expression_attribute_values(Some(update.values()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await?;
        Ok(())
    }
}

impl Update {
    fn condition(&self) -> String {
        format!("{LIVE} AND {}", self.condition)
    }

    fn names(&self) -> HashMap<String, String> {
        let names = ["pk", "expires_at", "schema"].iter().chain(self.names);
        names.map(|name| (format!("#{name}"), (*name).to_owned())).collect()
    }

    fn values(&self) -> HashMap<String, AttributeValue> {
        let values = self.values.chars().map(|kind| if kind == 'n' { number() } else { word() });
        values.enumerate().map(|(number, value)| (format!(":v{number}"), value)).collect()
    }
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What `skill` asks, as the tests recorded it.
    const RECORDED: &str = include_str!("../../fixtures/dynamodb.json");

    #[test]
    fn the_floor_writes_as_the_skill_does() {
        let recorded: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
        for update in [&ASKED, &EVENT] {
            let requests = recorded.iter().map(|exchange| &exchange["request"]);
            let request =
                requests.into_iter().find(|request| request["UpdateExpression"] == update.expression);
            let request = request.unwrap_or_else(|| panic!("not recorded: {}", update.expression));
            assert_eq!(request["ConditionExpression"], update.condition());
            assert_eq!(request["ExpressionAttributeNames"], serde_json::to_value(update.names()).unwrap());
            let kind = |value: &AttributeValue| if value.is_n() { "N" } else { "S" };
            let values = update.values();
            let recorded = request["ExpressionAttributeValues"].as_object().unwrap();
            assert_eq!(recorded.len(), values.len());
            for (name, value) in &values {
                assert!(recorded[name].get(kind(value)).is_some(), "{name} of {}", update.expression);
            }
        }
    }
}
