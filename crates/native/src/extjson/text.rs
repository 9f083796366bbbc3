//! The text of strings and floats in JSON, as Python's `json` writes them.

use std::fmt::Write;

/// Appends `text` without quotes, all in ASCII: what is not printable ASCII becomes `\uXXXX`, in surrogate pairs.
pub fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        out.push_str(&rest[..at]);
        let Some(special) = rest[at..].chars().next() else {
            return;
        };
        push_special(out, special);
        rest = &rest[at + special.len_utf8()..];
    }
    out.push_str(rest);
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn push_special(out: &mut String, special: char) {
    match special {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{c}' => out.push_str("\\f"),
        '\u{8}' => out.push_str("\\b"),
        _ => special
            .encode_utf16(&mut [0; 2])
            .iter()
            .for_each(|unit| push_unit(out, *unit)),
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Appends one UTF-16 code unit as `\uXXXX`.
pub fn push_unit(out: &mut String, unit: u16) {
    out.push_str("\\u");
    push_hex(out, &unit.to_be_bytes());
}

/// Appends bytes in hexadecimal.
pub fn push_hex(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// The bytes of hexadecimal text of exactly that length.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Some(bytes)
}

/// Appends UTF-16 code units, lone surrogates among them, as `push_escaped` would.
pub fn push_units(out: &mut String, units: impl Iterator<Item = u16>) {
    for character in char::decode_utf16(units) {
        match character {
            Ok(character) if character.is_ascii() && is_plain(character as u8) => {
                out.push(character)
            }
            Ok(character) => push_special(out, character),
            Err(lone) => push_unit(out, lone.unpaired_surrogate()),
        }
    }
}

/// Appends `repr(value)`, or the names that JavaScript gives to what is not finite.
///
/// Rust and Python both write the shortest digits that read back as the same float, and change to an exponent at the
/// same sizes; only the exponent looks different.
pub fn push_float(out: &mut String, value: f64) {
    if !value.is_finite() {
        out.push_str(not_finite(value));
        return;
    }
    let start = out.len();
    let _ = write!(out, "{value:?}");
    let Some(at) = out[start..].find('e') else {
        return;
    };
    let exponent = out.split_off(start + at + 1);
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent.as_str()),
    };
    out.push(sign);
    if digits.len() < 2 {
        out.push('0');
    }
    out.push_str(digits);
}

/// The name of NaN or an infinity.
pub fn not_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// Appends an integer.
pub fn push_integer(out: &mut String, value: i64) {
    let _ = write!(out, "{value}");
}
