//! The keys that decoding has met lately, as interned strings: documents of one collection share theirs.
//!
//! A key is found by comparing the whole of it. The cache is bounded: each place holds the latest key that fell there.

use std::ffi::CStr;

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::errors::Failure;
use crate::ffi::pool::Pool;
use crate::ffi::text;

const PLACES_LOG2: u32 = 10;
const PLACES: usize = 1 << PLACES_LOG2;
const LONGEST: usize = 64;

static IDLE: Pool<KeyCache> = Pool::new();

/// See the module.
pub struct KeyCache {
    places: Box<[Option<Entry>; PLACES]>,
}

struct Entry {
    print: Print,
    name: Box<[u8]>,
    key: Py<PyString>,
}

/// The first and the last eight bytes (of shorter names: four, or one). With the length they are the whole of a name
/// of up to sixteen bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Print {
    head: u64,
    tail: u64,
}

impl Print {
    #[inline(always)]
    fn of(name: &[u8]) -> Self {
        if let (Some(head), Some(tail)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            Self {
                head: u64::from_le_bytes(*head),
                tail: u64::from_le_bytes(*tail),
            }
        } else if let (Some(head), Some(tail)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
            Self {
                head: u32::from_le_bytes(*head).into(),
                tail: u32::from_le_bytes(*tail).into(),
            }
        } else if let (Some(&head), Some(&tail)) = (name.first(), name.last()) {
            Self {
                head: head.into(),
                tail: u64::from(name[name.len() / 2]) << 8 | u64::from(tail),
            }
        } else {
            Self { head: 0, tail: 0 }
        }
    }

    #[inline(always)]
    fn place(self, length: usize) -> usize {
        let mixed = (self.head ^ self.tail.rotate_left(29) ^ length as u64)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> (64 - PLACES_LOG2)) as usize
    }
}

impl KeyCache {
    /// The idle cache of the process, or a new one while another call has it.
    pub fn take() -> Box<Self> {
        IDLE.take().unwrap_or_else(|| {
            Box::new(Self {
                places: Box::new([const { None }; PLACES]),
            })
        })
    }

    /// Leaves the cache for the next call.
    pub fn give_back(self: Box<Self>) {
        drop(IDLE.put(self));
    }

    /// The key with these bytes. `errors` is the handler for names that are not UTF-8.
    #[inline(always)]
    pub fn get<'py>(
        &mut self,
        py: Python<'py>,
        name: &[u8],
        errors: Option<&CStr>,
    ) -> Result<Bound<'py, PyString>, Failure> {
        let print = Print::of(name);
        let place = &mut self.places[print.place(name.len()) % PLACES];
        if let Some(entry) = place
            && entry.name.len() == name.len()
            && entry.print == print
            && (name.len() <= 16 || *entry.name == *name)
        {
            return Ok(entry.key.bind(py).clone());
        }
        add(py, place, print, name, errors)
    }
}

#[inline(never)]
fn add<'py>(
    py: Python<'py>,
    place: &mut Option<Entry>,
    print: Print,
    name: &[u8],
    errors: Option<&CStr>,
) -> Result<Bound<'py, PyString>, Failure> {
    let valid = std::str::from_utf8(name).is_ok();
    if !valid || name.len() > LONGEST {
        let key = if valid {
            text::new_str(py, name)
        } else {
            text::decode_utf8(py, name, errors)
        };
        return Ok(key?.cast_into::<PyString>().map_err(PyErr::from)?);
    }
    let key = text::intern(text::new_str(py, name)?)
        .cast_into::<PyString>()
        .map_err(PyErr::from)?;
    *place = Some(Entry {
        print,
        name: name.into(),
        key: key.clone().unbind(),
    });
    Ok(key)
}
