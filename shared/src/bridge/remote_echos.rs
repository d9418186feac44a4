//! The Echos of a household whose functions are in AWS, for renderers at home.

use super::api_client::ApiClient;
use super::home_api::HomeApiError;
use crate::speakers::{EchoAccess, EchoAnswer, EchoRequest, Refusal};
use futures_util::future::BoxFuture;

/// The Echos that the functions at an HTTP API know.
#[derive(Clone, Debug)]
pub struct RemoteEchos(ApiClient);

impl RemoteEchos {
    /// Asks the functions by `api`.
    #[must_use]
    pub fn new(api: ApiClient) -> Self {
        Self(api)
    }
}

impl EchoAccess for RemoteEchos {
    fn ask(&self, request: EchoRequest) -> BoxFuture<'_, Result<EchoAnswer, Refusal>> {
        Box::pin(async move { self.0.echos(&request).await.unwrap_or_else(|error| Err(refusal(&error))) })
    }

    fn is_far(&self) -> bool {
        true
    }
}

fn refusal(error: &HomeApiError) -> Refusal {
    let code = match error {
        HomeApiError::Refused(_) => "functions_refused",
        HomeApiError::Unavailable(_) | HomeApiError::NotWaiting => "functions_unavailable",
    };
    Refusal::of_way(code, error.to_string())
}
