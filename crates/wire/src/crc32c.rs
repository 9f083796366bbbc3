//! The checksum of OP_MSG: CRC-32C (Castagnoli), hardware-assisted where the processor has it.

/// The checksum of all bytes of a message before the checksum itself.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    ::crc32c::crc32c(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn matches_the_check_value_of_the_polynomial() {
        assert_eq!(super::checksum(b"123456789"), 0xe306_9283);
        assert_eq!(super::checksum(b""), 0);
    }
}
