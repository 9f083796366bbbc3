//! The keys that decoding has met lately, as interned strings: documents of one collection share theirs.
//!
//! A key is found by comparing the whole of it. The cache is bounded: of all keys that fall on one pair of places the
//! latest two are kept.

use std::ffi::CStr;

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::errors::Failure;
use crate::ffi::text;

const PAIRS_LOG2: u32 = 9;
const PAIRS: usize = 1 << PAIRS_LOG2;
/// Longer keys are rare and would only push others out.
const LONGEST: usize = 64;

/// See the module.
pub struct KeyCache {
    pairs: Box<[[Option<Entry>; 2]; PAIRS]>,
}

/// Half a cache line.
#[repr(align(32))]
struct Entry {
    print: Print,
    length: usize,
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
            let (head, tail) = (u64::from_le_bytes(*head), u64::from_le_bytes(*tail));
            Self { head, tail }
        } else if let (Some(head), Some(tail)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
            let (head, tail) = (u32::from_le_bytes(*head), u32::from_le_bytes(*tail));
            Self {
                head: head.into(),
                tail: tail.into(),
            }
        } else if let (Some(&head), Some(&tail)) = (name.first(), name.last()) {
            let middle = u64::from(name[name.len() / 2]);
            Self {
                head: head.into(),
                tail: middle << 8 | u64::from(tail),
            }
        } else {
            Self { head: 0, tail: 0 }
        }
    }

    #[inline(always)]
    fn place(self, length: usize) -> usize {
        let mixed = self.head ^ self.tail.rotate_left(29) ^ length as u64;
        (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - PAIRS_LOG2)) as usize % PAIRS
    }
}

impl Default for KeyCache {
    fn default() -> Self {
        Self {
            pairs: Box::new([const { [None, None] }; PAIRS]),
        }
    }
}

impl Entry {
    #[inline(always)]
    fn matches(&self, py: Python<'_>, print: Print, name: &[u8]) -> bool {
        self.print == print
            && self.length == name.len()
            && (name.len() <= 16
                || text::utf8(self.key.bind_borrowed(py)).is_ok_and(|own| own == name))
    }
}

impl KeyCache {
    /// The key with these bytes. `errors` is the handler for names that are not UTF-8.
    #[inline(always)]
    pub fn get<'py>(
        &mut self,
        py: Python<'py>,
        name: &[u8],
        errors: Option<&CStr>,
    ) -> Result<Bound<'py, PyString>, Failure> {
        let print = Print::of(name);
        let pair = &mut self.pairs[print.place(name.len())];
        if let Some(entry) = &pair[0]
            && entry.matches(py, print, name)
        {
            return Ok(entry.key.bind(py).clone());
        }
        second(py, pair, print, name, errors)
    }
}

/// Looks at the second place of a pair; a key that is not there either is added.
#[inline(never)]
fn second<'py>(
    py: Python<'py>,
    pair: &mut [Option<Entry>; 2],
    print: Print,
    name: &[u8],
    errors: Option<&CStr>,
) -> Result<Bound<'py, PyString>, Failure> {
    match &pair[1] {
        Some(entry) if entry.matches(py, print, name) => Ok(entry.key.bind(py).clone()),
        _ => add(py, pair, print, name, errors),
    }
}

#[inline(never)]
fn add<'py>(
    py: Python<'py>,
    pair: &mut [Option<Entry>; 2],
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
    pair.swap(0, 1);
    pair[0] = Some(Entry {
        print,
        length: name.len(),
        key: key.clone().unbind(),
    });
    Ok(key)
}
