//! Data storage: buckets, files in them, and what is used of the plan.

mod abort_upload;
mod archive;
mod complete_upload;
mod conditions;
mod copy_file;
mod create_bucket;
mod create_upload;
mod delete;
mod delete_bucket;
mod destination;
mod download;
mod egress;
mod file_jobs;
mod folders;
mod get;
mod get_bucket;
mod get_upload;
mod headers;
mod holds;
mod issue_download;
mod lifecycle;
mod list;
mod list_buckets;
mod move_file;
mod place;
pub mod problems;
mod restore_plans;
mod rules;
mod thumbnail;
mod trash;
mod update_bucket;
mod update_file;
mod upload;
mod upload_view;
mod usage;
mod versions;
mod view;

pub(crate) use conditions::Wanted;
pub(crate) use download::{headers_of, send, send_whole};
pub(crate) use headers::Manner;
pub(crate) use place::Place;
pub(crate) use upload::{content_type, declared_bytes, pass_on};
use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the storage.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_buckets::list_buckets)
        .service(create_bucket::create_bucket)
        .service(get_bucket::get_bucket)
        .service(update_bucket::update_bucket)
        .service(delete_bucket::delete_bucket)
        .service(list::list_files)
        .service(upload::store_file)
        .service(download::download_file)
        .service(download::look_at_file)
        .service(delete::delete_file)
        .service(get::get_file)
        .service(update_file::update_file)
        .service(move_file::move_file)
        .service(copy_file::copy_file)
        .service(versions::list_file_versions)
        .service(versions::download_file_version)
        .service(versions::restore_file_version)
        .service(versions::purge_file_version)
        .service(trash::list_trash)
        .service(trash::restore_file)
        .service(trash::purge_file)
        .service(folders::move_folder)
        .service(folders::copy_folder)
        .service(archive::download_folder)
        .service(file_jobs::list_storage_jobs)
        .service(file_jobs::get_storage_job)
        .service(restore_plans::plan_restore)
        .service(restore_plans::get_restore_plan)
        .service(restore_plans::apply_restore)
        .service(lifecycle::get_lifecycle)
        .service(lifecycle::set_lifecycle)
        .service(lifecycle::preview_lifecycle)
        .service(holds::list_file_holds)
        .service(holds::place_file_hold)
        .service(holds::release_file_hold)
        .service(issue_download::issue_download)
        .service(create_upload::create_upload)
        .service(get_upload::get_upload)
        .service(complete_upload::complete_upload)
        .service(abort_upload::abort_upload)
        .service(thumbnail::get_thumbnail)
        .service(usage::get_storage_usage);
}
