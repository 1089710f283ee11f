//! What the `OpenAPI` document says of a route.

use std::borrow::Cow;

use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A file's bytes.
const BINARY: SchemaFormat = SchemaFormat::KnownFormat(KnownFormat::Binary);

/// What a route is for, takes and answers.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) summary: &'static str,
    pub(crate) query: Vec<Parameter>,
    pub(crate) body: Option<Shape>,
    pub(crate) answer: Shape,
    /// The names of the files that it answers with; none where it answers JSON.
    pub(crate) files: Vec<String>,
}

/// A parameter of the address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) kind: Kind,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A calendar day.
    Day,
    /// A session's outcome.
    Outcome,
    /// An account of the ledger.
    Account,
    /// A kind of incident.
    Incident,
    /// How long a page may be.
    Limit,
}

/// The schema of a type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// None where there is no more to say than that it is JSON.
    pub(crate) name: Option<fn() -> Cow<'static, str>>,
    pub(crate) schema: fn() -> RefOr<Schema>,
    /// The schemas that it refers to.
    pub(crate) others: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Shape {
    pub(crate) fn of<T: ToSchema>() -> Self {
        Self { name: Some(T::name), schema: T::schema, others: T::schemas }
    }

    /// Bytes.
    pub(crate) fn file() -> Self {
        let schema = || ObjectBuilder::new().schema_type(Type::String).format(Some(BINARY)).into();
        Self { name: None, schema, others: |_| () }
    }

    pub(crate) fn any() -> Self {
        Self { name: None, schema: serde_json::Value::schema, others: |_| () }
    }
}

impl About {
    pub(crate) fn asking(summary: &'static str, query: &[Parameter], answer: Shape) -> Self {
        Self { summary, query: query.to_vec(), body: None, answer, files: Vec::new() }
    }

    pub(crate) fn ordering(summary: &'static str, body: Shape, answer: Shape) -> Self {
        Self { summary, query: Vec::new(), body: Some(body), answer, files: Vec::new() }
    }
}
