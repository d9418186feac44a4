//! What Alexa takes as an answer, by the request's type (Alexa Skills Kit, "Request and response JSON reference",
//! "`AudioPlayer` interface reference", "`PlaybackController` interface reference"), read from the JSON alone.

use std::collections::BTreeSet;

use ma_alexa::voice::{MUSIC_INTENTS, PLAYER_TYPE, PLAYLIST_TYPE, SEARCH_QUERY};
use serde_json::{Map, Value};
use url::Url;

/// Longest answer that Alexa is sure to take, in bytes.
const MAX_ANSWER: usize = 24 * 1024;

const PLAY: &str = "AudioPlayer.Play";
const STOP: &str = "AudioPlayer.Stop";
const CLEAR: &str = "AudioPlayer.ClearQueue";
const ELICIT: &str = "Dialog.ElicitSlot";
const ENTITIES: &str = "Dialog.UpdateDynamicEntities";
const INDEX_LIST: &str = "Alexa.Presentation.APL.SendIndexListData";
const TOKEN_LIST: &str = "Alexa.Presentation.APL.SendTokenListData";

/// The locales in which Music Assistant's sentence for play is no more than the skill's name.
const LAUNCHED_BY_MA: [&str; 3] = ["fr-CA", "fr-FR", "nl-NL"];

/// The members that an answer to a type of request may have, and the directives among them.
fn allowed(request_type: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match request_type {
        "LaunchRequest" | "IntentRequest" | "SessionResumedRequest" | "Alexa.Presentation.APL.UserEvent" => (
            &["outputSpeech", "card", "reprompt", "directives", "shouldEndSession"],
            &[PLAY, STOP, CLEAR, ELICIT, ENTITIES],
        ),
        "AudioPlayer.PlaybackStarted" | "AudioPlayer.PlaybackFinished" => {
            (&["directives", "shouldEndSession"], &[STOP, CLEAR])
        }
        "AudioPlayer.PlaybackNearlyFinished"
        | "AudioPlayer.PlaybackFailed"
        | "PlaybackController.PlayCommandIssued"
        | "PlaybackController.PauseCommandIssued"
        | "PlaybackController.NextCommandIssued"
        | "PlaybackController.PreviousCommandIssued" => {
            (&["directives", "shouldEndSession"], &[PLAY, STOP, CLEAR])
        }
        "CanFulfillIntentRequest" => (&["canFulfillIntent"], &[]),
        "Alexa.Presentation.APL.LoadIndexListData" => (&["directives"], &[INDEX_LIST]),
        "Alexa.Presentation.APL.LoadTokenListData" => (&["directives"], &[TOKEN_LIST]),
        // Playback stopped, session ended, exceptions, skill events, messages, and whatever comes next.
        _ => (&[], &[]),
    }
}

/// The marks of a question in the languages that are spoken.
const QUESTION_MARKS: [char; 3] = ['?', '？', '؟'];

/// Whether Music Assistant may have caused a request, or we ourselves by a code.
fn may_be_of_a_machine(request: &Value) -> bool {
    match request["type"].as_str().unwrap_or_default() {
        "LaunchRequest" => !may_listen(request),
        "IntentRequest" => matches!(
            request["intent"]["name"].as_str(),
            Some("PlayAudio" | "MaResume" | "MaPause" | "MaStop" | "IdentifyEcho")
        ),
        _ => false,
    }
}

/// Whether people were asked something, so that the microphone may stay open. Whatever Music Assistant may have
/// caused must close it.
fn may_listen(request: &Value) -> bool {
    match request["type"].as_str().unwrap_or_default() {
        "LaunchRequest" => request["locale"].as_str().is_none_or(|locale| !LAUNCHED_BY_MA.contains(&locale)),
        "IntentRequest" => {
            matches!(
                request["intent"]["name"].as_str(),
                Some(
                    "AMAZON.HelpIntent"
                        | "AMAZON.ResumeIntent"
                        | "AMAZON.YesIntent"
                        | "AMAZON.NoIntent"
                        | "AMAZON.NextIntent"
                        | "AMAZON.PreviousIntent"
                        | "AMAZON.StartOverIntent"
                        | "AMAZON.RepeatIntent"
                        | "AMAZON.ShuffleOnIntent"
                        | "AMAZON.ShuffleOffIntent"
                        | "AMAZON.LoopOnIntent"
                        | "AMAZON.LoopOffIntent"
                        | "PairEcho"
                        | "PickFirst"
                        | "PickSecond"
                        | "PickThird"
                )
            ) || searches(request)
        }
        _ => false,
    }
}

