//! Links between pages: the file is there, and so is the heading. Addresses outside are not asked: a test needs no network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{BrokenLink, Event, Options, Parser, Tag, TagEnd};

use super::{pages, root};

/// A page as readers see it.
#[derive(Default)]
struct Page {
    /// Where its links and pictures lead to, as written.
    links: Vec<String>,
    /// What can stand behind `#`.
    anchors: BTreeSet<String>,
    /// Links by a name that nothing defines.
    undefined: Vec<String>,
}

impl Page {
    #[allow(clippy::wildcard_enum_match_arm, reason = "a page is made of much else, and will be of more")]
    fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut undefined = Vec::new();
        let mut named = |link: BrokenLink<'_>| {
            // What stands in brackets and is followed by no name is text.
            undefined.extend((link.span.len() > link.reference.len() + 2).then(|| link.reference.to_string()));
            None
        };
        let mut heading: Option<String> = None;
        for event in Parser::new_with_broken_link_callback(text, Options::ENABLE_TABLES, Some(&mut named)) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.to_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.anchors.extend(heading.take().map(|text| anchor(&text))),
                Event::Text(part) | Event::Code(part) => heading.iter_mut().for_each(|text| text.push_str(&part)),
                Event::Html(tags) | Event::InlineHtml(tags) => page.links.extend(attributes(&tags)),
                _ => {}
            }
        }
        page.undefined = undefined;
        page
    }
}

/// Where tags of HTML lead to.
fn attributes(tags: &str) -> impl Iterator<Item = String> {
    let valued = |name| tags.split(name).skip(1).filter_map(|rest: &str| rest.split('"').next().map(str::to_owned));
    valued(" href=\"").chain(valued(" src=\""))
}

/// The anchor of a heading as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The path without `..`; `None` when it leads out of the root.
fn straightened(path: &Path) -> Option<PathBuf> {
    path.components().try_fold(PathBuf::new(), |mut straight, part| match part {
        Component::Normal(name) => Some(straight.join(name)),
        Component::ParentDir => straight.pop().then_some(straight),
        Component::CurDir => Some(straight),
        Component::RootDir | Component::Prefix(_) => None,
    })
}

/// Where a link of a page leads to in the repository, and the heading there; `None` when it leads out into the world.
fn target<'a>(from: &Path, link: &'a str) -> Option<(Option<PathBuf>, Option<&'a str>)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = link.split_once('#').map_or((link, None), |(path, heading)| (path, Some(heading)));
    let folder = from.parent().unwrap_or(Path::new(""));
    Some((if path.is_empty() { Some(from.to_owned()) } else { straightened(&folder.join(path)) }, heading))
}

/// What leads nowhere. Pages are named from the root; `exists` knows all other files.
fn broken(pages: &BTreeMap<PathBuf, Page>, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut broken = Vec::new();
    for (path, page) in pages {
        let mut say = |link: &str, problem: &str| broken.push(format!("{}: {link}: {problem}", path.display()));
        page.undefined.iter().for_each(|name| say(name, "is defined nowhere"));
        for link in &page.links {
            let Some((to, heading)) = target(path, link) else { continue };
            let has = |to: &PathBuf, heading| pages.get(to).is_some_and(|page| page.anchors.contains(heading));
            match (to, heading) {
                (None, _) => say(link, "leads out of the repository"),
                (Some(to), _) if !exists(&to) => say(link, "there is no such file"),
                (Some(to), Some(heading)) if !has(&to, heading) => say(link, "there is no such heading"),
                (Some(_), _) => {}
            }
        }
    }
    broken
}

fn all() -> BTreeMap<PathBuf, Page> {
    let root = root();
    let named = |path: PathBuf| {
        let page = Page::read(&std::fs::read_to_string(&path).unwrap());
        (path.strip_prefix(&root).unwrap().to_owned(), page)
    };
    pages().into_iter().map(named).collect()
}

#[test]
fn every_link_between_pages_leads_to_a_file_and_a_heading() {
    let pages = all();
    let links: usize = pages.values().map(|page| page.links.len()).sum();
    assert!(pages.len() >= 15 && links >= 60, "only {} pages with {links} links were found", pages.len());
    assert_eq!(broken(&pages, |path| root().join(path).exists()), [] as [String; 0]);
}

#[test]
fn every_page_is_reached_from_the_readme() {
    let pages = all();
    let mut reached = BTreeSet::new();
    let mut next = vec![PathBuf::from("README.md")];
    while let Some(path) = next.pop() {
        let Some(page) = pages.get(&path) else { continue };
        if reached.insert(path.clone()) {
            next.extend(page.links.iter().filter_map(|link| target(&path, link)?.0));
        }
    }
    assert_eq!(reached, pages.into_keys().collect());
}

#[test]
fn what_leads_nowhere_is_noticed() {
    let page = |text: &str| {
        let other = (PathBuf::from("docs/other.md"), Page::read("# A `b`, c: D\n\n## Twice told"));
        let pages = BTreeMap::from([(PathBuf::from("docs/page.md"), Page::read(text)), other]);
        broken(&pages, |path| pages.contains_key(path) || path == Path::new("src/lib.rs"))
    };
    for good in [
        "[a](other.md) [b](other.md#a-b-c-d) [c](../src/lib.rs) [d](https://example.com/x#y) `[e](gone.md)`",
        "# Here\n[a](#here) and [plain] brackets[1]\n\n    [a](gone.md)\n",
        "|[a][other]|\n|-|\n\n[other]: other.md#twice-told\n",
    ] {
        assert_eq!(page(good), [] as [String; 0]);
    }
    for (bad, problem) in [
        ("[a](gone.md)", "docs/page.md: gone.md: there is no such file"),
        ("<p><img alt=\"a\" src=\"gone.png\"></p>\n", "docs/page.md: gone.png: there is no such file"),
        ("a <a href=\"gone.md\">b</a>", "docs/page.md: gone.md: there is no such file"),
        ("![a](gone.png)", "docs/page.md: gone.png: there is no such file"),
        ("|[a](gone.md)|\n|-|\n", "docs/page.md: gone.md: there is no such file"),
        ("[a](other.md#b)", "docs/page.md: other.md#b: there is no such heading"),
        ("[a](#here)", "docs/page.md: #here: there is no such heading"),
        ("[a](../src/lib.rs#here)", "docs/page.md: ../src/lib.rs#here: there is no such heading"),
        ("[a](../../x.md)", "docs/page.md: ../../x.md: leads out of the repository"),
        ("[a][gone]", "docs/page.md: gone: is defined nowhere"),
    ] {
        assert_eq!(page(bad), [problem.to_owned()]);
    }
}
