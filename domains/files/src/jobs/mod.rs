mod apply_lifecycle;
mod apply_retention;
mod count_storage;
mod delete_doomed_objects;
mod draw_thumbnails;
mod find_storage_work;
mod give_up_uploads;
mod purge_storage;
mod run_file_job;

pub use apply_lifecycle::ApplyLifecycle;
pub use apply_retention::ApplyRetention;
pub use count_storage::CountStorage;
pub use delete_doomed_objects::DeleteDoomedObjects;
pub use draw_thumbnails::DrawThumbnails;
pub use find_storage_work::FindStorageWork;
pub use give_up_uploads::GiveUpUploads;
pub use purge_storage::PurgeStorage;
pub use run_file_job::RunFileJob;