/// Whether a person named music, of which several may be meant.
fn searches(request: &Value) -> bool {
    let slots = MUSIC_INTENTS.iter().find(|intent| request["intent"]["name"] == intent.name);
    slots.is_some_and(|intent| intent.slots.iter().any(|(_, kind)| *kind == SEARCH_QUERY))
}

/// Fails where Alexa would refuse the answer to a request, or would do harm.
pub(crate) fn check(envelope: &Value, answer: &Value) {
    let request = &envelope["request"];
    let problems = problems(request, answer);
    assert!(problems.is_empty(), "{}: {problems:#?}\n{answer:#}", request["type"]);
}

pub(super) fn problems(request: &Value, answer: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let mut require = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    let request_type = request["type"].as_str().unwrap_or_default();
    let (members, directives) = allowed(request_type);
    let (Some(envelope), Some(response)) = (answer.as_object(), answer["response"].as_object()) else {
        return vec!["an answer is an object with an object `response`".to_owned()];
    };
    let top: BTreeSet<&str> = envelope.keys().map(String::as_str).collect();
    require(
        top.is_subset(&BTreeSet::from(["response", "sessionAttributes", "version"])),
        "only `response`, `version` and `sessionAttributes`",
    );
    if let Some(kept) = envelope.get("sessionAttributes") {
        require(
            kept.as_object().is_some_and(|kept| !kept.is_empty()),
            "what is kept is an object with members",
        );
        require(answer["response"]["shouldEndSession"] == false, "what is kept is for a conversation");
    }
    require(answer["version"] == "1.0", "the version is 1.0");
    require(!has_null(&answer["response"]), "no member is null");
    require(answer.to_string().len() <= MAX_ANSWER, "the answer is too long");
    for member in response.keys() {
        require(members.contains(&member.as_str()), &format!("`{member}` is not taken here"));
    }
    let given = response.get("directives").map_or(&[][..], |list| list.as_array().map_or(&[], Vec::as_slice));
    require(response.get("directives").is_none_or(|_| !given.is_empty()), "no empty list of directives");
    let types: Vec<&str> = given.iter().filter_map(|directive| directive["type"].as_str()).collect();
    require(types.len() == given.len(), "every directive has a type");
    for name in &types {
        require(directives.contains(name), &format!("`{name}` is not taken here"));
    }
    require(types.iter().filter(|name| **name == PLAY).count() <= 1, "at most one Play");
    check_session(request, response, &types, &mut require);
    for name in ["outputSpeech", "reprompt"] {
        let Some(member) = response.get(name) else { continue };
        let speech = if name == "reprompt" { &member["outputSpeech"] } else { member };
        check_speech(speech, &mut require);
    }
    for directive in given {
        check_directive(request, directive, &mut require);
    }
    if let Some(verdict) = response.get("canFulfillIntent") {
        check_verdict(request, verdict, &mut require);
    }
    problems
}

fn check_session(
    request: &Value,
    response: &Map<String, Value>,
    types: &[&str],
    require: &mut impl FnMut(bool, &str),
) {
    let ends = response.get("shouldEndSession").map(Value::as_bool);
    require(ends != Some(None), "`shouldEndSession` is a boolean");
    let ends = ends.flatten();
    if types.contains(&PLAY) || types.contains(&STOP) {
        require(ends == Some(true), "what plays or stops ends the session");
    }
    if allowed(request["type"].as_str().unwrap_or_default()).0.contains(&"outputSpeech") {
        require(ends.is_some(), "a conversation is ended or left open in so many words");
    }
    if ends == Some(false) {
        require(may_listen(request), "the microphone opens in a room that may be empty");
        require(response.contains_key("outputSpeech"), "what listens asks something");
        require(response.contains_key("reprompt"), "what listens asks again");
    } else {
        require(!response.contains_key("reprompt"), "what does not listen does not ask again");
        require(!types.contains(&ELICIT), "what asks for a slot listens");
        require(!types.contains(&ENTITIES), "names are for a conversation");
        let speech = &response.get("outputSpeech").cloned().unwrap_or_default();
        let text = speech["ssml"].as_str().or(speech["text"].as_str()).unwrap_or_default();
        require(
            may_be_of_a_machine(request) || !text.contains(QUESTION_MARKS),
            "a question is asked into a closed microphone",
        );
    }
}

fn check_speech(speech: &Value, require: &mut impl FnMut(bool, &str)) {
    let text = match speech["type"].as_str() {
        Some("PlainText") => speech["text"].as_str(),
        Some("SSML") => speech["ssml"].as_str(),
        _ => None,
    };
    let text = text.unwrap_or_default();
    require(!text.trim().is_empty(), "speech says something");
    require(text.encode_utf16().count() <= 8000, "speech is too long");
    require(!text.contains("://"), "an address is not for ears");
}

