//! The address that the running server listens on, for commands of other processes.

use std::net::SocketAddr;

use ma_alexa::config::{Bind, Env};
use ma_alexa::deps::Deps;
use ma_alexa::store::{Document, note_document};
use serde_json::{Value, json};

/// Keeps the address beside the state. Without it `ma-alexa link` needs `--bind`, so a failure stops nothing.
pub(crate) async fn keep(deps: &Deps, listener: SocketAddr) {
    let content = json!({ "bind": listener });
    let is_known = |before: &Value| *before == content;
    let kept = note_document(deps.store.as_ref(), Document::ServerAddress, &content, is_known).await;
    if let Err(error) = kept {
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
