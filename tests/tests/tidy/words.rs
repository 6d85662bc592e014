//! What may not stand in a file: its name, its opening, words, `unsafe`, names of tests.

use syn::visit::{self, Visit};

use crate::source;

/// The only files that may hold `unsafe`.
const UNSAFE_FILES: &[&str] = &[
    "shared/hidden/src/kernel.rs",
    "shared/snapshot/src/snapshot.rs",
    "dataplane/sandbox/src/sys.rs",
];

/// Names that say nothing about what is in a file.
const EMPTY_NAMES: [&str; 8] = [
    "mod", "utils", "util", "common", "helper", "helpers", "manager", "misc",
];

#[test]
fn every_file_opens_with_what_it_decides() {
    for source in source::rust() {
        let opening = source.text.lines().next().unwrap_or_default();
        assert!(
            opening.starts_with("//! ") && opening.split_whitespace().count() >= 4,
            "{} does not open with a `//!` sentence",
            source.path
        );
    }
}

#[test]
fn file_names_say_what_is_inside() {
    for source in source::rust() {
        let stem = source.file_name().trim_end_matches(".rs");
        let words: Vec<&str> = stem.split('_').collect();
        assert!(
            !words.iter().any(|word| EMPTY_NAMES.contains(word)),
            "{} needs a better name",
            source.path
        );
    }
}

#[test]
fn nothing_is_left_undone_or_waved_through() {
    let forbidden = [
        "todo!",
        "unimplemented!",
        "#[ignore",
        "#[allow(",
        "#![allow(",
    ];
    for source in source::rust() {
        if source.path.starts_with("tests/tests/tidy/") {
            continue;
        }
        for (number, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in forbidden {
                assert!(
                    !code.contains(word),
                    "{}:{}: {word}",
                    source.path,
                    number + 1
                );
            }
        }
    }
}

#[test]
fn unsafe_stands_in_the_named_files_only() {
    for source in source::rust() {
        let file = syn::parse_file(&source.text)
            .unwrap_or_else(|error| panic!("{}: {error}", source.path));
        let mut blocks = UnsafeBlocks::default();
        blocks.visit_file(&file);
        let is_named = UNSAFE_FILES.contains(&source.path.as_str());
        assert!(
            is_named || blocks.0 == 0,
            "{} holds unsafe code",
            source.path
        );
        let reasons = source.text.matches("SAFETY:").count();
        assert!(
            reasons >= blocks.0,
            "{}: unsafe without SAFETY",
            source.path
        );
    }
}

#[test]
fn names_of_tests_are_sentences() {
    for source in source::rust() {
        let file = syn::parse_file(&source.text)
            .unwrap_or_else(|error| panic!("{}: {error}", source.path));
        let mut tests = TestNames::default();
        tests.visit_file(&file);
        for name in tests.0 {
            assert!(
                name.split('_').count() >= 3,
                "{}: `{name}` is not a sentence",
                source.path
            );
        }
    }
}

#[test]
fn nothing_names_the_place_where_it_was_written() {
    // Put together here, so that this file does not name them either.
    let forbidden = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/op", "t/wheels"),
        concat!("co-", "founder"),
    ];
    for source in source::all() {
        for (number, line) in source.text.lines().enumerate() {
            for word in forbidden {
                assert!(
                    !line.contains(word),
                    "{}:{}: {word}",
                    source.path,
                    number + 1
                );
            }
        }
    }
}

/// How many unsafe blocks, functions and impls a file holds.
#[derive(Default)]
struct UnsafeBlocks(usize);

impl<'ast> Visit<'ast> for UnsafeBlocks {
    fn visit_expr_unsafe(&mut self, block: &'ast syn::ExprUnsafe) {
        self.0 += 1;
        visit::visit_expr_unsafe(self, block);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.0 += usize::from(item.unsafety.is_some());
        visit::visit_item_impl(self, item);
    }
}

/// Names of the functions marked as tests.
#[derive(Default)]
struct TestNames(Vec<String>);

impl<'ast> Visit<'ast> for TestNames {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let is_test = item.attrs.iter().any(|attribute| {
            let path = attribute.path();
            path.segments
                .last()
                .is_some_and(|last| last.ident == "test")
        });
        if is_test {
            self.0.push(item.sig.ident.to_string());
        }
        visit::visit_item_fn(self, item);
    }
}
