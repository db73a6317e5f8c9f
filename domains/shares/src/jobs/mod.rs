mod find_old_accesses;
mod forget_accesses;

pub use find_old_accesses::FindOldAccesses;
pub use forget_accesses::ForgetAccesses;
