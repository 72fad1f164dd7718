//! Numbers in hex digits.

/// Appends the 32 hex digits of `number`.
pub fn push_hex(text: &mut String, number: u128) {
    text.push_str(std::str::from_utf8(&hex(number)).unwrap_or_default());
}

/// The two digits of each byte, in lower case.
static DIGITS: [[u8; 2]; 256] = {
    const DIGIT: [u8; 16] = *b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [DIGIT[byte >> 4], DIGIT[byte & 15]];
        byte += 1;
    }
    pairs
};

/// The hex digits of `number`, in lower case.
pub fn hex(number: u128) -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair.copy_from_slice(&DIGITS[usize::from(byte)]);
    }
    digits
}
