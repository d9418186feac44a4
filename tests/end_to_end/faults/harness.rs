//! A home in the functions whose way to DynamoDB can be made to fail.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::{Duration, Instant};

use end_to_end::api::{MUSIC_ASSISTANT, OWNER};
use end_to_end::dynamo_proxy::DynamoProxy;
use end_to_end::emulator::{self, Emulator};
use end_to_end::envelope::{Envelope, Played};
use end_to_end::processor::Waits;
use end_to_end::runtime_api::Function;
use serde_json::Value;

use crate::functions::Functions;

/// How long the skill may take for an answer, whatever happens.
pub(crate) const LIMIT: Duration = Duration::from_secs(6);

/// How often an operation may be tried.
pub(crate) const ATTEMPTS: usize = 3;

/// What must not be logged, beside the names of the Echos.
const SECRETS: [&str; 3] =
    ["AKIAFAULTSFAULTSFAUL", "a-secret-access-key-of-the-tests", "a-session-token-of-the-tests"];

pub(crate) const HALL: &str = "amzn1.ask.device.HALL";
pub(crate) const ATTIC: &str = "amzn1.ask.device.ATTIC";
pub(crate) const LOFT: &str = "amzn1.ask.device.LOFT";
pub(crate) const STUDY: &str = "amzn1.ask.device.STUDY";

/// A table, and the way to it.
pub(crate) struct Harness {
    pub(crate) proxy: DynamoProxy,
    table: String,
}

impl Harness {
    pub(crate) async fn start(emulator: &Emulator) -> Self {
        let table = emulator.create_table().await;
        Self { proxy: DynamoProxy::start(emulator.address()).unwrap(), table }
    }

    /// A new instance of each function.
    pub(crate) async fn instance(&self) -> Functions {
        let secrets =
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].into_iter().zip(SECRETS);
        let mut variables = emulator::variables(&self.proxy.endpoint()).to_vec();
        variables.extend(secrets.map(|(name, value)| (name, value.to_owned())));
        Functions::start_over(&variables, &self.table).await
    }

    /// That each operation since the last look was served at its first attempt.
    pub(crate) fn assert_no_retries(&self) {
        let calls = self.proxy.take_calls();
        assert!(!calls.is_empty());
        assert!(calls.iter().all(|call| call.attempts == 1), "{calls:?}");
    }
}

/// Makes a home in which everything can happen: "Study", "Loft" and "Kitchen" were played, the last by the Echo of the
/// samples, and no Echo serves "Office", which was started. The Echos in the hall and in the attic asked for music before. Returns the
/// token of what the kitchen plays.
pub(crate) async fn furnish(functions: &Functions) -> String {
    for (player, echo) in [("Study", STUDY), ("Loft", LOFT)] {
        functions.api.push(player, "one", "Carey").await;
        let _ = Played::of(&functions.ask(&Envelope::new("play-audio").from_echo(echo)).await);
    }
    functions.api.push("Kitchen", "one", "Blue").await;
    let played = Played::of(&functions.ask(&Envelope::new("play-audio")).await);
    for device in [HALL, ATTIC] {
        let asks = Envelope::new("intent-amazon-resume").from_echo(device);
        assert!(!speech(&functions.ask(&asks).await).is_empty());
    }
    functions.api.push("Office", "one", "River").await;
    played.token
}

/// An answer of the skill, which has to be in time. What the machine kept the skill or this test from running is not
/// its time.
pub(crate) async fn in_time(functions: &Functions, envelope: &Envelope) -> Value {
    let waits = || [functions.skill.process(), std::process::id()].map(Waits::of);
    let (asked, before) = (Instant::now(), waits());
    let answer = functions.ask(envelope).await;
    let took = asked.elapsed();
    let kept: Duration = waits().iter().zip(&before).map(|(after, before)| after.longest_since(before)).sum();
    let said = functions.skill.said();
    assert!(
        took.saturating_sub(kept) < LIMIT,
        "{took:?}, {kept:?} of it kept, for {answer}; the log:\n{said}"
    );
    answer
}

/// What an answer says, which plays nothing.
pub(crate) fn speech(answer: &Value) -> &str {
    let response = &answer["response"];
    assert_eq!(response.get("directives"), None, "{answer}");
    response["outputSpeech"]["text"].as_str().unwrap_or_default()
}

/// That a function logs that the store failed and how, and nothing that opens something or shows who listens to what.
pub(crate) fn assert_log(function: &Function, cause: &str) {
    let _ = function.wait_for_log(r#""StoreErrors":1"#);
    let error = function.wait_for_log(r#""level":"ERROR""#);
    assert!(error.contains(cause), "{cause}: {error}");
    let log = function.said();
    let hidden =
        SECRETS.into_iter().chain([OWNER.1, MUSIC_ASSISTANT.1, "amzn1.ask.", "/flow/", "Authorization"]);
    for secret in hidden {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
