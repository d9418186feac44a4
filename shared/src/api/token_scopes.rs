//! The scope that an operation needs of an API token, as the OpenAPI document of the routes says it.

use std::collections::HashMap;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use serde_json::Value;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

use crate::access::Scope;

/// The name of the bearer scheme in the document.
pub(crate) const SCHEME: &str = "token";

/// Operations that a token opens. What is not here needs the owner's password.
#[derive(Debug)]
pub(super) struct TokenScopes(HashMap<(Method, String), Scope>);

impl TokenScopes {
    /// The operations of a document whose routes stand below `prefix`.
    pub(super) fn of(prefix: &str, document: &OpenApi) -> Self {
        let mut scopes = HashMap::new();
        for (path, item) in &document.paths.paths {
            let operations = [
                (Method::GET, &item.get),
                (Method::PUT, &item.put),
                (Method::POST, &item.post),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in operations {
                if let Some(scope) = operation.as_ref().and_then(scope_of) {
                    scopes.insert((method, format!("{prefix}{path}")), scope);
                }
            }
        }
        Self(scopes)
    }

    /// The scope that a request needs; none where no token is enough. Any token learns that a path has no route.
    pub(super) fn needed(&self, request: &Request) -> Option<Scope> {
        let Some(route) = request.extensions().get::<MatchedPath>() else { return Some(Scope::Control) };
        let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
        self.0.get(&(method, route.as_str().to_owned())).copied()
    }
}

/// The scope in the requirements of an operation.
fn scope_of(operation: &Operation) -> Option<Scope> {
    let requirements = serde_json::to_value(operation.security.as_ref()?).ok()?;
    let named = requirements.as_array()?.iter().find_map(|requirement| requirement.get(SCHEME))?;
    serde_json::from_value(named.get(0).cloned().unwrap_or(Value::Null)).ok()
}
