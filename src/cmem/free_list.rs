//! The free list: small blocks of messages that were freed, for the next message.
//!
//! A message is made of some sixty blocks, because C may free or replace each of them. All of them
//! are malloc's, also those in the list: a block that C frees with `free` goes to malloc, and one
//! that C made with `malloc` may come here. So the list watches over its blocks as malloc does: a
//! block that is freed twice, or written to after it was freed, ends the process with a message.
//! Nothing is kept where the program has set its own functions in the place of malloc, under
//! valgrind and other tools that replace malloc, with another C library than glibc, and on 32 bits.
//! Under AddressSanitizer the blocks in the list are poisoned.

use super::{alloc, release, replaced};
use libc::{c_char, c_void, size_t};
use parking_lot::{Mutex, MutexGuard};
use std::cell::Cell;
use std::hint::black_box;
use std::mem::transmute;
use std::ptr;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

/// A class holds blocks of a multiple of so many bytes. In the list, the first two words of a block
/// are its link and its mark.
const STEP: usize = 16;
/// Blocks of more than 512 bytes are not kept.
const CLASSES: usize = 32;
/// A class keeps at most so many blocks, and so many bytes.
const MOST_BLOCKS: usize = 256;
const MOST_BYTES: usize = 16 << 10;

/// Blocks that nobody uses, by size. One thread at a time has them.
#[derive(Debug)]
pub struct FreeList {
    classes: [Class; CLASSES],
    /// What is kept under AddressSanitizer; `classes` has no room then.
    poisoned: [Class; CLASSES],
    sanitizer: Cell<Option<Sanitizer>>,
}

/// Blocks of one size: the last one freed, which leads to the one freed before it.
#[derive(Debug)]
struct Class {
    first: Cell<*mut c_void>,
    /// How many more blocks it keeps.
    room: Cell<usize>,
}

// SAFETY: a block that nobody uses belongs to no thread.
unsafe impl Send for FreeList {}

static FREE_LIST: Mutex<FreeList> = Mutex::new(FreeList::new());

/// Whether freed blocks are kept; asked for once.
static MODE: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = 0;
const OFF: u8 = 1;
const ON: u8 = 2;

/// What glibc writes into the second word of a block that lies in its thread cache, where that is
/// known.
static GLIBC_MARK: AtomicUsize = AtomicUsize::new(NO_MARK);
const NO_MARK: usize = usize::MAX;

/// Long enough for any other thread that has the list; not for one that does not exist in this
/// process any more, because it was forked meanwhile.
const AN_INSTANT: Duration = Duration::from_secs(1);

/// Whether freed blocks are kept.
fn is_on() -> bool {
    let mode = match MODE.load(Ordering::Relaxed) {
        UNKNOWN => detect(),
        mode => mode,
    };
    mode == ON && !replaced()
}

/// The free list; `None` where nothing is kept, and while another thread has it.
pub fn free_list() -> Option<MutexGuard<'static, FreeList>> {
    if is_on() { FREE_LIST.try_lock() } else { None }
}

/// Finds out whose malloc this is.
#[cold]
fn detect() -> u8 {
    if cfg!(miri) {
        return OFF;
    }
    // SAFETY: a block of malloc's or NULL, asked for its size and freed.
    let usable = unsafe {
        let block = libc::malloc(1);
        let usable = libc::malloc_usable_size(block);
        libc::free(block);
        usable
    };
    // glibc's smallest block has 24 bytes where a word has 8; AddressSanitizer, like valgrind, says
    // what was asked for.
    let sanitizer = Sanitizer::find();
    let is_glibc = usable == 24;
    if is_glibc {
        // malloc fills an empty cache, and what is freed while the cache is full is not marked.
        // Then the next block comes out of the cache, and leaves a place in it.
        let [_, first, second] = [(); 3].map(|()| glibc_mark());
        GLIBC_MARK.store(if first == second { first } else { NO_MARK }, Ordering::Relaxed);
    }
    let mode = if is_glibc || sanitizer.is_some() { ON } else { OFF };
    let Some(list) = FREE_LIST.try_lock_for(AN_INSTANT) else { return OFF };
    if sanitizer.is_some() {
        list.classes.iter().for_each(|class| class.room.set(0));
        list.sanitizer.set(sanitizer);
    }
    MODE.store(mode, Ordering::Relaxed);
    mode
}

/// What the second word of a block has become by freeing it. glibc marks what lies in a thread's
/// cache with a random number of this process, by which it finds a second free.
fn glibc_mark() -> usize {
    const BEFORE: usize = 0x5a5a;
    // SAFETY: a block of 24 bytes or NULL. The word is read after the block was freed: glibc keeps
    // the page of so small a block, and says nothing else of it. The compiler does not see which
    // function that is.
    unsafe {
        let block = libc::malloc(24);
        if block.is_null() {
            return NO_MARK;
        }
        let word = block.cast::<usize>().add(1);
        word.write_volatile(BEFORE);
        black_box(libc::free as unsafe extern "C" fn(*mut c_void))(block);
        let after = black_box(word).read_volatile();
        if after == BEFORE { NO_MARK } else { after }
    }
}

