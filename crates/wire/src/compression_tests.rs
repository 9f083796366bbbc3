use super::*;
use crate::frame::OP_MSG;

const ALL: [Compressor; 4] = [
    Compressor::Noop,
    Compressor::Snappy,
    Compressor::Zlib,
    Compressor::Zstd,
];
const LIMIT: usize = 1 << 20;

fn message(contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    frame::begin(&mut out, 11, 12, OP_MSG);
    out.extend_from_slice(contents);
    frame::finish(&mut out, 0).unwrap();
    out
}

/// Bytes that do not compress: a linear congruential generator's high bits.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
    .take(count)
    .collect()
}

fn declaring(mut compressed: Vec<u8>, size: i32) -> Vec<u8> {
    compressed[SIZE_AT..SIZE_AT + 4].copy_from_slice(&size.to_le_bytes());
    compressed
}

fn with_length(mut message: Vec<u8>) -> Vec<u8> {
    frame::finish(&mut message, 0).unwrap();
    message
}

#[test]
fn inflates_to_the_original_message() {
    let contents = [
        Vec::new(),
        b"a".to_vec(),
        vec![7; 100_000],
        noise(70_000),
        b"petiole ".repeat(3000),
    ];
    for original in contents.iter().map(|contents| message(contents)) {
        for compressor in ALL {
            for level in [-1, 0, 1, 6, 9, 100] {
                let compressed = compress(&original, compressor, level).unwrap();
                let header = Header::of_whole(&compressed).unwrap();
                assert_eq!(
                    (header.opcode, header.request_id, header.response_to),
                    (OP_COMPRESSED, 11, 12)
                );
                assert_eq!(compressed[COMPRESSOR_AT], compressor.id());
                assert_eq!(
                    decompress(&compressed, original.len()).as_ref(),
                    Ok(&original)
                );
            }
        }
    }
}

#[test]
fn compresses_what_repeats() {
    let original = message(&b"petiole ".repeat(3000));
    for compressor in [Compressor::Snappy, Compressor::Zlib, Compressor::Zstd] {
        assert!(compress(&original, compressor, 0).is_ok());
        assert!(compress(&original, compressor, 6).unwrap().len() < original.len() / 10);
    }
}

#[test]
fn the_limit_is_on_the_whole_message() {
    let original = message(&[3; 1000]);
    for compressor in ALL {
        let compressed = compress(&original, compressor, 3).unwrap();
        let error = decompress(&compressed, original.len() - 1).unwrap_err();
        let kind = ErrorKind::MessageTooLong {
            length: original.len(),
            limit: original.len() - 1,
        };
        assert_eq!(error, Error::new(kind, SIZE_AT));
    }
}

#[test]
fn another_size_than_declared_is_an_error() {
    let original = message(&[3; 1000]);
    for compressor in ALL {
        let compressed = compress(&original, compressor, 3).unwrap();
        for size in [0, 1, 999, 1001, 5000, LIMIT as i32 - HEADER_LEN as i32] {
            let error = decompress(&declaring(compressed.clone(), size), LIMIT).unwrap_err();
            assert_eq!(error.offset, DATA_AT, "{compressor:?} {size}");
        }
        for size in [-1, i32::MIN] {
            let error = decompress(&declaring(compressed.clone(), size), LIMIT).unwrap_err();
            assert_eq!(error, Error::new(ErrorKind::BadLength(size), SIZE_AT));
        }
        let error = decompress(&declaring(compressed.clone(), i32::MAX), LIMIT).unwrap_err();
        assert!(matches!(
            error.kind,
            ErrorKind::MessageTooLong { limit: LIMIT, .. }
        ));
    }
}

#[test]
fn a_bomb_stops_at_the_declared_size() {
    let bomb = message(&vec![0; 30_000_000]);
    for compressor in [Compressor::Snappy, Compressor::Zlib, Compressor::Zstd] {
        let compressed = compress(&bomb, compressor, 6).unwrap();
        assert!(decompress(&declaring(compressed, 100), LIMIT).is_err());
    }
}

#[test]
fn is_truncated_at_every_byte() {
    let original = message(&[noise(40), vec![9; 300]].concat());
    for compressor in ALL {
        let whole = compress(&original, compressor, 3).unwrap();
        for end in 0..whole.len() {
            assert!(decompress(&whole[..end], LIMIT).is_err());
            if end >= HEADER_LEN {
                assert!(
                    decompress(&with_length(whole[..end].to_vec()), LIMIT).is_err(),
                    "{compressor:?} {end}"
                );
            }
        }
    }
}

#[test]
fn bytes_after_the_compressed_ones_are_an_error() {
    for compressor in ALL {
        let mut longer = compress(&message(&[3; 1000]), compressor, 3).unwrap();
        longer.push(0);
        assert!(
            decompress(&with_length(longer), LIMIT).is_err(),
            "{compressor:?}"
        );
    }
}

#[test]
fn flipped_bits_never_yield_another_size() {
    let original = message(&[noise(40), vec![9; 300]].concat());
    for compressor in ALL {
        let whole = compress(&original, compressor, 3).unwrap();
        for bit in DATA_AT * 8..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(inflated) = decompress(&flipped, LIMIT) {
                assert_eq!(inflated.len(), original.len());
                assert_eq!(Header::of_whole(&inflated), Header::of_whole(&original));
            }
        }
    }
}

#[test]
fn neither_nests_nor_guesses() {
    let compressed = compress(&message(b"x"), Compressor::Snappy, 0).unwrap();
    assert_eq!(
        compress(&compressed, Compressor::Zlib, 0).unwrap_err().kind,
        ErrorKind::NestedCompression
    );
    let mut nested = compressed.clone();
    nested[OPCODE_AT..SIZE_AT].copy_from_slice(&OP_COMPRESSED.to_le_bytes());
    assert_eq!(
        decompress(&nested, LIMIT).unwrap_err(),
        Error::new(ErrorKind::NestedCompression, OPCODE_AT)
    );
    let mut unknown = compressed.clone();
    unknown[COMPRESSOR_AT] = 4;
    assert_eq!(
        decompress(&unknown, LIMIT).unwrap_err(),
        Error::new(ErrorKind::UnknownCompressor(4), COMPRESSOR_AT)
    );
    assert_eq!(
        decompress(&message(b"x"), LIMIT).unwrap_err().kind,
        ErrorKind::UnexpectedOpcode(OP_MSG)
    );
    assert!(compress(b"short", Compressor::Noop, 0).is_err());
}

#[test]
fn names_and_ids_are_the_specification_s() {
    for (id, name) in ["noop", "snappy", "zlib", "zstd"].into_iter().enumerate() {
        let compressor = Compressor::from_name(name).unwrap();
        assert_eq!((compressor.id(), compressor.name()), (id as u8, name));
        assert_eq!(Compressor::from_id(id as u8), Some(compressor));
    }
    assert_eq!(
        (Compressor::from_id(4), Compressor::from_name("lzma")),
        (None, None)
    );
}
