//! The page on the API names every route that there is, with its role, and no other.

use std::collections::BTreeSet;

use plugtill_operator_console::{Face, Needs, routes};

use super::root;

#[test]
fn the_page_on_the_api_lists_every_route_with_its_role() {
    let page = std::fs::read_to_string(root().join("docs/api.md")).unwrap();
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let (route, role) = (cells.next()?.trim_end_matches('`'), cells.next()?);
        route.contains("/api/v1/").then(|| format!("{route} {role}"))
    };
    let listed: BTreeSet<String> = page.lines().filter_map(row).collect();
    let api = routes::all().into_iter().filter(|route| route.face == Face::Api && !route.path.contains("{*"));
    let there: BTreeSet<String> = api
        .map(|route| match route.needs {
            Needs::Role(role) => format!("{} {} {}", route.method, route.path, role),
            Needs::Nobody => format!("{} {} nobody", route.method, route.path),
        })
        .collect();
    assert_eq!(listed, there);
}
