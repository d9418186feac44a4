//! The skill as a Lambda function: one request envelope of Alexa's in, one response envelope out.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use ma_alexa::alexa::response::Response;
use ma_alexa::bridge;
use ma_alexa::config::{BridgeConfig, Config, Env};
use ma_alexa::deps::Deps;
use ma_alexa::skill::{Skill, SkillIdPolicy};
use ma_alexa::telemetry;
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
    let deps = Deps::open(env, Config::from_env(env)?)?;
    let control = bridge::control_from_env(env, &BridgeConfig::from_env(env)?, &deps)?;
    let skill = Skill::new(deps, SkillIdPolicy::KnownSkills);
    Ok(match control {
        Some(control) => skill.with_control(control),
        None => skill,
    })
}
