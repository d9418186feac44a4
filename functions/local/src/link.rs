//! `ma-alexa link`.

use std::time::Duration;

use anyhow::bail;
use ma_alexa::access;
use ma_alexa::config::{ApiCredentials, DataDir, Env, SecretsUrl};
use ma_alexa::secrets::{FileSecrets, SecretStore as _};
use tokio::time::{Instant, sleep};

use crate::terminal::{self, Paint};
use crate::{announced, elsewhere, wiring};

/// Time in which a server that was started just before makes its owner.
const FIRST_START: Duration = Duration::from_secs(5);

/// Time between two looks for that owner.
const LOOK: Duration = Duration::from_millis(50);

/// Prints a link that signs the owner in once. A server that runs knows it by the store.
pub(crate) async fn print(env: &Env) -> anyhow::Result<()> {
    // First: a state that this command made would be no server's.
    wait_for_owner(env).await?;
    let deps = wiring::deps(env)?;
    let pages = wiring::pages_address(&deps, announced::of_server(env, &deps).await?).await;
    let link = access::make_sign_in_link(deps.store.as_ref(), deps.random.as_ref(), deps.clock.now()).await?;
    let link = format!("{}{}", pages.url, link.path());
    wiring::print(&link)?;
    if terminal::is_terminal() {
        let code = Paint::of(env).qr_code(&link, "").filter(|_| !pages.is_here_alone);
        let note =
            "It signs you in once, within 15 minutes. Another address? Name it by --bind or --api-url.";
        wiring::print(&code.into_iter().chain([note.to_owned()]).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(())
}

/// Waits until there is an owner, where the folder of a server is there.
async fn wait_for_owner(env: &Env) -> anyhow::Result<()> {
    let SecretsUrl::File(folder) = SecretsUrl::from_env(env)? else { return Ok(()) };
    if ApiCredentials::from_env(env)?.owner.is_some() {
        return Ok(());
    }
    let secrets = FileSecrets::new(&folder);
    let until = Instant::now() + FIRST_START;
    while secrets.credentials().await?.is_none() {
        if !DataDir::from_env(env).path().is_dir() || Instant::now() >= until {
            bail!("there is no owner yet in {}. {}", secrets.location(), elsewhere::start_first(env));
        }
        sleep(LOOK).await;
    }
    Ok(())
}
