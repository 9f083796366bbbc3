//! Instances of Python classes, made without running their `__new__` and `__init__`.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::raised::Raised;

/// The class whose constructor makes the object: the one that `class` derives from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// `object`: no argument.
    Object,
    /// `int`, from an int.
    Int,
    /// `bytes`, from bytes.
    Bytes,
    /// `str`, from a str.
    Str,
}

impl Base {
    fn class(self) -> *mut ffi::PyTypeObject {
        match self {
            Self::Object => &raw mut ffi::PyBaseObject_Type,
            Self::Int => &raw mut ffi::PyLong_Type,
            Self::Bytes => &raw mut ffi::PyBytes_Type,
            Self::Str => &raw mut ffi::PyUnicode_Type,
        }
    }
}

/// A Python class that derives from a built-in one, checked once to do so.
pub struct Derived {
    class: Py<PyType>,
    make: ffi::newfunc,
    allocate: Option<ffi::allocfunc>,
}

impl Derived {
    /// `class`, to be made by `base`'s constructor.
    pub fn new(class: &Bound<'_, PyType>, base: Base) -> PyResult<Self> {
        // SAFETY: both are type objects.
        let (derives, make, allocate) = unsafe {
            let (class, base) = (class.as_type_ptr(), base.class());
            let same_layout = (*class).tp_basicsize == (*base).tp_basicsize
                && (*class).tp_itemsize == (*base).tp_itemsize;
            let allocate = if same_layout { (*class).tp_alloc } else { None };
            (
                ffi::PyType_IsSubtype(class, base) != 0,
                (*base).tp_new,
                allocate,
            )
        };
        let Some(make) = make.filter(|_| derives) else {
            let message = format!("{class} does not derive from {base:?}");
            return Err(pyo3::exceptions::PyTypeError::new_err(message));
        };
        let allocate = allocate.filter(|_| base == Base::Int && digits_have_30_bits(class.py()));
        let class = class.clone().unbind();
        Ok(Self {
            class,
            make,
            allocate,
        })
    }

    /// The class.
    pub fn class(&self) -> &Py<PyType> {
        &self.class
    }

    /// The function that allocates instances of a subclass of int, if they are laid out exactly as an int.
    pub(super) fn int_allocator(&self) -> Option<ffi::allocfunc> {
        self.allocate
    }

    /// Whether `object` is exactly of this class.
    #[inline(always)]
    pub fn is_exactly(&self, object: Borrowed<'_, '_, PyAny>) -> bool {
        super::kind::type_address(object) == self.class.as_ptr() as usize
    }

    /// A new instance, with the base's argument if it takes one.
    #[inline]
    pub fn make<'py>(
        &self,
        py: Python<'py>,
        argument: Option<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        // SAFETY: the class derives from the base that `make` belongs to, which is all that a base's constructor
        // asks of it (object_new and friends check the rest). The tuple owns its item from PyTuple_SET_ITEM on.
        unsafe {
            let arguments = ffi::PyTuple_New(argument.is_some().into());
            if arguments.is_null() {
                return Err(Raised::new(py));
            }
            if let Some(argument) = argument {
                ffi::PyTuple_SET_ITEM(arguments, 0, argument.into_ptr());
            }
            let object = (self.make)(self.class.as_ptr().cast(), arguments, std::ptr::null_mut());
            ffi::Py_DECREF(arguments);
            Bound::from_owned_ptr_or_opt(py, object).ok_or_else(|| Raised::new(py))
        }
    }
}

/// Whether ints are built of the usual digits; a CPython can be configured to smaller ones.
fn digits_have_30_bits(py: Python<'_>) -> bool {
    let bits = || {
        py.import("sys")?
            .getattr("int_info")?
            .getattr("bits_per_digit")?
            .extract::<u32>()
    };
    bits().is_ok_and(|bits| bits == 30)
}

/// Sets an attribute as `object.__setattr__` does, past any `__setattr__` of the class.
#[inline]
pub fn set_attribute(
    object: &Bound<'_, PyAny>,
    name: Borrowed<'_, '_, PyString>,
    value: Borrowed<'_, '_, PyAny>,
) -> Result<(), Raised> {
    // SAFETY: all three are live objects.
    match unsafe { ffi::PyObject_GenericSetAttr(object.as_ptr(), name.as_ptr(), value.as_ptr()) } {
        0 => Ok(()),
        _ => Err(Raised::new(object.py())),
    }
}

/// The value of a string key, if the dict (or a subclass's own storage) has it.
#[inline]
pub fn dict_get<'py>(
    dict: Borrowed<'_, 'py, PyDict>,
    key: Borrowed<'_, 'py, PyString>,
) -> Result<Option<Bound<'py, PyAny>>, Raised> {
    let py = dict.py();
    // SAFETY: both are live objects, the first a dict. The borrowed result is made strong at once.
    unsafe {
        let value = ffi::PyDict_GetItemWithError(dict.as_ptr(), key.as_ptr());
        match Bound::from_borrowed_ptr_or_opt(py, value) {
            None if !ffi::PyErr_Occurred().is_null() => Err(Raised::new(py)),
            found => Ok(found),
        }
    }
}
