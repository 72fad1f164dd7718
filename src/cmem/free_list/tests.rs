//! What the free list finds, each in a process that ends by it.

use super::*;

/// A list of its own, where lists are of use.
fn list() -> Option<FreeList> {
    is_on().then(FreeList::new)
}

#[test]
fn a_freed_block_is_the_next_one_of_its_size() {
    let Some(list) = list() else { return };
    let block = exact(&list, 20, 32);
    // SAFETY: from `alloc`, not used again but by who gets it next.
    unsafe { list.release(block) };
    let (larger, same) = (list.alloc(33), list.alloc(32));
    assert_eq!(same, block);
    assert_ne!(larger, block);
    // SAFETY: blocks of malloc's, not used again.
    unsafe {
        libc::free(larger);
        libc::free(same);
    }
}

#[test]
fn the_list_is_bounded_in_number_and_bytes() {
    let Some(list) = list() else { return };
    for size in [16, 64, 480, 4096] {
        let blocks: Vec<_> = (0..MOST_BLOCKS * 2).map(|_| list.alloc(size)).collect();
        for block in blocks {
            // SAFETY: from `alloc`, of that size, and not used again.
            unsafe { list.release_sized(block, size) };
        }
    }
    let mut kept = Vec::new();
    for class in &list.classes {
        let mut count = 0;
        while !class.first.get().is_null() {
            // SAFETY: a block of malloc's that nobody has.
            unsafe { libc::free(class.take(class.first.get())) };
            count += 1;
        }
        kept.push(count);
    }
    kept.retain(|count| *count > 0);
    assert_eq!(kept, [256, 256, 34]);
}

/// Whether a child process that does this ends by SIGABRT.
fn aborts(what: impl FnOnce(&FreeList)) -> bool {
    let Some(list) = list() else { return true };
    // SAFETY: the child calls no more than malloc, free and write, and ends at once.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::close(libc::STDERR_FILENO);
            what(&list);
            libc::_exit(0);
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
        libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGABRT
    }
}

/// A block that was written to, so that it has nobody's mark.
fn block(list: &FreeList) -> *mut c_void {
    let block = exact(list, 40, 48);
    // SAFETY: a fresh block of that size.
    unsafe { block.write_bytes(0, 40) };
    block
}

#[test]
fn a_second_free_ends_the_process() {
    // SAFETY: what must not be done, in a process that ends by it.
    assert!(aborts(|list| unsafe {
        let block = block(list);
        list.release(block);
        list.release(block);
    }));
}

#[test]
fn a_free_after_one_by_malloc_ends_the_process() {
    // SAFETY: what must not be done, in a process that ends by it.
    assert!(aborts(|list| unsafe {
        // malloc looks for what is freed twice in this thread's cache. After this that of 48 bytes
        // is not empty: the block comes out of it, and leaves a place in it.
        libc::free(black_box(libc::malloc(48)));
        let block = block(list);
        libc::free(block);
        list.release(block);
    }));
}

#[test]
fn a_block_that_malloc_got_meanwhile_is_not_handed_out() {
    // SAFETY: what must not be done, in a process that ends by it.
    assert!(aborts(|list| unsafe {
        let block = block(list);
        list.release(block);
        libc::free(block);
        list.alloc(40);
    }));
}

#[test]
fn a_block_that_was_written_to_after_its_free_is_not_handed_out() {
    for at in [0, 8, 15] {
        // SAFETY: what must not be done, in a process that ends by it.
        assert!(aborts(|list| unsafe {
            let block = block(list);
            list.release(block);
            let byte = block.cast::<u8>().add(at);
            byte.write_volatile(!byte.read_volatile());
            list.alloc(40);
        }));
    }
}

#[test]
fn what_is_freed_once_ends_nothing() {
    // SAFETY: from `alloc` or malloc, freed once.
    let aborted = aborts(|list| unsafe {
        list.release(list.alloc(40));
        list.release(libc::malloc(16));
        list.release_sized(list.alloc(16), 16);
    });
    assert!(!aborted || list().is_none());
}

/// A block for `size` bytes that comes back to the class of `whole` bytes: malloc may give one that
/// is larger than asked for.
fn exact(list: &FreeList, size: usize, whole: usize) -> *mut c_void {
    loop {
        let block = list.alloc(size);
        // SAFETY: a block of malloc's.
        if unsafe { libc::malloc_usable_size(block) } / STEP * STEP == whole {
            return block;
        }
    }
}
