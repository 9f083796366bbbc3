//! OP_COMPRESSED (specification: `compression/OP_COMPRESSED`).
//!
//! ```text
//! header (opcode 2012), originalOpcode: int32, uncompressedSize: int32, compressorId: uint8, compressedMessage
//! ```
//! The compressed part is the original message without its header. A reply says how large it becomes; what is inflated
//! must come to exactly that, and that may not exceed the caller's limit. So a small reply cannot fill the memory.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::error::{Error, ErrorKind};
use crate::frame::{self, Header, OP_COMPRESSED};
use crate::limits::HEADER_LEN;
use crate::reader::Reader;

const OPCODE_AT: usize = HEADER_LEN;
const SIZE_AT: usize = OPCODE_AT + 4;
const COMPRESSOR_AT: usize = SIZE_AT + 4;
const DATA_AT: usize = COMPRESSOR_AT + 1;

/// The specification's compressors, by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compressor {
    /// The bytes as they are; for tests of the protocol.
    Noop = 0,
    /// Snappy, in its block format.
    Snappy = 1,
    /// zlib (RFC 1950).
    Zlib = 2,
    /// Zstandard.
    Zstd = 3,
}

impl Compressor {
    /// The compressor with this id.
    #[must_use]
    pub fn from_id(id: u8) -> Option<Self> {
        [Self::Noop, Self::Snappy, Self::Zlib, Self::Zstd]
            .into_iter()
            .find(|known| known.id() == id)
    }

    /// The compressor with this name, as in the `compressors` URI option and in `hello`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Noop, Self::Snappy, Self::Zlib, Self::Zstd]
            .into_iter()
            .find(|known| known.name() == name)
    }

    /// The id in OP_COMPRESSED.
    #[must_use]
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// The name in `hello`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Noop => "noop",
            Self::Snappy => "snappy",
            Self::Zlib => "zlib",
            Self::Zstd => "zstd",
        }
    }
}

/// Wraps a whole message into an OP_COMPRESSED with the same request id.
///
/// `level` is zlib's 0 to 9, with anything else its default, and zstd's own scale, with 0 its default; the others have
/// none.
///
/// # Errors
/// When `message` is not a whole message, or is compressed already, or the compressor fails.
pub fn compress(message: &[u8], compressor: Compressor, level: i32) -> Result<Vec<u8>, Error> {
    let header = Header::of_whole(message)?;
    if header.opcode == OP_COMPRESSED {
        return Err(Error::new(ErrorKind::NestedCompression, 12));
    }
    let original = &message[HEADER_LEN..];
    let size = (original.len() as u32).to_le_bytes();
    let mut out = Vec::with_capacity(DATA_AT + original.len() / 2);
    frame::begin(
        &mut out,
        header.request_id,
        header.response_to,
        OP_COMPRESSED,
    );
    out.extend_from_slice(&header.opcode.to_le_bytes());
    out.extend_from_slice(&size);
    out.push(compressor.id());
    let failed = Error::new(ErrorKind::CompressionFailed(compressor.name()), HEADER_LEN);
    match compressor {
        Compressor::Noop => out.extend_from_slice(original),
        Compressor::Snappy => out.extend(
            snap::raw::Encoder::new()
                .compress_vec(original)
                .map_err(|_| failed)?,
        ),
        Compressor::Zlib => deflate(original, level, &mut out).ok_or(failed)?,
        Compressor::Zstd => out.extend(zstd::bulk::compress(original, level).map_err(|_| failed)?),
    }
    frame::finish(&mut out, 0)?;
    Ok(out)
}

/// Appends `original` as one zlib stream.
fn deflate(original: &[u8], level: i32, out: &mut Vec<u8>) -> Option<()> {
    let level = u32::try_from(level).ok().filter(|level| *level <= 9);
    let mut stream = Compress::new(
        level.map_or_else(Compression::default, Compression::new),
        true,
    );
    loop {
        out.reserve(original.len() / 4 + 64);
        let done = usize::try_from(stream.total_in()).ok()?;
        match stream
            .compress_vec(&original[done..], out, FlushCompress::Finish)
            .ok()?
        {
            Status::StreamEnd => return Some(()),
            Status::Ok | Status::BufError => {}
        }
    }
}

