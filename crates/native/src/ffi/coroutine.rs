//! Drives a coroutine that never suspends, with one `send(None)`.
//!
//! An application's operations run under this function, and daemon threads may be in the midst of them when the process
//! ends. Up to Python 3.13, such a thread is ended by `pthread_exit` as soon as it comes back to Python, which unwinds its
//! stack. PyO3 lets nothing unwind past its functions, and the C library aborts the process then. So this one is a function
//! as CPython itself calls them: it lets the unwinding pass, and owns nothing that would have to be dropped.

use std::ffi::c_int;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::{ffi, intern};

/// The coroutine has suspended.
const NEXT: c_int = ffi::PySendResult::PYGEN_NEXT as c_int;

unsafe extern "C-unwind" {
    /// As in PyO3, but known to unwind.
    fn PyIter_Send(
        iter: *mut ffi::PyObject,
        arg: *mut ffi::PyObject,
        result: *mut *mut ffi::PyObject,
    ) -> c_int;
}

/// What CPython is told about `run`. It keeps a pointer to it.
struct Definition(ffi::PyMethodDef);

// SAFETY: nobody writes to it, and what it points to lives as long as the process.
unsafe impl Sync for Definition {}

type Unwinding =
    unsafe extern "C-unwind" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject;
type Plain = unsafe extern "C" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject;

static RUN: Definition = Definition(ffi::PyMethodDef {
    ml_name: c"run".as_ptr(),
    ml_meth: ffi::PyMethodDefPointer {
        // SAFETY: both are called alike; the type only says what the callee may do, and CPython is C, which minds neither.
        PyCFunction: unsafe { std::mem::transmute::<Unwinding, Plain>(run) },
    },
    ml_flags: ffi::METH_O,
    ml_doc: c"run(coroutine, /)\n--\n\nRun `coroutine` to its end and return its result.\n\n\
        The blocking runtime's awaitables never suspend. If one does, that is a defect of the driver: the\n\
        coroutine is closed, so that its `finally` clauses run, and `RuntimeError` is raised."
        .as_ptr(),
});

/// Add `run` to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let name = module.name()?;
    // SAFETY: the thread is attached; CPython only reads the definition, which lives for ever; the result is a new
    // reference, or null when an exception is set.
    let function = unsafe {
        let definition = (&raw const RUN.0).cast_mut();
        Bound::from_owned_ptr_or_err(
            py,
            ffi::PyCFunction_NewEx(definition, std::ptr::null_mut(), name.as_ptr()),
        )?
    };
    module.add("run", function)
}

/// # Safety
///
/// The thread must be attached, and `coroutine` a live object: CPython calls it so.
unsafe extern "C-unwind" fn run(
    _module: *mut ffi::PyObject,
    coroutine: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let mut result: *mut ffi::PyObject = std::ptr::null_mut();
    // SAFETY: the thread is attached, both arguments are live objects, and `result` receives a new reference, or null when
    // an exception is set.
    let outcome = unsafe { PyIter_Send(coroutine, ffi::Py_None(), &raw mut result) };
    if outcome == NEXT {
        // SAFETY: `result` is that new reference.
        return unsafe { refuse(coroutine, result) };
    }
    result
}

/// Close the coroutine, which has suspended, and set the exception that says so.
///
/// # Safety
///
/// The thread must be attached, `coroutine` a live object, and `yielded` a reference that this function may take.
unsafe fn refuse(coroutine: *mut ffi::PyObject, yielded: *mut ffi::PyObject) -> *mut ffi::PyObject {
    Python::attach(|py| {
        // SAFETY: it is a live object, and stays one while the caller is called.
        let coroutine = unsafe { Bound::from_borrowed_ptr(py, coroutine) };
        // SAFETY: the reference is ours.
        drop(unsafe { Bound::from_owned_ptr_or_opt(py, yielded) });
        suspended(&coroutine).restore(py);
    });
    std::ptr::null_mut()
}

fn suspended(coroutine: &Bound<'_, PyAny>) -> PyErr {
    let py = coroutine.py();
    if let Err(error) = coroutine.call_method0(intern!(py, "close")) {
        return error;
    }
    let name = coroutine
        .getattr(intern!(py, "__qualname__"))
        .unwrap_or_else(|_| PyString::new(py, "coroutine").into_any());
    PyRuntimeError::new_err(format!(
        "{name} suspended, which a blocking operation never may"
    ))
}
