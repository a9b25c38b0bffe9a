//! Describes how a spec change affects the Rust API, for reviewers and the changelog.
//!
//! Both documents are read into the model, and everything that is public in Rust is compared: a new
//! description is not a change, an `integer` that became a `string` is one.

use crate::emit::{field_type, type_name};
use crate::model::{Body, Operation, Param, Service, Struct, TypeDef, Usage};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write as _};

/// The changes found, in the order of the documents.
#[derive(Default)]
struct Changes {
    lines: String,
    all: usize,
    breaking: usize,
}

impl Changes {
    fn note(&mut self, sign: char, breaking: bool, what: impl fmt::Display) {
        let mark = if breaking { " (breaking)" } else { "" };
        // writing to a String cannot fail
        let _ = writeln!(self.lines, "{sign} {what}{mark}");
        self.all += 1;
        self.breaking += usize::from(breaking);
    }

    fn added(&mut self, what: impl fmt::Display) {
        self.note('+', false, what);
    }

    fn removed(&mut self, what: impl fmt::Display) {
        self.note('-', true, what);
    }

    /// Records a change of value, if there is one.
    fn changed(&mut self, breaking: bool, what: &str, old: &str, new: &str) {
        if old != new {
            self.note('~', breaking, format_args!("{what}: {old} -> {new}"));
        }
    }
}

/// Two specs and the changes between them.
struct SpecDiff<'a> {
    old: &'a Service,
    new: &'a Service,
    changes: Changes,
}

pub(crate) fn compare(old: &Service, new: &Service) -> String {
    let changes = Changes::default();
    let mut diff = SpecDiff { old, new, changes };
    let about = |service: &Service| format!("{} {}", service.name, service.version);
    let changes = &mut diff.changes;
    changes.changed(true, "service", &about(old), &about(new));
    changes.changed(false, "base URL", &old.base_url, &new.base_url);
    changes.changed(
        false,
        "resource server",
        &old.resource_server,
        &new.resource_server,
    );
    let defaults = |service: &Service| join_or_none(&service.default_scopes);
    changes.changed(false, "default scopes", &defaults(old), &defaults(new));
    diff.scopes();
    diff.operations();
    diff.types();
    let Changes {
        mut lines,
        all,
        breaking,
    } = diff.changes;
    let _ = match (all, breaking) {
        (0, _) => writeln!(lines, "The Rust API does not change."),
        (1, _) => writeln!(lines, "1 change, {breaking} breaking"),
        _ => writeln!(lines, "{all} changes, {breaking} breaking"),
    };
    lines
}

