//! Checks a whole document, at every level, without building anything.

use super::raw::{Elements, document, element_type};
use super::reader::{Error, ErrorKind, Reader};

/// Checks that `data` is exactly one valid document with at most `max_depth` levels (the outermost is level 1).
///
/// The walk keeps its own stack, so depth costs heap and not native stack.
pub fn validate(data: &[u8], max_depth: usize) -> Result<(), Error> {
    if document(data)?.len() != data.len() {
        return Err(Error::new(ErrorKind::TrailingBytes, document(data)?.len()));
    }
    if max_depth == 0 {
        return Err(Error::new(ErrorKind::TooDeep, 0));
    }
    let mut levels = vec![(Elements::new(data), 0usize)];
    while let Some((elements, base)) = levels.last_mut() {
        let base = *base;
        let Some(element) = elements.next() else {
            levels.pop();
            continue;
        };
        let element = element.map_err(|error| error.within(base))?;
        let value_at = base + element.offset + 1 + element.key.len() + 1;
        utf8(element.key, base + element.offset + 1)?;
        let child =
            check_value(element.kind, element.value).map_err(|error| error.within(value_at))?;
        if let Some((child, at)) = child {
            if levels.len() >= max_depth {
                return Err(Error::new(ErrorKind::TooDeep, value_at + at));
            }
            levels.push((Elements::new(child), value_at + at));
        }
    }
    Ok(())
}

/// Checks one value whose frame is known to be right; an embedded document is handed back with its offset.
fn check_value(kind: u8, value: &[u8]) -> Result<Option<(&[u8], usize)>, Error> {
    use element_type::*;
    let mut reader = Reader::new(value);
    match kind {
        DOCUMENT | ARRAY => return Ok(Some((value, 0))),
        STRING | CODE | SYMBOL | DB_POINTER => utf8(reader.string()?, 4)?,
        BOOLEAN => match reader.byte()? {
            0 | 1 => {}
            other => return Err(Error::new(ErrorKind::BadBoolean(other), 0)),
        },
        REGEX => {
            utf8(reader.cstring()?, 0)?;
            let at = reader.offset();
            utf8(reader.cstring()?, at)?;
        }
        CODE_WITH_SCOPE => {
            reader.length()?;
            utf8(reader.string()?, 8)?;
            let at = reader.offset();
            return Ok(Some((&value[at..], at)));
        }
        _ => {}
    }
    Ok(None)
}

fn utf8(bytes: &[u8], base: usize) -> Result<(), Error> {
    match std::str::from_utf8(bytes) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::new(
            ErrorKind::InvalidUtf8,
            base + error.valid_up_to(),
        )),
    }
}
