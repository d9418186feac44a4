//! Handlers of one type, whatever their arguments.
//!
//! axum wraps each handler in a dozen types, and the compiler proves for each of them that the handler's future may
//! move between threads. Behind [`Erased`] it does so once for each handler: a quarter of this library's build.

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{self, MethodRouter};

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler whose arguments and future are hidden behind pointers.
pub(crate) struct Erased<S>(Arc<dyn Fn(Request, S) -> Answer + Send + Sync>);

impl<S: 'static> Erased<S> {
    /// Hides the arguments and the future of a handler.
    pub(crate) fn of<H: Handler<T, S>, T: 'static>(handler: H) -> Self {
        Self(Arc::new(move |request, state| Box::pin(handler.clone().call(request, state))))
    }
}

impl<S> Clone for Erased<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: 'static> Handler<(), S> for Erased<S> {
    type Future = Answer;

    fn call(self, request: Request, state: S) -> Answer {
        (self.0)(request, state)
    }
}

/// Routes `GET` and `HEAD` to a handler.
pub(crate) fn get<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    routing::get(Erased::of(handler))
}

/// Routes `POST` to a handler.
pub(crate) fn post<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    routing::post(Erased::of(handler))
}

/// Routes each method to a handler.
pub(crate) fn any<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    routing::any(Erased::of(handler))
}

/// Documented handlers of one path as routes, as `utoipa_axum::routes!` makes them, each [`Erased`].
macro_rules! routes {
    ($($handler:path),+) => {{
        let mut paths = utoipa::openapi::path::Paths::new();
        let mut schemas = Vec::new();
        let mut router = axum::routing::MethodRouter::new();
        $(
            let (path, operation, methods) = utoipa_axum::routes!(@resolve_types $handler : schemas);
            for method in &methods {
                let filter = utoipa_axum::PathItemExt::to_method_filter(method);
                router = router.on(filter, $crate::routing::Erased::of($handler));
            }
            paths.add_path_operation(&path, methods, operation);
        )+
        (schemas, paths, router)
    }};
}

pub(crate) use routes;