fn check_directive(request: &Value, directive: &Value, require: &mut impl FnMut(bool, &str)) {
    match directive["type"].as_str().unwrap_or_default() {
        PLAY => check_play(directive, require),
        CLEAR => require(
            matches!(directive["clearBehavior"].as_str(), Some("CLEAR_ALL" | "CLEAR_ENQUEUED")),
            "what is cleared is known",
        ),
        ELICIT => {
            let slot = directive["slotToElicit"].as_str().unwrap_or_default();
            require(directive["updatedIntent"]["name"] == "PairEcho", "only a dialog of ours can ask");
            require(directive["updatedIntent"]["slots"][slot]["name"] == slot, "the slot is the intent's");
        }
        ENTITIES => check_entities(directive, require),
        INDEX_LIST | TOKEN_LIST => {
            for name in ["correlationToken", "listId"] {
                require(directive[name] == request[name], &format!("`{name}` is the request's"));
            }
            require(directive["items"].is_array(), "a list has items");
        }
        _ => {}
    }
}

/// At most 100 values, each once in its type, and types that every model of ours may have.
fn check_entities(directive: &Value, require: &mut impl FnMut(bool, &str)) {
    require(directive["updateBehavior"] == "REPLACE", "names take the place of those before");
    let types = directive["types"].as_array().map_or(&[][..], Vec::as_slice);
    let mut all = 0;
    require(!types.is_empty(), "there are names");
    for of_type in types {
        let known = [PLAYER_TYPE, PLAYLIST_TYPE].contains(&of_type["name"].as_str().unwrap_or_default());
        require(known, "the model has the type");
        let values = of_type["values"].as_array().map_or(&[][..], Vec::as_slice);
        require(!values.is_empty(), "a type has values");
        all += values.len();
        let names: Vec<&str> = values.iter().filter_map(|value| value["name"]["value"].as_str()).collect();
        require(names.iter().all(|name| (1..=140).contains(&name.chars().count())), "1 to 140 characters");
        let different: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        require(different.len() == values.len(), "each value is there once");
    }
    require(all <= 100, "at most 100 values");
}

fn check_play(directive: &Value, require: &mut impl FnMut(bool, &str)) {
    let behavior = directive["playBehavior"].as_str().unwrap_or_default();
    require(["REPLACE_ALL", "ENQUEUE", "REPLACE_ENQUEUED"].contains(&behavior), "`playBehavior` is known");
    let stream = &directive["audioItem"]["stream"];
    require(is_https(&stream["url"]), "a stream is fetched by https");
    require(is_token(&stream["token"]), "a token has 1 to 1024 characters");
    require(stream["offsetInMilliseconds"].as_u64().is_some_and(|at| i64::try_from(at).is_ok()), "an offset");
    match stream.get("expectedPreviousToken") {
        Some(previous) => require(behavior == "ENQUEUE" && is_token(previous), "`expectedPreviousToken`"),
        None => require(behavior != "ENQUEUE", "what is queued names what is before it"),
    }
    let metadata = &directive["audioItem"]["metadata"];
    for line in ["title", "subtitle"] {
        let blank =
            metadata.get(line).is_some_and(|line| line.as_str().is_none_or(|line| line.trim().is_empty()));
        require(!blank, &format!("`{line}` says something"));
    }
    for image in ["art", "backgroundImage"] {
        let Some(image) = metadata.get(image) else { continue };
        let sources = image["sources"].as_array().map_or(&[][..], Vec::as_slice);
        require(!sources.is_empty(), "a picture has a source");
        for source in sources {
            require(is_https(&source["url"]), "a picture is fetched by https");
            require(source["url"].as_str().is_some_and(|url| url.chars().count() <= 2000), "a short address");
        }
    }
}

fn check_verdict(request: &Value, verdict: &Value, require: &mut impl FnMut(bool, &str)) {
    let known = |value: &Value| matches!(value.as_str(), Some("YES" | "NO" | "MAYBE"));
    require(known(&verdict["canFulfill"]), "`canFulfill` is YES, NO or MAYBE");
    for (name, slot) in verdict["slots"].as_object().into_iter().flatten() {
        require(request["intent"]["slots"].get(name).is_some(), "a slot is one of the request");
        require(known(&slot["canUnderstand"]), "`canUnderstand` is YES, NO or MAYBE");
        require(matches!(slot["canFulfill"].as_str(), Some("YES" | "NO")), "a slot is fulfilled or not");
    }
}

fn is_https(url: &Value) -> bool {
    let parsed = url.as_str().filter(|url| url.is_ascii()).and_then(|url| Url::parse(url).ok());
    parsed.is_some_and(|url| url.scheme() == "https" && url.has_host())
}

