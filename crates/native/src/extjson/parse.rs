//! Reads JSON text into Python values, as `json.loads` does, and revives what documents wrap.
//!
//! Accepted is what the standard library accepts, `NaN` and infinities included. Everything else, and a lone surrogate in
//! an escape, ends the reading without a value.

use pyo3::exceptions::PyRecursionError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyNone, PyString};

use super::MAX_READ_DEPTH;
use super::classes::Classes;
use super::keys::{KeyCache, new_string};
use super::options::ReadOptions;
use super::revive::Reviver;
use super::wrapper::Wrapper;

/// Why reading ends early.
enum Stop {
    /// The text is not JSON, or has what a Rust string cannot.
    NotHere,
    /// A value is wrong, or the depth.
    Raised(PyErr),
}

impl From<PyErr> for Stop {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

type Parsed<T> = Result<T, Stop>;

/// A string of the text: a piece of it, or what its escapes say.
enum Text<'a> {
    Plain(&'a str),
    Escaped(String),
}

struct Parser<'a, 'py, 'o> {
    py: Python<'py>,
    text: &'a str,
    at: usize,
    options: &'o ReadOptions<'py>,
    reviver: Reviver<'o, 'py>,
    keys: KeyCache<'a, 'py>,
}

/// Reads the one value in `text`. `None` if it is left to the standard library, which also knows what is wrong.
pub fn parse<'py>(
    py: Python<'py>,
    text: &str,
    options: &ReadOptions<'py>,
    classes: &'static Classes,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let keys = KeyCache::new();
    let reviver = Reviver::new(py, options, classes);
    let mut parser = Parser {
        py,
        text,
        at: 0,
        options,
        reviver,
        keys,
    };
    match parser.whole() {
        Ok(value) => Ok(Some(value)),
        Err(Stop::NotHere) => Ok(None),
        Err(Stop::Raised(error)) => Err(error),
    }
}

