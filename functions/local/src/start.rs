//! The text that a start prints: where the pages are, and how to get in until the set-up is finished.

use std::net::SocketAddr;
use std::path::Path;

use ma_alexa::access;
use ma_alexa::config::{ApiCredentials, DataDir, Env};
use ma_alexa::deps::Deps;
use ma_alexa::secrets::Credentials;

use crate::arguments::VERSION;
use crate::network::{self, PagesAddress};
use crate::terminal::{self, Colour, Paint};
use crate::{elsewhere, wiring};

/// The listener, and what was made on this start.
pub(crate) struct Started<'a> {
    /// The address of the pages.
    pub(crate) listener: SocketAddr,
    /// The passwords that the first start made.
    pub(crate) made: Option<&'a Credentials>,
    /// The folder of the secrets, where they are files.
    pub(crate) secrets: Option<&'a Path>,
}

/// Prints where the pages are, and a link to them until the set-up is finished. A journal gets no password and no link:
/// others read it, and it keeps them.
pub(crate) async fn announce(env: &Env, deps: &Deps, started: &Started<'_>) -> anyhow::Result<()> {
    let pages = wiring::pages_address(deps, started.listener).await;
    let condition = Condition::of(deps).await;
    let (skill, echos) = (condition.skill(), condition.echos);
    if !terminal::is_terminal() {
        if started.made.is_some() {
            wiring::print(&first_in_journal(env, &pages, started.secrets))?;
        }
        tracing::info!(url = pages.url, skill, echos, "ready");
        return Ok(());
    }
    let paint = Paint::of(env);
    if started.made.is_none() && condition.knows_a_skill {
        let ready = paint.text(Colour::Green, "Ready:");
        return wiring::print(&format!("{ready} {} – {}", pages.url, condition.sentence()));
    }
    let link = access::make_sign_in_link(deps.store.as_ref(), deps.random.as_ref(), deps.clock.now()).await;
    // Without one the owner logs in with the password.
    let link = link.inspect_err(|error| tracing::warn!(%error, "no sign-in link was made")).ok();
    let link = link.map_or_else(|| pages.url.clone(), |link| format!("{}{}", pages.url, link.path()));
    wiring::print(&Unfinished { pages: &pages, link: &link, made: started.made, env, deps }.text(paint))
}

/// The progress of the set-up.
struct Condition {
    knows_a_skill: bool,
    /// Number of Echos that serve a player.
    echos: usize,
}

impl Condition {
    /// Reads it. A store that cannot be read says so in the log.
    async fn of(deps: &Deps) -> Self {
        let household = deps.store.household(deps.clock.now()).await;
        let household = household.inspect_err(|error| tracing::warn!(%error, "the state was not read"));
        Self {
            knows_a_skill: wiring::knows_a_skill(deps).await,
            echos: household.map_or(0, |household| household.paired_echos()),
        }
    }

    fn skill(&self) -> &'static str {
        if self.knows_a_skill { "ok" } else { "not set up" }
    }

    /// The state of a finished set-up, as a sentence.
    fn sentence(&self) -> String {
        let echos = match self.echos {
            1 => "1 Echo paired".to_owned(),
            count => format!("{count} Echos paired"),
        };
        format!("skill ok, {echos}")
    }
}

/// A start on a terminal before the set-up is finished.
struct Unfinished<'a> {
    pages: &'a PagesAddress,
    link: &'a str,
    made: Option<&'a Credentials>,
    env: &'a Env,
    deps: &'a Deps,
}

impl Unfinished<'_> {
    fn text(&self, paint: Paint) -> String {
        let mut lines = vec![
            String::new(),
            paint.text(Colour::Bold, format!("Music Assistant for Alexa {VERSION}")),
            String::new(),
            row("Set up:", self.link),
            row("", "This link signs you in once, within 15 minutes. `ma-alexa link` prints a new one."),
        ];
        if self.pages.is_here_alone {
            lines.extend(self.other_machines().map(|line| row("", &line)));
        } else {
            lines.extend(paint.qr_code(self.link, INDENT));
        }
        lines.extend([
            row("Owner:", &owner(&self.deps.config.api.credentials, self.made)),
            row("", "Music Assistant's user name and password are on the set-up page."),
            row("Data:", &DataDir::from_env(self.env).path().display().to_string()),
            row("Logs:", "this window"),
            row("Stop:", "Ctrl-C"),
            String::new(),
        ]);
        lines.join("\n")
    }

    fn other_machines(&self) -> Option<String> {
        let (address, (_, port)) = (network::own_address()?, self.pages.url.rsplit_once(':')?);
        Some(format!(
            "It opens on this machine alone. For http://{address}:{port}, start with --bind 0.0.0.0:{port}"
        ))
    }
}

/// Blanks before the second column.
const INDENT: &str = "            ";

fn row(title: &str, text: &str) -> String {
    format!("  {title:<10}{text}")
}

/// The owner's login. A password that the environment fixes is known, and is not printed. One that an earlier start made
/// was shown then.
fn owner(fixed: &ApiCredentials, made: Option<&Credentials>) -> String {
    match (&fixed.owner, made) {
        (Some(fixed), _) => format!("{} / the password of API_PASSWORD", fixed.username()),
        (None, Some(made)) => format!("{} / {}", made.owner.username(), made.owner.password()),
        (None, None) => "`ma-alexa password` prints your user name and password.".to_owned(),
    }
}

/// The first start where the output is kept.
fn first_in_journal(env: &Env, pages: &PagesAddress, secrets: Option<&Path>) -> String {
    let place = secrets.map(|folder| folder.join("credentials.json").display().to_string());
    let [link, password] = ["link", "password"].map(|command| elsewhere::whole(env, command));
    format!(
        "Open {} to set up. This command prints a link that signs you in once, within 15 minutes:\n\n    {link}\n\nThis one \
         prints the owner's password:\n\n    {password}\n\nUser names and passwords are in {}.\n",
        pages.url,
        place.as_deref().unwrap_or("AWS Secrets Manager"),
    )
}
