//! Sets `cfg(Py_3_12)` and the like for the Python that this is built for.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
}
