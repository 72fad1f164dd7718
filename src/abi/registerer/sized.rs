//! Structs that begin with their size, so that they may grow: a program may have been compiled with
//! an older or a newer header.

/// No struct is larger than this, whatever version it has.
const MAX_SIZE: usize = 4096;

/// A struct of C whose first field is its size.
///
/// # Safety
/// The first field is a `usize`, and any bytes that the program writes make a valid struct.
pub(super) unsafe trait SizedStruct: Copy {
    /// Where the struct of the first version ends: none is smaller.
    const MIN_SIZE: usize;
    /// What it is called when it is wrong.
    const NAME: &'static str;
    /// How a program sets its size.
    const HOW_TO_SET: &'static str = "it is the sizeof of the struct";
}

/// Whether a program may have a struct of this size.
pub(super) fn is_size_of<T: SizedStruct>(size: usize) -> bool {
    (T::MIN_SIZE..=MAX_SIZE).contains(&size)
}

/// The size that a struct says it has; `None` for NULL and one that it cannot have.
///
/// # Safety
/// `at` is NULL or points to a struct as long as it says.
pub(super) unsafe fn size_at<T: SizedStruct>(at: *const T) -> Option<usize> {
    if at.is_null() {
        return None;
    }
    // SAFETY: the caller's promise: a struct begins with its size.
    let size = unsafe { at.cast::<usize>().read() };
    is_size_of::<T>(size).then_some(size)
}

/// Writes `ours` into the `size` bytes that the program has; what is behind our struct is zero.
///
/// # Safety
/// `to` may be written for `size` bytes.
pub(super) unsafe fn write<T: SizedStruct>(ours: &T, to: *mut T, size: usize) {
    // SAFETY: room for `size` bytes; what is behind our struct is of a newer version.
    unsafe {
        to.cast::<u8>().write_bytes(0, size);
        copy(&raw const *ours, to, size);
    }
}

/// Reads what the program has; the fields that an older version lacks are those of `defaults`.
/// Errors: what is wrong, in words.
///
/// # Safety
/// `from` is NULL or points to a struct as long as it says.
pub(super) unsafe fn read<T: SizedStruct>(from: *const T, defaults: T) -> Result<T, String> {
    let name = T::NAME;
    if from.is_null() {
        return Err(format!("there are no {name}"));
    }
    // SAFETY: the caller's promise.
    let Some(size) = (unsafe { size_at(from) }) else {
        return Err(format!("the size of the {name} is not set: {}", T::HOW_TO_SET));
    };
    let more = size.saturating_sub(size_of::<T>());
    let tail = match more {
        0 => &[][..],
        // SAFETY: as long as it says, which is longer than our struct.
        _ => unsafe { std::slice::from_raw_parts(from.add(1).cast::<u8>(), more) },
    };
    if tail.iter().any(|b| *b != 0) {
        return Err(format!("these {name} are of a newer version"));
    }
    let mut read = defaults;
    // SAFETY: as long as it says.
    unsafe { copy(from, &raw mut read, size) };
    Ok(read)
}

/// Copies the part that a struct of `size` bytes shares with ours.
///
/// # Safety
/// Both are as long as the smaller of `size` and our struct, and are apart.
unsafe fn copy<T>(from: *const T, to: *mut T, size: usize) {
    let shared = size.min(size_of::<T>());
    // SAFETY: the caller's promise.
    unsafe { to.cast::<u8>().copy_from_nonoverlapping(from.cast::<u8>(), shared) };
}
