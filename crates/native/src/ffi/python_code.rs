//! Calls that may run Python code, the application's above all: a daemon thread may not come back from them.
//!
//! Such a thread is ended by `pthread_exit` when the process ends while it runs Python code (`coroutine` tells more).
//! That would unwind the frames of a codec that is in the midst of its work, which Rust does not allow: the process
//! would abort. So the unwinding is met here, and the thread waits for the end of the process instead. PyO3 does so
//! where a thread attaches, and Python itself does from 3.14 on.

use std::hint::black_box;
use std::mem::{forget, transmute};
use std::os::raw::c_int;

use pyo3::exceptions::PyAttributeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::raised::Raised;

type Object = *mut ffi::PyObject;

/// Stops a thread that is to end for ever: it is dropped by nothing but unwinding.
struct Waiting;

impl Drop for Waiting {
    fn drop(&mut self) {
        // A panic unwinds as well, and is caught further up.
        while !std::thread::panicking() {
            std::thread::park();
        }
    }
}

/// What `work` returns. Anything in it may run Python code, as allocations collect garbage: where nothing within has
/// met a thread that is to end, it is met here.
pub fn running<T>(work: impl FnOnce() -> T) -> T {
    let waiting = Waiting;
    let result = work();
    forget(waiting);
    result
}

/// CPython's functions of these names, known to unwind, and not to come back then.
macro_rules! functions {
    ($(fn $name:ident($($argument:ident: $kind:ty),+) -> $result:ty;)+) => {$(
        #[expect(non_snake_case, reason = "CPython's name")]
        #[inline(always)]
        unsafe fn $name($($argument: $kind),+) -> $result {
            type Function = unsafe extern "C" fn($($kind),+) -> $result;
            type Unwinding = unsafe extern "C-unwind" fn($($kind),+) -> $result;
            // SAFETY: both are called alike; the type only says what the callee may do.
            let function = unsafe { transmute::<Function, Unwinding>(ffi::$name) };
            let waiting = Waiting;
            // The compiler is kept from seeing which function it is, which is declared as never unwinding.
            // SAFETY: as the caller says.
            let result = unsafe { black_box(function)($($argument),+) };
            forget(waiting);
            result
        }
    )+};
}

functions! {
    fn PyObject_Vectorcall(callable: Object, arguments: *const Object, count: usize, names: Object) -> Object;
    fn PyObject_VectorcallMethod(name: Object, arguments: *const Object, count: usize, names: Object) -> Object;
    fn PyObject_GetAttr(object: Object, name: Object) -> Object;
    fn PyObject_GetItem(object: Object, key: Object) -> Object;
    fn PyObject_SetItem(object: Object, key: Object, value: Object) -> c_int;
    fn PySequence_Contains(object: Object, value: Object) -> c_int;
    fn PyObject_IsInstance(object: Object, class: Object) -> c_int;
    fn PyObject_Repr(object: Object) -> Object;
    fn PyObject_GetIter(object: Object) -> Object;
    fn PyIter_Next(iterator: Object) -> Object;
}

/// The new reference that a call has returned, or the exception that it has set.
///
/// # Safety
///
/// `result` must be a new reference, or null with an exception set.
#[inline(always)]
unsafe fn returned<'py>(py: Python<'py>, result: Object) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: as the caller says.
    match unsafe { Bound::from_owned_ptr_or_opt(py, result) } {
        Some(value) => Ok(value),
        None => Err(Raised::new(py).fetch(py)),
    }
}

/// The answer to a question, or the exception that asking has set.
fn answer(py: Python<'_>, result: c_int) -> PyResult<bool> {
    match result {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Raised::new(py).fetch(py)),
    }
}

