//! How much of a document a call asks for: as type parameters of the calls that can ask for less.

use std::marker::PhantomData;

/// All of the document, which has a type of the spec's. What every call asks for at first.
#[derive(Clone, Debug)]
pub enum FullDocument {}

/// Some fields of the document (`.fields(…)`), which have a type of the caller's own.
///
/// ```no_run
/// #[derive(serde::Deserialize)]
/// struct Name {
///     name: String,
/// }
///
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let mut names = transfer.operation_ls(id).fields(["name"]).stream::<Name>();
/// while let Some(file) = names.next().await {
///     println!("{}", file?.name);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct PartialDocument<T = Untyped>(PhantomData<T>);

/// In place of a type that the caller has not named yet.
#[derive(Clone, Debug)]
pub enum Untyped {}

mod sealed {
    pub trait Sealed {}
}

/// An answer that can be awaited, since its type is known. That of a call with `.fields(…)` is not.
#[diagnostic::on_unimplemented(
    message = "a call with `.fields(…)` gets a part of the document, and cannot be awaited as the whole",
    label = "write `.json::<YourType>()`, and for a list `.stream::<YourType>()` or `.pages::<YourPage>()`",
    note = "YourType has the fields that were asked for; leave out `.fields(…)` for all of them"
)]
pub trait TypedResponse: sealed::Sealed {
    /// Nothing calls this.
    #[doc(hidden)]
    fn never<T>() -> T;
}
