//! `ma-alexa invoke FILE`.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use ma_alexa::config::Env;
use ma_alexa::skill::{Skill, SkillIdPolicy};

use crate::wiring;

/// Answers one envelope with the same handler and store as the server. It takes a request to any skill, since a person
/// who can run this can read the state, too.
pub(crate) async fn invoke(env: &Env, file: &Path) -> anyhow::Result<()> {
    let body = read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let skill = Skill::new(wiring::deps(env)?, SkillIdPolicy::Anything);
    let response = skill.answer(&body).await.with_context(|| file.display().to_string())?;
    wiring::print(&serde_json::to_string_pretty(&response)?)
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut body = Vec::new();
        std::io::stdin().lock().read_to_end(&mut body)?;
        return Ok(body);
    }
    std::fs::read(file)
}
