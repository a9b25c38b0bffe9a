//! Determines which schemas are used in requests and in responses, and which are recursive.

use crate::error::{Result, reject};
use crate::model::{Service, Ty, TypeDef, Usage};
use std::collections::{HashMap, HashSet};

pub(super) fn assign(service: &mut Service) -> Result<()> {
    let mut sent = HashSet::new();
    let mut received = HashSet::new();
    for operation in &service.operations {
        if let Some(body) = &operation.body {
            collect_reachable(service, &body.ty, &mut sent);
        }
        if let Some(response) = &operation.response {
            collect_reachable(service, response, &mut received);
        }
    }
    for (name, def) in &service.types {
        if matches!(def, TypeDef::Struct(_)) && sent.contains(name) && received.contains(name) {
            return reject(
                &format!("components.schemas.{name}"),
                "is used in both requests and responses; write one schema for each and share fields by allOf",
            );
        }
    }
    check_tags(service)?;
    // unused structs are not emitted, so an unused union would refer to missing variants
    service.types.retain(|name, def| {
        let union = matches!(def, TypeDef::Union(_) | TypeDef::UntaggedUnion(_));
        !union || sent.contains(name) || received.contains(name)
    });
    // after unused unions are gone, so that they box nothing
    let recursive = recursive_fields(service);
    let of_maps = map_value_types(service);
    for (name, def) in &mut service.types {
        if let TypeDef::Struct(structure) = def {
            // both at once was rejected above
            structure.usage = match (sent.contains(name), received.contains(name)) {
                (true, _) => Usage::Request,
                (_, true) => Usage::Response,
                _ => Usage::Unused,
            };
            let initial = structure.fields.iter().find(|f| f.initial.is_some());
            if let (Some(field), Usage::Response) = (initial, structure.usage) {
                return reject(
                    &format!(
                        "components.schemas.{name}.properties.{}.x-globus-initial",
                        field.wire
                    ),
                    "is not allowed in a response, which has no constructor; remove it",
                );
            }
            structure.is_map_value = of_maps.contains(name);
            for field in &mut structure.fields {
                field.boxed = recursive.contains(&(name.clone(), field.wire.clone()));
            }
        }
    }
    Ok(())
}

/// Checks that each variant declares its union's tag, since the variant writes it.
fn check_tags(service: &Service) -> Result<()> {
    for (name, def) in &service.types {
        let TypeDef::Union(union) = def else {
            continue;
        };
        for (value, variant) in &union.variants {
            let declared = match service.types.get(variant) {
                Some(TypeDef::Struct(s)) => {
                    let fixed = s.tags.iter().find(|t| t.wire == union.tag);
                    fixed.map_or(s.field(&union.tag).is_some(), |t| t.value == *value)
                }
                _ => false,
            };
            if !declared {
                return reject(
                    &format!("components.schemas.{variant}.properties.{}", union.tag),
                    format!("is not the tag of {name}; write a string with `enum: [{value}]`"),
                );
            }
        }
    }
    Ok(())
}

/// Adds all types reachable from a type.
fn collect_reachable(service: &Service, ty: &Ty, seen: &mut HashSet<String>) {
    // a work list instead of recursion: specs may nest deeper than the stack
    let mut left = vec![ty];
    while let Some(ty) = left.pop() {
        match ty {
            Ty::Array(inner) | Ty::Map(inner) => left.push(inner),
            Ty::Named(name) if seen.insert(name.clone()) => match service.types.get(name) {
                Some(TypeDef::Struct(s)) => left.extend(s.fields.iter().map(|f| &f.ty)),
                Some(TypeDef::Union(u)) => {
                    for (_, variant) in &u.variants {
                        // a variant is a named definition
                        if seen.insert(variant.clone())
                            && let Some(TypeDef::Struct(s)) = service.types.get(variant)
                        {
                            left.extend(s.fields.iter().map(|f| &f.ty));
                        }
                    }
                }
                Some(TypeDef::UntaggedUnion(k)) => left.extend(k.variants.iter().map(|(_, ty)| ty)),
                Some(TypeDef::Alias(ty)) => left.push(ty),
                _ => {}
            },
            _ => {}
        }
    }
}

