//! `<osipparser2/osip_md5.h>`: MD5 (RFC 1321), which programs compute digest answers with.

use crate::abi::ffi::{Caller, Failure};
use libc::{c_uchar, c_uint};
use zeroize::Zeroize;

/// Bytes of a block.
const BLOCK: usize = 64;

/// What was hashed so far.
#[derive(Debug)]
#[repr(C)]
pub struct osip_MD5_CTX {
    /// The four words of the state.
    pub state: [c_uint; 4],
    /// How many bits were hashed: low word, high word.
    pub count: [c_uint; 2],
    /// What does not fill a block yet.
    pub buffer: [c_uchar; 64],
}

impl osip_MD5_CTX {
    const EMPTY: Self = Self {
        state: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476],
        count: [0, 0],
        buffer: [0; BLOCK],
    };

    fn bits(&self) -> u64 {
        u64::from(self.count[0]) | u64::from(self.count[1]) << 32
    }

    fn update(&mut self, mut bytes: &[u8]) {
        let bits = self.bits();
        let total = bits.wrapping_add(8 * bytes.len() as u64);
        self.count = [total as c_uint, (total >> 32) as c_uint];
        let mut held = (bits / 8) as usize % BLOCK;
        while !bytes.is_empty() {
            let (taken, rest) = bytes.split_at(bytes.len().min(BLOCK - held));
            self.buffer[held..held + taken.len()].copy_from_slice(taken);
            held += taken.len();
            bytes = rest;
            if held == BLOCK {
                md5::block_api::compress(&mut self.state, &[self.buffer]);
                held = 0;
            }
        }
    }

    /// The hash: what was hashed, a one, zeros, and how many bits there were.
    fn finish(&mut self) -> [u8; 16] {
        let bits = self.bits();
        let held = (bits / 8) as usize % BLOCK;
        let zeros = (2 * BLOCK - 9 - held) % BLOCK;
        self.update(&[0x80]);
        self.update(&[0; BLOCK][..zeros]);
        self.update(&bits.to_le_bytes());
        let mut digest = [0; 16];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        digest
    }
}

/// Begins a hash. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_MD5Init(context: *mut osip_MD5_CTX) {
    ffi!(|c| c.put(context, osip_MD5_CTX::EMPTY))
}

/// Hashes `length` more bytes. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_MD5Update(
    context: *mut osip_MD5_CTX,
    input: *mut c_uchar,
    length: c_uint,
) {
    ffi!(|c| update(c, context, input, length))
}

fn update(
    c: Caller<'_>,
    context: *mut osip_MD5_CTX,
    input: *mut c_uchar,
    length: c_uint,
) -> Result<(), Failure> {
    let context = c.get_mut(context)?;
    context.update(c.bytes(input.cast(), length as usize)?);
    Ok(())
}

/// Ends a hash: writes its 16 bytes to `digest` and wipes the context. Does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_MD5Final(digest: *mut c_uchar, context: *mut osip_MD5_CTX) {
    ffi!(|c| {
        let context = c.get_mut(context)?;
        c.put(digest.cast::<[u8; 16]>(), context.finish())?;
        context.state.zeroize();
        context.count.zeroize();
        context.buffer.zeroize();
        Ok(())
    })
}
