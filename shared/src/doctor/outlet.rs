//! A place where something of Music Assistant is let out of the home: streams, or pictures.

use futures_util::future::join_all;
use url::Url;

use crate::config::BaseUrl;
use crate::probe::{Ask, Question};

use super::answers::{Said, Talk};

/// What Music Assistant's own pages and its API begin with. None of them commands anything, and only headers are asked.
const PAGES: [&str; 3] = ["/info", "/ws", "/api"];

/// How much of a page is looked at.
const PAGE: usize = 16 * 1024;

/// What was answered there.
#[derive(Debug)]
pub(super) struct Outlet {
    /// What it is there for; none where there is no stream or picture to ask for.
    pub(super) goods: Option<Said>,
    /// A path that nobody has.
    pub(super) nothing: Said,
    /// A command to a queue that there is not.
    pub(super) command: Said,
    /// Music Assistant's pages.
    pub(super) pages: Vec<Said>,
}

/// What is asked there.
#[derive(Clone, Debug)]
pub(super) struct Outing {
    /// Where.
    pub(super) base: BaseUrl,
    /// The stream or the picture.
    pub(super) goods: Option<Url>,
    /// How the goods are asked for.
    pub(super) ask: Ask,
}

impl Outing {
    /// Asks everything at once. No question is one that could make anything play, skip or stop: what could is asked for
    /// its headers, in the name of a queue that there is not.
    pub(super) async fn ask(self, talk: &Talk<'_>, nobody: &str) -> Option<Outlet> {
        let at = |path: &str| Url::parse(&self.base.join(path)).ok();
        let (nothing, command) = (at(&format!("/{nobody}"))?, at(&format!("/command/{nobody}/next.mp3"))?);
        let is_quiet = matches!(self.ask, Ask::Get { .. });
        let front = at("/").filter(|_| is_quiet).map(|url| Question::get(url, PAGE));
        let pages = PAGES.iter().filter_map(|page| at(page)).map(Question::head).chain(front);
        let goods = async {
            match self.goods.clone() {
                Some(url) => Some(talk.ask(Question { url, ask: self.ask.clone() }).await),
                None => None,
            }
        };
        let (goods, nothing, command, pages) = tokio::join!(
            goods,
            talk.ask(Question::head(nothing)),
            talk.ask(Question::head(command)),
            join_all(pages.map(|question| talk.ask(question))),
        );
        Some(Outlet { goods, nothing, command, pages })
    }
}