/// AddressSanitizer's functions.
#[derive(Debug, Clone, Copy)]
struct Sanitizer {
    poison: RegionFunction,
    unpoison: RegionFunction,
}

/// Takes where a region of memory begins, and its length.
type RegionFunction = unsafe extern "C" fn(*const c_void, size_t);

impl Sanitizer {
    /// `None` where this process does not run with it.
    fn find() -> Option<Self> {
        // SAFETY: names that end with NUL.
        let symbol = |name: *const c_char| unsafe { libc::dlsym(libc::RTLD_DEFAULT, name) };
        let poison = symbol(c"__asan_poison_memory_region".as_ptr());
        let unpoison = symbol(c"__asan_unpoison_memory_region".as_ptr());
        if poison.is_null() || unpoison.is_null() {
            return None;
        }
        // SAFETY: functions of that type, by the interface of AddressSanitizer.
        let function = |symbol| unsafe { transmute::<*mut c_void, RegionFunction>(symbol) };
        Some(Self { poison: function(poison), unpoison: function(unpoison) })
    }
}

/// What the two first words of a block in the list make together. It depends on where the library
/// was loaded, and on the block: no block that is in use has it, nor a copy of one that is not.
#[inline]
fn mark(block: *const c_void) -> usize {
    block.addr() ^ (&raw const FREE_LIST).addr().rotate_left(24)
}

/// The first two words of a block, which may be in use, in the list, or in malloc's cache.
///
/// # Safety
/// `block` is malloc's and of 16 bytes or more.
#[inline]
unsafe fn words(block: *const c_void) -> [usize; 2] {
    // SAFETY: within the block, by the caller's promise. Volatile, since they may never have been
    // written.
    unsafe {
        let words = block.cast::<usize>();
        [words.read_volatile(), words.add(1).read_volatile()]
    }
}

/// Ends the process where a struct that is about to be freed was freed before.
///
/// # Safety
/// `block` is malloc's and of a struct of 16 bytes or more, or lies in the list or in malloc's
/// cache.
#[inline]
pub unsafe fn check_not_freed(block: *mut c_void) {
    if is_on() {
        // SAFETY: the caller's promise.
        unsafe { check_struct(block) };
    }
}

/// # Safety
/// As for [`check_not_freed`].
#[inline]
unsafe fn check_struct(block: *mut c_void) {
    // SAFETY: the caller's promise.
    let [first, second] = unsafe { words(block) };
    if first ^ second == mark(block) {
        freed_twice();
    }
    if is_glibc_mark(second) {
        // SAFETY: what has malloc's mark is malloc's to judge: it looks for the block in its cache,
        // and ends the process.
        unsafe { libc::free(block) };
        freed_twice();
    }
}

#[inline]
fn is_glibc_mark(word: usize) -> bool {
    word == GLIBC_MARK.load(Ordering::Relaxed)
}

#[cold]
fn freed_twice() -> ! {
    give_up("double free detected: a message or a part of one was freed twice")
}

#[cold]
fn changed_in_list() -> ! {
    give_up("corrupted free list: a part of a message was freed or written to after it was freed")
}

/// Ends the process with a message, as malloc does. It takes no memory.
#[cold]
fn give_up(what: &str) -> ! {
    for part in ["libregister: ", what, "\n"] {
        // SAFETY: the bytes of a text that lives.
        unsafe { libc::write(libc::STDERR_FILENO, part.as_ptr().cast(), part.len()) };
    }
    std::process::abort()
}

/// Ends the process because a function got what it must not get.
pub fn misused(what: &str) -> ! {
    give_up(what)
}

impl FreeList {
    const fn new() -> Self {
        Self { classes: no_blocks(), poisoned: no_blocks(), sanitizer: Cell::new(None) }
    }

    /// As [`alloc`].
    #[inline]
    pub(super) fn alloc(&self, size: usize) -> *mut c_void {
        self.take(size).unwrap_or_else(|| self.alloc_slow(size))
    }

    /// `size` bytes, if the list has a block for them.
    #[inline]
    pub(super) fn take(&self, size: usize) -> Option<*mut c_void> {
        let blocks = self.classes.get(size.saturating_sub(1) / STEP)?;
        let first = blocks.first.get();
        if first.is_null() { None } else { Some(blocks.take(first)) }
    }

    /// The same where there is no block in the list, or where AddressSanitizer is to know of it.
    #[cold]
    fn alloc_slow(&self, size: usize) -> *mut c_void {
        let class = size.saturating_sub(1) / STEP;
        let Some(blocks) = self.poisoned.get(class) else { return alloc(size) };
        let first = blocks.first.get();
        let block = if first.is_null() { alloc((class + 1) * STEP) } else { blocks.take(first) };
        if let Some(sanitizer) = self.sanitizer.get().filter(|_| !block.is_null()) {
            sanitizer.hand_out(block, size, class);
        }
        block
    }