impl<'a, 'py> Parser<'a, 'py, '_> {
    fn whole(&mut self) -> Parsed<Bound<'py, PyAny>> {
        let value = self.value(0)?;
        self.space();
        if self.at == self.text.len() {
            Ok(value)
        } else {
            Err(Stop::NotHere)
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Parsed<()> {
        if self.eat(byte) {
            Ok(())
        } else {
            Err(Stop::NotHere)
        }
    }

    fn word<T>(&mut self, word: &str, value: T) -> Parsed<T> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(Stop::NotHere)
        }
    }

    fn value(&mut self, depth: usize) -> Parsed<Bound<'py, PyAny>> {
        self.space();
        let py = self.py;
        let float = |number: f64| PyFloat::new(py, number).into_any();
        match self.peek().ok_or(Stop::NotHere)? {
            b'"' => Ok(self.string()?.into_any()),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b't' => self.word("true", PyBool::new(py, true).to_owned().into_any()),
            b'f' => self.word("false", PyBool::new(py, false).to_owned().into_any()),
            b'n' => self.word("null", PyNone::get(py).to_owned().into_any()),
            b'N' => self.word("NaN", float(f64::NAN)),
            b'I' => self.word("Infinity", float(f64::INFINITY)),
            b'-' if self.text[self.at + 1..].starts_with('I') => {
                self.word("-Infinity", float(f64::NEG_INFINITY))
            }
            _ => self.number(),
        }
    }

    fn deeper(&self, depth: usize, what: &str) -> Parsed<usize> {
        if depth < MAX_READ_DEPTH {
            return Ok(depth + 1);
        }
        let message = format!(
            "maximum recursion depth exceeded while decoding a JSON {what} from a unicode string"
        );
        Err(PyRecursionError::new_err(message).into())
    }

    #[inline(never)]
    fn array(&mut self, depth: usize) -> Parsed<Bound<'py, PyAny>> {
        let depth = self.deeper(depth, "array")?;
        self.at += 1;
        let mut elements = Vec::new();
        self.space();
        if !self.eat(b']') {
            loop {
                elements.push(self.value(depth)?);
                self.space();
                if self.eat(b']') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        Ok(PyList::new(self.py, elements)?.into_any())
    }

    #[inline(never)]
    fn object(&mut self, depth: usize) -> Parsed<Bound<'py, PyAny>> {
        let depth = self.deeper(depth, "object")?;
        self.at += 1;
        if let Some(value) = self.short_form()? {
            return Ok(value);
        }
        let fields = PyDict::new(self.py);
        let pairs = self
            .options
            .document_class
            .is_some()
            .then(|| PyList::empty(self.py));
        let mut wrapper = None;
        self.space();
        if !self.eat(b'}') {
            loop {
                self.space();
                let (key, special) = self.key()?;
                wrapper = wrapper.or(special);
                self.space();
                self.expect(b':')?;
                let value = self.value(depth)?;
                if let Some(pairs) = &pairs {
                    pairs.append((&key, &value))?;
                }
                fields.set_item(key, value)?;
                self.space();
                if self.eat(b'}') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        self.finish(fields, pairs, wrapper)
    }

    /// The value of `"$oid": "..."}` and its like, of which no document need be made. Without one, nothing is read.
    fn short_form(&mut self) -> Parsed<Option<Bound<'py, PyAny>>> {
        let start = self.at;
        self.space();
        if !self.text.as_bytes()[self.at..].starts_with(b"\"$")
            || self.options.document_class.is_some()
        {
            return Ok(None);
        }
        let found = self
            .short_form_parts()
            .map(|(wrapper, text)| self.reviver.revive_text(wrapper, text));
        match found {
            Some(Ok(Some(value))) => return Ok(Some(value)),
            Some(Err(error)) => return Err(error.into()),
            None | Some(Ok(None)) => self.at = start,
        }
        Ok(None)
    }

    fn short_form_parts(&mut self) -> Option<(Wrapper, &'a str)> {
        let Ok(Text::Plain(key)) = self.text_of_string() else {
            return None;
        };
        let wrapper = Wrapper::named(key)?;
        self.space();
        self.expect(b':').ok()?;
        self.space();
        let Ok(Text::Plain(text)) = self.text_of_string() else {
            return None;
        };
        self.space();
        self.eat(b'}').then_some((wrapper, text))
    }

    /// The document, or what it wraps.
    #[inline(never)]
    fn finish(
        &self,
        fields: Bound<'py, PyDict>,
        pairs: Option<Bound<'py, PyList>>,
        wrapper: Option<Wrapper>,
    ) -> Parsed<Bound<'py, PyAny>> {
        let document = match (&self.options.document_class, pairs) {
            (Some(class), Some(pairs)) => class.call1((pairs,))?,
            _ => fields.clone().into_any(),
        };
        match wrapper {
            None => Ok(document),
            Some(wrapper) => Ok(self.reviver.revive(wrapper, &fields, &document)?),
        }
    }

    #[inline(never)]
    fn key(&mut self) -> Parsed<(Bound<'py, PyString>, Option<Wrapper>)> {
        match self.text_of_string()? {
            Text::Plain(key) => Ok((self.keys.get(self.py, key)?, Wrapper::named(key))),
            Text::Escaped(key) => Ok((new_string(self.py, &key)?, Wrapper::named(&key))),
        }
    }

    #[inline(never)]
    fn string(&mut self) -> Parsed<Bound<'py, PyString>> {
        let text = self.text_of_string()?;
        Ok(match &text {
            Text::Plain(text) => new_string(self.py, text)?,
            Text::Escaped(text) => new_string(self.py, text)?,
        })
    }

    fn text_of_string(&mut self) -> Parsed<Text<'a>> {
        self.expect(b'"')?;
        let piece = self.piece()?;
        if self.eat(b'"') {
            return Ok(Text::Plain(piece));
        }
        let mut text = piece.to_owned();
        while self.eat(b'\\') {
            text.push(self.escape()?);
            text.push_str(self.piece()?);
        }
        self.expect(b'"')?;
        Ok(Text::Escaped(text))
    }

    /// The text up to the next quote or backslash.
    fn piece(&mut self) -> Parsed<&'a str> {
        let rest = &self.text[self.at..];
        let end = rest
            .bytes()
            .position(|byte| byte == b'"' || byte == b'\\' || byte < b' ');
        let end = end.ok_or(Stop::NotHere)?;
        if rest.as_bytes()[end] < b' ' {
            return Err(Stop::NotHere);
        }
        self.at += end;
        Ok(&rest[..end])
    }

    fn escape(&mut self) -> Parsed<char> {
        let letter = self.peek().ok_or(Stop::NotHere)?;
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                if !(0xd800..0xe000).contains(&first) {
                    return char::from_u32(u32::from(first)).ok_or(Stop::NotHere);
                }
                self.expect(b'\\')?;
                self.expect(b'u')?;
                let pair = [first, self.unit()?];
                let mut decoded = char::decode_utf16(pair);
                return decoded.next().and_then(Result::ok).ok_or(Stop::NotHere);
            }
            _ => return Err(Stop::NotHere),
        })
    }

    fn unit(&mut self) -> Parsed<u16> {
        let digits = self
            .text
            .as_bytes()
            .get(self.at..self.at + 4)
            .ok_or(Stop::NotHere)?;
        let mut unit = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16).ok_or(Stop::NotHere)?;
            unit = unit << 4 | digit as u16;
        }
        self.at += 4;
        Ok(unit)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    #[inline(never)]
    fn number(&mut self) -> Parsed<Bound<'py, PyAny>> {
        let start = self.at;
        self.eat(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || leading_zero && whole > 1 {
            return Err(Stop::NotHere);
        }
        let mut float = false;
        if self.eat(b'.') {
            float = true;
            if self.digits() == 0 {
                return Err(Stop::NotHere);
            }
        }
        if self.eat(b'e') || self.eat(b'E') {
            float = true;
            let _ = self.eat(b'+') || self.eat(b'-');
            if self.digits() == 0 {
                return Err(Stop::NotHere);
            }
        }
        let text = &self.text[start..self.at];
        if float {
            let number = text.parse().map_err(|_| Stop::NotHere)?;
            return Ok(PyFloat::new(self.py, number).into_any());
        }
        match text.parse::<i64>() {
            Ok(small) => Ok(PyInt::new(self.py, small).into_any()),
            Err(_) => Ok(self.py.get_type::<PyInt>().call1((text,))?),
        }
    }
}
