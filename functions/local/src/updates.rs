//! Task that asks for a newer release once a day, where `UPDATE_CHECK` is `on`.

use std::time::Duration;

use ma_alexa::api::ApiState;

/// Time between two looks at whether it is time to ask. A machine that sleeps asks soon after.
const EVERY: Duration = Duration::from_hours(1);

/// Asks for as long as the process lives.
pub(crate) async fn forever(state: ApiState) {
    let question = match state.updates().question() {
        Ok(Some(question)) => question,
        Ok(None) => return,
        Err(error) => {
            tracing::warn!(%error, "no newer release is looked for");
            return;
        }
    };
    loop {
        if let Err(error) = state.look_for_release(&question).await {
            tracing::warn!(%error, "no newer release is looked for now");
        }
        tokio::time::sleep(EVERY).await;
    }
}
