//! The `OpenAPI` 3.1 document, made of the route table and of the types that are answered.

use axum::Json;
use plugtill_domain::access::Role;
use plugtill_domain::ledger::Account;
use plugtill_sheets::Format;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, Parameter as Documented, ParameterBuilder, ParameterIn, Paths,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required,
    ResponseBuilder, Schema,
};
use utoipa::{PartialSchema, ToSchema};

use super::orders::LONGEST_KEY;
use super::{About, Kind, Parameter, Shape};
use crate::asked::MOST;
use crate::problem::Said;
use crate::routes::{self, Face, Needs, Route};
use crate::words;

pub(crate) async fn show() -> Json<OpenApi> {
    Json(document())
}

/// What the API offers, for machines.
pub(crate) fn document() -> OpenApi {
    let mut components = ComponentsBuilder::new().schema(Said::name(), Said::schema());
    let mut paths = Paths::new();
    for route in routes::all() {
        let (Face::Api, Some(about)) = (route.face, &route.about) else { continue };
        for shape in [Some(about.answer), about.body].into_iter().flatten() {
            let mut others = Vec::new();
            (shape.others)(&mut others);
            components = components.schemas_from_iter(others);
            if let Some(name) = shape.name {
                components = components.schema(name(), (shape.schema)());
            }
        }
        let method = if about.body.is_some() { HttpMethod::Post } else { HttpMethod::Get };
        paths.add_path_operation(route.path, vec![method], operation(&route, about));
    }
    let key = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some(words::API_KEYS)).build();
    let components = components.security_scheme("key", SecurityScheme::Http(key)).build();
    let info = InfoBuilder::new().title(words::API_TITLE).version(env!("CARGO_PKG_VERSION"));
    let info = info.description(Some(words::API_ABOUT)).build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

fn operation(route: &Route, about: &About) -> OperationBuilder {
    let needs = match route.needs {
        Needs::Nobody => words::NEEDS_NOBODY.to_owned(),
        Needs::Role(role) => words::needs_role(role),
    };
    let mut operation = OperationBuilder::new()
        .operation_id(Some(name_of(route)))
        .summary(Some(about.summary))
        .description(Some(needs))
        .security(SecurityRequirement::new::<_, [&str; 0], &str>("key", []))
        .response("200", answered(about));
    let problems = [("400", words::WRONG_FIELD), ("401", words::SIGNED_OUT), ("403", words::FORBIDDEN)];
    let more = [
        ("404", words::NOT_FOUND),
        ("409", words::REFUSED),
        ("422", words::WRONG_FIELD),
        ("429", words::TOO_MANY),
        ("503", words::UNAVAILABLE),
    ];
    for (status, [_, title]) in problems.into_iter().chain(more) {
        operation = operation.response(status, answer(title, "application/problem+json", Shape::of::<Said>()));
    }
    for part in route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let parameter = ParameterBuilder::new().name(part).parameter_in(ParameterIn::Path).required(Required::True);
        let one = if about.files.is_empty() { text(None) } else { text_of(about.files.clone()) };
        operation = operation.parameter(parameter.schema(Some(one)));
    }
    for parameter in &about.query {
        operation = operation.parameter(query(*parameter));
    }
    let Some(body) = about.body else { return operation };
    let key = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
    let key = key.required(Required::True).description(Some(words::IDEMPOTENCY)).schema(Some(name_of_order()));
    let content = ContentBuilder::new().schema(Some(reference(body))).build();
    let body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
    operation.parameter(key).request_body(Some(body.build()))
}

/// `GET /api/v1/sessions/{session}` is `get_sessions_session`.
fn name_of(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1/").replace(['{', '}', '.'], "").replace('/', "_");
    format!("{}_{path}", route.method.as_str().to_lowercase())
}

fn answered(about: &About) -> RefOr<utoipa::openapi::Response> {
    if about.files.is_empty() {
        return answer(words::ANSWER, "application/json", about.answer);
    }
    let content = || ContentBuilder::new().schema(Some(reference(about.answer))).build();
    let kinds = Format::ALL.map(Format::media_type);
    let response = kinds.into_iter().fold(ResponseBuilder::new(), |response, kind| response.content(kind, content()));
    let cdrs = ContentBuilder::new().schema(Some(reference(Shape::any()))).build();
    response.description(words::A_FILE).content("application/json", cdrs).build().into()
}

fn answer(what: &str, kind: &str, shape: Shape) -> RefOr<utoipa::openapi::Response> {
    let content = ContentBuilder::new().schema(Some(reference(shape))).build();
    ResponseBuilder::new().description(what).content(kind, content).build().into()
}

fn reference(shape: Shape) -> RefOr<Schema> {
    match shape.name {
        Some(name) => RefOr::Ref(Ref::from_schema_name(name())),
        None => (shape.schema)(),
    }
}

fn query(Parameter { name, what, kind }: Parameter) -> Documented {
    let schema = match kind {
        Kind::Text => text(None),
        Kind::Day => text(Some(KnownFormat::Date)),
        Kind::Flag => ObjectBuilder::new().schema_type(Type::Boolean).into(),
        Kind::Outcome => text_of(words::OUTCOMES.map(|(_, word)| word)),
        Kind::Account => text_of(Account::ALL.map(Account::as_str)),
        Kind::Incident => text_of(plugtill_domain::incident::Kind::ALL.map(plugtill_domain::incident::Kind::as_str)),
        Kind::Limit => limit(),
    };
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False);
    parameter.description(Some(what)).schema(Some(schema)).build()
}

fn text(format: Option<KnownFormat>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).format(format.map(SchemaFormat::KnownFormat)).into()
}

/// What a header can hold, and no more than is kept.
fn name_of_order() -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST_KEY));
    text.pattern(Some("^[!-~]([ -~]*[!-~])?$")).into()
}

fn text_of(values: impl IntoIterator<Item = impl Into<serde_json::Value>>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values)).into()
}

fn limit() -> RefOr<Schema> {
    let most = i32::try_from(MOST).unwrap_or(i32::MAX);
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(most)).into()
}

/// The route's need in a word, for the reader's page.
pub(crate) const fn least(needs: Needs) -> Option<Role> {
    match needs {
        Needs::Nobody => None,
        Needs::Role(role) => Some(role),
    }
}
