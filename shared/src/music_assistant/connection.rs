//! The Music Assistant of this household: its address from the settings, its token from the secret.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};
use tokio::time::{Instant, timeout, timeout_at};

use super::answers::{MaPlayer, MaServerInfo, MaUser};
use super::client::{FIRST_SCHEMA_WITH_LOGINS, Login, Server};
use super::discovery::Discovery;
use super::echo_players::EchoName;
use super::error::MusicAssistantError;
use super::house::House;
use super::live::{Follower, LiveQueues};
use super::wire::MusicAssistantClient;
use crate::clock::Moment;
use crate::config::MaApiUrl;
use crate::deps::Deps;
use crate::renderer_report::RendererReports;
use crate::secrets::SecretStore;

/// The longest time of everything that one request wants of Music Assistant.
const ALL: Duration = Duration::from_millis(5500);

/// The longest time for the end of a token that is used no more.
const END_OF_TOKEN: Duration = Duration::from_secs(1);

/// Time for which a role that was looked at counts. Older servers do not refuse guests by themselves.
const ROLE_COUNTS: Duration = Duration::from_mins(10);

/// The name of our token in Music Assistant's list.
const TOKEN_NAME: &str = "Alexa";

/// The way of a person's sign-in at Music Assistant.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// With a user name and password, which make a token and are kept nowhere.
    Password(Login),
    /// With a token that the person made in Music Assistant.
    Token(SecretString),
    /// Not at all, at a server before logins.
    None,
}

/// A server as its API shows it to a user.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerView {
    /// The server.
    pub info: MaServerInfo,
    /// The user of the token; none at a server before logins.
    pub user: Option<MaUser>,
    /// The players that the user may see.
    pub players: Vec<MaPlayer>,
}

/// A sign-in that Music Assistant took.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The token to keep; none at a server before logins.
    pub token: Option<SecretString>,
    /// Whether it was made by the sign-in.
    pub is_made_here: bool,
    /// The server as the token shows it.
    pub seen: ServerView,
    /// The server, with the token.
    pub server: Server,
}

/// Music Assistant as this process reaches it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Connection {
    deps: Deps,
    secrets: Arc<dyn SecretStore>,
    renderers: RendererReports,
    client: MusicAssistantClient,
    changes: Arc<Mutex<()>>,
    after_change: Arc<Notify>,
    checked: Arc<std::sync::Mutex<Option<(Server, Moment)>>>,
    live: LiveQueues,
    discovery: Discovery,
}

/// A change of address and token, of which there is one at a time. What follows the connection looks again at its end.
#[derive(Debug)]
pub struct ConnectionChange {
    _lock: OwnedMutexGuard<()>,
    after_change: Arc<Notify>,
}

impl Drop for ConnectionChange {
    fn drop(&mut self) {
        self.after_change.notify_one();
    }
}

impl Connection {
    /// The connection over these services. Nothing is sent yet.
    #[must_use]
    pub fn new(deps: &Deps, secrets: Arc<dyn SecretStore>, renderers: RendererReports) -> Self {
        let (client, changes) = (MusicAssistantClient::new(), Arc::default());
        let (live, discovery) = (LiveQueues::default(), Discovery::default());
        let (deps, checked, after_change) = (deps.clone(), Arc::default(), Arc::default());
        Self { deps, secrets, renderers, client, changes, after_change, checked, live, discovery }
    }

    /// The search for Music Assistant in the network.
    #[must_use]
    pub fn discovery(&self) -> &Discovery {
        &self.discovery
    }

    /// The queues as events tell them, where this process runs a [`Follower`].
    #[must_use]
    pub fn live(&self) -> &LiveQueues {
        &self.live
    }

    /// The task that hears Music Assistant's events. Only one in a process is needed.
    #[must_use]
    pub fn follower(&self) -> Follower {
        Follower::new(self.clone(), Arc::clone(&self.deps.clock), Arc::clone(&self.deps.random))
    }

    /// Waits until no one else in this process changes address or token, which belong together.
    pub async fn to_change(&self) -> ConnectionChange {
        let lock = Arc::clone(&self.changes).lock_owned().await;
        ConnectionChange { _lock: lock, after_change: Arc::clone(&self.after_change) }
    }

