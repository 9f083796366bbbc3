use super::*;

const EMPTY: &[u8] = &[5, 0, 0, 0, 0];
const PING: &[u8] = b"\x0f\0\0\0\x10ping\0\x01\0\0\0\0";

fn message(flags: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let start = begin_op_msg(&mut out, 42, flags);
    begin_body(&mut out);
    out.extend_from_slice(PING);
    let sequence = begin_sequence(&mut out, "documents").unwrap();
    out.extend_from_slice(EMPTY);
    out.extend_from_slice(PING);
    end_sequence(&mut out, sequence).unwrap();
    finish(&mut out, start).unwrap();
    out
}

/// A message with these bytes after the flags; the length is right, whatever the rest is.
fn raw(flags: u32, sections: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let start = begin_op_msg(&mut out, 1, flags);
    out.extend_from_slice(sections);
    frame::finish(&mut out, start).unwrap();
    out
}

fn error(flags: u32, sections: &[u8]) -> (ErrorKind, usize) {
    let error = OpMsg::parse(&raw(flags, sections)).unwrap_err();
    (error.kind, error.offset)
}

fn with_length(mut message: Vec<u8>) -> Vec<u8> {
    frame::finish(&mut message, 0).unwrap();
    message
}

#[test]
fn reads_what_it_wrote() {
    for flags in [
        0,
        CHECKSUM_PRESENT,
        MORE_TO_COME,
        EXHAUST_ALLOWED,
        CHECKSUM_PRESENT | MORE_TO_COME | EXHAUST_ALLOWED,
    ] {
        let bytes = message(flags);
        let parsed = OpMsg::parse(&bytes).unwrap();
        assert_eq!(
            (parsed.header.request_id, parsed.flags, parsed.body),
            (42, flags, PING)
        );
        assert_eq!(&bytes[parsed.body_offset..][..PING.len()], PING);
        assert_eq!(parsed.more_to_come(), flags & MORE_TO_COME != 0);
        assert_eq!(parsed.exhaust_allowed(), flags & EXHAUST_ALLOWED != 0);
        assert_eq!(parsed.checksum_present(), flags & CHECKSUM_PRESENT != 0);
        let [sequence] = parsed.sequences[..] else {
            panic!("one sequence")
        };
        assert_eq!(sequence.identifier, "documents");
        assert_eq!(
            &bytes[sequence.offset..][..sequence.documents.len()],
            sequence.documents
        );
        let documents: Result<Vec<_>, _> = sequence.iter().collect();
        assert_eq!(documents.unwrap(), [EMPTY, PING]);
    }
}

#[test]
fn messages_follow_each_other_in_one_buffer() {
    let mut out = message(0);
    let first = out.len();
    let start = begin_op_msg(&mut out, 43, CHECKSUM_PRESENT);
    begin_body(&mut out);
    out.extend_from_slice(EMPTY);
    finish(&mut out, start).unwrap();
    assert_eq!(start, first);
    assert_eq!(OpMsg::parse(&out[..first]).unwrap().header.request_id, 42);
    assert_eq!(OpMsg::parse(&out[first..]).unwrap().header.request_id, 43);
}

#[test]
fn sections_come_in_any_order() {
    let sequence = b"\x01\x0b\0\0\0a\0\x05\0\0\0\0";
    let sections = [sequence.as_slice(), &[0], EMPTY, sequence].concat();
    let bytes = raw(0, &sections);
    let parsed = OpMsg::parse(&bytes).unwrap();
    assert_eq!((parsed.body, parsed.sequences.len()), (EMPTY, 2));
}

#[test]
fn is_truncated_at_every_byte() {
    for flags in [0, CHECKSUM_PRESENT] {
        let whole = message(flags);
        // Cutting the sequence off leaves a message that is well formed.
        let body_end = SECTIONS_AT + 1 + PING.len();
        for end in 0..whole.len() {
            assert!(
                OpMsg::parse(&whole[..end]).is_err(),
                "length mismatch at {end}"
            );
            if end >= HEADER_LEN {
                let patched = with_length(whole[..end].to_vec());
                let patched = OpMsg::parse(&patched);
                assert_eq!(
                    patched.is_ok(),
                    flags == 0 && end == body_end,
                    "at {end}: {patched:?}"
                );
            }
        }
    }
}

