//! Encoding: documents and arrays, and the values that are common. The rest is in `encode_values`.
//!
//! Exact built-in types are told apart by their type pointer; everything else takes the slow way round.

use petiole_wire::bson::element_type as kinds;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::classes::Classes;
use super::depth::Depth;
use super::errors::Failure;
use super::options::Options;
use crate::ffi::container::{self, Items};
use crate::ffi::kind::{Exact, exact};
use crate::ffi::{number, object, python_code, text};

/// Appends documents to a buffer.
pub struct Encoder<'a, 'py> {
    pub(super) py: Python<'py>,
    pub(super) options: &'a Options,
    pub(super) classes: &'static Classes,
    pub(super) out: &'a mut Vec<u8>,
    pub(super) check_keys: bool,
    depth: Depth,
}

impl<'a, 'py> Encoder<'a, 'py> {
    pub fn new(
        py: Python<'py>,
        options: &'a Options,
        classes: &'static Classes,
        out: &'a mut Vec<u8>,
        check_keys: bool,
    ) -> Self {
        Self {
            py,
            options,
            classes,
            out,
            check_keys,
            depth: Depth::new(),
        }
    }

    /// Appends a whole document. At the top `_id` goes first.
    pub fn document(&mut self, document: &Bound<'py, PyAny>, top: bool) -> Result<(), Failure> {
        if let Exact::Dict(dict) = exact(document.as_borrowed()) {
            return self.dict(dict, top);
        }
        self.document_like(document, top)
    }

    /// Appends the type byte and the key of an element.
    #[inline(always)]
    pub(super) fn head(&mut self, kind: u8, key: &[u8]) {
        self.out.reserve(key.len() + 2 + 16);
        self.out.push(kind);
        self.out.extend_from_slice(key);
        self.out.push(0);
    }

    /// Begins a document: its length comes when it ends.
    #[inline(always)]
    pub(super) fn begin(&mut self) -> Result<usize, Failure> {
        self.depth.enter()?;
        let start = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        Ok(start)
    }

    /// Ends the document that began at `start`.
    #[inline(always)]
    pub(super) fn end(&mut self, start: usize) -> Result<(), Failure> {
        self.out.push(0);
        self.patch_length(start)?;
        self.depth.leave();
        Ok(())
    }

