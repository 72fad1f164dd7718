//! Numbers in hex digits.

/// Appends the 32 hex digits of `number`.
pub fn push_hex(text: &mut String, number: u128) {
    text.push_str(std::str::from_utf8(&hex(number)).unwrap_or_default());
}

/// The hex digits of `number`, in lower case; a few instructions for all of them.
pub fn hex(number: u128) -> [u8; 32] {
    let bytes = number.to_be_bytes();
    let mut digits = [0; 32];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [byte >> 4, byte & 15];
    }
    digits.map(|digit| digit + b'0' + if digit > 9 { b'a' - b'0' - 10 } else { 0 })
}
