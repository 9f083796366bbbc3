//! Decoding: documents and arrays, and the values that are common. The rest is in `decode_values`.
//!
//! The elements of a container wait on a stack until it ends, so that each dict and list is made at its size. A
//! hostile document can make that stack no longer than it has elements.

use std::ffi::CStr;

use petiole_wire::bson::{self as wire, ErrorKind, Reader, element_type as kinds};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::classes::Classes;
use super::depth::Depth;
use super::errors::{Failure, Fault};
use super::keys::KeyCache;
use super::options::{DocumentClass, Options};
use crate::ffi::pool::Pool;
use crate::ffi::{container, int_subclass, number, python_code, text};

static IDLE: Pool<Scratch> = Pool::new();

/// Decodes documents, one after the other, by the same options.
pub struct Decoder<'a, 'py> {
    pub(super) py: Python<'py>,
    pub(super) options: &'a Options,
    pub(super) classes: &'static Classes,
    scratch: &'a mut Scratch,
    depth: Depth,
}

/// What one decoder leaves for the next: the cache of keys, and the stacks with their memory.
#[derive(Default)]
struct Scratch {
    keys: KeyCache,
    pairs: Vec<(Py<PyString>, Py<PyAny>)>,
    items: Vec<Py<PyAny>>,
}

/// How many elements' room the stacks keep between calls.
const KEPT: usize = 4096;

impl Scratch {
    fn tidy(&mut self) {
        // After an error there is something left on the stacks.
        self.pairs.clear();
        self.items.clear();
        self.pairs.shrink_to(KEPT);
        self.items.shrink_to(KEPT);
    }
}

/// A document whose length and terminator are checked, and where it starts in the outermost one.
#[derive(Clone, Copy)]
pub(super) struct Frame<'d> {
    data: &'d [u8],
    base: usize,
}

impl<'d> Frame<'d> {
    /// The one document that `data` must be.
    fn whole(data: &'d [u8]) -> Result<Self, Failure> {
        let document = frame(data)?;
        if document.len() != data.len() {
            return Err(undecodable("bad eoo", document.len()));
        }
        Ok(Self { data, base: 0 })
    }

    /// The document or array that is a value.
    #[inline(always)]
    pub(super) fn embedded(reader: &mut Reader<'d>) -> Result<Self, Failure> {
        let base = reader.offset();
        Ok(Self {
            data: reader.document()?,
            base,
        })
    }

    /// What is between the length and the terminator.
    #[inline(always)]
    fn elements(self) -> Result<Reader<'d>, Failure> {
        match self.data {
            [_, _, _, _, elements @ .., _] => Ok(Reader::within(elements, self.base + 4)),
            _ => Err(wire::Error::new(ErrorKind::BadLength, self.base).into()),
        }
    }
}

/// Where a document stands, which decides what it may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At the top, or the scope of a `Code`: always a document.
    Top,
    /// At the top and to be looked into, whatever the document class.
    Inflated,
    /// Inside another one: one with `$ref` and `$id` is a `DBRef`.
    Embedded,
}

