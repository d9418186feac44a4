//! `ma-alexa password`.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use ma_alexa::clock::SystemRandom;
use ma_alexa::config::{ApiCredentials, Env, SecretsUrl, UserPassword};
use ma_alexa::secrets::{Credentials, FileSecrets, SecretStore as _};

use crate::arguments::Pair;
use crate::{elsewhere, wiring};

/// Prints a user name and password. With `reset` it makes a new password first; a server that runs takes it within
/// seconds of its first use.
pub(crate) async fn run(env: &Env, pair: Pair, reset: bool) -> anyhow::Result<()> {
    let fixed = ApiCredentials::from_env(env)?;
    let (fixed, variable) = match pair {
        Pair::Owner => (fixed.owner, "API_PASSWORD"),
        Pair::MusicAssistant => (fixed.music_assistant, "PUSH_PASSWORD"),
    };
    if fixed.is_some() {
        bail!("{variable} sets this password. Look at that variable, or change it there");
    }
    let SecretsUrl::File(folder) = SecretsUrl::from_env(env)? else {
        bail!("SECRETS_URL names AWS Secrets Manager. Read or change the secret `credentials` there");
    };
    let secrets = FileSecrets::new(&folder);
    let credentials = if reset {
        secrets.reset_password(pair.into(), Arc::new(SystemRandom)).await?
    } else {
        secrets.credentials().await?
    };
    let missing =
        || format!("there are no passwords yet in {}. {}", folder.display(), elsewhere::start_first(env));
    let credentials = credentials.with_context(missing)?;
    let shown = of(&credentials, pair);
    wiring::print(&format!("user name  {}\npassword   {}", shown.username(), shown.password()))?;
    if reset {
        wiring::note(match pair {
            Pair::Owner => "Every browser is logged out within five minutes.",
            Pair::MusicAssistant => {
                "Enter it in Music Assistant, Settings > Player providers > Alexa: the old one is refused."
            }
        });
    }
    Ok(())
}

fn of(credentials: &Credentials, pair: Pair) -> &UserPassword {
    match pair {
        Pair::Owner => &credentials.owner,
        Pair::MusicAssistant => &credentials.music_assistant,
    }
}
