//! Login with Amazon: the page that asks the person, and the tokens that come of it.

use std::collections::HashMap;

use serde_json::json;
use url::Url;

use super::account::Account;
use super::asked::Asked;
use super::page::{self, Page};
use super::quirks::Quirks;
use super::tokens::oauth_error;

/// Grants of Login with Amazon.
#[derive(Debug, Default)]
pub(super) struct Lwa {
    codes: Vec<Grant>,
    /// Scopes of refresh tokens.
    scopes: HashMap<String, String>,
    /// Scopes of access tokens that are valid.
    access: HashMap<String, String>,
}

#[derive(Debug)]
struct Grant {
    code: String,
    redirect_uri: String,
    scope: String,
}

impl Lwa {
    /// The scopes of an access token, with spaces between; none where it is not valid.
    pub(super) fn scope_of(&self, token: &str) -> Option<&str> {
        self.access.get(token).map(String::as_str)
    }

    /// Ends all access tokens.
    pub(super) fn expire(&mut self) {
        self.access.clear();
    }
}

/// `GET /ap/oa`: the person is signed in, and agrees or not.
pub(super) fn authorize(lwa: &mut Lwa, account: &mut Account, quirks: &Quirks, asked: &Asked) -> Page {
    let well_formed = asked.query("response_type") == "code"
        && asked.query("client_id") == account.lwa.client_id
        && !asked.query("scope").is_empty();
    let (true, Ok(mut to)) = (well_formed, Url::parse(asked.query("redirect_uri"))) else {
        return page::html(400, "We're sorry! An error occurred when we tried to process your request.");
    };
    let state = asked.query("state").to_owned();
    if let Some(error) = quirks.lwa_refuses {
        to.query_pairs_mut()
            .append_pair("error", error)
            .append_pair("error_description", "The person did not agree")
            .append_pair("state", &state);
        return page::redirect(to.as_str());
    }
    let grant = Grant {
        code: account.secret_ledger.make("AN"),
        redirect_uri: asked.query("redirect_uri").to_owned(),
        scope: asked.query("scope").to_owned(),
    };
    to.query_pairs_mut()
        .append_pair("code", &grant.code)
        .append_pair("scope", &grant.scope)
        .append_pair("state", &state);
    lwa.codes.push(grant);
    page::redirect(to.as_str())
}

/// `POST /auth/o2/token`.
pub(super) fn token(lwa: &mut Lwa, account: &mut Account, quirks: &Quirks, asked: &Asked) -> Page {
    let kind = asked.field("grant_type");
    if !["refresh_token", "authorization_code"].contains(&kind) {
        return oauth_error(400, "unsupported_grant_type", "grant_type is none of those that there are");
    }
    let client = (asked.field("client_id"), asked.field("client_secret"));
    if client != (account.lwa.client_id.as_str(), account.lwa.client_secret.as_str()) {
        return oauth_error(401, "invalid_client", "Client authentication failed");
    }
    if kind == "authorization_code" {
        exchange(lwa, account, quirks, asked)
    } else {
        refresh(lwa, account, quirks, asked)
    }
}

/// A code for the first tokens; it works once.
fn exchange(lwa: &mut Lwa, account: &mut Account, quirks: &Quirks, asked: &Asked) -> Page {
    let position = lwa.codes.iter().position(|grant| grant.code == asked.field("code"));
    let Some(grant) = position.map(|position| lwa.codes.remove(position)) else {
        return oauth_error(400, "invalid_grant", "The request has an invalid grant parameter : code");
    };
    if grant.redirect_uri != asked.field("redirect_uri") {
        return oauth_error(
            400,
            "invalid_grant",
            "The request has an invalid grant parameter : redirect_uri",
        );
    }
    let refresh_token = account.secret_ledger.make("Atzr|");
    lwa.scopes.insert(refresh_token.clone(), grant.scope.clone());
    account.lwa_tokens.push(refresh_token);
    answer(lwa, account, quirks, &grant.scope)
}

fn refresh(lwa: &mut Lwa, account: &mut Account, quirks: &Quirks, asked: &Asked) -> Page {
    let used = account.lwa_tokens.iter().position(|token| token == asked.field("refresh_token"));
    let Some(used) = used else {
        return oauth_error(400, quirks.revoked_as, "The request has an invalid grant parameter");
    };
    // A client that uses a newer one has stored it, and the older ones end.
    account.lwa_tokens.drain(..used);
    let scope = lwa.scopes.get(asked.field("refresh_token")).cloned().unwrap_or_default();
    if quirks.rotates_lwa {
        let token = account.secret_ledger.make("Atzr|");
        lwa.scopes.insert(token.clone(), scope.clone());
        account.lwa_tokens.push(token);
    }
    answer(lwa, account, quirks, &scope)
}

fn answer(lwa: &mut Lwa, account: &mut Account, quirks: &Quirks, scope: &str) -> Page {
    let access_token = account.secret_ledger.make("Atza|");
    lwa.access.insert(access_token.clone(), scope.to_owned());
    let answer = json!({
        "access_token": access_token, "refresh_token": account.lwa_tokens.last(), "token_type": "bearer",
        "expires_in": quirks.expires_in,
    });
    page::json(200, &answer)
}
