//! The skill as a Lambda function: one request envelope of Alexa's in, one response envelope out.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use ma_alexa::alexa::response::Response;
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::{Env, SkillIds, SpeechOverrides, StoreUrl, StreamOverrides};
use ma_alexa::skill::{Skill, SkillConfig, SkillIdPolicy, SkillParts};
use ma_alexa::store::{self, Environment};
use ma_alexa::telemetry::{self, Metrics};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env = Env::process();
    let skill = match telemetry::init(&env).map_err(Error::from).and_then(|()| skill(&env)) {
        Ok(skill) => skill,
        Err(error) => {
            telemetry::cannot_start(&env, error.as_ref());
            std::process::exit(1)
        }
    };
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| answer(&skill, event))).await
}

/// The permission to invoke is the proof that a request comes from Alexa.
async fn answer(skill: &Skill, event: LambdaEvent<Box<RawValue>>) -> Result<Response, Error> {
    let body = event.payload.get().as_bytes();
    Ok(skill.answer(body).await.unwrap_or_else(|rejection| rejection.answer(body)))
}

fn skill(env: &Env) -> Result<Skill, Error> {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let machine = Environment { clock: clock.clone(), random: random.clone(), lookup: &|name| env.get(name) };
    Ok(Skill::new(SkillParts {
        store: store::open(StoreUrl::from_env(env)?.as_str(), &machine)?,
        config: SkillConfig {
            skill_ids: SkillIds::from_env(env)?,
            streams: StreamOverrides::from_env(env)?,
            speech: SpeechOverrides::from_env(env)?,
        },
        accepts: SkillIdPolicy::KnownSkills,
        metrics: Arc::new(Metrics::from_env(env)),
        clock,
        random,
    }))
}
