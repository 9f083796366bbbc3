//! What an object is, by comparing its type pointer.

use std::marker::PhantomData;

use pyo3::PyTypeInfo;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

/// An object by its exact type. Instances of subclasses are `Other`.
pub enum Exact<'a, 'py> {
    /// A `str`.
    Str(Borrowed<'a, 'py, PyString>),
    /// An `int`, but not a `bool`.
    Int(Borrowed<'a, 'py, PyInt>),
    /// A `dict`.
    Dict(Borrowed<'a, 'py, PyDict>),
    /// `True` or `False`.
    Bool(bool),
    /// A `float`.
    Float(Borrowed<'a, 'py, PyFloat>),
    /// `None`.
    None,
    /// A `list`.
    List(Borrowed<'a, 'py, PyList>),
    /// A `bytes`.
    Bytes(Borrowed<'a, 'py, PyBytes>),
    /// A `tuple`.
    Tuple(Borrowed<'a, 'py, PyTuple>),
    /// Anything else.
    Other,
}

/// Tells what `object` is. The commonest types come first.
#[inline(always)]
pub fn exact<'a, 'py>(object: Borrowed<'a, 'py, PyAny>) -> Exact<'a, 'py> {
    // SAFETY: each cast follows a comparison of the object's type with exactly that type.
    unsafe {
        let kind = ffi::Py_TYPE(object.as_ptr());
        if kind == &raw mut ffi::PyUnicode_Type {
            Exact::Str(object.cast_unchecked())
        } else if kind == &raw mut ffi::PyLong_Type {
            Exact::Int(object.cast_unchecked())
        } else if kind == &raw mut ffi::PyDict_Type {
            Exact::Dict(object.cast_unchecked())
        } else if kind == &raw mut ffi::PyBool_Type {
            Exact::Bool(object.as_ptr() == ffi::Py_True())
        } else if kind == &raw mut ffi::PyFloat_Type {
            Exact::Float(object.cast_unchecked())
        } else if object.as_ptr() == ffi::Py_None() {
            Exact::None
        } else if kind == &raw mut ffi::PyList_Type {
            Exact::List(object.cast_unchecked())
        } else if kind == &raw mut ffi::PyBytes_Type {
            Exact::Bytes(object.cast_unchecked())
        } else if kind == &raw mut ffi::PyTuple_Type {
            Exact::Tuple(object.cast_unchecked())
        } else {
            Exact::Other
        }
    }
}

/// The address of an object's type, to be compared with others' while the object lives.
#[inline(always)]
pub fn type_address(object: Borrowed<'_, '_, PyAny>) -> usize {
    // SAFETY: `object` is a live object.
    unsafe { ffi::Py_TYPE(object.as_ptr()) as usize }
}

/// A native class whose address is kept, so that an exact check is one comparison.
pub struct NativeClass<T> {
    address: usize,
    class: PhantomData<fn() -> T>,
}

impl<T: PyTypeInfo> NativeClass<T> {
    /// Looks the class up.
    pub fn new(py: Python<'_>) -> Self {
        Self {
            address: T::type_object_raw(py) as usize,
            class: PhantomData,
        }
    }

    /// `object` as an instance of exactly this class.
    #[inline(always)]
    pub fn cast<'a, 'py>(&self, object: Borrowed<'a, 'py, PyAny>) -> Option<Borrowed<'a, 'py, T>> {
        // SAFETY: the object's type is the one that `new` got for `T`; native classes live as long as the process.
        (type_address(object) == self.address).then(|| unsafe { object.cast_unchecked() })
    }
}
