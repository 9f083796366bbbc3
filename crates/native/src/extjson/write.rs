//! Walks a Python value and tells a sink its extended JSON.
//!
//! What counts as a document or an array is decided as PyMongo does: whatever has `items` is a document, whatever else
//! can be iterated is an array, except strings, bytes and numbers.

use pyo3::exceptions::{PyRecursionError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::MAX_WRITE_DEPTH;
use super::classes::Classes;
use super::options::{Mode, WriteOptions};
use super::sink::Sink;
use super::text::{not_finite, push_float, push_integer};

/// Writes values to a sink.
pub struct Writer<'a, 'py, S> {
    pub(super) sink: S,
    pub(super) options: &'a WriteOptions<'py>,
    pub(super) classes: &'static Classes,
}

impl<'a, 'py, S: Sink<'py>> Writer<'a, 'py, S> {
    /// A writer to an empty sink.
    pub fn new(sink: S, options: &'a WriteOptions<'py>, classes: &'static Classes) -> Self {
        Self {
            sink,
            options,
            classes,
        }
    }

    /// The sink, with all that was written.
    pub fn into_sink(self) -> S {
        self.sink
    }

    /// Writes any value. `depth` is the number of containers around it.
    pub fn value(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        if self.exact_scalar(value, depth)? {
            return Ok(());
        }
        if depth >= MAX_WRITE_DEPTH {
            return Err(PyRecursionError::new_err(
                "maximum recursion depth exceeded while encoding a JSON object",
            ));
        }
        if let Ok(dict) = value.cast_exact::<PyDict>() {
            return self.dict(dict, depth);
        }
        if let Ok(list) = value.cast_exact::<PyList>() {
            self.sink.begin_array()?;
            for element in list {
                self.sink.element()?;
                self.value(&element, depth + 1)?;
            }
            return self.sink.end_array();
        }
        self.other_value(value, depth)
    }

    #[inline(never)]
    fn other_value(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        let py = value.py();
        if let Some(items) = value.getattr_opt(intern!(py, "items"))? {
            return self.items(&items.call0()?, depth);
        }
        // Flags are numbers that can be iterated, and give themselves.
        let scalar = value.is_instance_of::<PyString>()
            || value.is_instance_of::<PyBytes>()
            || value.is_instance_of::<PyInt>();
        if !scalar && value.getattr_opt(intern!(py, "__iter__"))?.is_some() {
            return self.iterable(value, depth);
        }
        if self.derived_scalar(value, depth)? {
            Ok(())
        } else {
            self.sink.other(value)
        }
    }

    /// A dictionary that shrinks or grows meanwhile, by what other code runs in between, is an error.
    fn dict(&mut self, dict: &Bound<'py, PyDict>, depth: usize) -> PyResult<()> {
        self.sink.begin_object()?;
        let length = dict.len();
        let mut items = dict.iter();
        for _ in 0..length {
            if dict.len() != length {
                return Err(PyRuntimeError::new_err(
                    "dictionary changed size during iteration",
                ));
            }
            let Some((key, value)) = items.next() else {
                break;
            };
            self.sink.key(&key)?;
            self.value(&value, depth + 1)?;
        }
        self.sink.end_object()
    }

    #[inline(never)]
    fn items(&mut self, items: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        self.sink.begin_object()?;
        for item in items.try_iter()? {
            let (key, value) = item?.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()?;
            self.sink.key(&key)?;
            self.value(&value, depth + 1)?;
        }
        self.sink.end_object()
    }

    #[inline(never)]
    fn iterable(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        self.sink.begin_array()?;
        for element in value.try_iter()? {
            self.sink.element()?;
            self.value(&element?, depth + 1)?;
        }
        self.sink.end_array()
    }

    /// Writes a value that is no container; false if it is one, or nothing that BSON has.
    pub fn scalar(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<bool> {
        Ok(self.exact_scalar(value, depth)? || self.derived_scalar(value, depth)?)
    }

    /// As `scalar`, for values of exactly a known class.
    fn exact_scalar(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<bool> {
        if let Ok(text) = value.cast_exact::<PyString>() {
            self.sink.string(text)?;
        } else if let Ok(int) = value.cast_exact::<PyInt>() {
            self.int(int)?;
        } else if let Ok(float) = value.cast_exact::<PyFloat>() {
            self.float(float)?;
        } else if let Ok(boolean) = value.cast_exact::<PyBool>() {
            self.sink.boolean(boolean.is_true())?;
        } else if value.is_none() {
            self.sink.null()?;
        } else if value.is_exact_instance_of::<PyDict>() || value.is_exact_instance_of::<PyList>() {
            return Ok(false);
        } else if let Some(kind) = self.classes.kind_of(&value.get_type()) {
            self.bson(kind, value, depth)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// As `scalar`, for values of other classes: by `_type_marker` or inheritance.
    #[inline(never)]
    fn derived_scalar(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<bool> {
        let container = value.is_instance_of::<PyDict>()
            || value.is_instance_of::<PyList>()
            || value.is_instance_of::<PyTuple>();
        if container {
            return Ok(false);
        }
        if let Some(kind) = self.classes.kind_of_derived(value)? {
            self.bson(kind, value, depth)?;
        } else if let Ok(text) = value.cast::<PyString>() {
            self.sink.string(text)?;
        } else if let Ok(int) = value.cast::<PyInt>() {
            self.int(int)?;
        } else if let Ok(float) = value.cast::<PyFloat>() {
            self.float(float)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    #[inline(never)]
    fn int(&mut self, value: &Bound<'py, PyInt>) -> PyResult<()> {
        if self.options.mode != Mode::Canonical {
            return self.sink.int(value);
        }
        let small = value.extract::<i64>().ok();
        let int32 = small.is_some_and(|small| i32::try_from(small).is_ok());
        let name = if int32 { "$numberInt" } else { "$numberLong" };
        match small {
            Some(small) if value.is_exact_instance_of::<PyInt>() => {
                let mut digits = String::new();
                push_integer(&mut digits, small);
                self.wrapped_text(name, &digits)
            }
            _ => self.wrapped(name, &value.str()?),
        }
    }

    #[inline(never)]
    fn float(&mut self, value: &Bound<'py, PyFloat>) -> PyResult<()> {
        let number = value.value();
        match self.options.mode {
            Mode::Legacy => self.sink.float(value),
            _ if !number.is_finite() => self.wrapped_text("$numberDouble", not_finite(number)),
            Mode::Relaxed => self.sink.float(value),
            Mode::Canonical if value.is_exact_instance_of::<PyFloat>() => {
                let mut digits = String::new();
                push_float(&mut digits, number);
                self.wrapped_text("$numberDouble", &digits)
            }
            Mode::Canonical => self.wrapped("$numberDouble", &value.repr()?),
        }
    }
}
