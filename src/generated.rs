//! The code that `build.rs` makes of `specs/`. Private: each service's module re-exports its own.

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
