mod abort_stale_parts;
mod count_storage;
mod delete_doomed_objects;
mod find_storage_work;
mod give_up_uploads;

pub use abort_stale_parts::AbortStaleParts;
pub use count_storage::CountStorage;
pub use delete_doomed_objects::DeleteDoomedObjects;
pub use find_storage_work::FindStorageWork;
pub use give_up_uploads::GiveUpUploads;
