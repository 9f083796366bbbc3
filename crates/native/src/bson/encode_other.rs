//! Telling what a value is that is no built-in type: petiole's own classes, PyMongo's by `_type_marker`, subclasses of the built-in
//! ones, mappings, and what the application's type registry knows.

use petiole_wire::bson::{self as wire, element_type as kinds};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::encode::Encoder;
use super::errors::{Failure, Fault};
use crate::ffi::{number, python_code, text};

/// Which of the registry's ways were tried already: each is taken once per value.
#[derive(Debug, Clone, Copy, Default)]
struct Tried {
    encoder: bool,
    fallback: bool,
}

impl<'py> Encoder<'_, 'py> {
    /// A document that is no plain dict.
    #[inline(never)]
    pub(super) fn document_like(
        &mut self,
        document: &Bound<'py, PyAny>,
        top: bool,
    ) -> Result<(), Failure> {
        if self.marker(document)? == Some(101) {
            return self.raw(document);
        }
        if let Ok(dict) = document.cast::<PyDict>()
            && !document.is_instance(self.classes.ordered_dict.bind(self.py))?
        {
            return self.dict(dict.as_borrowed(), top);
        }
        if python_code::is_instance(document, self.classes.mapping.bind(self.py))? {
            return self.mapping(document, top);
        }
        let message = format!(
            "encoder expected a mapping type but got: {}",
            python_code::repr(document)?
        );
        Err(PyTypeError::new_err(message).into())
    }

    /// Any mapping, through its own iteration.
    fn mapping(&mut self, mapping: &Bound<'py, PyAny>, top: bool) -> Result<(), Failure> {
        let start = self.begin()?;
        let id = self.classes.names.id.bind(self.py);
        let id_is_first = top && python_code::contains(mapping, id)?;
        if id_is_first {
            let value = python_code::get_item(mapping, id)?;
            self.element(b"_id", value.as_borrowed())?;
        }
        for key in python_code::iterate(mapping)? {
            let key = key?;
            let name = self.key(key.as_borrowed())?;
            if id_is_first && name == b"_id" {
                continue;
            }
            let value = python_code::get_item(mapping, &key)?;
            self.element(name, value.as_borrowed())?;
        }
        self.end(start)
    }

    /// A raw document: its bytes, if they are one document.
    fn raw(&mut self, document: &Bound<'py, PyAny>) -> Result<(), Failure> {
        let raw = python_code::get_attribute(document, intern!(self.py, "raw"))?;
        let copied: Vec<u8>;
        let bytes = match raw.cast::<PyBytes>() {
            Ok(bytes) => bytes.as_bytes(),
            Err(_) => {
                copied = text::copy_buffer(&raw)?;
                &copied
            }
        };
        match wire::document(bytes) {
            Ok(framed) if framed.len() == bytes.len() => {
                self.out.extend_from_slice(bytes);
                Ok(())
            }
            _ => Err(Failure::document(
                "a raw document's bytes are not one document",
            )),
        }
    }

    /// An integer beyond 64 bits: an error, unless the application encodes such.
    #[cold]
    pub(super) fn big_int(&mut self, key: &[u8], value: &Bound<'py, PyAny>) -> Result<(), Failure> {
        match &self.options.fallback {
            None => Err(Failure::new(Fault::Overflow)),
            Some(_) => self.by_registry(
                key,
                value.as_borrowed(),
                Tried::default(),
                Failure::new(Fault::Overflow),
            ),
        }
    }

    /// A value of a type that is not built in.
    #[inline(never)]
    pub(super) fn other(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyAny>,
    ) -> Result<(), Failure> {
        self.any(key, value, Tried::default())
    }

    fn any(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyAny>,
        tried: Tried,
    ) -> Result<(), Failure> {
        let classes = self.classes;
        if let Some(id) = classes.object_id.cast(value) {
            self.object_id(key, id.get().bytes());
        } else if let Some(datetime) = classes.datetimes.exact(value) {
            self.datetime(key, datetime)?;
        } else if classes.int64.is_exactly(value) {
            let value = value.cast::<PyInt>().map_err(PyErr::from)?;
            self.int64(
                key,
                number::as_i64(value).ok_or_else(|| Failure::new(Fault::Overflow))?,
            );
        } else if let Some(timestamp) = classes.timestamp.cast(value) {
            self.timestamp(key, timestamp.get().value());
        } else if classes.binary.is_exactly(value) {
            self.binary_of(key, value, &classes.names.binary_subtype)?;
        } else if classes.code.is_exactly(value) {
            self.code(key, value, &classes.names.code_scope)?;
        } else if classes.decimal128.is_exactly(value) {
            self.decimal128(key, value, &classes.names.bid)?;
        } else if classes.regex.is_exactly(value) {
            self.regex(key, value)?;
        } else if classes.min_key.is_exactly(value) {
            self.head(kinds::MIN_KEY, key);
        } else if classes.max_key.is_exactly(value) {
            self.head(kinds::MAX_KEY, key);
        } else if value.get_type().is(&classes.son) {
            let dict = value.cast::<PyDict>().map_err(PyErr::from)?;
            self.head(kinds::DOCUMENT, key);
            self.dict(dict, false)?;
        } else if !self.marked(key, value)? && !self.derived(key, value)? {
            let failure = self.unencodable(value)?;
            self.by_registry(key, value, tried, failure)?;
        }
        Ok(())
    }

    /// The number by which classes of BSON values, also PyMongo's, say what they are.
    fn marker(&self, value: &Bound<'py, PyAny>) -> Result<Option<i64>, Failure> {
        let marker =
            python_code::find_attribute(value, self.classes.names.type_marker.bind(self.py))?;
        Ok(marker.and_then(|marker| {
            marker
                .cast_exact::<PyInt>()
                .ok()
                .and_then(|n| number::as_i64(n.as_borrowed()))
        }))
    }

    /// Encodes a value that has a `_type_marker`; tells whether it had a known one.
    fn marked(&mut self, key: &[u8], value: Borrowed<'_, 'py, PyAny>) -> Result<bool, Failure> {
        let Some(marker) = self.marker(&value)? else {
            return Ok(false);
        };
        match marker {
            5 => self.binary_of(key, value, intern!(self.py, "subtype").as_unbound())?,
            7 => {
                let bytes = python_code::get_attribute(&value, intern!(self.py, "binary"))?;
                self.object_id(key, bytes.extract()?);
            }
            9 => {
                let milliseconds = self.py.get_type::<PyInt>().call1((value,))?;
                let milliseconds = milliseconds.cast::<PyInt>().map_err(PyErr::from)?;
                let milliseconds = number::as_i64(milliseconds.as_borrowed());
                let milliseconds = milliseconds.ok_or_else(|| Failure::new(Fault::Overflow))?;
                self.head(kinds::DATETIME, key);
                self.out.extend_from_slice(&milliseconds.to_le_bytes());
            }
            11 => self.regex(key, value)?,
            13 => self.code(key, value, intern!(self.py, "scope").as_unbound())?,
            17 => {
                let (time, increment): (u32, u32) = (
                    python_code::get_attribute(&value, intern!(self.py, "time"))?.extract()?,
                    python_code::get_attribute(&value, intern!(self.py, "inc"))?.extract()?,
                );
                self.timestamp(key, u64::from(time) << 32 | u64::from(increment));
            }
            18 => {
                let value = value.cast::<PyInt>().map_err(PyErr::from)?;
                self.int64(
                    key,
                    number::as_i64(value).ok_or_else(|| Failure::new(Fault::Overflow))?,
                );
            }
            19 => self.decimal128(key, value, intern!(self.py, "bid").as_unbound())?,
            100 => self.reference(key, value)?,
            101 => {
                self.head(kinds::DOCUMENT, key);
                self.raw(&value)?;
            }
            127 => self.head(kinds::MAX_KEY, key),
            255 => self.head(kinds::MIN_KEY, key),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A `DBRef`: its form as a document, with keys that begin with `$`.
    fn reference(&mut self, key: &[u8], value: Borrowed<'_, 'py, PyAny>) -> Result<(), Failure> {
        let document = python_code::call_method(intern!(self.py, "as_doc"), [&value])?;
        self.head(kinds::DOCUMENT, key);
        self.unchecked_document(&document)
    }

    /// The document inside a value that is no document to the application: its keys may be anything.
    pub(super) fn unchecked_document(
        &mut self,
        document: &Bound<'py, PyAny>,
    ) -> Result<(), Failure> {
        let checking = std::mem::replace(&mut self.check_keys, false);
        let result = self.document(document, false);
        self.check_keys = checking;
        result
    }

    /// Encodes instances of subclasses of the built-in types, and the standard library's types.
    fn derived(&mut self, key: &[u8], value: Borrowed<'_, 'py, PyAny>) -> Result<bool, Failure> {
        let py = self.py;
        if let Ok(dict) = value.cast::<PyDict>() {
            self.head(kinds::DOCUMENT, key);
            let result = if value.is_instance(self.classes.ordered_dict.bind(py))? {
                self.mapping(&value, false)
            } else {
                self.dict(dict, false)
            };
            result?;
        } else if let Ok(text) = value.cast::<PyString>() {
            self.string(key, text::utf8(text)?)?;
        } else if let Ok(number) = value.cast::<PyInt>() {
            match number::as_i64(number) {
                Some(number) => self.int(key, number),
                None => self.big_int(key, &value)?,
            }
        } else if let Ok(number) = value.cast::<PyFloat>() {
            self.double(key, number::as_f64(number));
        } else if let Ok(bytes) = value.cast::<PyBytes>() {
            self.binary(key, 0, text::bytes(bytes))?;
        } else if let Ok(list) = value.cast::<PyList>() {
            self.head(kinds::ARRAY, key);
            self.list(list)?;
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            self.head(kinds::ARRAY, key);
            self.tuple(tuple)?;
        } else if let Ok(datetime) = value.cast::<PyDateTime>() {
            self.datetime(key, datetime)?;
        } else if value.is_instance(self.classes.pattern.bind(py))? {
            self.regex(key, value)?;
        } else if let Some(uuids) = self.classes.loaded_uuids(py)?
            && value.is_instance(uuids.class.class().bind(py))?
        {
            self.uuid(key, value)?;
        } else if python_code::is_instance(&value, self.classes.mapping.bind(py))? {
            self.head(kinds::DOCUMENT, key);
            self.mapping(&value, false)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Asks the type registry: the encoder of the exact type first, then the fallback.
    fn by_registry(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyAny>,
        tried: Tried,
        failure: Failure,
    ) -> Result<(), Failure> {
        let encoder = match &self.options.encoders {
            Some(encoders) if !tried.encoder => {
                encoders.bind(self.py).get_item(value.get_type())?
            }
            _ => None,
        };
        if let Some(encoder) = encoder {
            let value = python_code::call(&encoder, [&value])?;
            return self.again(
                key,
                &value,
                Tried {
                    encoder: true,
                    ..tried
                },
            );
        }
        match &self.options.fallback {
            Some(fallback) if !tried.fallback => {
                let value = python_code::call(fallback.bind(self.py), [&value])?;
                self.again(
                    key,
                    &value,
                    Tried {
                        fallback: true,
                        ..tried
                    },
                )
            }
            _ => Err(failure),
        }
    }

    fn again(
        &mut self,
        key: &[u8],
        value: &Bound<'py, PyAny>,
        tried: Tried,
    ) -> Result<(), Failure> {
        use crate::ffi::kind::{Exact, exact};
        match exact(value.as_borrowed()) {
            Exact::Other => self.any(key, value.as_borrowed(), tried),
            Exact::Int(number) if number::as_i64(number).is_none() => self.by_registry(
                key,
                value.as_borrowed(),
                tried,
                Failure::new(Fault::Overflow),
            ),
            _ => self.value(key, value.as_borrowed()),
        }
    }

    #[cold]
    fn unencodable(&self, value: Borrowed<'_, 'py, PyAny>) -> Result<Failure, Failure> {
        if (self.options.encoders.is_some() || self.options.fallback.is_some())
            && python_code::repr(&value).is_err()
        {
            return Ok(Failure::document("cannot encode object"));
        }
        let (text, class) = (python_code::repr(&value)?, value.get_type().repr()?);
        Ok(Failure::document(format!(
            "cannot encode object: {text}, of type: {class}"
        )))
    }
}
