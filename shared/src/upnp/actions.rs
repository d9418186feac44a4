//! The actions of the services, called at a renderer.

use std::time::Duration;

use super::didl;
use super::media_renderer::{ActionError, MediaRenderer, TransportState};
use super::services::Service;
use super::soap::{ActionCall, Fault};
use super::stream_address;
use super::values::value;

/// Longest that a renderer takes for an action: each returns as soon as it is taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time in which controllers see that what played before is over. Home Assistant sends no `Play` for a new item while it
/// takes the renderer for playing, and looks at the events once the item is set. They are 200 ms apart.
const SEEN_WITHIN: Duration = Duration::from_millis(250);

/// Calls an action: its outputs in their order.
///
/// # Errors
/// When an argument does not fit, or the renderer refuses.
pub(super) async fn perform(
    renderer: &dyn MediaRenderer,
    service: Service,
    call: &ActionCall,
) -> Result<Vec<(&'static str, String)>, Fault> {
    check_target(service, call)?;
    let command = command(renderer, call);
    tokio::time::timeout(PATIENCE, command).await.unwrap_or(Err(Fault::ActionFailed))?;
    let snapshot = renderer.snapshots().borrow().clone();
    let position = renderer.position();
    let output = |name, variable| {
        let value = value(variable, &snapshot, position);
        // A volume that is not known yet: any number would be taken for the true one.
        value.map(|value| (name, value)).ok_or(Fault::ActionFailed)
    };
    call.action.outputs.iter().map(|argument| output(argument.name, argument.variable)).collect()
}

/// Checks the instance, the channel and the connection: there is one of each.
fn check_target(service: Service, call: &ActionCall) -> Result<(), Fault> {
    let takes = |name: &str| call.action.inputs.iter().any(|input| input.name == name);
    let is_zero = |name: &str| call.argument(name).trim().parse::<u32>() == Ok(0);
    if takes("InstanceID") && !is_zero("InstanceID") {
        return Err(match service {
            Service::RenderingControl => Fault::InvalidRenderingInstance,
            Service::AvTransport | Service::ConnectionManager => Fault::InvalidInstance,
        });
    }
    if takes("Channel") && call.argument("Channel").trim() != "Master" {
        return Err(Fault::InvalidChannel);
    }
    if takes("ConnectionID") && !is_zero("ConnectionID") {
        return Err(Fault::InvalidConnection);
    }
    Ok(())
}

/// The effect of an action on a renderer. An action that only reads has none.
async fn command(renderer: &dyn MediaRenderer, call: &ActionCall) -> Result<(), Fault> {
    match call.action.name {
        "SetAVTransportURI" => {
            let uri = call.argument("CurrentURI").trim();
            stream_address::check(uri)?;
            let plays = renderer.snapshots().borrow().state == TransportState::Playing;
            renderer.set_item(didl::describe(uri, call.argument("CurrentURIMetaData"))).await?;
            if plays {
                tokio::time::sleep(SEEN_WITHIN).await;
            }
        }
        "SetNextAVTransportURI" => {
            let uri = call.argument("NextURI").trim();
            let item = if uri.is_empty() {
                None
            } else {
                stream_address::check(uri)?;
                Some(didl::describe(uri, call.argument("NextURIMetaData")))
            };
            renderer.set_next_item(item).await?;
        }
        "Play" if call.argument("Speed").trim() != "1" => return Err(Fault::PlaySpeed),
        "Play" => play(renderer).await?,
        "Pause" => renderer.pause().await?,
        "Stop" => stop(renderer).await?,
        "Seek" => return Err(seek(call.argument("Unit").trim(), call.argument("Target").trim())),
        // A renderer has one track, and the next item begins when that is over.
        "Next" | "Previous" => return Err(Fault::NotNow),
        "SetVolume" => renderer.set_volume(percent(call.argument("DesiredVolume").trim())?).await?,
        "SetMute" => renderer.set_muted(boolean(call.argument("DesiredMute").trim())?).await?,
        _ => {}
    }
    Ok(())
}

async fn play(renderer: &dyn MediaRenderer) -> Result<(), Fault> {
    let has_item = renderer.snapshots().borrow().item.is_some();
    match renderer.play().await {
        Err(ActionError::NotNow) if !has_item => Err(Fault::NoContents),
        played => Ok(played?),
    }
}

/// Controllers stop before each play: where nothing plays, that is done already.
async fn stop(renderer: &dyn MediaRenderer) -> Result<(), Fault> {
    let state = renderer.snapshots().borrow().state;
    let is_stopped = matches!(state, TransportState::NoMediaPresent | TransportState::Stopped);
    match renderer.stop().await {
        Err(ActionError::NotNow) if is_stopped => Ok(()),
        stopped => Ok(stopped?),
    }
}

/// No Echo takes a position within a stream.
fn seek(unit: &str, target: &str) -> Fault {
    match unit {
        "TRACK_NR" if target == "1" => Fault::NotNow,
        "TRACK_NR" => Fault::SeekTarget,
        _ => Fault::SeekMode,
    }
}

/// A volume from 0 to 100.
fn percent(text: &str) -> Result<u8, Fault> {
    let number: i64 = text.parse().map_err(|_| Fault::InvalidValue)?;
    u8::try_from(number).ok().filter(|percent| *percent <= 100).ok_or(Fault::OutOfRange)
}

/// A boolean in each of its forms (UPnP Device Architecture 1.0, section 2.3).
fn boolean(text: &str) -> Result<bool, Fault> {
    match text {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err(Fault::InvalidValue),
    }
}
