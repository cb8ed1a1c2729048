//! What travels, and how: numbers, texts, lists and values as MessagePack has them, a struct as the list of its fields,
//! a variant as the list of its number and its fields.

use std::sync::Arc;

use num_bigint::BigInt;

use super::pack::{Garbled, Item, Packer, Unpacker};
use crate::base::{List, Map, Value};

/// What can stand in a message.
pub trait Wire: Sized {
    /// Writes it.
    fn pack(&self, to: &mut Packer);

    /// Reads it.
    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled>;

    /// Writes a list of it.
    fn pack_all(items: &[Self], to: &mut Packer) {
        to.array(items.len());
        items.iter().for_each(|item| item.pack(to));
    }

    /// Reads a list of it. The list grows with what really comes: a wrong count must not take memory.
    fn unpack_all(from: &mut Unpacker<'_>) -> Result<Vec<Self>, Garbled> {
        let mut items = Vec::new();
        for _ in 0..from.array()? {
            items.push(Self::unpack(from)?);
        }
        Ok(items)
    }
}

/// Says which fields of structs and which variants of enums travel, and in which order.
macro_rules! wire {
    ($(struct $name:ident { $($field:ident),* $(,)? })*) => {$(
        impl Wire for $name {
            fn pack(&self, to: &mut Packer) {
                to.array(0 $(+ wire!(@one $field))*);
                $(self.$field.pack(to);)*
            }

            fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
                from.array_of(0 $(+ wire!(@one $field))*)?;
                Ok(Self { $($field: Wire::unpack(from)?),* })
            }
        }
    )*};
    ($(enum $name:ident {
        $($number:literal $variant:ident $(($item:ident))? $({ $($field:ident),* $(,)? })?),* $(,)?
    })*) => {$(
        impl Wire for $name {
            fn pack(&self, to: &mut Packer) {
                match self {
                    $(Self::$variant $(($item))? $({ $($field),* })? => {
                        to.array(1 $(+ wire!(@one $item))? $($(+ wire!(@one $field))*)?);
                        to.uint($number);
                        $($item.pack(to);)?
                        $($($field.pack(to);)*)?
                    })*
                }
            }

            fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
                let count = from.array()?;
                match (from.uint(u64::MAX)?, count) {
                    $(($number, wire!(@count $($item)? $($($field)*)?)) => {
                        $(let $item = Wire::unpack(from)?;)?
                        Ok(Self::$variant $(($item))? $({ $($field: Wire::unpack(from)?),* })?)
                    })*
                    _ => Err(Garbled("a kind of message is not known")),
                }
            }
        }
    )*};
    (@one $_any:ident) => { 1 };
    (@count) => { 1 };
    (@count $_a:ident) => { 2 };
    (@count $_a:ident $_b:ident) => { 3 };
    (@count $_a:ident $_b:ident $_c:ident) => { 4 };
    (@count $_a:ident $_b:ident $_c:ident $_d:ident) => { 5 };
}

pub(super) use wire;

/// The kind of MessagePack's extensions that integers above 64 bits are: two's complement, big endian.
const BIG: u8 = 1;

