//! `ma-alexa link`.

use anyhow::bail;
use ma_alexa::access;
use ma_alexa::config::{Bind, Env};

use crate::terminal::{self, Paint};
use crate::wiring;

/// Prints a link that signs the owner in once. A server that runs knows it by the store.
pub(crate) async fn print(env: &Env) -> anyhow::Result<()> {
    let Bind(listener) = Bind::from_env(env)?;
    let deps = wiring::deps(env)?;
    let secrets = wiring::secrets(env, &deps)?;
    if deps.config.api.credentials.owner.is_none() && secrets.credentials().await?.is_none() {
        bail!("there is no owner yet in {}. Start `ma-alexa` once, which makes one", secrets.location());
    }
    let pages = wiring::pages_address(&deps, listener).await;
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
