//! Data storage: buckets, files in them, and what is used of the plan.

mod conditions;
mod create_bucket;
mod delete;
mod download;
mod egress;
mod get;
mod get_bucket;
mod headers;
mod list;
mod list_buckets;
mod place;
pub mod problems;
mod thumbnail;
mod upload;
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
        .service(thumbnail::get_thumbnail)
        .service(usage::get_storage_usage);
}
