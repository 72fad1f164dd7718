//! The layout of libosip2 5.3 and eXosip2 5.3 on Linux, asserted field by field when this library
//! is compiled.
//!
//! libosip2's numbers are those of Debian's libosip2-dev 5.3.0; `abi/layout.txt` has the table for
//! 64 bits and `abi/layout-32.txt` the one for 32, and tests hold the C headers to them.

/// A struct: its name in C, its size, and name, offset and size of each field.
pub type Layout = (&'static str, usize, &'static [(&'static str, usize, usize)]);

/// The size of what a field holds.
#[allow(dead_code)] // Rust 1.85 does not count the uses in a `const _`.
const fn size_of_field<T, F>(_: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

macro_rules! layout {
    ($table:ident $bits:literal: $($of:ty, $name:literal $size:literal: $($field:ident $offset:literal $width:literal),+;)+) => {
        $(const _: () = if usize::BITS == $bits {
            assert!(size_of::<$of>() == $size);
            $(assert!(std::mem::offset_of!($of, $field) == $offset);
            assert!($crate::abi::layout::size_of_field(|it: &$of| &it.$field) == $width);)+
        };)+
        /// All structs of one library.
        pub const $table: &[$crate::abi::layout::Layout] =
            &[$(($name, $size, &[$((stringify!($field), $offset, $width)),+])),+];
    };
}

pub mod ilp32;
pub mod lp64;
