//! Names at home that Alexa learns.

use std::time::Duration;

use ma_alexa::control::HomeNames;
use ma_alexa::home_control::HomeControl;
use tokio::time::sleep;

/// Time until the first look, so that a start stays quick.
const FIRST: Duration = Duration::from_mins(1);

/// Time between two looks.
const AGAIN: Duration = Duration::from_mins(30);

/// Time between two requests while the models of the skill learn.
const LEARNING: Duration = Duration::from_secs(15);

/// The most requests of one look: an hour. A build takes Amazon minutes.
const REQUESTS_AT_MOST: usize = 240;

/// Looks at the names at home from time to time, and hands them on by `take`, which says whether the models are learning.
pub(crate) async fn forever<F>(home: HomeControl, take: impl Fn(HomeNames) -> F)
where
    F: Future<Output = bool>,
{
    sleep(FIRST).await;
    loop {
        match home.spoken_names().await {
            Ok(names) => {
                for _ in 0..REQUESTS_AT_MOST {
                    if !take(names.clone()).await {
                        break;
                    }
                    sleep(LEARNING).await;
                }
            }
            Err(error) => tracing::debug!(%error, "the names at home are not known"),
        }
        sleep(AGAIN).await;
    }
}
