//! Binary data and UUIDs, in the canonical and the legacy form.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString};

use super::options::{UUID_PYTHON_LEGACY, UUID_STANDARD, UUID_UNSPECIFIED};
use super::revive::{Reviver, Value, Wrapped};

const UUID_SUBTYPE: i64 = 4;
const OLD_UUID_SUBTYPE: i64 = 3;
/// Old tools wrote subtypes from 128 on as a negative `int32` in hexadecimal.
const FIRST_SIGN_EXTENDED: i64 = 0xffff_ff80;

impl<'py> Reviver<'_, 'py> {
    pub(super) fn binary(&self, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        if let Some(subtype) = wrapped.fields.get_item(intern!(self.py, "$type"))? {
            return self.legacy_binary(wrapped, &subtype);
        }
        let inner = |key: &str| wrapped.value.get_item(key);
        let (base64, subtype) = (inner("base64")?, inner("subType")?);
        let base64 = base64
            .cast::<PyString>()
            .map_err(|_| wrapped.bad("$binary base64 must be a string"))?;
        let subtype = subtype
            .cast::<PyString>()
            .ok()
            .filter(|text| text.len().is_ok_and(|length| length <= 2))
            .ok_or_else(|| wrapped.bad("$binary subType must be a string at most 2 characters"))?;
        if wrapped.value.len()? != 2 {
            return Err(
                wrapped.bad("$binary must include only \"base64\" and \"subType\" components")
            );
        }
        self.binary_or_uuid(&self.decode_base64(base64)?, self.decode_hex(subtype)?)
    }

    fn legacy_binary(&self, wrapped: &Wrapped<'_, 'py>, subtype: &Bound<'py, PyAny>) -> Value<'py> {
        let base64 = wrapped
            .value
            .cast::<PyString>()
            .map_err(|_| wrapped.bad("$binary must be a string"))?;
        let mut number = match subtype.cast::<PyInt>() {
            Ok(number) => number.extract()?,
            Err(_) => self.decode_hex(subtype)?,
        };
        if number >= FIRST_SIGN_EXTENDED {
            number &= 0xff;
        }
        self.binary_or_uuid(&self.decode_base64(base64)?, number)
    }

    /// Python's `int(text, 16)`.
    fn decode_hex(&self, text: &Bound<'py, PyAny>) -> PyResult<i64> {
        self.py.get_type::<PyInt>().call1((text, 16))?.extract()
    }

    /// Python skips what does not belong into base64, so whatever is not perfect is left to it.
    fn decode_base64(&self, text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyBytes>> {
        let text = text.to_str()?;
        if let Ok(bytes) = BASE64.decode(text) {
            return Ok(PyBytes::new(self.py, &bytes));
        }
        let decode = self
            .py
            .import(intern!(self.py, "binascii"))?
            .getattr(intern!(self.py, "a2b_base64"))?;
        Ok(decode
            .call1((PyBytes::new(self.py, text.as_bytes()),))?
            .cast_into()?)
    }

    fn binary_or_uuid(&self, data: &Bound<'py, PyBytes>, subtype: i64) -> Value<'py> {
        if subtype == 0 {
            return Ok(data.clone().into_any());
        }
        let binary = self
            .class(&self.classes.codec.binary)
            .call1((data, subtype))?;
        let representation = match (subtype, self.options.uuid_representation) {
            (UUID_SUBTYPE | OLD_UUID_SUBTYPE, UUID_UNSPECIFIED) => return Ok(binary),
            (UUID_SUBTYPE, _) => UUID_STANDARD,
            (OLD_UUID_SUBTYPE, UUID_STANDARD) => UUID_PYTHON_LEGACY,
            (OLD_UUID_SUBTYPE, representation) => representation,
            _ => return Ok(binary),
        };
        binary.call_method1(intern!(self.py, "as_uuid"), (representation,))
    }

    pub(super) fn uuid(&self, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        wrapped.at_most(1)?;
        let text = wrapped
            .value
            .cast::<PyString>()
            .map_err(|_| wrapped.bad("$uuid must be a string"))?;
        let uuid = self.classes.uuid.bind(self.py).call1((text,))?;
        if self.options.uuid_representation == UUID_UNSPECIFIED {
            return self
                .class(&self.classes.codec.binary)
                .call_method1(intern!(self.py, "from_uuid"), (uuid,));
        }
        Ok(uuid)
    }
}
