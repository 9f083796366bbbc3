//! The reader, the walk and the validation over good and damaged documents.

use super::raw::{Elements, document, element_type};
use super::{Error, ErrorKind, Reader, validate};

/// A document around elements that are written already.
fn framed(elements: &[u8]) -> Vec<u8> {
    let mut data = ((elements.len() + 5) as i32).to_le_bytes().to_vec();
    data.extend_from_slice(elements);
    data.push(0);
    data
}

/// A document of one element under the key `a`.
fn single(kind: u8, value: &[u8]) -> Vec<u8> {
    framed(&[&[kind, b'a', 0], value].concat())
}

fn nested(levels: usize) -> Vec<u8> {
    (1..levels).fold(framed(&[]), |inner, _| {
        single(element_type::DOCUMENT, &inner)
    })
}

fn fault(data: &[u8]) -> Error {
    validate(data, 10).expect_err("the document is damaged")
}

/// One value of every type.
const VALUES: [(u8, &[u8]); 21] = [
    (element_type::DOUBLE, &[0; 8]),
    (element_type::STRING, b"\x03\0\0\0hi\0"),
    (element_type::DOCUMENT, b"\x05\0\0\0\0"),
    (element_type::ARRAY, b"\x05\0\0\0\0"),
    (element_type::BINARY, b"\x01\0\0\0\x80x"),
    (element_type::BINARY, b"\x05\0\0\0\x02\x01\0\0\0x"),
    (element_type::UNDEFINED, b""),
    (element_type::OBJECT_ID, &[7; 12]),
    (element_type::BOOLEAN, b"\x01"),
    (element_type::DATETIME, &[1; 8]),
    (element_type::NULL, b""),
    (element_type::REGEX, b"a\0i\0"),
    (element_type::DB_POINTER, b"\x02\0\0\0c\x00123456789012"),
    (element_type::CODE, b"\x02\0\0\0f\0"),
    (element_type::SYMBOL, b"\x02\0\0\0s\0"),
    (
        element_type::CODE_WITH_SCOPE,
        b"\x0f\0\0\0\x02\0\0\0f\0\x05\0\0\0\0",
    ),
    (element_type::INT32, &[1; 4]),
    (element_type::TIMESTAMP, &[1; 8]),
    (element_type::INT64, &[1; 8]),
    (element_type::DECIMAL128, &[1; 16]),
    (element_type::MIN_KEY, b""),
];

#[test]
fn every_type_is_walked_and_valid() {
    for (kind, value) in VALUES {
        let data = single(kind, value);
        let elements: Vec<_> = Elements::new(&data).collect();
        let [Ok(element)] = elements[..] else {
            panic!("{kind:#x}: {elements:?}")
        };
        assert_eq!(
            (element.kind, element.key, element.value),
            (kind, &b"a"[..], value)
        );
        assert_eq!(element.offset, 4);
        assert_eq!(validate(&data, 10), Ok(()), "{kind:#x}");
    }
}

#[test]
fn every_truncation_of_a_value_is_an_error() {
    for (kind, value) in VALUES {
        for end in 0..value.len() {
            let data = single(kind, &value[..end]);
            assert!(validate(&data, 10).is_err(), "{kind:#x} cut at {end}");
        }
    }
}

#[test]
fn frames() {
    let cases: [(&[u8], ErrorKind, usize); 7] = [
        (b"", ErrorKind::Truncated, 0),
        (b"\x05\0\0", ErrorKind::Truncated, 0),
        (b"\x04\0\0\0", ErrorKind::BadLength, 0),
        (b"\xff\xff\xff\xff\0", ErrorKind::BadLength, 0),
        (b"\x06\0\0\0\0", ErrorKind::BadLength, 0),
        (b"\x05\0\0\0\x01", ErrorKind::MissingTerminator, 4),
        (b"\x05\0\0\0\0\0", ErrorKind::TrailingBytes, 5),
    ];
    for (data, kind, offset) in cases {
        assert_eq!(fault(data), Error::new(kind, offset), "{data:?}");
        assert!(
            Elements::new(data)
                .next()
                .is_some_and(|first| first.is_err()),
            "{data:?}"
        );
    }
    assert_eq!(document(b"\x05\0\0\0\0rest"), Ok(&b"\x05\0\0\0\0"[..]));
}