impl SpecDiff<'_> {
    fn scopes(&mut self) {
        let (old, new) = (&self.old.scopes, &self.new.scopes);
        for (name, scope) in new {
            match old.get(name) {
                None => self.changes.added(format_args!("scope {name}: {scope}")),
                Some(was) => self
                    .changes
                    .changed(false, &format!("scope {name}"), was, scope),
            }
        }
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            self.changes.removed(format_args!("scope {name}"));
        }
    }

    fn operations(&mut self) {
        fn by_id(service: &Service) -> IndexMap<&str, &Operation> {
            let operations = service.operations.iter();
            operations.map(|o| (o.id.as_str(), o)).collect()
        }
        let (old, new) = (by_id(self.old), by_id(self.new));
        for operation in new.values() {
            match old.get(operation.id.as_str()) {
                Some(was) => self.operation(was, operation),
                None => self.changes.added(format_args!(
                    "operation {}: {}",
                    operation.id,
                    method_and_path(operation)
                )),
            }
        }
        for operation in old.values() {
            if !new.contains_key(operation.id.as_str()) {
                self.changes
                    .removed(format_args!("operation {}", operation.id));
            }
        }
    }

    fn operation(&mut self, old: &Operation, new: &Operation) {
        let id = &new.id;
        self.parameters(old, new);
        let (was, is) = (self.old, self.new);
        let changes = &mut self.changes;
        let body = |service: &Service, body: &Option<Body>| match body {
            Some(body) => format!("{} as {:?}", type_name(service, &body.ty), body.media),
            None => "nothing".to_owned(),
        };
        let answer = |service: &Service, operation: &Operation| match &operation.response {
            Some(ty) => type_name(service, ty),
            None => "nothing".to_owned(),
        };
        let paging = |operation: &Operation| match &operation.paging {
            Some(paging) => match paging.max_items {
                Some(cap) => format!("{} up to {cap}", paging.style_name),
                None => paging.style_name.clone(),
            },
            None => "none".to_owned(),
        };
        let mut changed = |breaking: bool, what: &str, old: &str, new: &str| {
            changes.changed(breaking, &format!("{id}: {what}"), old, new);
        };
        changed(
            true,
            "request body",
            &body(was, &old.body),
            &body(is, &new.body),
        );
        changed(true, "response", &answer(was, old), &answer(is, new));
        let lost_paging = old.paging.is_some() && new.paging.is_none();
        changed(lost_paging, "paging", &paging(old), &paging(new));
        changed(
            false,
            "method and path",
            &method_and_path(old),
            &method_and_path(new),
        );
        changed(
            false,
            "scopes",
            &join_or_none(&old.scopes),
            &join_or_none(&new.scopes),
        );
        let word = |word: &dyn fmt::Debug| format!("{word:?}");
        changed(
            false,
            "idempotency",
            &word(&old.idempotency),
            &word(&new.idempotency),
        );
        changed(false, "authentication", &word(&old.auth), &word(&new.auth));
        changed(
            false,
            "deprecated",
            &word(&old.deprecated),
            &word(&new.deprecated),
        );
        changed(true, "url-only", &word(&old.url_only), &word(&new.url_only));
        changed(true, "wrapped", &word(&old.wrapped), &word(&new.wrapped));
    }

    fn parameters(&mut self, old: &Operation, new: &Operation) {
        let id = &new.id;
        let shape = |service: &Service, param: &Param| {
            let ty = type_name(service, &param.ty);
            match (param.required, param.narrows) {
                (true, _) => format!("argument {ty}"),
                (false, false) => format!("setter {ty}"),
                (false, true) => format!("setter {ty} that narrows the document"),
            }
        };
        for param in &new.params {
            let (name, is) = (&param.wire, shape(self.new, param));
            match old.params.iter().find(|p| p.wire == param.wire) {
                Some(was) => self.changes.changed(
                    true,
                    &format!("{id}: parameter {name}"),
                    &shape(self.old, was),
                    &is,
                ),
                None => self.changes.note(
                    '+',
                    param.required,
                    format_args!("{id}: parameter {name}: {is}"),
                ),
            }
        }
        for param in &old.params {
            if !new.params.iter().any(|p| p.wire == param.wire) {
                self.changes
                    .removed(format_args!("{id}: parameter {}", param.wire));
            }
        }
        // arguments are positional; added and removed ones are reported above
        let order = |of: &Operation, other: &Operation| -> Vec<String> {
            let both = |p: &&Param| other.params.iter().any(|o| o.wire == p.wire && o.required);
            let arguments = of.params.iter().filter(|p| p.required).filter(both);
            arguments.map(|p| p.wire.clone()).collect()
        };
        self.changes.changed(
            true,
            &format!("{id}: argument order"),
            &join_or_none(&order(old, new)),
            &join_or_none(&order(new, old)),
        );
    }

    fn types(&mut self) {
        let (old, new) = (public_types(self.old), public_types(self.new));
        for (name, def) in &new {
            match old.get(name) {
                Some(was) => self.definition(name, was, def),
                None => self
                    .changes
                    .added(format_args!("{} {name}", kind_name(def))),
            }
        }
        for (name, def) in &old {
            if !new.contains_key(name) {
                self.changes
                    .removed(format_args!("{} {name}", kind_name(def)));
            }
        }
    }

    fn definition(&mut self, name: &str, old: &TypeDef, new: &TypeDef) {
        match (old, new) {
            (TypeDef::Struct(old), TypeDef::Struct(new)) => self.structure(name, old, new),
            (TypeDef::Enum(old), TypeDef::Enum(new)) => {
                self.members(name, "value", &old.values, &new.values);
            }
            (TypeDef::Union(old), TypeDef::Union(new)) => {
                let what = format!("{name}: tag");
                self.changes.changed(false, &what, &old.tag, &new.tag);
                let variants = |variants: &[(String, String)]| -> Vec<String> {
                    variants
                        .iter()
                        .map(|(tag, v)| format!("{tag} as {v}"))
                        .collect()
                };
                let (old, new) = (variants(&old.variants), variants(&new.variants));
                self.members(name, "variant", &old, &new);
            }
            (TypeDef::UntaggedUnion(old), TypeDef::UntaggedUnion(new)) => {
                let variants =
                    |service: &Service, union: &crate::model::UntaggedUnion| -> Vec<String> {
                        let spell = |(kind, ty)| format!("{kind:?}({})", type_name(service, ty));
                        let variants = union.variants.iter().map(|(kind, ty)| (kind, ty));
                        variants.map(spell).collect()
                    };
                let (old, new) = (variants(self.old, old), variants(self.new, new));
                self.members(name, "variant", &old, &new);
            }
            _ => self
                .changes
                .changed(true, name, kind_name(old), kind_name(new)),
        }
    }

    /// Compares enum values or variants. Removing one breaks callers that match on it.
    fn members(&mut self, name: &str, what: &str, old: &[String], new: &[String]) {
        let (had, has): (HashSet<_>, HashSet<_>) = (old.iter().collect(), new.iter().collect());
        for value in new.iter().filter(|value| !had.contains(value)) {
            self.changes.added(format_args!("{name}: {what} {value}"));
        }
        for value in old.iter().filter(|value| !has.contains(value)) {
            self.changes.removed(format_args!("{name}: {what} {value}"));
        }
    }

    fn structure(&mut self, name: &str, old: &Struct, new: &Struct) {
        self.changes
            .changed(true, name, usage_name(old.usage), usage_name(new.usage));
        let tags = |structure: &Struct| -> Vec<String> {
            let tags = structure.tags.iter();
            tags.map(|tag| format!("{} {}", tag.wire, tag.value))
                .collect()
        };
        self.members(name, "tag", &tags(old), &tags(new));
        let by_wire: HashMap<_, _> = old.fields.iter().map(|f| (&f.wire, f)).collect();
        for field in &new.fields {
            let what = format!("{name}.{}", field.wire);
            let (is, is_argument) = field_type(self.new, field, new.usage);
            let Some(was) = by_wire.get(&field.wire) else {
                // an additional constructor argument
                let breaking = is_argument && new.usage == Usage::Request;
                self.changes
                    .note('+', breaking, format_args!("{what}: {is}"));
                continue;
            };
            let (shape, _) = field_type(self.old, was, old.usage);
            self.changes.changed(true, &what, &shape, &is);
            if shape == is {
                let demand = |required| if required { "required" } else { "optional" };
                let (was, is) = (demand(was.required), demand(field.required));
                self.changes.changed(false, &what, was, is);
            }
            let constraints =
                |constraints: &serde_json::Map<_, _>| serde_json::json!(constraints).to_string();
            self.changes.changed(
                false,
                &format!("{what}: constraints"),
                &constraints(&was.constraints),
                &constraints(&field.constraints),
            );
        }
        for field in old.fields.iter().filter(|f| new.field(&f.wire).is_none()) {
            self.changes.removed(format_args!("{name}.{}", field.wire));
        }
    }
}

