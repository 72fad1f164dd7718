//! Types of C that cbindgen cannot print: they stand in the `after_includes.h` files, under these
//! names.

use libc::{c_uint, c_void};

/// `typedef enum _trace_level`
pub(crate) type osip_trace_level_t = c_uint;
/// A function type, which only a pointer can point to.
pub(crate) type osip_trace_func_t = c_void;
/// A function type.
pub(crate) type osip_malloc_func_t = c_void;
/// A function type.
pub(crate) type osip_realloc_func_t = c_void;
/// A function type.
pub(crate) type osip_free_func_t = c_void;
/// `typedef enum { osip_ok, osip_empty }`
pub(crate) type osip_fifo_state = c_uint;
