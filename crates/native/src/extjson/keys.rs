//! The keys met in a text, each made once as a Python string, as long as no other takes its place.

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::ffi::text::new_str;

/// A string of this text.
pub fn new_string<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyString>> {
    let made = new_str(py, text.as_bytes()).map_err(|raised| raised.fetch(py))?;
    Ok(made.cast_into()?)
}

/// See the module.
pub struct KeyCache<'a, 'py> {
    slots: Vec<Option<(&'a str, Bound<'py, PyString>)>>,
}

impl<'a, 'py> KeyCache<'a, 'py> {
    const SLOTS: usize = 64;
    const MAX_LEN: usize = 64;

    /// No keys yet.
    pub fn new() -> Self {
        Self {
            slots: vec![None; Self::SLOTS],
        }
    }

    /// The key of this text.
    pub fn get(&mut self, py: Python<'py>, key: &'a str) -> PyResult<Bound<'py, PyString>> {
        if key.len() > Self::MAX_LEN {
            return new_string(py, key);
        }
        let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let slot = &mut self.slots[(hash ^ hash >> 32) as usize % Self::SLOTS];
        match slot {
            Some((known, text)) if *known == key => Ok(text.clone()),
            _ => {
                let text = new_string(py, key)?;
                *slot = Some((key, text.clone()));
                Ok(text)
            }
        }
    }
}