#[test]
fn every_flipped_bit_fails_the_checksum() {
    let whole = message(CHECKSUM_PRESENT);
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // Clearing the bit that announces the checksum makes its four bytes a section of an unknown kind or length.
        assert!(OpMsg::parse(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn unknown_required_flags_are_an_error_and_optional_ones_are_not() {
    let body = [&[0], EMPTY].concat();
    for bit in 2..16 {
        assert_eq!(
            error(1 << bit, &body),
            (ErrorKind::UnknownFlags(1 << bit), 16)
        );
    }
    for bit in 16..32 {
        assert!(OpMsg::parse(&raw(1 << bit, &body)).is_ok());
    }
}

#[test]
fn there_is_exactly_one_body() {
    assert_eq!(error(0, &[]), (ErrorKind::MissingBody, 20));
    assert_eq!(
        error(0, &[&[0], EMPTY, &[0], EMPTY].concat()),
        (ErrorKind::SecondBody, 26)
    );
}

#[test]
fn unknown_sections_are_an_error() {
    for kind in 2..=u8::MAX {
        assert_eq!(
            error(0, &[kind, 5, 0, 0, 0, 0]),
            (ErrorKind::UnknownSection(kind), 20)
        );
    }
}

#[test]
fn hostile_lengths_are_errors() {
    for length in [i32::MIN, -1, 0, 4, 6, 7, i32::MAX] {
        let bytes = length.to_le_bytes();
        let body = [&[0], &bytes[..], &[0]].concat();
        assert_eq!(error(0, &body), (ErrorKind::BadLength(length), 21));
    }
    for length in [i32::MIN, -1, 0, 4, 12, i32::MAX] {
        let bytes = length.to_le_bytes();
        let sequence = [&[1], &bytes[..], b"a\0", EMPTY].concat();
        assert_eq!(error(0, &sequence), (ErrorKind::BadLength(length), 21));
    }
    // The document claims a byte of the section after it.
    assert_eq!(
        error(0, b"\x01\x0b\0\0\0a\0\x06\0\0\0\0\0\x05\0\0\0\0"),
        (ErrorKind::BadLength(6), 27)
    );
}

#[test]
fn names_are_terminated_utf8() {
    assert_eq!(
        error(0, b"\x01\x06\0\0\0aa"),
        (ErrorKind::UnterminatedString, 25)
    );
    assert_eq!(
        error(0, b"\x01\x08\0\0\0a\xff\xfe\0"),
        (ErrorKind::InvalidUtf8, 26)
    );
    let error = begin_sequence(&mut Vec::new(), "a\0b").unwrap_err();
    assert_eq!((error.kind, error.offset), (ErrorKind::NulInName, 1));
}

#[test]
fn documents_end_with_a_zero() {
    assert_eq!(
        error(0, &[0, 5, 0, 0, 0, 1]),
        (ErrorKind::UnterminatedDocument, 25)
    );
}

#[test]
fn a_checksum_needs_its_bytes() {
    assert_eq!(
        error(CHECKSUM_PRESENT, b"\0\0"),
        (ErrorKind::Truncated { needed: 4 }, 20)
    );
}

#[test]
fn another_opcode_is_an_error() {
    let mut bytes = message(0);
    bytes[12] = 1;
    assert_eq!(OpMsg::parse(&bytes).unwrap_err().offset, 12);
}

#[test]
fn splitting_stops_at_the_first_error() {
    let bad = DocumentSequence {
        identifier: "a",
        documents: b"\x05\0\0\0\0\x09\0\0\0\0",
        offset: 30,
    };
    let documents: Vec<_> = bad.iter().collect();
    assert_eq!(
        documents,
        [Ok(EMPTY), Err(Error::new(ErrorKind::BadLength(9), 35))]
    );
}

#[test]
fn finishing_what_was_not_begun_is_an_error() {
    assert!(finish(&mut Vec::new(), 0).is_err());
    assert!(end_sequence(&mut [0; 3], 0).is_err());
}
