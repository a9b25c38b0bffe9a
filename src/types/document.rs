//! How much of a document a call requests, as a type parameter of calls with `.fields(…)`.

use std::marker::PhantomData;

/// The whole document, as the spec's type. The default of every call.
#[derive(Clone, Debug)]
pub enum FullDocument {}

/// Some fields of the document (`.fields(…)`), as the caller's own type.
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

/// Stands for a type that the caller has not named yet.
#[derive(Clone, Debug)]
pub enum Untyped {}

mod sealed {
    pub trait Sealed {}
}

/// An answer that can be awaited because its type is known, unlike that of a call with
/// `.fields(…)`.
#[diagnostic::on_unimplemented(
    message = "a call with `.fields(…)` returns only part of the document, and cannot be awaited as a whole",
    label = "write `.json::<YourType>()`, or for a list `.stream::<YourType>()` or `.pages::<YourPage>()`",
    note = "YourType has the requested fields; leave out `.fields(…)` to get all of them"
)]
pub trait TypedResponse: sealed::Sealed {
    /// Never called.
    #[doc(hidden)]
    fn never<T>() -> T;
}
