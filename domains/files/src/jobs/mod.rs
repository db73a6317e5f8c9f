mod count_storage;
mod delete_doomed_objects;
mod draw_thumbnails;
mod find_storage_work;
mod give_up_uploads;

pub use count_storage::CountStorage;
pub use delete_doomed_objects::DeleteDoomedObjects;
pub use draw_thumbnails::DrawThumbnails;
pub use find_storage_work::FindStorageWork;
pub use give_up_uploads::GiveUpUploads;
