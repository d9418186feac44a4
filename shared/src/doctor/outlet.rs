//! A place where something of Music Assistant is let out of the home: streams, or pictures.

use futures_util::future::join_all;
use url::Url;

use crate::clock::Timestamp;
use crate::config::BaseUrl;
use crate::probe::Question;

use super::answers::{Said, Talk};
use super::nobody::Nobody;

/// What Music Assistant's own pages and its API begin with. None of them commands anything, and only headers are asked.
const PAGES: [&str; 3] = ["/info", "/ws", "/api"];

/// How much of a page is looked at.
const PAGE: usize = 16 * 1024;

/// What was answered there.
#[derive(Debug)]
pub(super) struct Outlet {
    /// What it is there for; none where there is no stream or picture that may be asked for.
    pub(super) goods: Option<(Goods, Said)>,
    /// A path that no server has.
    pub(super) nothing: Said,
    /// A path that is let out, with the name of a stream or a picture that there is not.
    pub(super) unknown: Said,
    /// A command to a queue that there is not.
    pub(super) command: Said,
    /// Pictures by their address, at a host that there is not.
    pub(super) foreign: Vec<Said>,
    /// Music Assistant's pages.
    pub(super) pages: Vec<Said>,
}

/// A stream or a picture.
#[derive(Clone, Debug)]
pub(super) struct Goods {
    /// Where.
    pub(super) url: Url,
    /// The player that was given it.
    pub(super) player: String,
    /// When.
    pub(super) pushed_at: Option<Timestamp>,
}

/// What is let out at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trade {
    Streams,
    Pictures,
}

/// What is asked there.
#[derive(Clone, Debug)]
pub(super) struct Outing {
    /// Where.
    pub(super) base: BaseUrl,
    /// What is let out there.
    pub(super) trade: Trade,
    /// The stream or the picture.
    pub(super) goods: Option<Goods>,
    /// How many bytes of it are read at most.
    pub(super) most: usize,
}

impl Outing {
    /// Asks everything at once. No question is one that could make anything play, skip or stop: what could is asked for
    /// its headers, in the name of a queue that there is not.
    pub(super) async fn ask(self, talk: &Talk<'_>, nobody: &Nobody) -> Option<Outlet> {
        let at = |path: &str| Url::parse(&self.base.join(path)).ok();
        let unknown = match self.trade {
            Trade::Streams => nobody.stream(),
            Trade::Pictures => nobody.picture(),
        };
        let (nothing, unknown) = (at(&format!("/{}", nobody.name()))?, at(&unknown)?);
        let command = at(&format!("/command/{}/next.mp3", nobody.name()))?;
        let foreign = nobody.foreign_pictures().into_iter().filter_map(|path| at(&path));
        let front = at("/").map(|url| Question::get(url, PAGE));
        let pages = PAGES.iter().filter_map(|page| at(page)).map(Question::head).chain(front);
        let most = self.most;
        let goods = async {
            match self.goods {
                Some(goods) => {
                    let said = talk.ask(Question::get(goods.url.clone(), most)).await;
                    Some((goods, said))
                }
                None => None,
            }
        };
        let (goods, nothing, unknown, command, foreign, pages) = tokio::join!(
            goods,
            talk.ask(Question::head(nothing)),
            talk.ask(Question::get(unknown, PAGE)),
            talk.ask(Question::head(command)),
            join_all(foreign.map(|url| talk.ask(Question::get(url, PAGE)))),
            join_all(pages.map(|question| talk.ask(question))),
        );
        Some(Outlet { goods, nothing, unknown, command, foreign, pages })
    }
}