/// Unwraps a whole OP_COMPRESSED: the original message with its header.
///
/// # Errors
/// When it is malformed, or does not inflate to the declared size, or that with its header exceeds `max_inflated`. No
/// more than the declared size and no more than `max_inflated` is allocated.
pub fn decompress(message: &[u8], max_inflated: usize) -> Result<Vec<u8>, Error> {
    let header = Header::expect(message, OP_COMPRESSED)?;
    let mut reader = Reader::at(message, OPCODE_AT);
    let opcode = reader.i32()?;
    let size = reader.i32()?;
    let id = reader.u8()?;
    if opcode == OP_COMPRESSED {
        return Err(Error::new(ErrorKind::NestedCompression, OPCODE_AT));
    }
    let compressor = Compressor::from_id(id)
        .ok_or(Error::new(ErrorKind::UnknownCompressor(id), COMPRESSOR_AT))?;
    let size =
        usize::try_from(size).map_err(|_| Error::new(ErrorKind::BadLength(size), SIZE_AT))?;
    let length = HEADER_LEN + size;
    if length > max_inflated {
        return Err(Error::new(
            ErrorKind::MessageTooLong {
                length,
                limit: max_inflated,
            },
            SIZE_AT,
        ));
    }
    let mut out = Vec::new();
    frame::begin(&mut out, header.request_id, header.response_to, opcode);
    inflate(compressor, reader.rest(), size, &mut out).map_err(|kind| Error::new(kind, DATA_AT))?;
    frame::finish(&mut out, 0)?;
    Ok(out)
}

/// Appends exactly `size` bytes inflated from `data`.
fn inflate(
    compressor: Compressor,
    data: &[u8],
    size: usize,
    out: &mut Vec<u8>,
) -> Result<(), ErrorKind> {
    let actual = match compressor {
        Compressor::Noop => {
            if data.len() == size {
                out.extend_from_slice(data);
            }
            data.len()
        }
        Compressor::Snappy => inflate_snappy(data, size, out)?,
        Compressor::Zlib => inflate_zlib(data, size, out)?,
        Compressor::Zstd => inflate_zstd(data, size, out)?,
    };
    if actual == size {
        Ok(())
    } else {
        Err(ErrorKind::InflatedSize {
            declared: size,
            actual,
        })
    }
}

/// Snappy says the size itself at the start; nothing is inflated unless both agree.
fn inflate_snappy(data: &[u8], size: usize, out: &mut Vec<u8>) -> Result<usize, ErrorKind> {
    let corrupt = |_| ErrorKind::Corrupt("snappy");
    let announced = snap::raw::decompress_len(data).map_err(corrupt)?;
    if announced != size {
        return Ok(announced);
    }
    out.resize(HEADER_LEN + size, 0);
    snap::raw::Decoder::new()
        .decompress(data, &mut out[HEADER_LEN..])
        .map_err(corrupt)
}

/// The buffer has one byte more than declared, so that a stream that goes on is noticed by filling it.
fn inflate_zlib(data: &[u8], size: usize, out: &mut Vec<u8>) -> Result<usize, ErrorKind> {
    out.resize(HEADER_LEN + size + 1, 0);
    let mut stream = Decompress::new(true);
    let status = stream.decompress(data, &mut out[HEADER_LEN..], FlushDecompress::Finish);
    let (consumed, produced) = (stream.total_in() as usize, stream.total_out() as usize);
    out.truncate(HEADER_LEN + size);
    match status {
        Ok(Status::StreamEnd) if consumed == data.len() => Ok(produced),
        Ok(Status::StreamEnd) => Err(ErrorKind::TrailingBytes(data.len() - consumed)),
        Ok(Status::Ok | Status::BufError) if produced > size => Ok(produced),
        Ok(Status::Ok | Status::BufError) | Err(_) => Err(ErrorKind::Corrupt("zlib")),
    }
}

/// The one-shot interface needs no window of its own, whatever window the frame's header asks for.
fn inflate_zstd(data: &[u8], size: usize, out: &mut Vec<u8>) -> Result<usize, ErrorKind> {
    let corrupt = |_| ErrorKind::Corrupt("zstd");
    out.resize(HEADER_LEN + size, 0);
    let mut decompressor = zstd::bulk::Decompressor::new().map_err(corrupt)?;
    decompressor
        .decompress_to_buffer(data, &mut out[HEADER_LEN..])
        .map_err(corrupt)
}

#[cfg(test)]
#[path = "compression_tests.rs"]
mod tests;
