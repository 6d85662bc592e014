//! Files, functions and lines stay small enough to be read at once.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::source::{self, Source};

/// Lines of the file in the middle; the aim is 120.
const FILE_LINES_MEDIAN: usize = 140;
/// Lines that nine files of ten stay under.
const FILE_LINES_MOST: usize = 300;
/// Lines of the longest file, without its unit tests.
const FILE_LINES_MAX: usize = 400;
/// The same for a file that holds nothing but tests: a corpus may stand in one place.
const TEST_FILE_LINES_MAX: usize = 800;
/// Lines of a file that only says how a crate is put together.
const ROOT_LINES_MAX: usize = 120;
/// Lines of the longest function, signature and braces included.
const FUNCTION_LINES_MAX: usize = 70;
/// The same in a file that holds nothing but tests, where a table may stand in a function.
const TEST_FUNCTION_LINES_MAX: usize = 100;
/// Characters of the longest line.
const COLUMNS_MAX: usize = 100;

#[test]
fn files_stay_short() {
    let sources = source::rust();
    let mut sizes: Vec<usize> = sources.iter().map(Source::lines_without_tests).collect();
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    let ninth = sizes[sizes.len() * 9 / 10];
    assert!(
        median <= FILE_LINES_MEDIAN,
        "the median file has {median} lines"
    );
    assert!(
        ninth < FILE_LINES_MOST,
        "one file of ten has {ninth} lines or more"
    );
    let long: Vec<_> = sources
        .iter()
        .filter(|source| {
            let max = if source.is_test() {
                TEST_FILE_LINES_MAX
            } else {
                FILE_LINES_MAX
            };
            source.lines_without_tests() > max
        })
        .map(|source| format!("{}: {} lines", source.path, source.lines_without_tests()))
        .collect();
    assert!(long.is_empty(), "too long:\n{}", long.join("\n"));
}

#[test]
fn roots_of_crates_only_put_together() {
    let long: Vec<_> = source::rust()
        .iter()
        .filter(|source| ["lib.rs", "main.rs"].contains(&source.file_name()))
        .filter(|source| source.lines_without_tests() >= ROOT_LINES_MAX)
        .map(|source| format!("{}: {} lines", source.path, source.lines_without_tests()))
        .collect();
    assert!(
        long.is_empty(),
        "{ROOT_LINES_MAX} lines or more:\n{}",
        long.join("\n")
    );
}

#[test]
fn lines_fit_a_hundred_columns() {
    let mut wide = Vec::new();
    for source in source::rust() {
        for (number, line) in source.text.lines().enumerate() {
            if line.chars().count() > COLUMNS_MAX && !holds_long_text(line) {
                wide.push(format!("{}:{}", source.path, number + 1));
            }
        }
    }
    assert!(
        wide.is_empty(),
        "over {COLUMNS_MAX} columns:\n{}",
        wide.join("\n")
    );
}

/// Whether one literal makes the line long: a pattern or an example is worse to read in pieces.
fn holds_long_text(line: &str) -> bool {
    let longest = line.split('"').skip(1).map(str::len).max();
    longest.is_some_and(|longest| longest > COLUMNS_MAX / 2)
}

#[test]
fn functions_fit_a_screen() {
    let mut long = Vec::new();
    for source in source::rust() {
        let file = syn::parse_file(&source.text)
            .unwrap_or_else(|error| panic!("{}: {error}", source.path));
        let mut functions = Functions::default();
        functions.visit_file(&file);
        for (name, lines) in functions.0 {
            let max = match source.is_test() {
                true => TEST_FUNCTION_LINES_MAX,
                false => FUNCTION_LINES_MAX,
            };
            if lines >= max {
                long.push(format!("{}: {name} has {lines} lines", source.path));
            }
        }
    }
    assert!(long.is_empty(), "too long:\n{}", long.join("\n"));
}

/// Names and sizes of all functions of a file.
#[derive(Default)]
struct Functions(Vec<(String, usize)>);

impl Functions {
    fn note(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.span().start().line;
        let last = block.span().end().line;
        self.0
            .push((signature.ident.to_string(), last.saturating_sub(first) + 1));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }
}
