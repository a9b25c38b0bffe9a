//! Calls that can request parts of a document and then return the caller's own types.
//!
//! `.fields(…)` changes the type of such a call from `Call<FullDocument>` to
//! `Call<PartialDocument>`, so that decoding a partial document as the full type does not compile.

use crate::error::Result;
use crate::pagination::{CursorKind, ItemStream, List, Marker, PageSource, Position, read};
use crate::transport::{RawResponse, Response};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A page of which only the items and the position in the list are read.
struct PartialPage<C, T> {
    items: Vec<T>,
    position: Position,
    call: PhantomData<fn() -> C>,
}

impl<'de, C: PageSource, T: Deserialize<'de>> Deserialize<'de> for PartialPage<C, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(PageVisitor(PhantomData))
    }
}

struct PageVisitor<C, T>(PhantomData<fn() -> (C, T)>);

impl<'de, C: PageSource, T: Deserialize<'de>> Visitor<'de> for PageVisitor<C, T> {
    type Value = PartialPage<C, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of a list")
    }

    fn visit_map<A: MapAccess<'de>>(
        self,
        mut map: A,
    ) -> std::result::Result<Self::Value, A::Error> {
        let List {
            cursor,
            items: name,
            has_next_page,
            total,
            marker,
            ..
        } = C::LIST;
        let (mut items, mut position) = (None, Position::default());
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match key.as_ref() {
                key if key == name => items = map.next_value::<Option<Vec<T>>>()?,
                "total" if total => position.total = map.next_value()?,
                "has_next_page" if has_next_page => position.has_next_page = map.next_value()?,
                "links" if cursor == CursorKind::Link => {
                    let links = map.next_value::<Option<Links>>()?;
                    position.marker = links.and_then(|links| links.0).map(Marker::Text);
                }
                key if marker == Some(key) => position.marker = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let items = items.unwrap_or_default();
        position.count = items.len();
        Ok(PartialPage {
            items,
            position,
            call: PhantomData,
        })
    }
}

/// The link to the next page.
struct Links(Option<String>);

impl<'de> Deserialize<'de> for Links {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct LinksVisitor;
        impl<'de> Visitor<'de> for LinksVisitor {
            type Value = Links;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("links")
            }
            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Links, A::Error> {
                let mut next = None;
                while let Some(key) = map.next_key::<Cow<'_, str>>()? {
                    match key.as_ref() {
                        "next" => next = map.next_value()?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(Links(next))
            }
        }
        deserializer.deserialize_map(LinksVisitor)
    }
}

/// Streams items of the caller's own type.
pub(crate) fn items<C: PageSource, T: DeserializeOwned + Send + 'static>(call: C) -> ItemStream<T> {
    fn decode<C: PageSource, T: DeserializeOwned>(
        answer: RawResponse,
        name: Cow<'static, str>,
    ) -> Result<(Response<PartialPage<C, T>>, Position)> {
        let page = answer.decode::<PartialPage<C, T>>(name)?;
        let position = page.position.clone();
        Ok((page, position))
    }
    read(call, decode::<C, T>).flatten(|page| page.items)
}

/// Streams pages of the caller's own type.
pub(crate) fn pages<C: PageSource, P: DeserializeOwned + Send + 'static>(call: C) -> ItemStream<P> {
    fn decode<C: PageSource, P: DeserializeOwned>(
        answer: RawResponse,
        name: Cow<'static, str>,
    ) -> Result<(Response<P>, Position)> {
        // decoded twice: once for the position, which the caller's type may leave out
        let read = answer
            .clone()
            .decode::<PartialPage<C, IgnoredAny>>(name.clone())?;
        let position = read.into_inner().position;
        Ok((answer.decode::<P>(name)?, position))
    }
    read(call, decode::<C, P>)
}

/// The ways to make a call with `fields`: see [`operation`](crate::call::operation).
macro_rules! operation {
    ($builder:ident -> $output:ty) => {
        $crate::call::options!(<D> $builder<D>, call.options());

        impl<D> $builder<D> {
            /// For hand-written code, where the spec's facts depend on the arguments.
            #[allow(dead_code)]
            pub(crate) fn call_mut(&mut self) -> &mut $crate::call::Call {
                &mut self.call
            }

            /// Makes the call and decodes the answer as the caller's own type: for partial
            /// documents, and for fields that the SDK does not have yet.
            ///
            /// # Errors
            ///
            /// Any [`ErrorKind`]($crate::ErrorKind); the error names the operation.
            pub async fn json<T: ::serde::de::DeserializeOwned>(self) -> $crate::error::Result<T> {
                let answer = self.call.send(self.request()?).await?;
                Ok(answer.decode::<T>(self.call.name())?.into_inner())
            }
        }

        impl $builder {
            /// Makes the call and returns the document with status, headers and body.
            ///
            /// # Errors
            ///
            /// Any [`ErrorKind`]($crate::ErrorKind); the error names the operation.
            pub async fn send(self) -> $crate::error::Result<$crate::transport::Response<$output>> {
                let answer = self.call.send(self.request()?).await?;
                answer.decode(self.call.name())
            }
        }

        impl $builder<$crate::types::PartialDocument> {
            /// Makes the call and returns the requested part of the document as the caller's own
            /// type, with status, headers and body.
            ///
            /// # Errors
            ///
            /// Any [`ErrorKind`]($crate::ErrorKind); the error names the operation.
            pub async fn send<T: ::serde::de::DeserializeOwned>(
                self,
            ) -> $crate::error::Result<$crate::transport::Response<T>> {
                let answer = self.call.send(self.request()?).await?;
                answer.decode(self.call.name())
            }
        }

        impl ::std::future::IntoFuture for $builder {
            type Output = $crate::error::Result<$output>;
            type IntoFuture = ::std::pin::Pin<Box<dyn ::std::future::Future<Output = Self::Output> + Send>>;
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async move { Ok(self.send().await?.into_inner()) })
            }
        }

        // so that the compiler says what to write instead of awaiting a partial document
        #[cfg(feature = "blocking")]
        impl<T> $builder<$crate::types::PartialDocument<T>> {
            #[doc(hidden)]
            pub fn call(self) -> $crate::error::Result<$output>
            where
                T: $crate::types::TypedResponse,
            {
                T::never()
            }
        }

        impl<T: $crate::types::TypedResponse> ::std::future::Future
            for $builder<$crate::types::PartialDocument<T>>
        {
            type Output = $crate::error::Result<$output>;
            fn poll(
                self: ::std::pin::Pin<&mut Self>,
                _: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<Self::Output> {
                T::never()
            }
        }
    };
}
pub(crate) use operation;

/// The streams of a call with `fields`: see [`paged`](crate::pagination::paged).
macro_rules! paged {
    ($builder:ident: $page:ty, $item:ty) => {
        $crate::pagination::paged!($builder: $page, $item);

        impl $builder<$crate::types::PartialDocument> {
            /// All pages, each fetched when needed, as the caller's own type with the requested
            /// fields of each item.
            ///
            /// Ends like the pages of full documents.
            pub fn pages<P>(self) -> $crate::pagination::ItemStream<P>
            where
                P: ::serde::de::DeserializeOwned + Send + 'static,
            {
                $crate::partial::pages(self)
            }

            /// The items of all pages, fetched as needed, as the caller's own type with the
            /// requested fields.
            ///
            /// Ends like [`pages`](Self::pages).
            pub fn stream<T>(self) -> $crate::pagination::ItemStream<T>
            where
                T: ::serde::de::DeserializeOwned + Send + 'static,
            {
                $crate::partial::items(self)
            }
        }
    };
}
pub(crate) use paged;
