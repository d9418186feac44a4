//! The skill as a Lambda function: one request envelope of Alexa's in, one response envelope out.

use std::sync::Arc;

use lambda_runtime::layers::TracingLayer;
use lambda_runtime::tower::util::MapFutureLayer;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use ma_alexa::alexa::response::Response;
use ma_alexa::bridge::{self, HomeReports};
use ma_alexa::config::{BridgeConfig, Config, Env};
use ma_alexa::control::Control;
use ma_alexa::deps::Deps;
use ma_alexa::skill::{Skill, SkillIdPolicy};
use ma_alexa::telemetry;
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env = Env::process();
    let started = telemetry::init(&env).map_err(Error::from).and_then(|()| Started::from_env(&env));
    let Started { skill, control, reports } = match started {
        Ok(started) => started,
        Err(error) => {
            telemetry::cannot_start(&env, error.as_ref());
            std::process::exit(1)
        }
    };
    let answers = service_fn(|event: LambdaEvent<Box<RawValue>>| answer(&skill, event));
    // Alexa has the answer by then: what goes home makes no one wait.
    let then_reports = MapFutureLayer::new(|answered| {
        let (control, reports) = (control.clone(), reports.clone());
        async move {
            let answered: Result<(), Error> = answered.await;
            if let Some(control) = control {
                control.settle().await;
            }
            if let Some(reports) = reports {
                reports.send().await;
            }
            answered
        }
    });
    Runtime::new(answers).layer(TracingLayer::new()).layer(then_reports).run().await
}

/// The permission to invoke is the proof that a request comes from Alexa.
async fn answer(skill: &Skill, event: LambdaEvent<Box<RawValue>>) -> Result<Response, Error> {
    let body = event.payload.get().as_bytes();
    Ok(skill.answer(body).await.unwrap_or_else(|rejection| rejection.answer(body)))
}

/// The skill, and what has work left once Alexa has an answer.
struct Started {
    skill: Skill,
    control: Option<Arc<dyn Control>>,
    reports: Option<Arc<HomeReports>>,
}

impl Started {
    fn from_env(env: &Env) -> Result<Self, Error> {
        let deps = Deps::open(env, Config::from_env(env)?)?;
        let config = BridgeConfig::from_env(env)?;
        let control = bridge::control_from_env(env, &config, &deps)?;
        let reports = bridge::reports_from_env(env, &config, &deps);
        let mut skill = Skill::new(deps, SkillIdPolicy::KnownSkills);
        if let Some(control) = &control {
            skill = skill.with_control(Arc::clone(control));
        }
        if let Some(reports) = &reports {
            skill = skill.with_listener(Arc::<HomeReports>::clone(reports));
        }
        Ok(Self { skill, control, reports })
    }
}