    /// Writes the length of what began at `start`.
    #[inline(always)]
    pub(super) fn patch_length(&mut self, start: usize) -> Result<(), Failure> {
        let length = i32::try_from(self.out.len() - start).map_err(|_| too_large())?;
        match self.out[start..].first_chunk_mut() {
            Some(prefix) => *prefix = length.to_le_bytes(),
            None => return Err(too_large()),
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn dict(
        &mut self,
        dict: Borrowed<'_, 'py, PyDict>,
        top: bool,
    ) -> Result<(), Failure> {
        let start = self.begin()?;
        let mut id_is_first = false;
        if top
            && let Some(id) = object::dict_get(dict, self.classes.names.id.bind_borrowed(self.py))?
        {
            self.element(b"_id", id.as_borrowed())?;
            id_is_first = true;
        }
        for (key, value) in Items::new(dict) {
            let name = self.key(key.as_borrowed())?;
            if id_is_first && name == b"_id" {
                continue;
            }
            self.element(name, value.as_borrowed())?;
        }
        self.end(start)
    }

    /// The bytes of a key, which must be a string without zero bytes.
    #[inline(always)]
    pub(super) fn key<'k>(&self, key: Borrowed<'k, 'py, PyAny>) -> Result<&'k [u8], Failure> {
        let name = match exact(key) {
            Exact::Str(name) => text::utf8(name)?,
            _ => text::utf8(subclassed_key(key)?)?,
        };
        if name.contains(&0) {
            return Err(Failure::document(
                "Key names must not contain the NULL byte",
            ));
        }
        if self.check_keys {
            check_key(name)?;
        }
        Ok(name)
    }

    /// Appends one element. A failure inside it gets to know the key.
    #[inline(always)]
    pub fn element(&mut self, key: &[u8], value: Borrowed<'_, 'py, PyAny>) -> Result<(), Failure> {
        self.value(key, value).map_err(|failure| failure.under(key))
    }

    #[inline(always)]
    pub(super) fn value(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyAny>,
    ) -> Result<(), Failure> {
        match exact(value) {
            Exact::Str(value) => self.string(key, text::utf8(value)?),
            Exact::Int(value) => match number::as_i64(value) {
                Some(number) => {
                    self.int(key, number);
                    Ok(())
                }
                None => self.big_int(key, value.as_any()),
            },
            Exact::Dict(dict) => {
                self.head(kinds::DOCUMENT, key);
                self.nested_dict(dict)
            }
            Exact::Bool(value) => {
                self.head(kinds::BOOLEAN, key);
                self.out.push(value.into());
                Ok(())
            }
            Exact::Float(value) => {
                self.double(key, number::as_f64(value));
                Ok(())
            }
            Exact::None => {
                self.head(kinds::NULL, key);
                Ok(())
            }
            Exact::List(list) => {
                self.head(kinds::ARRAY, key);
                self.list(list)
            }
            Exact::Bytes(value) => self.binary(key, 0, text::bytes(value)),
            Exact::Tuple(tuple) => {
                self.head(kinds::ARRAY, key);
                self.tuple(tuple)
            }
            Exact::Other => self.other(key, value),
        }
    }

    #[inline(never)]
    fn nested_dict(&mut self, dict: Borrowed<'_, 'py, PyDict>) -> Result<(), Failure> {
        self.dict(dict, false)
    }

    #[inline(always)]
    pub(super) fn string(&mut self, key: &[u8], value: &[u8]) -> Result<(), Failure> {
        self.head(kinds::STRING, key);
        self.sized_text(value)
    }

    /// Appends a string's length, bytes and zero.
    #[inline(always)]
    pub(super) fn sized_text(&mut self, value: &[u8]) -> Result<(), Failure> {
        let length = i32::try_from(value.len() + 1).map_err(|_| too_large())?;
        self.out.reserve(value.len() + 5);
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.extend_from_slice(value);
        self.out.push(0);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn int(&mut self, key: &[u8], number: i64) {
        match i32::try_from(number) {
            Ok(number) => {
                self.head(kinds::INT32, key);
                self.out.extend_from_slice(&number.to_le_bytes());
            }
            Err(_) => self.int64(key, number),
        }
    }

    #[inline(always)]
    pub(super) fn int64(&mut self, key: &[u8], number: i64) {
        self.head(kinds::INT64, key);
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    #[inline(always)]
    pub(super) fn double(&mut self, key: &[u8], number: f64) {
        self.head(kinds::DOUBLE, key);
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    #[inline(always)]
    pub(super) fn binary(&mut self, key: &[u8], subtype: u8, bytes: &[u8]) -> Result<(), Failure> {
        let length = i32::try_from(bytes.len()).map_err(|_| too_large())?;
        self.head(kinds::BINARY, key);
        if subtype == 2 {
            // The old form of "any bytes" repeats the length inside.
            let outer = length.checked_add(4).ok_or_else(too_large)?;
            self.out.extend_from_slice(&outer.to_le_bytes());
            self.out.push(subtype);
            self.out.extend_from_slice(&length.to_le_bytes());
        } else {
            self.out.extend_from_slice(&length.to_le_bytes());
            self.out.push(subtype);
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    #[inline(never)]
    pub(super) fn list(&mut self, list: Borrowed<'_, 'py, PyList>) -> Result<(), Failure> {
        let start = self.begin()?;
        let mut index = Index::new();
        while let Some(item) = container::list_item(list, index.number) {
            self.element(index.name(), item.as_borrowed())?;
            index.advance();
        }
        self.end(start)
    }

    #[inline(never)]
    pub(super) fn tuple(&mut self, tuple: Borrowed<'_, 'py, PyTuple>) -> Result<(), Failure> {
        let start = self.begin()?;
        let mut index = Index::new();
        while let Some(item) = container::tuple_item(tuple, index.number) {
            self.element(index.name(), item)?;
            index.advance();
        }
        self.end(start)
    }
}

/// An array's index and its decimal digits, which are the key.
struct Index {
    number: usize,
    digits: [u8; 20],
    first: usize,
}

impl Index {
    fn new() -> Self {
        Self {
            number: 0,
            digits: [b'0'; 20],
            first: 19,
        }
    }

    #[inline(always)]
    fn name(&self) -> &[u8] {
        &self.digits[self.first..]
    }

    #[inline(always)]
    fn advance(&mut self) {
        self.number += 1;
        let mut place = self.digits.len() - 1;
        while self.digits[place] == b'9' {
            self.digits[place] = b'0';
            place -= 1;
        }
        self.digits[place] += 1;
        self.first = self.first.min(place);
    }
}

#[cold]
fn subclassed_key<'k, 'py>(
    key: Borrowed<'k, 'py, PyAny>,
) -> Result<Borrowed<'k, 'py, PyString>, Failure> {
    match key.cast::<PyString>() {
        Ok(name) => Ok(name),
        Err(_) => {
            let text = python_code::repr(&key)?;
            Err(Failure::document(format!(
                "documents must have only string keys, key was {text}"
            )))
        }
    }
}

#[inline(never)]
fn check_key(name: &[u8]) -> Result<(), Failure> {
    let fault = if name.starts_with(b"$") {
        "must not start with '$'"
    } else if name.contains(&b'.') {
        "must not contain '.'"
    } else {
        return Ok(());
    };
    Err(Failure::document(format!(
        "key '{}' {fault}",
        String::from_utf8_lossy(name)
    )))
}

#[cold]
fn too_large() -> Failure {
    Failure::document("document too large: BSON lengths are signed 32-bit numbers")
}
