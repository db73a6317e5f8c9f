//! Data storage: buckets, files in them, and what is used of the plan.

mod abort_upload;
mod complete_upload;
mod conditions;
mod create_bucket;
mod create_upload;
mod delete;
mod download;
mod egress;
mod get;
mod get_bucket;
mod get_upload;
mod headers;
mod issue_download;
mod list;
mod list_buckets;
mod place;
pub mod problems;
mod thumbnail;
mod upload;
mod upload_view;
mod usage;
mod view;

pub(crate) use conditions::Wanted;
pub(crate) use download::{send, send_whole};
pub(crate) use headers::Manner;
use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the storage.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_buckets::list_buckets)
        .service(create_bucket::create_bucket)
        .service(get_bucket::get_bucket)
        .service(list::list_files)
        .service(upload::store_file)
        .service(download::download_file)
        .service(download::look_at_file)
        .service(delete::delete_file)
        .service(get::get_file)
        .service(issue_download::issue_download)
        .service(create_upload::create_upload)
        .service(get_upload::get_upload)
        .service(complete_upload::complete_upload)
        .service(abort_upload::abort_upload)
        .service(thumbnail::get_thumbnail)
        .service(usage::get_storage_usage);
}
