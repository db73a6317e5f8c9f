mod abort_stale_parts;
mod count_storage;
mod delete_doomed_objects;
mod draw_thumbnails;
mod find_storage_work;
mod finish_upload;
mod give_up_uploads;
mod reconcile_storage;
mod scan_blob;

pub use abort_stale_parts::AbortStaleParts;
pub use count_storage::CountStorage;
pub use delete_doomed_objects::DeleteDoomedObjects;
pub use draw_thumbnails::DrawThumbnails;
pub use find_storage_work::FindStorageWork;
pub use finish_upload::FinishUpload;
pub use give_up_uploads::GiveUpUploads;
pub use reconcile_storage::ReconcileStorage;
pub use scan_blob::ScanBlob;