/// The types that are public in Rust.
fn public_types(service: &Service) -> IndexMap<&str, &TypeDef> {
    let seen = |def: &TypeDef| match def {
        TypeDef::Struct(structure) => structure.usage != Usage::Unused,
        TypeDef::Enum(_) | TypeDef::Union(_) | TypeDef::UntaggedUnion(_) => true,
        // these appear as their targets where they are used
        TypeDef::HandWritten(_) | TypeDef::Alias(_) => false,
    };
    let types = service.types.iter().filter(|(_, def)| seen(def));
    types.map(|(name, def)| (name.as_str(), def)).collect()
}

fn kind_name(def: &TypeDef) -> &'static str {
    match def {
        TypeDef::Struct(structure) => usage_name(structure.usage),
        TypeDef::Enum(_) => "enum",
        TypeDef::Union(_) | TypeDef::UntaggedUnion(_) => "union",
        TypeDef::HandWritten(_) | TypeDef::Alias(_) => "alias",
    }
}

fn usage_name(usage: Usage) -> &'static str {
    match usage {
        Usage::Request => "request document",
        Usage::Response | Usage::Unused => "response document",
    }
}

fn method_and_path(operation: &Operation) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

fn join_or_none(items: &[String]) -> String {
    match items {
        [] => "none".to_owned(),
        items => items.join(", "),
    }
}