fn is_token(token: &Value) -> bool {
    token.as_str().is_some_and(|token| !token.trim().is_empty() && token.encode_utf16().count() <= 1024)
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::problems;

    fn answer(response: &Value) -> Value {
        json!({ "version": "1.0", "response": response })
    }

    fn play(url: &str, behavior: &str) -> Value {
        let stream = json!({ "url": url, "token": "t", "offsetInMilliseconds": 0 });
        json!({ "type": "AudioPlayer.Play", "playBehavior": behavior, "audioItem": { "stream": stream } })
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "each refusal changes the one good answer")]
    fn the_rules_find_what_alexa_refuses() {
        let speech = json!({ "type": "PlainText", "text": "Hello." });
        let good = play("https://example.org/a.mp3", "REPLACE_ALL");
        let stop = json!({ "type": "AudioPlayer.Stop" });
        let mut previous = good.clone();
        previous["audioItem"]["stream"]["expectedPreviousToken"] = json!("t");
        let mut unnamed = good.clone();
        unnamed["audioItem"]["stream"]["token"] = json!("");
        let wrong = [
            ("AudioPlayer.PlaybackStarted", json!({ "outputSpeech": speech })),
            ("AudioPlayer.PlaybackStarted", json!({ "directives": [good], "shouldEndSession": true })),
            ("AudioPlayer.PlaybackStopped", json!({ "directives": [stop], "shouldEndSession": true })),
            ("AudioPlayer.PlaybackFailed", json!({ "outputSpeech": speech })),
            ("AudioPlayer.PlaybackNearlyFinished", json!({ "shouldEndSession": false })),
            ("PlaybackController.PlayCommandIssued", json!({ "outputSpeech": speech })),
            ("PlaybackController.PlayCommandIssued", json!({ "directives": [good] })),
            ("PlaybackController.PauseCommandIssued", json!({ "directives": [stop] })),
            ("SessionEndedRequest", json!({ "shouldEndSession": true })),
            ("System.ExceptionEncountered", json!({ "outputSpeech": speech })),
            ("AlexaSkillEvent.SkillEnabled", json!({ "shouldEndSession": true })),
            ("CanFulfillIntentRequest", json!({ "shouldEndSession": true })),
            ("CanFulfillIntentRequest", json!({ "canFulfillIntent": { "canFulfill": "PERHAPS" } })),
            ("IntentRequest", json!({ "outputSpeech": speech })),
            ("IntentRequest", json!({ "outputSpeech": null, "shouldEndSession": true })),
            ("IntentRequest", json!({ "outputSpeech": { "type": "PlainText", "text": "" } })),
            ("IntentRequest", json!({ "outputSpeech": speech, "shouldEndSession": false })),
            ("IntentRequest", json!({ "directives": [good, good], "shouldEndSession": true })),
            ("IntentRequest", json!({ "directives": [previous], "shouldEndSession": true })),
            ("IntentRequest", json!({ "directives": [unnamed], "shouldEndSession": true })),
            ("IntentRequest", json!({ "directives": [good], "shouldEndSession": false })),
            ("IntentRequest", json!({ "directives": [], "shouldEndSession": true })),
            (
                "IntentRequest",
                json!({ "directives": [play("http://example.org/a", "REPLACE_ALL")], "shouldEndSession": true }),
            ),
            (
                "IntentRequest",
                json!({ "directives": [play("https://example.org/a", "ENQUEUE")], "shouldEndSession": true }),
            ),
        ];
        for (request_type, response) in wrong {
            let found = problems(&json!({ "type": request_type, "locale": "en-US" }), &answer(&response));
            assert!(!found.is_empty(), "{request_type}: {response}");
        }
        let right = [
            ("IntentRequest", json!({ "directives": [good], "shouldEndSession": true })),
            ("AudioPlayer.PlaybackFailed", json!({ "directives": [good], "shouldEndSession": true })),
            ("SessionEndedRequest", json!({})),
        ];
        for (request_type, response) in right {
            let found = problems(&json!({ "type": request_type }), &answer(&response));
            assert!(found.is_empty(), "{request_type}: {found:?}");
        }
        assert!(!problems(&json!({ "type": "LaunchRequest" }), &Value::Null).is_empty());
        let launch = json!({ "type": "LaunchRequest", "locale": "fr-FR" });
        let listening = json!({
            "outputSpeech": speech,
            "reprompt": { "outputSpeech": speech },
            "shouldEndSession": false,
        });
        assert!(!problems(&launch, &answer(&listening)).is_empty());
        let launch = json!({ "type": "LaunchRequest", "locale": "en-US" });
        assert!(problems(&launch, &answer(&listening)).is_empty());
    }
}