    /// See [`check_not_freed`].
    ///
    /// # Safety
    /// As there.
    #[inline]
    pub unsafe fn check_not_freed(&self, block: *mut c_void) {
        // SAFETY: the caller's promise.
        unsafe { check_struct(block) };
    }

    /// As [`release`], for a block of at least `size` bytes that was checked.
    ///
    /// # Safety
    /// As for [`release`]; the functions in the place of malloc and free are still not set, and
    /// `block` is not NULL.
    #[inline]
    pub(super) unsafe fn release_sized(&self, block: *mut c_void, size: usize) {
        // SAFETY: passed on.
        unsafe { self.put(block, (size / STEP).wrapping_sub(1)) };
    }

    /// As [`release`].
    ///
    /// # Safety
    /// As for [`Self::release_sized`].
    #[inline]
    pub(super) unsafe fn release(&self, block: *mut c_void) {
        // SAFETY: a block of malloc's, by the caller's promise: of 16 bytes or more.
        let (size, [first, second]) = unsafe { (libc::malloc_usable_size(block), words(block)) };
        if first ^ second == mark(block) {
            freed_twice();
        }
        // What has malloc's mark is malloc's to judge: it looks for the block in its cache. A text
        // may also have it from its last owner, who freed it.
        if is_glibc_mark(second) {
            // SAFETY: passed on.
            return unsafe { release(block) };
        }
        // SAFETY: passed on.
        unsafe { self.put(block, (size / STEP).wrapping_sub(1)) };
    }

    /// # Safety
    /// As for [`Self::release_sized`].
    #[inline]
    unsafe fn put(&self, block: *mut c_void, class: usize) {
        match self.classes.get(class) {
            Some(blocks) if blocks.room.get() > 0 => blocks.put(block),
            // SAFETY: passed on.
            _ => unsafe { self.put_slow(block, class) },
        }
    }

    /// The same where the list has no room for the block, or where AddressSanitizer is to know of
    /// it.
    ///
    /// # Safety
    /// As for [`Self::release_sized`].
    #[cold]
    unsafe fn put_slow(&self, block: *mut c_void, class: usize) {
        match (self.sanitizer.get(), self.poisoned.get(class)) {
            (Some(sanitizer), Some(blocks)) if blocks.room.get() > 0 => {
                sanitizer.take_back(blocks, block, class);
            }
            // SAFETY: passed on.
            _ => unsafe { release(block) },
        }
    }
}

/// Classes without blocks.
const fn no_blocks() -> [Class; CLASSES] {
    let mut classes =
        [const { Class { first: Cell::new(ptr::null_mut()), room: Cell::new(0) } }; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        let by_bytes = MOST_BYTES / ((class + 1) * STEP);
        let room = if by_bytes < MOST_BLOCKS { by_bytes } else { MOST_BLOCKS };
        classes[class].room = Cell::new(room);
        class += 1;
    }
    classes
}

impl Sanitizer {
    /// Opens `size` bytes of a block of the class; what is behind them stays closed.
    fn hand_out(self, block: *mut c_void, size: usize, class: usize) {
        let whole = (class + 1) * STEP;
        // SAFETY: a block of that size, which nobody else has.
        unsafe {
            (self.unpoison)(block, whole);
            (self.poison)(block.byte_add(size), whole - size);
        }
    }

    /// Puts a block of the class into the list and closes it, but for its link: what that leads to
    /// would count as lost.
    fn take_back(self, blocks: &Class, block: *mut c_void, class: usize) {
        const LINK: usize = size_of::<usize>();
        // SAFETY: a block of malloc's of that size. AddressSanitizer ends the process where it is
        // in use no more.
        unsafe {
            libc::malloc_usable_size(block);
            blocks.put(block);
            (self.unpoison)(block, LINK);
            (self.poison)(block.byte_add(LINK), (class + 1) * STEP - LINK);
        }
    }
}

impl Class {
    /// Takes `block`, the first one. Ends the process where somebody freed it to malloc or wrote
    /// to it meanwhile.
    #[inline]
    fn take(&self, block: *mut c_void) -> *mut c_void {
        // SAFETY: a block of 16 bytes or more.
        let [link, second] = unsafe { words(block) };
        if link ^ second != mark(block) {
            changed_in_list();
        }
        // SAFETY: aligned for words, and nobody else's.
        unsafe {
            self.first.set(block.cast::<*mut c_void>().read());
            block.cast::<[usize; 2]>().write([0; 2]);
        }
        self.room.set(self.room.get() + 1);
        block
    }

    /// Keeps a block.
    #[inline]
    fn put(&self, block: *mut c_void) {
        let link = self.first.replace(block);
        // SAFETY: a block of 16 bytes or more, which nobody uses and which is aligned for words.
        unsafe {
            block.cast::<*mut c_void>().write(link);
            block.cast::<usize>().add(1).write(mark(block) ^ link.addr());
        }
        self.room.set(self.room.get() - 1);
    }
}

#[cfg(test)]
mod tests;
