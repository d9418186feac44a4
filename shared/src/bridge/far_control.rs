//! The control of a home whose functions are in AWS.

use std::sync::Arc;

use super::home_api::HomeApi;
use crate::alexa::DeviceId;
use crate::control::{Control, ControlRequest, Reply};
use crate::home_control::HomeControl;
use futures_util::future::BoxFuture;

/// Carries out what people ask for, and looks after music that an answer there may have got.
#[derive(Clone, Debug)]
pub struct FarControl {
    home: HomeControl,
    api: Arc<dyn HomeApi>,
}

impl FarControl {
    /// The control at home for the functions behind `api`.
    #[must_use]
    pub fn new(home: HomeControl, api: Arc<dyn HomeApi>) -> Self {
        Self { home, api }
    }
}

impl Control for FarControl {
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let reply = self.home.carry_out(request).await;
            // What starts in another room is no answer's.
            if matches!(reply, Reply::Starting { room: None, .. }) {
                let (api, player) = (Arc::clone(&self.api), request.player.clone());
                self.home.look_after_far(&request.player, async move {
                    let asked = api.is_lost(&player).await;
                    asked
                        .inspect_err(
                            |error| tracing::debug!(%error, "it is not known whether music was lost"),
                        )
                        .unwrap_or(false)
                });
            }
            reply
        })
    }

    fn silenced(&self, device: &DeviceId) {
        self.home.silenced(device);
    }
}
