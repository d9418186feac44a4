//! The functions' HTTP API, as the program at home calls it.

use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::{Client, Response, StatusCode};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::home_api::{HomeApi, HomeApiError};
use super::ticket::Ticket;
use crate::clock::Timestamp;
use crate::config::UserPassword;
use crate::control::{HomeNames, Reply};
use crate::http_client::{self, BodyError};
use crate::playback::{PlayerId, RequestId};
use crate::probe::{AddressPolicy, guarded_client, may_carry_token};
use crate::speakers::{EchoAnswer, EchoRequest, Refusal};

/// Longest time until there is a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// Longest time of a whole request; a function may have to start first.
const ANSWER: Duration = Duration::from_secs(10);

/// The same of a request of a renderer, for which a function may wait 12 s for an Echo, and for Amazon beside. Names wait for
/// Amazon, too.
const ECHOS: Duration = Duration::from_secs(22);

/// Time that an idle connection is kept: longer than the minute between two reports, which then opens none.
const IDLE: Duration = Duration::from_secs(90);

/// Most bytes that are read of an answer: a hundred players, each with two addresses and their names.
const BODY: usize = 1024 * 1024;

/// The HTTP API at one address, with the user name and password for it.
#[derive(Clone, Debug)]
pub struct ApiClient {
    http: Client,
    address: Url,
    user: UserPassword,
}

/// The client cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiClientError {
    /// A password may not go there.
    #[error(
        "API_URL={0} would carry the password over the internet without encryption: it has to begin with https://"
    )]
    NotEncrypted(Url),
    /// The TLS library refused its configuration.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

#[derive(Deserialize)]
struct TicketAnswer {
    queue: String,
    /// Functions of older releases have none.
    #[serde(default)]
    reports: Option<String>,
    region: String,
    access_key_id: String,
    secret_access_key: SecretString,
    session_token: SecretString,
    expires_at: String,
    now: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EchosAnswer {
    Answer(EchoAnswer),
    Refusal(Refusal),
}

#[derive(Deserialize)]
struct NamesAnswer {
    learning: bool,
}

#[derive(Deserialize)]
struct SeenAnswer {
    now: String,
}

impl ApiClient {
    /// The API at `address`.
    ///
    /// # Errors
    /// When the address would carry the password over the internet without encryption.
    pub fn new(address: &Url, user: UserPassword) -> Result<Self, ApiClientError> {
        if !may_carry_token(address) {
            return Err(ApiClientError::NotEncrypted(address.clone()));
        }
        let built = guarded_client(AddressPolicy::Anywhere).and_then(|builder| {
            let builder = builder.connect_timeout(CONNECT).pool_idle_timeout(IDLE);
            builder.build().map_err(Into::into)
        });
        let http = built.map_err(|error| ApiClientError::Client(error.to_string()))?;
        Ok(Self { http, address: address.clone(), user })
    }

    /// Asks what a renderer asks.
    pub(super) async fn echos(
        &self,
        request: &EchoRequest,
    ) -> Result<Result<EchoAnswer, Refusal>, HomeApiError> {
        let body = json!({ "request": request });
        Ok(match self.post_within(ECHOS, "echos", &body).await? {
            EchosAnswer::Answer(answer) => Ok(answer),
            EchosAnswer::Refusal(refusal) => Err(refusal),
        })
    }

    /// Sends the names of rooms and playlists at home. Whether the models of the skill are learning them: then they are sent
    /// again some seconds later.
    ///
    /// # Errors
    /// When the functions do not take them: they may be of an older release.
    pub async fn names(&self, names: &HomeNames) -> Result<bool, HomeApiError> {
        let body = json!({ "rooms": names.rooms, "playlists": names.playlists });
        let NamesAnswer { learning } = self.post_within(ECHOS, "names", &body).await?;
        Ok(learning)
    }

    async fn post<T: DeserializeOwned>(&self, route: &str, body: &Value) -> Result<T, HomeApiError> {
        self.post_within(ANSWER, route, body).await
    }

