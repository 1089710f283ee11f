//! Every route, with what it needs. A route cannot be written down without saying who may use it.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;
use plugtill_domain::access::Role;

use crate::access::{Gate, guard};
use crate::api::About;
use crate::{Console, api, pages};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Anybody: it shows nothing of the operator's.
    Nobody,
    /// Whoever has this role, or one that may more.
    Role(Role),
}

/// Whom a route speaks to, and so how it says that something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// People.
    Page,
    /// Machines.
    Api,
}

/// A route.
#[derive(Debug, Clone)]
pub struct Route {
    /// How.
    pub method: Method,
    /// Where, as the router reads it.
    pub path: &'static str,
    /// Who may.
    pub needs: Needs,
    /// Whom it speaks to.
    pub face: Face,
    pub(crate) about: Option<About>,
}

/// The routes with what answers them.
#[derive(Default)]
pub(crate) struct Table {
    routes: Vec<Route>,
    handlers: Vec<MethodRouter<Arc<Console>>>,
}

impl Table {
    /// A page, or what belongs to one.
    pub(crate) fn page<H, T>(&mut self, method: &Method, path: &'static str, needs: Needs, handler: H)
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        self.add(Route { method: method.clone(), path, needs, face: Face::Page, about: None }, handler);
    }

    /// A part of the API, with what its document says about it.
    pub(crate) fn api<H, T>(&mut self, method: &Method, path: &'static str, needs: Needs, about: About, handler: H)
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        self.add(Route { method: method.clone(), path, needs, face: Face::Api, about: Some(about) }, handler);
    }

    /// Where there is nothing.
    fn nowhere<H, T>(&mut self, path: &'static str, face: Face, handler: H)
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        self.add(Route { method: Method::GET, path, needs: Needs::Nobody, face, about: None }, handler);
    }

    fn add<H, T>(&mut self, route: Route, handler: H)
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        let filter = if route.method == Method::POST { MethodFilter::POST } else { MethodFilter::GET };
        self.handlers.push(on(filter, handler));
        self.routes.push(route);
    }

    pub(crate) fn router(self, console: Arc<Console>) -> Router {
        let mut router = Router::new();
        for (route, handler) in self.routes.into_iter().zip(self.handlers) {
            let gate = Gate { console: Arc::clone(&console), needs: route.needs, face: route.face };
            router = router.route(route.path, handler.route_layer(from_fn_with_state(gate, guard)));
        }
        router.with_state(console)
    }
}

pub(crate) fn table() -> Table {
    let mut table = Table::default();
    pages::routes(&mut table);
    api::routes(&mut table);
    table.nowhere("/console/{*rest}", Face::Page, pages::nowhere);
    table.nowhere("/api/v1/{*rest}", Face::Api, pages::nowhere);
    table
}

/// Every route that there is.
#[must_use]
pub fn all() -> Vec<Route> {
    table().routes
}
