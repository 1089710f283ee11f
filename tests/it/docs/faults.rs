//! `docs/faults.md` is written by this test: every fault of the catalogue with the tests that cause it, every invariant with
//! where it is asserted. `PLUGTILL_BLESS=1` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::{files, root};

/// Number, what happens, what is expected, the invariants that it would break; apart by tabs.
const FAULTS: &str = include_str!("faults.tsv");
/// Number and what holds, apart by a tab.
const INVARIANTS: &str = include_str!("invariants.tsv");
const HEADINGS: [(usize, &str); 5] = [
    (1, "Chargers and how their messages travel"),
    (36, "Functions that end between one effect and the next"),
    (49, "Stripe"),
    (75, "AWS"),
    (91, "Time, tariffs, money, operation"),
];

/// A fault as the catalogue has it.
struct Fault {
    number: usize,
    what: &'static str,
    expected: &'static str,
    invariants: Vec<&'static str>,
}

fn faults() -> Vec<Fault> {
    let read = |line: &'static str| {
        let fields: Vec<_> = line.split('\t').collect();
        let [number, what, expected, invariants] = fields[..] else { panic!("{line} has not four fields") };
        let number = number.strip_prefix('F').and_then(|number| number.parse().ok()).unwrap();
        Fault { number, what, expected, invariants: invariants.split(' ').filter(|it| !it.is_empty()).collect() }
    };
    FAULTS.lines().map(read).collect()
}

/// A test that bears a number in its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Test {
    path: String,
    name: String,
}

impl Test {
    /// What its name says, and where it is.
    fn shown(&self, prefix: &str) -> String {
        let says = self.name.strip_prefix(prefix).unwrap_or(&self.name).replace('_', " ");
        format!("[{}](../{})", says.trim(), self.path)
    }
}

/// The tests whose name begins with this letter and a number, by it.
fn numbered(letter: char) -> BTreeMap<usize, Vec<Test>> {
    let mut found = BTreeMap::<usize, Vec<Test>>::new();
    for folder in ["functions", "infra", "shared", "tests"] {
        for path in files(&root().join(folder), "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            for (number, name) in names(&text, letter) {
                found.entry(number).or_default().push(Test { path: path.clone(), name });
            }
        }
    }
    for tests in found.values_mut() {
        tests.sort();
    }
    found
}

/// The names of tests in a source: of functions, and of modules that a macro makes.
fn names(text: &str, letter: char) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        let function = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
        let Some(function) = function else {
            is_test &= line.is_empty() || line.starts_with('#') || line.starts_with("//");
            continue;
        };
        let name: String = function.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '_').collect();
        let digits: String =
            name.strip_prefix(letter).unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
        if is_test && digits.len() == 2 && name[3..].starts_with('_') {
            names.push((digits.parse().unwrap(), name));
        }
        is_test = false;
    }
    names
}

/// What is wrong with the names of the tests.
fn problems(faults: &[Fault], tests: &BTreeMap<usize, Vec<Test>>) -> Vec<String> {
    let mut problems = Vec::new();
    let numbers: Vec<usize> = faults.iter().map(|fault| fault.number).collect();
    if numbers != (1..=96).collect::<Vec<_>>() {
        problems.push(format!("the catalogue has {numbers:?}"));
    }
    let untested = numbers.iter().filter(|number| !tests.contains_key(number));
    problems.extend(untested.map(|number| format!("F{number:02} has no test")));
    let unknown = tests.iter().filter(|(number, _)| !numbers.contains(number));
    problems.extend(unknown.map(|(number, tests)| format!("there is no F{number:02}: {tests:?}")));
    for test in tests.values().flatten() {
        let second = test.name.get(4..).unwrap_or_default().trim_start_matches("to_");
        let claims = second.strip_prefix('f').unwrap_or_default();
        if claims.len() > 2 && claims.as_bytes()[..2].iter().all(u8::is_ascii_digit) && claims[2..].starts_with('_') {
            problems.push(format!("{} bears more than one number", test.name));
        }
    }
    problems
}

/// Where the simulator's checks say that an invariant is broken, by its number.
fn checked(number: &str) -> Vec<String> {
    let folder = Path::new("infra/local/src/simulate");
    let says = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        text.contains(&format!("Broken::new(\"{number}\"")) || text.contains(&format!("invariant: \"{number}\""))
    };
    let found = files(&root().join(folder), "rs").into_iter().filter(says);
    found.map(|path| path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()).collect()
}

