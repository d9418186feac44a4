//! What people ask for at home, without an Echo: the control over a Music Assistant, with a state of its own.
#![expect(clippy::unwrap_used, reason = "a test without its state has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::config::{Config, Env};
use ma_alexa::control::{
    Action, Control as _, ControlRequest, MusicKind, MusicRequest, MusicSource, MusicUse, Reply,
};
use ma_alexa::deps::Deps;
use ma_alexa::home_control::HomeControl;
use ma_alexa::music_assistant::Connection;
use ma_alexa::playback::PlayerId;
use ma_alexa::renderer_report::RendererReports;
use ma_alexa::secrets::{FileSecrets, SecretStore as _};
use secrecy::SecretString;
use tempfile::TempDir;

/// The control over one server.
#[derive(Debug)]
pub struct Voice {
    control: HomeControl,
    requests: AtomicU64,
    _folder: TempDir,
}

impl Voice {
    /// Over the server at an address, with its token; without one where it is from before logins.
    pub async fn new(address: &str, token: Option<&str>) -> Self {
        // Whichever test comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = TempDir::new().unwrap();
        let store = format!("sqlite://{}", folder.path().join("state.db").display());
        let at = address.to_owned();
        let env = Env::new(move |name| match name {
            "STORE_URL" => Some(store.clone()),
            "MA_API_URL" => Some(at.clone()),
            _ => None,
        });
        let deps = Deps::open(&env, Config::from_env(&env).unwrap()).unwrap();
        let secrets = FileSecrets::new(folder.path().join("secrets"));
        secrets.create_missing(Arc::new(SystemRandom)).await.unwrap();
        let secret = token.map(|token| SecretString::from(token.to_owned()));
        secrets.put_ma_token(secret.as_ref()).await.unwrap();
        let connection = Connection::new(&deps, Arc::new(secrets), RendererReports::default());
        Self { control: HomeControl::new(&deps, connection), requests: AtomicU64::default(), _folder: folder }
    }

    /// What a person asks for at the Echo of a player, in the language of a locale, and the reply.
    pub async fn ask(&self, player: &str, locale: &str, action: Action) -> Reply {
        let request = ControlRequest {
            id: format!("request-{}", self.requests.fetch_add(1, Ordering::SeqCst)),
            player: PlayerId::from(player),
            locale: locale.to_owned(),
            until: SystemClock.now().plus(Duration::from_secs(5)),
            action,
        };
        self.control.carry_out(&request).await
    }
}

/// Music by what was heard.
#[must_use]
pub fn heard(text: &str, kind: Option<MusicKind>, used: MusicUse) -> Action {
    let selection = MusicSource::Heard { text: text.to_owned(), kind };
    Action::Play(MusicRequest { selection, used, room: None })
}
