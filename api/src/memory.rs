//! What the allocator keeps.

/// Large buffers (parts of uploads, password hashing) go back to the system when they are free, instead of staying with the
/// thread that had them. To be called before the first thread starts.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    {
        const LARGE: libc::c_int = 1 << 20;
        const ARENAS: libc::c_int = 4;
        // SAFETY: only numbers are passed; a refused one changes nothing.
        #[expect(unsafe_code, reason = "the allocator of the C library has no other way in")]
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
            libc::mallopt(libc::M_ARENA_MAX, ARENAS);
        }
    }
}
