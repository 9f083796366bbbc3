//! Makes ObjectIds: four bytes of time, five random ones per process, three of a counter (the ObjectID specification).

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::prelude::*;

/// The process's five random bytes, and above them a mark that they were drawn.
static PROCESS: AtomicU64 = AtomicU64::new(0);
static COUNTER: AtomicU32 = AtomicU32::new(0);

const DRAWN: u64 = 1 << 40;

/// A new ObjectId's bytes.
pub fn generate(py: Python<'_>) -> PyResult<[u8; 12]> {
    let process = match PROCESS.load(Ordering::Relaxed) {
        0 => draw(py)?,
        process => process,
    };
    // The specification wants the seconds as an unsigned 32-bit number; they wrap in 2106.
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs() as u32);
    let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&seconds.to_be_bytes());
    bytes[4..9].copy_from_slice(&process.to_be_bytes()[3..]);
    bytes[9..].copy_from_slice(&counter.to_be_bytes()[1..]);
    Ok(bytes)
}

/// Draws the process's bytes and the counter's start from the system.
#[cold]
fn draw(py: Python<'_>) -> PyResult<u64> {
    let bytes: [u8; 8] = py.import("os")?.call_method1("urandom", (8,))?.extract()?;
    let random = u64::from_le_bytes(bytes);
    let process = DRAWN | (random & (DRAWN - 1));
    // Another thread may have drawn meanwhile: its bytes stand, and its counter may run already.
    match PROCESS.compare_exchange(0, process, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => {
            COUNTER.store((random >> 40) as u32, Ordering::Relaxed);
            Ok(process)
        }
        Err(theirs) => Ok(theirs),
    }
}

/// A forked child must not go on with its parent's bytes and counter.
#[pyfunction]
fn _renew_object_ids() {
    PROCESS.store(0, Ordering::Relaxed);
}

/// Arranges the renewal, where the platform forks.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let renew = wrap_pyfunction!(_renew_object_ids, module)?;
    if let Some(at_fork) = py.import("os")?.getattr_opt("register_at_fork")? {
        let arguments = pyo3::types::PyDict::new(py);
        arguments.set_item("after_in_child", renew)?;
        at_fork.call((), Some(&arguments))?;
    }
    Ok(())
}
