//! Which documents are sent and which are received, and which contain themselves.

use crate::error::{Result, refuse};
use crate::model::{Role, Service, Ty, TypeDef};
use std::collections::HashSet;

pub(super) fn assign(service: &mut Service) -> Result<()> {
    let mut sent = HashSet::new();
    let mut received = HashSet::new();
    for operation in &service.operations {
        if let Some(body) = &operation.body {
            reach(service, &body.ty, &mut sent);
        }
        if let Some(response) = &operation.response {
            reach(service, response, &mut received);
        }
    }
    for (name, def) in &service.types {
        if matches!(def, TypeDef::Struct(_)) && sent.contains(name) && received.contains(name) {
            return refuse(
                &format!("components.schemas.{name}"),
                "is both sent and received; write one schema for each and share fields by allOf",
            );
        }
    }
    check_tags(service)?;
    // a union that no operation reaches would name variants that are not written
    service.types.retain(|name, def| {
        let union = matches!(def, TypeDef::Union(_) | TypeDef::Kinds(_));
        !union || sent.contains(name) || received.contains(name)
    });
    let recursive = recursive_fields(service);
    for (name, def) in &mut service.types {
        if let TypeDef::Struct(structure) = def {
            structure.role = match (sent.contains(name), received.contains(name)) {
                (true, _) => Role::Request,
                (_, true) => Role::Response,
                _ => Role::Unused,
            };
            let initial = structure.fields.iter().find(|f| f.initial.is_some());
            if let (Some(field), Role::Response) = (initial, structure.role) {
                return refuse(
                    &format!(
                        "components.schemas.{name}.properties.{}.x-globus-initial",
                        field.wire
                    ),
                    "stands in a response, which no constructor makes; leave it out",
                );
            }
            for field in &mut structure.fields {
                field.boxed = recursive.contains(&(name.clone(), field.wire.clone()));
            }
        }
    }
    Ok(())
}

/// A union's variant writes its tag itself, so it has to declare it.
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
                return refuse(
                    &format!("components.schemas.{variant}.properties.{}", union.tag),
                    format!("is not the tag of {name}; write a string with `enum: [{value}]`"),
                );
            }
        }
    }
    Ok(())
}

fn reach(service: &Service, ty: &Ty, seen: &mut HashSet<String>) {
    match ty {
        Ty::Array(inner) | Ty::Map(inner) => reach(service, inner, seen),
        Ty::Named(name) if seen.insert(name.clone()) => match service.types.get(name) {
            Some(TypeDef::Struct(s)) => s.fields.iter().for_each(|f| reach(service, &f.ty, seen)),
            Some(TypeDef::Union(u)) => {
                for (_, variant) in &u.variants {
                    reach(service, &Ty::Named(variant.clone()), seen);
                }
            }
            Some(TypeDef::Kinds(k)) => k
                .variants
                .iter()
                .for_each(|(_, ty)| reach(service, ty, seen)),
            Some(TypeDef::Alias(ty)) => reach(service, ty, seen),
            _ => {}
        },
        _ => {}
    }
}

/// The fields through which a struct holds itself without an array or a map between.
fn recursive_fields(service: &Service) -> HashSet<(String, String)> {
    let mut found = HashSet::new();
    for (name, def) in &service.types {
        let TypeDef::Struct(structure) = def else {
            continue;
        };
        for field in &structure.fields {
            let mut seen = HashSet::new();
            if holds(service, &field.ty, name, &mut seen) {
                found.insert((name.clone(), field.wire.clone()));
            }
        }
    }
    found
}

fn holds(service: &Service, ty: &Ty, wanted: &str, seen: &mut HashSet<String>) -> bool {
    let Ty::Named(name) = ty else {
        return false;
    };
    if name == wanted {
        return true;
    }
    if !seen.insert(name.clone()) {
        return false;
    }
    match service.types.get(name) {
        Some(TypeDef::Struct(s)) => s.fields.iter().any(|f| holds(service, &f.ty, wanted, seen)),
        Some(TypeDef::Union(u)) => u
            .variants
            .iter()
            .any(|(_, v)| holds(service, &Ty::Named(v.clone()), wanted, seen)),
        Some(TypeDef::Kinds(k)) => k
            .variants
            .iter()
            .any(|(_, ty)| holds(service, ty, wanted, seen)),
        Some(TypeDef::Alias(ty)) => holds(service, ty, wanted, seen),
        _ => false,
    }
}
