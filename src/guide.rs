//! Compiles and runs the code of the guide as doctests: one item for each page of `docs/` that has
//! any.

#[doc = include_str!("../docs/emulator.md")]
struct Emulator;

#[doc = include_str!("../docs/errors.md")]
struct Errors;

#[doc = include_str!("../docs/groups.md")]
struct Groups;

#[doc = include_str!("../docs/login.md")]
struct Login;

#[doc = include_str!("../docs/move.md")]
struct Move;

#[doc = include_str!("../docs/new-operation.md")]
struct NewOperation;

#[doc = include_str!("../docs/python-to-rust.md")]
struct PythonToRust;

#[doc = include_str!("../docs/search.md")]
struct Search;

#[doc = include_str!("../docs/start.md")]
struct Start;

#[doc = include_str!("../docs/testing.md")]
struct Testing;

#[doc = include_str!("../docs/watch.md")]
struct Watch;