    async fn post_within<T: DeserializeOwned>(
        &self,
        time: Duration,
        route: &str,
        body: &Value,
    ) -> Result<T, HomeApiError> {
        let address = format!("{}/v1/bridge/{route}", self.address.as_str().trim_end_matches('/'));
        let request = self.http.post(address).basic_auth(self.user.username(), Some(self.user.password()));
        let response =
            http_client::send(request.timeout(time).json(body)).await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let body = read(response).await?;
        if status.is_success() {
            let odd = |_| {
                HomeApiError::Unavailable(
                    "the functions answered something that is not known here".to_owned(),
                )
            };
            return serde_json::from_slice(&body).map_err(odd);
        }
        Err(refusal(status, &body))
    }
}

impl HomeApi for ApiClient {
    fn ticket(&self) -> BoxFuture<'_, Result<(Ticket, Timestamp), HomeApiError>> {
        Box::pin(async move {
            let answer: TicketAnswer = self.post("ticket", &json!({})).await?;
            let ticket = Ticket {
                queue: answer.queue,
                reports: answer.reports,
                region: answer.region,
                access_key_id: answer.access_key_id,
                secret_access_key: answer.secret_access_key,
                session_token: answer.session_token,
                expires_at: moment(&answer.expires_at)?,
            };
            Ok((ticket, moment(&answer.now)?))
        })
    }

    fn seen(&self) -> BoxFuture<'_, Result<Timestamp, HomeApiError>> {
        Box::pin(async move {
            let SeenAnswer { now } = self.post("seen", &json!({})).await?;
            moment(&now)
        })
    }

    fn answer<'a>(&'a self, id: &'a RequestId, reply: &'a Reply) -> BoxFuture<'a, Result<(), HomeApiError>> {
        Box::pin(
            async move { self.post::<Value>("answer", &json!({ "id": id, "reply": reply })).await.map(drop) },
        )
    }

    fn is_lost<'a>(&'a self, player: &'a PlayerId) -> BoxFuture<'a, Result<bool, HomeApiError>> {
        Box::pin(async move {
            let request = EchoRequest::Players(vec![player.to_string()]);
            Ok(match self.echos(&request).await? {
                Ok(EchoAnswer::Players(players)) => players.iter().any(|(_, observed)| observed.lost),
                _ => false,
            })
        })
    }
}

/// The body of an answer, up to [`BODY`].
async fn read(response: Response) -> Result<Vec<u8>, HomeApiError> {
    http_client::body(response, BODY).await.map_err(|error| match error {
        BodyError::Transport(error) => unreachable(&error),
        BodyError::TooLarge(_) => HomeApiError::Unavailable("the functions answered too much".to_owned()),
    })
}

fn moment(text: &str) -> Result<Timestamp, HomeApiError> {
    Timestamp::parse_rfc3339(text)
        .ok_or_else(|| HomeApiError::Unavailable("the functions answered a time that is none".to_owned()))
}

fn unreachable(error: &reqwest::Error) -> HomeApiError {
    let reason = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_connect() {
        "cannot be reached"
    } else {
        "broke the connection off"
    };
    HomeApiError::Unavailable(format!("the functions at API_URL: {reason}"))
}

/// The refusal in an error of the API: its code, and not its text.
fn refusal(status: StatusCode, body: &[u8]) -> HomeApiError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = body["error"]["code"].as_str().unwrap_or("no code");
    let code: String = code.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
    match (status, code.as_str()) {
        (_, "not_waiting") => HomeApiError::NotWaiting,
        (StatusCode::UNAUTHORIZED, _) => {
            HomeApiError::Refused("the functions do not take the user name and password".to_owned())
        }
        (StatusCode::NOT_FOUND, _) => HomeApiError::Refused(
            "the functions have no bridge: deploy this release by infra/deploy".to_owned(),
        ),
        _ => HomeApiError::Unavailable(format!("the functions answered {status}: {code}")),
    }
}
