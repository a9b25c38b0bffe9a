//! Remembers how a field without a value was written, so that a document can be encoded exactly as
//! it was received.

use super::decode;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One bit for each way to write a field without a value: as null, or as a list that is left out. A
/// bit is only set for a field without a value, and only counts while the field still has none.
///
/// Ignored by equality: two documents are equal if their fields are.
#[derive(Clone, Copy)]
pub(crate) struct Presence<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Presence<BYTES> {
    pub(crate) fn new() -> Self {
        Self([0; BYTES])
    }

    #[inline]
    fn note(&mut self, bit: usize, on: bool) {
        if let Some(byte) = self.0.get_mut(bit / 8) {
            let mask = 1 << (bit % 8);
            *byte = if on { *byte | mask } else { *byte & !mask };
        }
    }

    #[inline]
    fn has(&self, bit: usize) -> bool {
        let byte = self.0.get(bit / 8).copied().unwrap_or_default();
        byte & (1 << (bit % 8)) != 0
    }

    /// Reads a value; records a null under `bit`.
    #[inline]
    pub(crate) fn read<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
        &mut self,
        map: &mut A,
        bit: usize,
    ) -> Result<Option<T>, A::Error> {
        let value: Option<T> = map.next_value()?;
        self.note(bit, value.is_none());
        Ok(value)
    }

    /// Writes a value, or the null recorded under `bit`.
    pub(crate) fn write<T: Serialize, M: SerializeMap>(
        &self,
        map: &mut M,
        name: &'static str,
        value: &Option<T>,
        bit: usize,
    ) -> Result<(), M::Error> {
        match value {
            Some(value) => map.serialize_entry(name, value),
            None if self.has(bit) => map.serialize_entry(name, &()),
            None => Ok(()),
        }
    }

    /// The contents of a list or map; empty if it is null (recorded under `bit`) or absent
    /// (recorded under `bit + 1`).
    #[inline]
    pub(crate) fn collection<T: Default>(&mut self, value: Option<T>, bit: usize) -> T {
        value.unwrap_or_else(|| {
            let absent = !self.has(bit);
            self.note(bit + 1, absent);
            T::default()
        })
    }

    /// Writes a list or map; an empty one as it was received.
    pub(crate) fn write_collection<T: Serialize, M: SerializeMap>(
        &self,
        map: &mut M,
        name: &'static str,
        value: &T,
        is_empty: bool,
        bit: usize,
    ) -> Result<(), M::Error> {
        match is_empty {
            true if self.has(bit) => map.serialize_entry(name, &()),
            true if self.has(bit + 1) => Ok(()),
            _ => map.serialize_entry(name, value),
        }
    }

    /// Reads a number; records a null under `bit` and a number without a fraction under `bit + 1`.
    pub(crate) fn read_number<'de, A: MapAccess<'de>>(
        &mut self,
        map: &mut A,
        bit: usize,
    ) -> Result<Option<f64>, A::Error> {
        let number: Option<Number> = map.next_value()?;
        self.note(bit, number.is_none());
        self.note(bit + 1, matches!(number, Some(Number::Integer(_))));
        Ok(number.map(|number| match number {
            Number::Integer(value) | Number::Float(value) => value,
        }))
    }

    /// Writes a number: without a fraction if it was received so and still has none.
    pub(crate) fn write_number<M: SerializeMap>(
        &self,
        map: &mut M,
        name: &'static str,
        value: Option<f64>,
        bit: usize,
    ) -> Result<(), M::Error> {
        /// Up to here, every integer has an exact float.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match value {
            Some(value) if self.has(bit + 1) && value.fract() == 0.0 && value.abs() <= EXACT =>
            {
                #[allow(clippy::cast_possible_truncation, reason = "it is an integer in range")]
                map.serialize_entry(name, &(value as i64))
            }
            value => self.write(map, name, &value, bit),
        }
    }

    /// Records that the document itself is null, as the value of a map may be.
    pub(crate) fn set_null(&mut self, bit: usize) {
        self.note(bit, true);
    }

    /// Whether the document itself was received as null.
    pub(crate) fn is_null(&self, bit: usize) -> bool {
        self.has(bit)
    }

    /// Reads a tag that may be absent or null; records a null under `bit`.
    pub(crate) fn read_tag<'de, A: MapAccess<'de>>(
        &mut self,
        map: &mut A,
        name: &'static str,
        wanted: &'static str,
        bit: usize,
    ) -> Result<bool, A::Error> {
        let is_null = decode::tag_or_null(map, name, wanted)?;
        self.note(bit, is_null);
        Ok(true)
    }

    /// Records under `bit + 1` that a tag was absent.
    pub(crate) fn tag(&mut self, seen: bool, bit: usize) {
        self.note(bit + 1, !seen);
    }

    /// Writes a tag as it was received.
    pub(crate) fn write_tag<M: SerializeMap>(
        &self,
        map: &mut M,
        name: &'static str,
        value: &'static str,
        bit: usize,
    ) -> Result<(), M::Error> {
        if self.has(bit + 1) {
            Ok(())
        } else if self.has(bit) {
            map.serialize_entry(name, &())
        } else {
            map.serialize_entry(name, value)
        }
    }
}

impl<const BYTES: usize> PartialEq for Presence<BYTES> {
    fn eq(&self, _: &Self) -> bool {
        // how a missing value was spelled is not part of a document's meaning
        true
    }
}

impl<const BYTES: usize> fmt::Debug for Presence<BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// A number, and whether it was written without a fraction.
enum Number {
    Integer(f64),
    Float(f64),
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            #[allow(clippy::cast_precision_loss, reason = "the field is a float")]
            fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
                Ok(Number::Integer(value as f64))
            }
            #[allow(clippy::cast_precision_loss, reason = "the field is a float")]
            fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number::Integer(value as f64))
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
                Ok(Number::Float(value))
            }
        }
        deserializer.deserialize_f64(NumberVisitor)
    }
}
