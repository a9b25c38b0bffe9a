//! The code that `build.rs` generates from `specs/`. Private: each service's module re-exports its
//! own.

use crate::operation::Operation;

/// A module for one service's generated code.
macro_rules! service {
    ($name:ident) => {
#[allow(clippy::all, clippy::pedantic, unused_qualifications)]
        #[rustfmt::skip]
        pub(crate) mod $name {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));

            #[cfg(feature = "schemars")]
            pub(crate) mod schemas {
                use super::types;
                include!(concat!(env!("OUT_DIR"), "/", stringify!($name), "_schemas.rs"));
            }
        }
    };
}

service!(auth);
#[cfg(feature = "groups")]
service!(groups);
#[cfg(feature = "search")]
service!(search);
#[cfg(feature = "transfer")]
service!(transfer);

/// Every operation of the services that this build has, in the order of their specs.
///
/// ```
/// let of_search = globus_sdk::operations().filter(|o| o.service == "search").count();
/// assert!(of_search > 10);
/// ```
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    [
        &auth::SERVICE,
        #[cfg(feature = "groups")]
        &groups::SERVICE,
        #[cfg(feature = "search")]
        &search::SERVICE,
        #[cfg(feature = "transfer")]
        &transfer::SERVICE,
    ]
    .into_iter()
    .flat_map(|service| service.operations.iter().copied())
}

impl Operation {
    /// Finds the operation that a recorded request belongs to. The path may have a query.
    ///
    /// ```
    /// use globus_sdk::operation::Operation;
    ///
    /// let found = Operation::find("transfer", "GET", "/v0.10/task_list?limit=5");
    /// assert_eq!(found.map(|o| o.name), Some("task_list"));
    /// ```
    pub fn find(service: &str, method: &str, path: &str) -> Option<&'static Self> {
        let of_service = operations().filter(|operation| operation.service == service);
        crate::operation::find(of_service, method, path)
    }
}
