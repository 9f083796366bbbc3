//! The Python classes that the codec makes and recognises, looked up once per process.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyType};

use crate::ffi::datetime::DateTimes;
use crate::ffi::kind::NativeClass;
use crate::ffi::object::{Base, Derived};
use crate::types::object_id::ObjectId;
use crate::types::timestamp::Timestamp;

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

/// See the module.
pub struct Classes {
    pub datetimes: DateTimes,
    pub object_id: NativeClass<ObjectId>,
    pub timestamp: NativeClass<Timestamp>,
    pub int64: Derived,
    pub binary: Derived,
    pub code: Derived,
    pub regex: Derived,
    pub decimal128: Derived,
    pub datetime_ms: Derived,
    pub dbref: Derived,
    pub min_key: Derived,
    pub max_key: Derived,
    pub son: Py<PyAny>,
    /// MinKey and MaxKey have no state, so one of each serves all documents.
    pub a_min_key: Py<PyAny>,
    pub a_max_key: Py<PyAny>,
    pub utc: Py<PyAny>,
    pub pattern: Py<PyAny>,
    pub mapping: Py<PyAny>,
    pub ordered_dict: Py<PyAny>,
    pub invalid_bson: Py<PyAny>,
    pub invalid_document: Py<PyAny>,
    pub invalid_string_data: Py<PyAny>,
    pub names: Names,
    uuid: PyOnceLock<Uuids>,
}

/// Attribute names and keys, interned.
pub struct Names {
    pub id: Py<PyString>,
    pub dbref_ref: Py<PyString>,
    pub dbref_id: Py<PyString>,
    pub dbref_db: Py<PyString>,
    pub type_marker: Py<PyString>,
    pub binary_subtype: Py<PyString>,
    pub code_scope: Py<PyString>,
    pub pattern: Py<PyString>,
    pub flags: Py<PyString>,
    pub value: Py<PyString>,
    pub bid: Py<PyString>,
    pub int: Py<PyString>,
    pub is_safe: Py<PyString>,
}

/// `uuid`, which is slow to import and is not needed before the first UUID.
pub struct Uuids {
    pub class: Derived,
    pub unknown_safety: Py<PyAny>,
}

impl Classes {
    /// The table, made on first use: by then `petiole.bson` is imported.
    #[inline]
    pub fn get(py: Python<'_>) -> PyResult<&'static Self> {
        CLASSES.get_or_try_init(py, || Self::load(py))
    }

    fn load(py: Python<'_>) -> PyResult<Self> {
        let find = |module: &str, name: &str| py.import(module)?.getattr(name);
        let keep = |module: &str, name: &str| find(module, name).map(Bound::unbind);
        let derived = |module: &str, name: &str, base| {
            Derived::new(find(module, name)?.cast::<PyType>()?, base)
        };
        let min_key = derived("petiole.bson.min_key", "MinKey", Base::Object)?;
        let max_key = derived("petiole.bson.max_key", "MaxKey", Base::Object)?;
        Ok(Self {
            datetimes: DateTimes::load(py)?,
            object_id: NativeClass::new(py),
            timestamp: NativeClass::new(py),
            int64: derived("petiole.bson.int64", "Int64", Base::Int)?,
            binary: derived("petiole.bson.binary", "Binary", Base::Bytes)?,
            code: derived("petiole.bson.code", "Code", Base::Str)?,
            regex: derived("petiole.bson.regex", "Regex", Base::Object)?,
            decimal128: derived("petiole.bson.decimal128", "Decimal128", Base::Object)?,
            datetime_ms: derived("petiole.bson.datetime_ms", "DatetimeMS", Base::Object)?,
            dbref: derived("petiole.bson.dbref", "DBRef", Base::Object)?,
            a_min_key: min_key.class().call0(py)?,
            a_max_key: max_key.class().call0(py)?,
            min_key,
            max_key,
            son: keep("petiole.bson.son", "SON")?,
            utc: keep("petiole.bson.tz_util", "utc")?,
            pattern: keep("re", "Pattern")?,
            mapping: keep("collections.abc", "Mapping")?,
            ordered_dict: keep("collections", "OrderedDict")?,
            invalid_bson: keep("petiole.bson.errors", "InvalidBSON")?,
            invalid_document: keep("petiole.bson.errors", "InvalidDocument")?,
            invalid_string_data: keep("petiole.bson.errors", "InvalidStringData")?,
            names: Names::intern(py),
            uuid: PyOnceLock::new(),
        })
    }

    /// `uuid.UUID`, importing it.
    pub fn uuids(&self, py: Python<'_>) -> PyResult<&Uuids> {
        self.uuid.get_or_try_init(py, || {
            let module = py.import("uuid")?;
            Ok(Uuids {
                class: Derived::new(module.getattr("UUID")?.cast::<PyType>()?, Base::Object)?,
                unknown_safety: module.getattr("SafeUUID")?.getattr("unknown")?.unbind(),
            })
        })
    }

    /// `uuid.UUID` if anybody has imported it: before, no object can be one.
    pub fn loaded_uuids(&self, py: Python<'_>) -> PyResult<Option<&Uuids>> {
        if self.uuid.get(py).is_none() {
            let modules = py.import("sys")?.getattr("modules")?;
            let Some(module) = modules.cast::<pyo3::types::PyDict>()?.get_item("uuid")? else {
                return Ok(None);
            };
            // While `uuid` itself is being imported it has no classes yet.
            if !module.hasattr("UUID")? || !module.hasattr("SafeUUID")? {
                return Ok(None);
            }
        }
        self.uuids(py).map(Some)
    }
}

impl Names {
    fn intern(py: Python<'_>) -> Self {
        let name = |text: &str| PyString::intern(py, text).unbind();
        Self {
            id: name("_id"),
            dbref_ref: name("$ref"),
            dbref_id: name("$id"),
            dbref_db: name("$db"),
            type_marker: name("_type_marker"),
            binary_subtype: name("_Binary__subtype"),
            code_scope: name("_Code__scope"),
            pattern: name("pattern"),
            flags: name("flags"),
            value: name("_value"),
            bid: name("_bid"),
            int: name("int"),
            is_safe: name("is_safe"),
        }
    }
}
