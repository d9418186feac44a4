//! The set-up: six steps, of which one is open, and what is known of the others.

mod accounts;
mod address;
mod address_check;
mod address_forms;
mod address_lines;
mod amazon;
mod answer;
mod checklist;
#[cfg(feature = "music-assistant")]
mod connection;
mod developer;
mod door;
mod door_keys;
mod fields;
mod first_play;
mod funnel;
mod languages;
mod music_assistant;
mod pair;
mod plan;
mod provisioning;
mod proxy;
mod returns;
mod save;
mod settings;
mod shown;
mod sign_in;
mod skill;
mod skill_forms;
mod skill_problem;
mod state;
mod step;
mod tunnel;
mod validation;
mod view;

use axum::middleware::map_response;
use axum::response::Response;
use axum::{Extension, Router};

use super::headers::NotCompressed;
use crate::api::ApiState;
use crate::routing::{get, post};
use view::{foot, page, progress};

/// The routes, behind the login.
pub(super) fn routes() -> Router<ApiState> {
    let router = Router::new();
    #[cfg(feature = "music-assistant")]
    let router = router
        .route("/setup/music-assistant/connection", get(connection::show))
        .route("/setup/music-assistant/connect", post(connection::begin))
        .route("/setup/music-assistant/check", post(connection::check))
        .route("/setup/music-assistant/disconnect", post(connection::end));
    router
        .route("/setup", get(page))
        .route("/setup/sign-in", get(page))
        .route("/setup/address", get(page).merge(post(address_forms::save)))
        .route("/setup/amazon", get(page))
        .route("/setup/skill", get(page).merge(post(skill_forms::save)))
        .route("/setup/music-assistant", get(page))
        .route("/setup/sound", get(page))
        .route("/setup/progress", get(progress))
        .route("/setup/foot", get(foot))
        .route("/setup/address/check", post(address_forms::check))
        .route("/setup/address/step", post(address_forms::advance))
        .route("/setup/address/outside", post(address_forms::confirm))
        .route("/setup/door/funnel", post(funnel::turn_on))
        .route("/setup/door/tunnel", post(tunnel::start))
        .route("/setup/door/tunnel/stop", post(tunnel::stop))
        .route("/setup/door/keys", post(door_keys::reveal_keys))
        .route("/setup/developer/begin", post(developer::begin))
        .route("/setup/developer/return", get(developer::returned).merge(post(developer::pasted)))
        .route("/setup/developer/sign-out", post(developer::sign_out))
        .route("/setup/amazon/begin", post(amazon::begin))
        .route("/setup/amazon/complete", post(amazon::complete))
        .route("/setup/amazon/sign-out", post(amazon::sign_out))
        .route("/setup/check/invocation-name", post(skill_forms::check_name))
        .route("/setup/skill/plan", get(skill_forms::plan))
        .route("/setup/skill/start", post(skill_forms::start))
        .route("/setup/skill/step", post(provisioning::advance))
        .route("/setup/api-url", post(save::api_url))
        .route("/setup/music-assistant/provider", get(music_assistant::seen))
        .route("/setup/players", get(music_assistant::players))
        .route("/setup/pair", get(pair::progress).merge(post(pair::pair_all)))
        .route("/setup/sound/chain", get(first_play::poll))
        .route("/setup/sound/tone", post(first_play::tone))
        // The page shows the password of Music Assistant, and the keys of the grants.
        .route_layer(map_response(async |response: Response| (Extension(NotCompressed), response)))
}
