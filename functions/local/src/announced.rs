//! The address that the running server listens on, for commands of other processes.

use std::net::SocketAddr;

use ma_alexa::config::{Bind, Env};
use ma_alexa::deps::Deps;
use ma_alexa::store::Document;
use serde_json::{Value, json};

/// Keeps the address beside the state. Without it `ma-alexa link` needs `--bind`, so a failure stops nothing.
pub(crate) async fn keep(deps: &Deps, listener: SocketAddr) {
    let kept = async {
        let content = json!({ "bind": listener });
        let before = deps.store.document(Document::ServerAddress).await?;
        if before.as_ref().is_some_and(|before| before.content == content) {
            return Ok(true);
        }
        let revision = before.map(|before| before.revision);
        deps.store.put_document(Document::ServerAddress, &content, revision).await
    };
    if let Err(error) = kept.await {
        tracing::warn!(%error, "the address of this server is not kept: give it to `ma-alexa link` by --bind");
    }
}

/// The address of the server: the one of `BIND` where it is set, else the one that was kept last.
pub(crate) async fn of_server(env: &Env, deps: &Deps) -> anyhow::Result<SocketAddr> {
    let Bind(usual) = Bind::from_env(env)?;
    if env.get("BIND").is_some() {
        return Ok(usual);
    }
    let kept = deps.store.document(Document::ServerAddress).await?;
    let kept = kept.and_then(|kept| kept.content.get("bind").and_then(Value::as_str)?.parse().ok());
    Ok(kept.unwrap_or(usual))
}