#[test]
fn faults_tell_their_place_in_the_outermost_document() {
    let bad = single(element_type::BOOLEAN, b"\x02");
    assert_eq!(fault(&bad), Error::new(ErrorKind::BadBoolean(2), 7));
    let inner = single(element_type::DOCUMENT, &bad);
    assert_eq!(fault(&inner), Error::new(ErrorKind::BadBoolean(2), 14));
    let unknown = single(element_type::ARRAY, &single(0x20, b""));
    assert_eq!(
        fault(&unknown),
        Error::new(ErrorKind::UnknownType(0x20), 14)
    );
    let text = single(element_type::STRING, b"\x03\0\0\0\xff\xfe\0");
    assert_eq!(fault(&text), Error::new(ErrorKind::InvalidUtf8, 11));
    let key = framed(b"\x0a\xff\0");
    assert_eq!(fault(&key), Error::new(ErrorKind::InvalidUtf8, 5));
}

#[test]
fn an_early_terminator_is_an_error() {
    assert_eq!(fault(b"\x06\0\0\0\0\0").kind, ErrorKind::EarlyTerminator);
}

#[test]
fn a_value_cannot_take_the_terminator() {
    // Three bytes of an int32, and the document's own zero as the fourth.
    assert_eq!(
        fault(&single(element_type::INT32, b"\x01\x01\x01")).kind,
        ErrorKind::Truncated
    );
}

#[test]
fn depth_is_bounded_and_costs_no_stack() {
    assert_eq!(validate(&nested(10), 10), Ok(()));
    assert_eq!(fault(&nested(11)).kind, ErrorKind::TooDeep);
    assert_eq!(
        validate(&nested(1), 0),
        Err(Error::new(ErrorKind::TooDeep, 0))
    );
    assert_eq!(validate(&nested(3_000), 3_000), Ok(()));
}

#[test]
fn scopes_count_as_levels_and_must_fit_their_length() {
    let scope = single(element_type::NULL, b"");
    let mut value = ((10 + scope.len()) as i32).to_le_bytes().to_vec();
    value.extend_from_slice(b"\x02\0\0\0f\0");
    value.extend_from_slice(&scope);
    let data = single(element_type::CODE_WITH_SCOPE, &value);
    assert_eq!(validate(&data, 2), Ok(()));
    assert_eq!(
        validate(&data, 1).map_err(|error| error.kind),
        Err(ErrorKind::TooDeep)
    );
    value[0] += 1;
    let longer = single(element_type::CODE_WITH_SCOPE, &value);
    assert_eq!(fault(&longer).kind, ErrorKind::BadLength);
}

#[test]
fn values_by_type() {
    let data = framed(b"\x01a\0\0\0\0\0\0\0\xf0\x3f\x10b\0\x05\0\0\0\x12c\0\x06\0\0\0\0\0\0\0\x08d\0\x01\x02e\0\x02\0\0\0x\0");
    let elements: Vec<_> = Elements::new(&data)
        .map(|element| element.expect("a whole element"))
        .collect();
    let integers: Vec<_> = elements.iter().map(super::Element::as_integer).collect();
    assert_eq!(integers, [Some(1), Some(5), Some(6), Some(1), None]);
    assert_eq!(elements[0].as_f64(), Some(1.0));
    assert_eq!(elements[1].as_i32(), Some(5));
    assert_eq!(elements[2].as_i64(), Some(6));
    assert_eq!(elements[3].as_bool(), Some(true));
    assert_eq!(elements[4].as_str(), Some("x"));
    assert_eq!(elements[4].as_i32(), None);
    assert_eq!(elements[0].as_document(), None);
}

#[test]
fn names_of_all_lengths_end_at_their_zero() {
    for length in 0..40 {
        let mut data = vec![b'k'; length];
        data.extend_from_slice(b"\0rest\0");
        let mut reader = Reader::within(&data, 100);
        assert_eq!(reader.cstring(), Ok(&data[..length]));
        assert_eq!(reader.offset(), 100 + length + 1);
        data.truncate(length);
        assert_eq!(
            Reader::new(&data).cstring(),
            Err(Error::new(ErrorKind::UnterminatedString, 0))
        );
    }
    // Bytes around zero that a test of eight at once could mistake for it.
    let data = [0x01, 0x80, 0xff, 0x81, 0x01, 0x01, 0x80, 0x7f, 0x01, 0];
    assert_eq!(Reader::new(&data).cstring(), Ok(&data[..9]));
}