/// `callable(*arguments)`
pub fn call<'py, const N: usize>(
    callable: &Bound<'py, PyAny>,
    arguments: [&Bound<'py, PyAny>; N],
) -> PyResult<Bound<'py, PyAny>> {
    let arguments = arguments.map(|argument| argument.as_ptr());
    // SAFETY: all are live objects, held by the caller, and the count is that of the array.
    unsafe {
        let names = std::ptr::null_mut();
        let result = PyObject_Vectorcall(callable.as_ptr(), arguments.as_ptr(), N, names);
        returned(callable.py(), result)
    }
}

/// `arguments[0].name(*arguments[1:])`
pub fn call_method<'py, const N: usize>(
    name: &Bound<'py, PyString>,
    arguments: [&Bound<'py, PyAny>; N],
) -> PyResult<Bound<'py, PyAny>> {
    const { assert!(N > 0, "the object comes first") };
    let arguments = arguments.map(|argument| argument.as_ptr());
    // SAFETY: all are live objects, held by the caller, and the count is that of the array, which is not empty.
    unsafe {
        let names = std::ptr::null_mut();
        let result = PyObject_VectorcallMethod(name.as_ptr(), arguments.as_ptr(), N, names);
        returned(name.py(), result)
    }
}

/// `object.name`
pub fn get_attribute<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: both are live objects, held by the caller.
    unsafe {
        let result = PyObject_GetAttr(object.as_ptr(), name.as_ptr());
        returned(object.py(), result)
    }
}

/// `object.name`, or None where there is no such attribute.
pub fn find_attribute<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match get_attribute(object, name) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_instance_of::<PyAttributeError>(object.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `object[key]`
pub fn get_item<'py>(
    object: &Bound<'py, PyAny>,
    key: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: both are live objects, held by the caller.
    unsafe {
        let result = PyObject_GetItem(object.as_ptr(), key.as_ptr());
        returned(object.py(), result)
    }
}

/// `object[key] = value`
pub fn set_item(
    object: &Bound<'_, PyAny>,
    key: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let py = object.py();
    // SAFETY: all three are live objects, held by the caller.
    match unsafe { PyObject_SetItem(object.as_ptr(), key.as_ptr(), value.as_ptr()) } {
        0 => Ok(()),
        _ => Err(Raised::new(py).fetch(py)),
    }
}

/// `value in object`
pub fn contains(object: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    // SAFETY: both are live objects, held by the caller.
    let result = unsafe { PySequence_Contains(object.as_ptr(), value.as_ptr()) };
    answer(object.py(), result)
}

/// `isinstance(object, class)`
pub fn is_instance(object: &Bound<'_, PyAny>, class: &Bound<'_, PyAny>) -> PyResult<bool> {
    // SAFETY: both are live objects, held by the caller.
    let result = unsafe { PyObject_IsInstance(object.as_ptr(), class.as_ptr()) };
    answer(object.py(), result)
}

/// `repr(object)`
pub fn repr<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: it is a live object, held by the caller.
    unsafe { returned(object.py(), PyObject_Repr(object.as_ptr())) }
}

/// `iter(object)`
pub fn iterate<'py>(object: &Bound<'py, PyAny>) -> PyResult<Iteration<'py>> {
    // SAFETY: it is a live object, held by the caller.
    let iterator = unsafe { returned(object.py(), PyObject_GetIter(object.as_ptr())) }?;
    Ok(Iteration { iterator })
}

/// The items of any iterable.
pub struct Iteration<'py> {
    /// What `PyObject_GetIter` has returned: an iterator.
    iterator: Bound<'py, PyAny>,
}

impl<'py> Iterator for Iteration<'py> {
    type Item = PyResult<Bound<'py, PyAny>>;

    fn next(&mut self) -> Option<Self::Item> {
        let py = self.iterator.py();
        // SAFETY: it is a live iterator; the result is a new reference, or null, with an exception set unless it is
        // only at its end.
        unsafe {
            Bound::from_owned_ptr_or_opt(py, PyIter_Next(self.iterator.as_ptr()))
                .map(Ok)
                .or_else(|| PyErr::take(py).map(Err))
        }
    }
}