impl<'py> Decoder<'_, 'py> {
    /// Lends `act` a decoder.
    #[inline]
    pub fn with<T>(
        py: Python<'py>,
        options: &Options,
        classes: &'static Classes,
        act: impl FnOnce(&mut Decoder<'_, 'py>) -> Result<T, Failure>,
    ) -> Result<T, PyErr> {
        let mut scratch = IDLE.take().unwrap_or_default();
        let mut decoder = Decoder {
            py,
            options,
            classes,
            scratch: &mut scratch,
            depth: Depth::new(),
        };
        let result = act(&mut decoder);
        scratch.tidy();
        drop(IDLE.put(scratch));
        result.map_err(|failure| failure.while_decoding(py, classes))
    }

    /// Decodes exactly one document.
    #[inline]
    pub fn whole(&mut self, data: &[u8]) -> Result<Bound<'py, PyAny>, Failure> {
        self.document(Frame::whole(data)?, Place::Top)
    }

    /// Decodes one document into a dict; documents inside it become what the options say.
    pub fn inflate(&mut self, data: &[u8]) -> Result<Bound<'py, PyAny>, Failure> {
        self.document(Frame::whole(data)?, Place::Inflated)
    }

    /// One value, as an element of a document holds it.
    pub fn element(&mut self, element: &wire::Element<'_>) -> Result<Bound<'py, PyAny>, Failure> {
        let mut reader = Reader::within(element.value, element.offset + element.key.len() + 2);
        let decoded = self.value(element.kind, &mut reader, element.key)?;
        match reader.remaining() {
            0 => Ok(decoded),
            _ => Err(reader.error(ErrorKind::TrailingBytes).into()),
        }
    }

    /// A document whose frame (length and terminator) is checked.
    pub(super) fn document(
        &mut self,
        frame: Frame<'_>,
        place: Place,
    ) -> Result<Bound<'py, PyAny>, Failure> {
        let options = self.options;
        if let (DocumentClass::Raw(class), false) = (&options.document, place == Place::Inflated) {
            let bytes = text::new_bytes(self.py, frame.data)?;
            let options = options.python.bind(self.py);
            return Ok(python_code::call(
                class.bind(self.py),
                [bytes.as_any(), options],
            )?);
        }
        self.depth.enter()?;
        let base = self.scratch.pairs.len();
        let reference = self.elements(frame)?;
        let document = if reference && place == Place::Embedded && self.is_reference(base) {
            self.reference(base)
        } else {
            match &options.document {
                DocumentClass::DictLike(class) => self.fill(class, base, true),
                DocumentClass::Mapping(class) => self.fill(class, base, false),
                DocumentClass::Dict | DocumentClass::Raw(_) => Ok(container::new_dict(
                    self.py,
                    self.scratch.pairs.drain(base..),
                )?),
            }
        };
        self.depth.leave();
        document
    }

    /// Puts the elements on the stack; tells whether a key was `$ref`.
    #[inline(always)]
    fn elements(&mut self, frame: Frame<'_>) -> Result<bool, Failure> {
        let mut reader = frame.elements()?;
        let mut reference = false;
        while reader.remaining() > 0 {
            let kind = reader.byte()?;
            let name = reader.cstring()?;
            reference |= name == b"$ref";
            let key = self.key(name)?;
            let value = self.value(kind, &mut reader, name)?;
            self.scratch.pairs.push((key.unbind(), value.unbind()));
        }
        Ok(reference)
    }

    #[inline(always)]
    fn key(&mut self, name: &[u8]) -> Result<Bound<'py, PyString>, Failure> {
        let errors = self.options.text_errors.as_deref();
        self.scratch.keys.get(self.py, name, errors)
    }

    fn array(&mut self, frame: Frame<'_>) -> Result<Bound<'py, PyAny>, Failure> {
        self.depth.enter()?;
        let base = self.scratch.items.len();
        let mut reader = frame.elements()?;
        while reader.remaining() > 0 {
            let kind = reader.byte()?;
            let name = reader.cstring()?;
            let value = self.value(kind, &mut reader, name)?;
            self.scratch.items.push(value.unbind());
        }
        self.depth.leave();
        Ok(container::new_list(
            self.py,
            self.scratch.items.drain(base..),
        )?)
    }

    #[inline(always)]
    fn value(
        &mut self,
        kind: u8,
        reader: &mut Reader<'_>,
        name: &[u8],
    ) -> Result<Bound<'py, PyAny>, Failure> {
        let py = self.py;
        let value = match kind {
            kinds::STRING => self.text(reader.string()?)?,
            kinds::INT32 => number::new_int(py, reader.i32()?.into())?,
            kinds::DOUBLE => number::new_float(py, reader.f64()?)?,
            kinds::BOOLEAN => match reader.byte()? {
                0 => super::constant(py, false),
                1 => super::constant(py, true),
                other => {
                    return Err(Failure::new(Fault::Undecodable(format!(
                        "invalid boolean value: {other}"
                    ))));
                }
            },
            kinds::NULL => py.None().into_bound(py),
            kinds::DOCUMENT => {
                let frame = Frame::embedded(reader)?;
                self.document(frame, Place::Embedded)?
            }
            kinds::ARRAY => {
                let frame = Frame::embedded(reader)?;
                self.array(frame)?
            }
            kinds::INT64 => int_subclass::new_int_of(py, &self.classes.int64, reader.i64()?)?,
            kinds::OBJECT_ID => {
                crate::types::object_id::ObjectId::new_bound(py, reader.object_id()?)?.into_any()
            }
            kinds::DATETIME => self.datetime(reader.i64()?)?,
            other => self.rare_value(other, reader, name)?,
        };
        match &self.options.decoders {
            None => Ok(value),
            Some(decoders) => self.transform(decoders.bind(py), value),
        }
    }

    #[inline(always)]
    pub(super) fn text(&self, bytes: &[u8]) -> Result<Bound<'py, PyAny>, Failure> {
        match &self.options.text_errors {
            None => Ok(text::new_str(self.py, bytes)?),
            Some(errors) => self.lenient_text(bytes, errors),
        }
    }

    #[inline(never)]
    fn lenient_text(&self, bytes: &[u8], errors: &CStr) -> Result<Bound<'py, PyAny>, Failure> {
        Ok(text::decode_utf8(self.py, bytes, Some(errors))?)
    }

    /// What the application's decoder for the value's type makes of it.
    #[inline(never)]
    fn transform(
        &self,
        decoders: &Bound<'py, PyDict>,
        value: Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyAny>, Failure> {
        match decoders.get_item(value.get_type())? {
            None => Ok(value),
            Some(decoder) => python_code::call(&decoder, [&value])
                .map_err(|error| Failure::new(Fault::User(error))),
        }
    }

    /// An instance of the application's document class.
    #[inline(never)]
    fn fill(
        &mut self,
        class: &Py<PyAny>,
        base: usize,
        like_dict: bool,
    ) -> Result<Bound<'py, PyAny>, Failure> {
        let document = python_code::call(class.bind(self.py), [])
            .map_err(|error| Failure::new(Fault::User(error)))?;
        let pairs: Vec<_> = self.scratch.pairs.drain(base..).collect();
        for (key, value) in pairs {
            let (key, value) = (key.into_bound(self.py), value.into_bound(self.py));
            if like_dict && let Ok(dict) = document.cast::<PyDict>() {
                container::set_item(dict.as_borrowed(), key.as_borrowed(), value.as_borrowed())?;
            } else {
                python_code::set_item(&document, &key, &value)
                    .map_err(|error| Failure::new(Fault::User(error)))?;
            }
        }
        Ok(document)
    }

    /// Whether the elements on the stack from `base` are those of a `DBRef`.
    fn is_reference(&self, base: usize) -> bool {
        let names = &self.classes.names;
        let is_text = |value: &Bound<'py, PyAny>| value.is_instance_of::<PyString>();
        let database = match self.last(base, &names.dbref_db) {
            None => !self.options.references_need_database,
            Some(value) => is_text(value) || value.is_none(),
        };
        database
            && self.last(base, &names.dbref_ref).is_some_and(is_text)
            && self.last(base, &names.dbref_id).is_some()
    }

    /// The value of a key: the last one, as in a dict. Keys are interned, so this compares addresses.
    fn last(&self, base: usize, key: &Py<PyString>) -> Option<&Bound<'py, PyAny>> {
        self.scratch.pairs[base..]
            .iter()
            .rev()
            .find(|(name, _)| name.is(key))
            .map(|(_, value)| value.bind(self.py))
    }

    #[inline(never)]
    fn reference(&mut self, base: usize) -> Result<Bound<'py, PyAny>, Failure> {
        let py = self.py;
        let names = &self.classes.names;
        let none = || py.None().into_bound(py);
        let dict = container::new_dict(py, self.scratch.pairs.drain(base..))?;
        let fields = dict.cast::<PyDict>().map_err(PyErr::from)?;
        let take = |name: &Py<PyString>| -> Result<Bound<'py, PyAny>, Failure> {
            let value = fields.get_item(name)?;
            if value.is_some() {
                fields.del_item(name)?;
            }
            Ok(value.unwrap_or_else(none))
        };
        let (collection, id) = (take(&names.dbref_ref)?, take(&names.dbref_id)?);
        let database = take(&names.dbref_db)?;
        let class = self.classes.dbref.class().bind(py);
        Ok(python_code::call(
            class,
            [&collection, &id, &database, &dict],
        )?)
    }
}

/// The document at the start of `data`; faults in its frame are told in PyMongo's words.
pub(super) fn frame(data: &[u8]) -> Result<&[u8], Failure> {
    wire::document(data).map_err(|error| {
        let fault = match (error.kind, data.first_chunk()) {
            (ErrorKind::MissingTerminator, _) => "bad eoo",
            (_, Some(&prefix)) if data.len() >= 5 => match i32::from_le_bytes(prefix) {
                ..5 => "invalid message size",
                _ => "objsize too large",
            },
            _ => "not enough data for a BSON document",
        };
        undecodable(fault, error.offset)
    })
}

#[cold]
fn undecodable(fault: &str, offset: usize) -> Failure {
    Failure::new(Fault::Undecodable(format!("{fault} at offset {offset}")))
}
