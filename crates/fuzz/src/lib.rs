//! What each fuzz target does with its input, and what must then hold.
//!
//! `crates/wire/tests/seeds.rs` includes this file, replays `seeds/` through it and mutates them for a bounded time, so
//! that the ordinary tests fuzz a little too. An input that once broke something is kept in `seeds/<target>/`.
//!
//! Frames carry their own length. A mutation of the contents would nearly always die at that check, so the targets also
//! try each input with its length put right.

use petiole_wire::bson;
use petiole_wire::compression::{self, Compressor};
use petiole_wire::frame::{self, Header};
use petiole_wire::legacy::OpReply;
use petiole_wire::limits::HEADER_LEN;
use petiole_wire::op_msg::{self, CHECKSUM_PRESENT, OpMsg};

const MAX_INFLATED: usize = 1 << 20;
const MAX_DEPTH: usize = 100;

/// Reads `data` as each kind of frame. A message that is accepted is written again, and must read the same.
pub fn frames(data: &[u8]) {
    for message in [data.to_vec(), with_length(data)] {
        let _ = Header::read(&message, usize::MAX);
        if let Ok(parsed) = OpMsg::parse(&message) {
            rewrite(&parsed);
        }
        if let Ok(reply) = OpReply::parse(&message) {
            assert_eq!(reply.iter().filter(Result::is_ok).count(), reply.count);
        }
    }
}

fn rewrite(parsed: &OpMsg<'_>) {
    let mut out = Vec::new();
    let start = op_msg::begin_op_msg(
        &mut out,
        parsed.header.request_id,
        parsed.flags | CHECKSUM_PRESENT,
    );
    op_msg::begin_body(&mut out);
    out.extend_from_slice(parsed.body);
    for sequence in &parsed.sequences {
        let at =
            op_msg::begin_sequence(&mut out, sequence.identifier).expect("a name that was read");
        for document in sequence {
            out.extend_from_slice(document.expect("documents that were read"));
        }
        op_msg::end_sequence(&mut out, at).expect("a length that was read");
    }
    op_msg::finish(&mut out, start).expect("a length that was read");
    let again = OpMsg::parse(&out).expect("what was just written");
    assert_eq!(
        (again.body, again.flags),
        (parsed.body, parsed.flags | CHECKSUM_PRESENT)
    );
    let contents = |message: &OpMsg<'_>| -> Vec<(String, Vec<u8>)> {
        let sequences = message.sequences.iter();
        sequences
            .map(|sequence| (sequence.identifier.to_owned(), sequence.documents.to_vec()))
            .collect()
    };
    assert_eq!(contents(&again), contents(parsed));
}

/// Inflates `data`, which must keep within its limit and its own word; and compresses it, which must be reversible.
pub fn decompress(data: &[u8]) {
    for message in [data.to_vec(), with_length(data)] {
        if let Ok(inflated) = compression::decompress(&message, MAX_INFLATED) {
            assert!(inflated.len() <= MAX_INFLATED);
            Header::of_whole(&inflated).expect("a length that was patched");
        }
        for compressor in [Compressor::Snappy, Compressor::Zlib, Compressor::Zstd] {
            if let Ok(compressed) = compression::compress(&message, compressor, 1) {
                assert_eq!(
                    compression::decompress(&compressed, message.len()).as_deref(),
                    Ok(&*message)
                );
            }
        }
    }
}

/// Validates `data` as a document. What is valid at a depth is so at every greater one, and has that length.
pub fn bson(data: &[u8]) {
    for depth in [0, 1, 2, MAX_DEPTH] {
        if bson::validate(data, depth).is_ok() {
            bson::validate(data, depth + 1).expect("a smaller depth was enough");
            assert_eq!(bson::document(data).map(<[u8]>::len), Ok(data.len()));
            assert!(bson::Elements::new(data).all(|element| element.is_ok()));
        }
    }
}

/// `data` with its length in front, if it has room for a header.
fn with_length(data: &[u8]) -> Vec<u8> {
    let mut message = data.to_vec();
    if message.len() >= HEADER_LEN {
        frame::finish(&mut message, 0).expect("a short message");
    }
    message
}
