use super::*;
use proptest::prelude::*;

/// Trees in which a name determines its depth, so that none depends on itself.
fn tree() -> impl Strategy<Value = Scope> {
    let leaf = ("[a-z:/.-]{1,12}", any::<bool>())
        .prop_map(|(name, optional)| Scope::new(name).with_optional(optional));
    leaf.prop_recursive(5, 40, 4, |inner| {
        (
            "[a-z]{1,8}",
            any::<bool>(),
            prop::collection::vec(inner, 0..4),
        )
            .prop_map(|(name, optional, dependencies)| {
                let scope = Scope::new(name).with_optional(optional);
                dependencies
                    .into_iter()
                    .map(deeper)
                    .fold(scope, Scope::with_dependency)
            })
    })
}

fn deeper(mut scope: Scope) -> Scope {
    scope.name.push('1');
    for node in &mut scope.below {
        node.name.push('1');
    }
    scope
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(scope in tree()) {
        prop_assert_eq!(Scope::parse(&scope.to_string()).unwrap(), scope);
    }

    #[test]
    fn any_text_parses_or_is_refused(text in ".*") {
        if let Ok(scopes) = Scope::parse_all(&text) {
            let printed = ScopeString::from(scopes.clone());
            prop_assert_eq!(printed.scopes().unwrap(), scopes);
        }
    }

    #[test]
    fn any_brackets_parse_or_are_refused(text in "[ab \\[\\]*]{0,40}") {
        if let Ok(scopes) = Scope::parse_all(&text) {
            let printed = ScopeString::from(scopes.clone());
            prop_assert_eq!(printed.scopes().unwrap(), scopes);
        }
    }

    #[test]
    fn merging_twice_changes_nothing(scopes in prop::collection::vec(tree(), 0..4)) {
        let once = Scope::merge(scopes);
        prop_assert_eq!(Scope::merge(once.clone()), once);
    }

    #[test]
    fn a_scope_is_its_name_and_its_dependencies(scope in tree()) {
        let again = Scope::new(scope.name()).with_optional(scope.is_optional());
        let again = scope.dependencies().into_iter().fold(again, Scope::with_dependency);
        prop_assert_eq!(again, scope);
    }
}

#[test]
fn deep_nesting_is_refused_without_a_stack_overflow() {
    let names: Vec<String> = (0..200_000).map(|n| format!("s{n}")).collect();
    let deep = names.join("[") + &"]".repeat(names.len() - 1);
    let error = Scope::parse(&deep).unwrap_err();
    assert!(error.message().contains("nested too deeply"), "{error}");
}

#[test]
fn nesting_of_32_is_read_and_one_more_is_not() {
    let nested = |depth: usize| {
        let names: Vec<String> = (0..=depth).map(|n| format!("s{n}")).collect();
        Scope::parse(&(names.join("[") + &"]".repeat(depth)))
    };
    assert!(nested(32).is_ok());
    assert!(nested(33).is_err());
}

#[test]
fn a_deep_scope_takes_no_stack_whatever_is_done_with_it() {
    let work = || {
        let mut scope = Scope::new("leaf");
        for n in 0..4_000 {
            scope = Scope::new(format!("s{n}")).with_dependency(scope);
        }
        assert!(scope.to_string().ends_with("]]]"));
        assert!(format!("{scope:?}").len() > 4_000);
        assert_eq!(
            Scope::merge([scope.clone(), scope.clone()]),
            [scope.clone()]
        );
        assert_eq!(scope.dependencies().len(), 1);
    };
    let thread = std::thread::Builder::new().stack_size(128 * 1024);
    thread.spawn(work).unwrap().join().unwrap();
}

#[test]
fn a_scope_that_depends_on_itself_is_refused() {
    for text in ["a[b[c a]]", "a[a]", "a[b] b[a]", "a[b] c b[d[*a]]"] {
        let error = Scope::parse_all(text).unwrap_err();
        assert!(error.message().contains("depends on itself"), "{error}");
    }
    for text in ["a[b] b", "a[b[d] c[d]] d", "a a"] {
        assert!(Scope::parse_all(text).is_ok(), "{text}");
    }
}

#[test]
fn malformed_texts_are_refused() {
    for text in [
        "", "[a]", "a[", "a]", "a[]", "a[b", "a[b]]", "*", "a[*]", "**a", "a*b", "a[b]c", "* a",
        "a [b]", "a[[b]]", "a[b][c]", "a\tb", "a[\nb]", "a[b] ]", "a[ ]",
    ] {
        assert!(Scope::parse(text).is_err(), "{text}");
    }
}