impl Wire for Value {
    /// Lazy text travels as its source, a tuple as a list, an object in its plain form.
    fn pack(&self, to: &mut Packer) {
        match self {
            Self::Null => to.nil(),
            Self::Bool(truth) => to.bool(*truth),
            Self::Int(number) => to.int(*number),
            Self::Big(number) => to.extension(BIG, &number.to_signed_bytes_be()),
            Self::Float(number) => to.float(*number),
            Self::Text(text) => to.text(text.as_str()),
            Self::Lazy(lazy) => to.text(lazy.source()),
            Self::Bytes(bytes) => to.bytes(bytes),
            Self::List(list) | Self::Tuple(list) => Self::pack_all(list, to),
            Self::Map(map) => map.pack(to),
            Self::Object(object) => object.plain().pack(to),
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        Ok(match from.item()? {
            Item::Nil => Self::Null,
            Item::Bool(truth) => Self::Bool(truth),
            Item::Int(number) => match i64::try_from(number) {
                Ok(number) => Self::Int(number),
                Err(_) => Self::integer(number.into()),
            },
            Item::Float(number) => Self::Float(number),
            Item::Text(chars) => Self::text(chars),
            Item::Bytes(bytes) => Self::Bytes(Arc::from(bytes)),
            Item::Array(count) => list(from, count)?.into(),
            Item::Map(count) => map(from, count)?.into(),
            Item::Extension(BIG, bytes) => Self::integer(BigInt::from_signed_bytes_be(bytes)),
            Item::Extension(..) => return Err(Garbled("a kind of value is not known")),
        })
    }
}

fn list(from: &mut Unpacker<'_>, count: usize) -> Result<List, Garbled> {
    from.enter()?;
    let mut list = List::new();
    for _ in 0..count {
        list.push(Value::unpack(from)?);
    }
    from.leave();
    Ok(list)
}

fn map(from: &mut Unpacker<'_>, count: usize) -> Result<Map, Garbled> {
    from.enter()?;
    let mut map = Map::new();
    for _ in 0..count {
        let key = Value::unpack(from)?;
        map.insert(key, Value::unpack(from)?);
    }
    from.leave();
    Ok(map)
}

impl Wire for Map {
    fn pack(&self, to: &mut Packer) {
        to.map(self.len());
        for (key, value) in self {
            key.pack(to);
            value.pack(to);
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        let count = from.map()?;
        map(from, count)
    }
}

impl Wire for () {
    fn pack(&self, to: &mut Packer) {
        to.nil();
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        if from.nil() { Ok(()) } else { Err(Garbled("nothing was expected")) }
    }
}

impl Wire for bool {
    fn pack(&self, to: &mut Packer) {
        to.bool(*self);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        from.bool()
    }
}

/// A list of `u8` travels as bytes.
impl Wire for u8 {
    fn pack(&self, to: &mut Packer) {
        to.uint((*self).into());
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        Ok(from.uint(Self::MAX.into())? as Self)
    }

    fn pack_all(items: &[Self], to: &mut Packer) {
        to.bytes(items);
    }

    fn unpack_all(from: &mut Unpacker<'_>) -> Result<Vec<Self>, Garbled> {
        from.bytes().map(<[Self]>::to_vec)
    }
}

impl Wire for u16 {
    fn pack(&self, to: &mut Packer) {
        to.uint((*self).into());
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        Ok(from.uint(Self::MAX.into())? as Self)
    }
}

impl Wire for u32 {
    fn pack(&self, to: &mut Packer) {
        to.uint((*self).into());
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        Ok(from.uint(Self::MAX.into())? as Self)
    }
}

impl Wire for u64 {
    fn pack(&self, to: &mut Packer) {
        to.uint(*self);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        from.uint(Self::MAX)
    }
}

impl Wire for String {
    fn pack(&self, to: &mut Packer) {
        to.text(self);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        from.text().map(Self::from)
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn pack(&self, to: &mut Packer) {
        T::pack_all(self, to);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        T::unpack_all(from)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn pack(&self, to: &mut Packer) {
        match self {
            Some(item) => item.pack(to),
            None => to.nil(),
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        if from.nil() { Ok(None) } else { T::unpack(from).map(Some) }
    }
}

/// `Ok` is variant 0, `Err` is variant 1.
impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn pack(&self, to: &mut Packer) {
        to.array(2);
        to.uint(self.is_err().into());
        match self {
            Ok(good) => good.pack(to),
            Err(bad) => bad.pack(to),
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        from.array_of(2)?;
        if from.uint(1)? == 0 { T::unpack(from).map(Ok) } else { E::unpack(from).map(Err) }
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn pack(&self, to: &mut Packer) {
        to.array(2);
        self.0.pack(to);
        self.1.pack(to);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Result<Self, Garbled> {
        from.array_of(2)?;
        Ok((A::unpack(from)?, B::unpack(from)?))
    }
}