fn page(faults: &[Fault], tests: &BTreeMap<usize, Vec<Test>>) -> String {
    let mut page = "# Faults\n\nWhat can go wrong, what is expected of plugtill then, and the tests that make it go wrong: at the transport\n\
        of the real SDK clients, in the queues, by the clock. A test bears the number of its fault in its name. Below, what has to hold\n\
        whatever goes wrong.\n\n\
        This page is written by a test, which also finds a fault without a test: `PLUGTILL_BLESS=1 cargo test -p plugtill-tests --test it faults_page`.\n"
        .to_owned();
    for fault in faults {
        if let Some((_, heading)) = HEADINGS.iter().find(|(first, _)| *first == fault.number) {
            let _ =
                write!(page, "\n## {heading}\n\n| | Fault | Expected | Invariants | Tests |\n|---|---|---|---|---|\n");
        }
        let number = fault.number;
        let own = tests.get(&number).map(Vec::as_slice).unwrap_or_default();
        let own: Vec<String> = own.iter().map(|test| test.shown(&format!("f{number:02}_"))).collect();
        let invariants = fault.invariants.join(", ");
        let _ = writeln!(
            page,
            "| F{number:02} | {} | {} | {invariants} | {} |",
            fault.what,
            fault.expected,
            own.join("<br>")
        );
    }
    page.push_str("\n## Invariants\n\n| | What holds | Asserted in | By the tests of |\n|---|---|---|---|\n");
    for (number, what) in INVARIANTS.lines().filter_map(|line| line.split_once('\t')) {
        let by = faults.iter().filter(|fault| fault.invariants.contains(&number));
        let by: Vec<String> = by.map(|fault| format!("F{:02}", fault.number)).collect();
        let _ = writeln!(page, "| {number} | {what} | {} | {} |", asserted(number).join("<br>"), by.join(", "));
    }
    page
}

/// Where an invariant is asserted by itself: in the simulator's checks, in tests that bear its number.
fn asserted(number: &str) -> Vec<String> {
    let simulated = checked(number).into_iter().map(|path| format!("[every simulated run](../{path})"));
    let digits: usize = number[1..].parse().unwrap();
    let own = numbered('i').remove(&digits).unwrap_or_default();
    simulated.chain(own.iter().map(|test| test.shown(&format!("i{digits:02}_")))).collect()
}

#[test]
fn the_faults_page_lists_every_fault_with_its_tests_and_every_invariant_with_its_checks() {
    let (faults, tests) = (faults(), numbered('f'));
    assert_eq!(problems(&faults, &tests), [] as [String; 0]);
    let invariants: Vec<&str> = INVARIANTS.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(invariants, (1..=24).map(|number| format!("I{number}")).collect::<Vec<_>>());
    let bare = |number: &&&str| {
        let by_faults = faults.iter().any(|fault| fault.invariants.contains(*number));
        !by_faults && asserted(number).is_empty()
    };
    assert_eq!(invariants.iter().filter(bare).collect::<Vec<_>>(), [] as [&&str; 0], "asserted nowhere");
    let (page, path) = (page(&faults, &tests), root().join("docs/faults.md"));
    if std::env::var_os("PLUGTILL_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap_or_default() == page, "docs/faults.md is not what the tests say");
}

#[test]
fn a_fault_without_a_test_a_number_that_there_is_not_and_an_umbrella_are_noticed() {
    let fault = |number| Fault { number, what: "", expected: "", invariants: Vec::new() };
    let all: Vec<Fault> = (1..=96).map(fault).collect();
    let text = "#[test]\nfn f01_a() {}\nfn f02_helper() {}\n#[tokio::test]\nasync fn f97_b() {}\n#[test]\n#[ignore]\nfn f03_f04_c() {}\n";
    let mut tests = BTreeMap::<usize, Vec<Test>>::new();
    for (number, name) in names(text, 'f') {
        tests.entry(number).or_default().push(Test { path: "x.rs".to_owned(), name });
    }
    let found = problems(&all, &tests);
    assert!(
        found.contains(&"F02 has no test".to_owned()) && found.contains(&"F04 has no test".to_owned()),
        "{found:?}"
    );
    assert!(!found.iter().any(|it| it.starts_with("F01") || it.starts_with("F03")), "{found:?}");
    assert!(found.iter().any(|it| it.starts_with("there is no F97")), "{found:?}");
    assert!(found.contains(&"f03_f04_c bears more than one number".to_owned()), "{found:?}");
}