    /// Waits until address or token may have been changed in this process, and no longer be those of `server`.
    pub(super) async fn is_elsewhere(&self, server: &Server) {
        loop {
            self.after_change.notified().await;
            match self.server().await {
                Ok((present, _)) if present.is_same(server) => {}
                Ok(_) | Err(MusicAssistantError::NotConnected) => return,
                Err(error) => {
                    tracing::debug!(%error, "it is not known whether Music Assistant is another one");
                }
            }
        }
    }

    /// Signs in at a server, and looks at it with the token. Nothing is kept.
    ///
    /// # Errors
    /// When the server is no Music Assistant, does not take the sign-in or has a guest's role for it.
    pub async fn sign_in(&self, address: &MaApiUrl, how: SignIn) -> Result<SignedIn, MusicAssistantError> {
        let end = Instant::now() + ALL;
        let signed_in = timeout_at(end, async {
            let server = Server::new(&self.client, address, None)?;
            let info = server.info().await?;
            let (token, short) = match how {
                SignIn::Password(login) => {
                    made_token(&server, &login).await.map(|(token, short)| (Some(token), Some(short)))?
                }
                SignIn::Token(token) => (Some(token), None),
                SignIn::None if info.schema < FIRST_SCHEMA_WITH_LOGINS => (None, None),
                SignIn::None => return Err(MusicAssistantError::SignedOut),
            };
            let server = match &token {
                Some(token) => server.with_token(token)?,
                None => server,
            };
            Ok((server, info, token, short))
        });
        let (server, info, token, short) = signed_in.await.unwrap_or(Err(MusicAssistantError::Slow))?;
        let is_made_here = short.is_some();
        if let Some(short) = short {
            end_short(&short).await;
        }
        let seen = timeout_at(end, look_at(&server, info, token.is_some())).await;
        match seen.unwrap_or(Err(MusicAssistantError::Slow)) {
            Ok(seen) => Ok(SignedIn { token, is_made_here, seen, server }),
            Err(error) => {
                if is_made_here {
                    self.end_token(&server).await;
                }
                Err(error)
            }
        }
    }

    /// Looks at the server of this household.
    ///
    /// # Errors
    /// When none is connected, it does not answer, or does not take the token.
    pub async fn look(&self) -> Result<ServerView, MusicAssistantError> {
        in_time(async {
            let (server, has_token) = self.server().await?;
            let info = server.info().await?;
            look_at(&server, info, has_token).await
        })
        .await
    }

    /// The server of this household with its token; none where there is no token, or it cannot be read.
    pub async fn kept(&self) -> Option<Server> {
        let read = timeout(END_OF_TOKEN, self.server()).await.ok()?;
        read.ok().filter(|(_, has_token)| *has_token).map(|(server, _)| server)
    }

    /// Ends the token of a server there. That it is not done is logged, and no error.
    pub async fn end_token(&self, server: &Server) {
        match timeout(END_OF_TOKEN, server.sign_out()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the token is still in Music Assistant's list"),
            Err(_) => {
                tracing::warn!("the token is still in Music Assistant's list: there was no answer in time");
            }
        }
    }