/// The structs that are value types of maps.
fn map_value_types(service: &Service) -> HashSet<String> {
    fn collect(service: &Service, ty: &Ty, found: &mut HashSet<String>) {
        match service.resolve(ty) {
            Ty::Array(inner) => collect(service, inner, found),
            Ty::Map(inner) => {
                if let Ty::Named(name) = service.resolve(inner) {
                    found.insert(name.clone());
                }
                collect(service, inner, found);
            }
            _ => {}
        }
    }
    let mut found = HashSet::new();
    for operation in &service.operations {
        operation
            .response
            .iter()
            .for_each(|ty| collect(service, ty, &mut found));
    }
    for def in service.types.values() {
        match def {
            TypeDef::Struct(s) => s
                .fields
                .iter()
                .for_each(|f| collect(service, &f.ty, &mut found)),
            TypeDef::UntaggedUnion(k) => {
                k.variants
                    .iter()
                    .for_each(|(_, ty)| collect(service, ty, &mut found));
            }
            _ => {}
        }
    }
    found
}

/// The fields through which a struct contains itself without an array or a map in between: those
/// whose type is in the same strongly connected component.
fn recursive_fields(service: &Service) -> HashSet<(String, String)> {
    let components = strongly_connected_components(service);
    let mut found = HashSet::new();
    for (name, def) in &service.types {
        let TypeDef::Struct(structure) = def else {
            continue;
        };
        for field in &structure.fields {
            if let Ty::Named(held) = &field.ty
                && (held == name || components.get(held.as_str()) == components.get(name.as_str()))
            {
                found.insert((name.clone(), field.wire.clone()));
            }
        }
    }
    found
}

/// The types that a type contains inline, without indirection.
fn inline_types<'a>(service: &'a Service, name: &str) -> Vec<&'a str> {
    let named = |ty: &'a Ty| match ty {
        Ty::Named(name) => Some(name.as_str()),
        _ => None,
    };
    match service.types.get(name) {
        Some(TypeDef::Struct(s)) => s.fields.iter().filter_map(|f| named(&f.ty)).collect(),
        Some(TypeDef::Union(u)) => u.variants.iter().map(|(_, v)| v.as_str()).collect(),
        Some(TypeDef::UntaggedUnion(k)) => {
            k.variants.iter().filter_map(|(_, ty)| named(ty)).collect()
        }
        Some(TypeDef::Alias(ty)) => named(ty).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The strongly connected component of each type: types share a number if each contains the other,
/// directly or indirectly. This is Tarjan's algorithm, which is linear, with an explicit stack
/// instead of recursion, so that a long chain of types cannot overflow the call stack.
fn strongly_connected_components(service: &Service) -> HashMap<&str, usize> {
    let mut order: HashMap<&str, usize> = HashMap::new();
    let mut lowest: HashMap<&str, usize> = HashMap::new();
    let mut component: HashMap<&str, usize> = HashMap::new();
    let mut open: Vec<&str> = Vec::new();
    for start in service.types.keys() {
        let mut calls: Vec<(&str, Vec<&str>)> = Vec::new();
        let mut enter = Some(start.as_str()).filter(|name| !order.contains_key(name));
        loop {
            if let Some(name) = enter.take() {
                lowest.insert(name, order.len());
                order.insert(name, order.len());
                open.push(name);
                calls.push((name, inline_types(service, name)));
            }
            let Some((name, left)) = calls.last_mut() else {
                break;
            };
            let name = *name;
            if let Some(next) = left.pop() {
                if !order.contains_key(next) {
                    enter = Some(next);
                } else if !component.contains_key(next) {
                    // an edge back into the current path: `next` belongs to the same component
                    let low = lowest[name].min(order[next]);
                    lowest.insert(name, low);
                }
                continue;
            }
            calls.pop();
            // nothing above is reachable from here: what is on the stack down to `name` is a component
            if lowest[name] == order[name] {
                let number = order[name];
                while let Some(member) = open.pop() {
                    component.insert(member, number);
                    if member == name {
                        break;
                    }
                }
            }
            if let Some((above, _)) = calls.last() {
                let low = lowest[above].min(lowest[name]);
                lowest.insert(above, low);
            }
        }
    }
    component
}
