//! The client of Music Assistant's own API, for the process at home. Functions in AWS have none.
//!
//! Commands go by `POST /api`, with a bearer token, or without one to servers before logins. The list of commands is closed.
//! Time, size and count of every answer are bounded. Facts are from the server's source: `controllers/webserver`,
//! `controllers/player_queues` and `controllers/music` of music-assistant/server, schemas 24 to 34.
//!
//! What people ask for, by voice or by our API, is done by `home_control` over a [`House`].

mod answers;
mod client;
mod command;
mod connection;
mod discovery;
mod echo_players;
mod error;
mod home;
mod house;
mod lenient;
mod live;
mod music;
mod wire;

pub use answers::{
    MaPlayer, MaServerInfo, MaUser, MediaKind, PlaybackState, PlayerType, Queue, QueueItem, QueuedMedia,
    RepeatMode, SearchResult, UserRole,
};
pub use client::{
    FIRST_SCHEMA_WITH_LOGINS, ITEMS_AT_MOST, Login, RESULTS_AT_MOST, SCHEMAS, SEARCHED_AT_MOST, Server,
};
pub use command::{Enqueue, LibraryOrder, LibraryPage, MusicSearch, QueueIndex, QueueMusic};
pub use connection::{Connection, ConnectionChange, ServerView, SignIn, SignedIn};
pub use discovery::Discovery;
pub use echo_players::{EchoName, EchoPlayers, PlayerWay, match_players};
pub use error::MusicAssistantError;
pub use home::{PlayMedia, PlayWhat, PlayerCommand};
pub use house::House;
pub use live::{Follower, LiveQueue, LiveQueues, QueueChanges};
pub use music::{LibraryItems, PAGE_AT_MOST, PLAYED_AT_MOST};
pub use wire::{MusicAssistantClient, TOKEN_LENGTH};
