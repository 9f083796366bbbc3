//! Dictionaries and lists: built at their size, walked without copies.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

use super::raised::Raised;

unsafe extern "C" {
    /// Private but exported by every CPython to date: a dictionary with room for `size` string keys.
    fn _PyDict_NewPresized(size: ffi::Py_ssize_t) -> *mut ffi::PyObject;
}

/// A dictionary of `pairs`, which it takes out of the vector. A later value of a key replaces an earlier one.
#[inline(always)]
pub fn new_dict<'py>(
    py: Python<'py>,
    pairs: impl ExactSizeIterator<Item = (Py<PyString>, Py<PyAny>)>,
) -> Result<Bound<'py, PyAny>, Raised> {
    // SAFETY: the dictionary is new and owned; each key and value is a live object, of which it takes its own
    // reference. The count is a collection's length, so at most isize::MAX.
    unsafe {
        let count = pairs.len() as ffi::Py_ssize_t;
        let Some(dict) = Bound::from_owned_ptr_or_opt(py, _PyDict_NewPresized(count)) else {
            return Err(Raised::new(py));
        };
        for (key, value) in pairs {
            let (key, value) = (key.into_bound(py), value.into_bound(py));
            if ffi::PyDict_SetItem(dict.as_ptr(), key.as_ptr(), value.as_ptr()) != 0 {
                return Err(Raised::new(py));
            }
        }
        Ok(dict)
    }
}

/// Stores an item in a dict or in an instance of a subclass, past any `__setitem__` of that.
#[inline]
pub fn set_item(
    dict: Borrowed<'_, '_, PyDict>,
    key: Borrowed<'_, '_, PyString>,
    value: Borrowed<'_, '_, PyAny>,
) -> Result<(), Raised> {
    // SAFETY: all three are live objects, and the first is a dictionary.
    match unsafe { ffi::PyDict_SetItem(dict.as_ptr(), key.as_ptr(), value.as_ptr()) } {
        0 => Ok(()),
        _ => Err(Raised::new(dict.py())),
    }
}

/// A list of `items`, in order.
#[inline(always)]
pub fn new_list<'py>(
    py: Python<'py>,
    items: impl ExactSizeIterator<Item = Py<PyAny>>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let count = items.len();
    // SAFETY: the list is new, of `count` empty slots; each index is below `count`, and each slot takes over one
    // reference. Slots that are left empty by a short iterator are valid for a list that is only dropped, and
    // `ExactSizeIterator` bounds the loop by `take`.
    unsafe {
        let Some(list) =
            Bound::from_owned_ptr_or_opt(py, ffi::PyList_New(count as ffi::Py_ssize_t))
        else {
            return Err(Raised::new(py));
        };
        let mut filled = 0;
        for item in items.take(count) {
            ffi::PyList_SET_ITEM(list.as_ptr(), filled as ffi::Py_ssize_t, item.into_ptr());
            filled += 1;
        }
        assert_eq!(filled, count, "the iterator must tell its length");
        Ok(list)
    }
}

/// The items of a dict, or of a subclass's own storage. They are owned, so Python code may run between two steps;
/// if it changes the dictionary, which items still come is undefined, but nothing worse happens.
pub struct Items<'a, 'py> {
    dict: Borrowed<'a, 'py, PyDict>,
    position: ffi::Py_ssize_t,
}

impl<'a, 'py> Items<'a, 'py> {
    /// Starts at the first item.
    #[inline(always)]
    pub fn new(dict: Borrowed<'a, 'py, PyDict>) -> Self {
        Self { dict, position: 0 }
    }
}

impl<'py> Iterator for Items<'_, 'py> {
    type Item = (Bound<'py, PyAny>, Bound<'py, PyAny>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let py = self.dict.py();
        let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: `dict` is a live dictionary. PyDict_Next checks the position against its present size, and the
        // references it lends are made strong before anything else can run.
        unsafe {
            if ffi::PyDict_Next(
                self.dict.as_ptr(),
                &raw mut self.position,
                &raw mut key,
                &raw mut value,
            ) == 0
            {
                return None;
            }
            Some((
                Bound::from_borrowed_ptr(py, key),
                Bound::from_borrowed_ptr(py, value),
            ))
        }
    }
}

/// The item of a list at `index`, or None past its present end.
#[inline(always)]
pub fn list_item<'py>(list: Borrowed<'_, 'py, PyList>, index: usize) -> Option<Bound<'py, PyAny>> {
    // SAFETY: `list` is a list, and the index is checked against its present size before the slot is read; the
    // reference is made strong at once.
    unsafe {
        if index >= ffi::PyList_GET_SIZE(list.as_ptr()) as usize {
            return None;
        }
        let item = ffi::PyList_GET_ITEM(list.as_ptr(), index as ffi::Py_ssize_t);
        Some(Bound::from_borrowed_ptr(list.py(), item))
    }
}

/// The item of a tuple at `index`, or None past its end.
#[inline(always)]
pub fn tuple_item<'a, 'py>(
    tuple: Borrowed<'a, 'py, PyTuple>,
    index: usize,
) -> Option<Borrowed<'a, 'py, PyAny>> {
    // SAFETY: `tuple` is a tuple, and the index is checked against its size. Tuples do not change, so what they
    // hold lives as long as they do.
    unsafe {
        if index >= ffi::PyTuple_GET_SIZE(tuple.as_ptr()) as usize {
            return None;
        }
        Some(Borrowed::from_ptr(
            tuple.py(),
            ffi::PyTuple_GET_ITEM(tuple.as_ptr(), index as ffi::Py_ssize_t),
        ))
    }
}

/// Whether `class` is a subclass of dict that stores items as dict does (it has no `__setitem__` of its own).
pub fn stores_like_dict(class: &Bound<'_, PyType>) -> bool {
    // SAFETY: `class` is a type object, and PyDict_Type is one; the tables that a type points to live as long.
    unsafe {
        let class = class.as_type_ptr();
        let dict = &raw mut ffi::PyDict_Type;
        if ffi::PyType_IsSubtype(class, dict) == 0 || (*class).tp_as_mapping.is_null() {
            return false;
        }
        let (theirs, own) = (
            (*(*class).tp_as_mapping).mp_ass_subscript,
            (*(*dict).tp_as_mapping).mp_ass_subscript,
        );
        matches!((theirs, own), (Some(theirs), Some(own)) if std::ptr::fn_addr_eq(theirs, own))
    }
}
