//! The web socket of the stand-in.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::stand_in::StandIn;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

pub(super) async fn open(State(server): State<StandIn>, mut request: Request) -> Response {
    let key = request.headers()["sec-websocket-key"].to_str().unwrap();
    let both = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let accept = STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, both.as_bytes()));
    let upgraded = hyper::upgrade::on(&mut request);
    // Before it answers: what a test sends from now on arrives.
    let events = server.events.subscribe();
    tokio::spawn(async move {
        let connection = TokioIo::new(upgraded.await.unwrap());
        let socket = WebSocketStream::from_raw_socket(connection, Role::Server, None).await;
        // A client that has gone ends it.
        let _ = serve(&server, socket, events).await;
    });
    let headers = [
        (header::CONNECTION, "Upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_ACCEPT, &accept),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

async fn serve(
    server: &StandIn,
    mut socket: Socket,
    mut events: tokio::sync::broadcast::Receiver<String>,
) -> Option<()> {
    let household = server.household().clone();
    let greeting = json!({ "server_id": "one", "schema_version": household.schema, "surprise": null });
    socket.send(Message::text(household.greets.unwrap_or_else(|| greeting.to_string()))).await.ok()?;
    let mut is_signed_in = household.schema < 28;
    while !is_signed_in {
        let message: Value = serde_json::from_str(socket.next().await?.ok()?.to_text().ok()?).ok()?;
        server.note(message["command"].as_str()?, json!({}));
        let id = &message["message_id"];
        is_signed_in = message["args"]["token"] == household.token;
        let answer = if is_signed_in {
            json!({ "message_id": id, "result": { "authenticated": true } })
        } else {
            json!({ "message_id": id, "error_code": 23, "details": "Invalid token" })
        };
        socket.send(Message::text(answer.to_string())).await.ok()?;
    }
    loop {
        tokio::select! {
            event = events.recv() => match event.ok()? {
                end if end.is_empty() => return socket.close(None).await.ok(),
                event => socket.send(Message::text(event)).await.ok()?,
            },
            message = socket.next() => drop(message?.ok()?),
        }
    }
}
