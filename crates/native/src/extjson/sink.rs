//! Where a value being written goes: to JSON text, or to plain Python values.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyNone, PyString};

use super::text::{push_escaped, push_float, push_integer, push_units};

/// Takes a value piece by piece. Each element of an array is announced by `element`, each field by `name` or `key`.
pub trait Sink<'py> {
    fn null(&mut self) -> PyResult<()>;
    fn boolean(&mut self, value: bool) -> PyResult<()>;
    fn text(&mut self, value: &str) -> PyResult<()>;
    fn string(&mut self, value: &Bound<'py, PyString>) -> PyResult<()>;
    fn integer(&mut self, value: i64) -> PyResult<()>;
    fn int(&mut self, value: &Bound<'py, PyInt>) -> PyResult<()>;
    fn float(&mut self, value: &Bound<'py, PyFloat>) -> PyResult<()>;
    fn begin_object(&mut self) -> PyResult<()>;
    fn name(&mut self, name: &'static str) -> PyResult<()>;
    fn key(&mut self, key: &Bound<'py, PyAny>) -> PyResult<()>;
    fn end_object(&mut self) -> PyResult<()>;
    fn begin_array(&mut self) -> PyResult<()>;
    fn element(&mut self) -> PyResult<()>;
    fn end_array(&mut self) -> PyResult<()>;
    /// A value that extended JSON has no form for.
    fn other(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()>;
}

/// Writes JSON as `json.dumps` does by default: ASCII, with `", "` and `": "`.
#[derive(Default)]
pub struct TextSink {
    out: String,
    needs_comma: bool,
}

impl TextSink {
    /// The finished text.
    pub fn into_text(self) -> String {
        self.out
    }

    fn comma(&mut self) {
        if self.needs_comma {
            self.out.push_str(", ");
        }
        self.needs_comma = true;
    }

    fn quoted(&mut self, value: &Bound<'_, PyString>) -> PyResult<()> {
        self.out.push('"');
        if let Ok(text) = value.to_str() {
            push_escaped(&mut self.out, text);
        } else {
            let arguments = ("utf-16-le", "surrogatepass");
            let encoded = value
                .call_method1(intern!(value.py(), "encode"), arguments)?
                .cast_into::<PyBytes>()?;
            let units = encoded
                .as_bytes()
                .chunks_exact(2)
                .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            push_units(&mut self.out, units);
        }
        self.out.push('"');
        Ok(())
    }
}

impl<'py> Sink<'py> for TextSink {
    fn null(&mut self) -> PyResult<()> {
        self.out.push_str("null");
        Ok(())
    }

    fn boolean(&mut self, value: bool) -> PyResult<()> {
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn text(&mut self, value: &str) -> PyResult<()> {
        self.out.push('"');
        push_escaped(&mut self.out, value);
        self.out.push('"');
        Ok(())
    }

    fn string(&mut self, value: &Bound<'py, PyString>) -> PyResult<()> {
        self.quoted(value)
    }

    fn integer(&mut self, value: i64) -> PyResult<()> {
        push_integer(&mut self.out, value);
        Ok(())
    }

    /// The digits of the number, whatever a subclass's `__repr__` says.
    fn int(&mut self, value: &Bound<'py, PyInt>) -> PyResult<()> {
        if let Ok(small) = value.extract() {
            return self.integer(small);
        }
        let digits = value
            .py()
            .get_type::<PyInt>()
            .call_method1(intern!(value.py(), "__repr__"), (value,))?;
        self.out.push_str(digits.cast::<PyString>()?.to_str()?);
        Ok(())
    }

    fn float(&mut self, value: &Bound<'py, PyFloat>) -> PyResult<()> {
        push_float(&mut self.out, value.value());
        Ok(())
    }

    fn begin_object(&mut self) -> PyResult<()> {
        self.out.push('{');
        self.needs_comma = false;
        Ok(())
    }

    fn name(&mut self, name: &'static str) -> PyResult<()> {
        self.comma();
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\": ");
        Ok(())
    }

    fn key(&mut self, key: &Bound<'py, PyAny>) -> PyResult<()> {
        self.comma();
        if let Ok(key) = key.cast::<PyString>() {
            self.quoted(key)?;
        } else {
            self.out.push('"');
            if let Ok(key) = key.cast::<PyFloat>() {
                self.float(key)?;
            } else if let Ok(key) = key.cast::<PyBool>() {
                self.boolean(key.is_true())?;
            } else if key.is_none() {
                self.null()?;
            } else if let Ok(key) = key.cast::<PyInt>() {
                self.int(key)?;
            } else {
                let class = key.get_type().name()?;
                let message = format!("keys must be str, int, float, bool or None, not {class}");
                return Err(PyTypeError::new_err(message));
            }
            self.out.push('"');
        }
        self.out.push_str(": ");
        Ok(())
    }

    fn end_object(&mut self) -> PyResult<()> {
        self.out.push('}');
        self.needs_comma = true;
        Ok(())
    }

    fn begin_array(&mut self) -> PyResult<()> {
        self.out.push('[');
        self.needs_comma = false;
        Ok(())
    }

    fn element(&mut self) -> PyResult<()> {
        self.comma();
        Ok(())
    }

    fn end_array(&mut self) -> PyResult<()> {
        self.out.push(']');
        self.needs_comma = true;
        Ok(())
    }

    fn other(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let class = value.get_type().name()?;
        Err(PyTypeError::new_err(format!(
            "Object of type {class} is not JSON serializable"
        )))
    }
}

/// A container being filled, and where in it the next value goes.
enum Open<'py> {
    Object(Bound<'py, PyDict>, Bound<'py, PyAny>),
    Array(Bound<'py, PyList>),
}

/// Builds dictionaries and lists. Strings and numbers are the very objects met.
pub struct ObjectSink<'py> {
    py: Python<'py>,
    open: Vec<Open<'py>>,
    value: Bound<'py, PyAny>,
}

impl<'py> ObjectSink<'py> {
    /// A sink that has taken nothing.
    pub fn new(py: Python<'py>) -> Self {
        Self {
            py,
            open: Vec::new(),
            value: PyNone::get(py).to_owned().into_any(),
        }
    }

    /// The finished value.
    pub fn into_value(self) -> Bound<'py, PyAny> {
        self.value
    }

    fn put(&mut self, value: Bound<'py, PyAny>) -> PyResult<()> {
        match self.open.last() {
            None => self.value = value,
            Some(Open::Object(object, key)) => object.set_item(key, value)?,
            Some(Open::Array(array)) => array.append(value)?,
        }
        Ok(())
    }

    fn close(&mut self) -> PyResult<()> {
        match self.open.pop() {
            Some(Open::Object(object, _)) => self.put(object.into_any()),
            Some(Open::Array(array)) => self.put(array.into_any()),
            None => Ok(()),
        }
    }
}

impl<'py> Sink<'py> for ObjectSink<'py> {
    fn null(&mut self) -> PyResult<()> {
        self.put(PyNone::get(self.py).to_owned().into_any())
    }

    fn boolean(&mut self, value: bool) -> PyResult<()> {
        self.put(PyBool::new(self.py, value).to_owned().into_any())
    }

    fn text(&mut self, value: &str) -> PyResult<()> {
        self.put(PyString::new(self.py, value).into_any())
    }

    fn string(&mut self, value: &Bound<'py, PyString>) -> PyResult<()> {
        self.put(value.clone().into_any())
    }

    fn integer(&mut self, value: i64) -> PyResult<()> {
        self.put(PyInt::new(self.py, value).into_any())
    }

    fn int(&mut self, value: &Bound<'py, PyInt>) -> PyResult<()> {
        self.put(value.clone().into_any())
    }

    fn float(&mut self, value: &Bound<'py, PyFloat>) -> PyResult<()> {
        self.put(value.clone().into_any())
    }

    fn begin_object(&mut self) -> PyResult<()> {
        let key = PyNone::get(self.py).to_owned().into_any();
        self.open.push(Open::Object(PyDict::new(self.py), key));
        Ok(())
    }

    fn name(&mut self, name: &'static str) -> PyResult<()> {
        self.key(PyString::intern(self.py, name).as_any())
    }

    fn key(&mut self, key: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Some(Open::Object(_, pending)) = self.open.last_mut() {
            *pending = key.clone();
        }
        Ok(())
    }

    fn end_object(&mut self) -> PyResult<()> {
        self.close()
    }

    fn begin_array(&mut self) -> PyResult<()> {
        self.open.push(Open::Array(PyList::empty(self.py)));
        Ok(())
    }

    fn element(&mut self) -> PyResult<()> {
        Ok(())
    }

    fn end_array(&mut self) -> PyResult<()> {
        self.close()
    }

    fn other(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        self.put(value.clone())
    }
}
