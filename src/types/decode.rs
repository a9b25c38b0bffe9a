//! Helpers of generated `Deserialize` code: borrowed keys, checked tags, and unions whose tag may
//! be anywhere in the document.

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// An object's key, borrowed from the input unless it has escapes.
pub(crate) struct Key<'de>(Cow<'de, str>);

impl Key<'_> {
    pub(crate) fn into_owned(self) -> String {
        self.0.into_owned()
    }
}

impl Deref for Key<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E: Error>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
            fn visit_string<E: Error>(self, key: String) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key)))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Reads a tag's value and requires it to match.
pub(crate) fn tag<'de, A: MapAccess<'de>>(
    map: &mut A,
    name: &'static str,
    wanted: &'static str,
) -> Result<bool, A::Error> {
    match map.next_value_seed(ExpectedTag(wanted))? {
        None => Ok(true),
        Some(found) => Err(wrong(name, &found, wanted)),
    }
}

/// Reads the value of a tag that may be null, which counts as absent. Returns whether it was null.
pub(crate) fn tag_or_null<'de, A: MapAccess<'de>>(
    map: &mut A,
    name: &'static str,
    wanted: &'static str,
) -> Result<bool, A::Error> {
    match map.next_value_seed(ExpectedTag(wanted))? {
        None => Ok(false),
        Some(Json::Null) => Ok(true),
        Some(found) => Err(wrong(name, &found, wanted)),
    }
}

fn wrong<E: Error>(name: &str, found: &Json, wanted: &str) -> E {
    E::custom(format_args!(
        "wrong document: {name} is {found}, expected \"{wanted}\""
    ))
}

/// Reads a value and returns it only if it differs from the expected text: nearly every document
/// has a tag, and nearly every tag matches, so that nothing is allocated.
struct ExpectedTag(&'static str);

impl<'de> DeserializeSeed<'de> for ExpectedTag {
    type Value = Option<Json>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ExpectedTag {
    type Value = Option<Json>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }

    fn visit_str<E: Error>(self, found: &str) -> Result<Self::Value, E> {
        Ok((found != self.0).then(|| found.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Some(Json::Null))
    }

    fn visit_bool<E: Error>(self, found: bool) -> Result<Self::Value, E> {
        Ok(Some(found.into()))
    }

    fn visit_i64<E: Error>(self, found: i64) -> Result<Self::Value, E> {
        Ok(Some(found.into()))
    }

    fn visit_u64<E: Error>(self, found: u64) -> Result<Self::Value, E> {
        Ok(Some(found.into()))
    }

    fn visit_f64<E: Error>(self, found: f64) -> Result<Self::Value, E> {
        Ok(Some(found.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, found: A) -> Result<Self::Value, A::Error> {
        Json::deserialize(SeqAccessDeserializer::new(found)).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, found: A) -> Result<Self::Value, A::Error> {
        Json::deserialize(MapAccessDeserializer::new(found)).map(Some)
    }
}

/// An object without fields.
pub(crate) fn no_fields<'de, E: Error>() -> impl MapAccess<'de, Error = E> {
    let none = std::iter::empty::<(&'static str, &'static str)>();
    serde::de::value::MapDeserializer::new(none)
}

/// Checks that a required tag was present.
pub(crate) fn tagged_as<E: Error>(seen: bool, name: &str, wanted: &str) -> Result<(), E> {
    if seen {
        return Ok(());
    }
    Err(E::custom(format_args!(
        "wrong document: it has no {name}, expected \"{wanted}\""
    )))
}

/// Checks that a required field was present.
pub(crate) fn required<T, E: Error>(value: Option<T>, name: &'static str) -> Result<T, E> {
    value.ok_or_else(|| E::missing_field(name))
}

/// Finds a union's tag, then returns it with the whole document, to be decoded as that variant.
pub(crate) fn tagged<'de, A: MapAccess<'de>>(
    mut map: A,
    name: &'static str,
) -> Result<(String, BufferedMap<'de, A>), A::Error> {
    // only what comes before the tag has to be buffered: nothing, if it comes first
    let mut before: Vec<(String, Json)> = Vec::new();
    while let Some(key) = map.next_key::<Key<'de>>()? {
        if &*key == name {
            let tag: String = map.next_value()?;
            before.push((name.to_owned(), Json::String(tag.clone())));
            let document = BufferedMap {
                before: before.into_iter(),
                value: None,
                rest: map,
                lifetime: std::marker::PhantomData,
            };
            return Ok((tag, document));
        }
        before.push((key.into_owned(), map.next_value()?));
    }
    Err(A::Error::custom(format_args!(
        "wrong document: it has no {name}"
    )))
}

/// A document of which the beginning was read already.
pub(crate) struct BufferedMap<'de, A> {
    before: std::vec::IntoIter<(String, Json)>,
    value: Option<Json>,
    rest: A,
    lifetime: std::marker::PhantomData<&'de ()>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for BufferedMap<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.before.next() {
            Some((key, value)) => {
                self.value = Some(value);
                let key = serde::de::IntoDeserializer::into_deserializer(key);
                seed.deserialize(key).map(Some)
            }
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value).map_err(A::Error::custom),
            None => self.rest.next_value_seed(seed),
        }
    }
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for BufferedMap<'de, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}