    /// The Echos and pairs of this household: renderers, and players that were pushed.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn echos(&self) -> Result<Vec<EchoName>, MusicAssistantError> {
        let household = self.deps.store.household(self.deps.clock.now()).await.map_err(|error| {
            tracing::error!(%error, "the store did not serve");
            MusicAssistantError::StoreUnavailable
        })?;
        let report = self.renderers.report();
        let mut echos: Vec<EchoName> = report
            .renderers
            .values()
            .map(|renderer| EchoName {
                name: renderer.device.name.clone(),
                udn: Some(renderer.device.udn.clone()),
            })
            .collect();
        for player in &household.players {
            if !echos.iter().any(|echo| echo.name == player.player.as_str()) {
                echos.push(EchoName { name: player.player.to_string(), udn: None });
            }
        }
        echos.sort();
        Ok(echos)
    }

    /// The server of this household with its players. Each command may take as long as one of this connection.
    ///
    /// # Errors
    /// When none is connected, it does not answer, does not take the token, or that is a guest's.
    pub async fn house(&self) -> Result<House, MusicAssistantError> {
        let (server, has_token) = self.server().await?;
        let role = async { if has_token { self.check_role(&server).await } else { Ok(()) } };
        let (info, players, ()) = tokio::try_join!(server.info(), server.players(), role)?;
        let report = self.renderers.report();
        let renderers = report.renderers.values();
        let udns = renderers.map(|renderer| (renderer.device.name.clone(), renderer.device.udn.clone()));
        Ok(House::new(server, info, players, udns.collect()))
    }

    /// Refuses a guest's token. A role may change, so it is looked at again once it is ten minutes old.
    async fn check_role(&self, server: &Server) -> Result<(), MusicAssistantError> {
        let now = self.deps.clock.moment();
        let counts = |(known, at): &(Server, Moment)| known.is_same(server) && now.since(*at) < ROLE_COUNTS;
        if self.checked().as_ref().is_some_and(counts) {
            return Ok(());
        }
        match server.user().await {
            Ok(user) if user.may_control() => *self.checked() = Some((server.clone(), now)),
            Ok(_) => return Err(MusicAssistantError::NotAllowed),
            // What is in the way of this is in the way of the players, too; a server before logins knows no user.
            Err(_) => {}
        }
        Ok(())
    }

    fn checked(&self) -> MutexGuard<'_, Option<(Server, Moment)>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server of this household, of which nothing was asked yet.
    ///
    /// # Errors
    /// When none is connected, or its address or token cannot be read.
    pub async fn reach(&self) -> Result<Server, MusicAssistantError> {
        self.server().await.map(|(server, _)| server)
    }

    /// The server of the settings with the token of the secret, and whether there is one.
    async fn server(&self) -> Result<(Server, bool), MusicAssistantError> {
        let settings = self.deps.store.settings().await.map_err(|error| {
            tracing::error!(%error, "the store did not serve");
            MusicAssistantError::StoreUnavailable
        })?;
        let url = self.deps.config.with(&settings).ma_api.url.clone();
        let url = url.ok_or(MusicAssistantError::NotConnected)?;
        let credentials = self.secrets.credentials().await.map_err(|error| {
            tracing::error!(%error, "the token of Music Assistant cannot be read");
            MusicAssistantError::SecretUnavailable
        })?;
        let token = credentials.and_then(|credentials| credentials.ma_token);
        Ok((Server::new(&self.client, &url, token.as_ref())?, token.is_some()))
    }
}

async fn in_time<T>(
    work: impl Future<Output = Result<T, MusicAssistantError>>,
) -> Result<T, MusicAssistantError> {
    timeout(ALL, work).await.unwrap_or(Err(MusicAssistantError::Slow))
}

/// A token that stays, and the server with the short one of the sign-in, which is to be ended.
async fn made_token(server: &Server, login: &Login) -> Result<(SecretString, Server), MusicAssistantError> {
    let short = server.sign_in(login).await?;
    let signed_in = server.clone().with_token(&short)?;
    let made = match signed_in.user().await {
        Ok(user) if !user.may_control() => Err(MusicAssistantError::NotAllowed),
        Ok(_) => signed_in.create_token(TOKEN_NAME).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => Ok((made, signed_in)),
        Err(error) => {
            end_short(&signed_in).await;
            Err(error)
        }
    }
}

/// Ends the token of a sign-in.
async fn end_short(signed_in: &Server) {
    if !matches!(timeout(END_OF_TOKEN, signed_in.sign_out()).await, Ok(Ok(()))) {
        tracing::debug!("the token of the sign-in ends by itself");
    }
}

async fn look_at(
    server: &Server,
    info: MaServerInfo,
    has_token: bool,
) -> Result<ServerView, MusicAssistantError> {
    if info.schema >= FIRST_SCHEMA_WITH_LOGINS && !has_token {
        return Err(MusicAssistantError::SignedOut);
    }
    let user = async {
        // A server before logins knows no user.
        if info.schema < FIRST_SCHEMA_WITH_LOGINS { Ok(None) } else { server.user().await.map(Some) }
    };
    let (user, players) = tokio::try_join!(user, server.players())?;
    if user.as_ref().is_some_and(|user| !user.may_control()) {
        return Err(MusicAssistantError::NotAllowed);
    }
    Ok(ServerView { info, user, players })
}
