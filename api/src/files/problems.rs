//! Problem types of the storage.

use crate::problem::{Problem, chain, edge, problems};
use files::{CreateBucketError, FileError, NotReadable, RefusedBy, ThumbnailError, UploadError};

problems! { "files";
    BUCKET_NAME_TAKEN 409 "bucket_name_taken" {
        en: "Your firm has a bucket of this name", "Use that bucket, or choose another name.";
        zh: "您的企业已有同名存储桶", "请使用该存储桶，或更换名称。";
    }
    BUCKET_NOT_EMPTY 409 "bucket_not_empty" {
        en: "The bucket still holds files", "Delete its files first, those in the trash too.";
        zh: "存储桶中仍有文件", "请先删除其中的文件，包括回收站中的文件。";
    }
    PATH_TAKEN 409 "path_taken" {
        en: "Another file is at this path", "Choose another path, or move that file away first.";
        zh: "该路径已有其他文件", "请选择其他路径，或先移走该文件。";
    }
    FOLDER_INTO_ITSELF 409 "folder_into_itself" {
        en: "A folder cannot go into itself", "Choose a folder that does not lie in the one to be moved or copied.";
        zh: "文件夹不能移入或复制到其自身", "请选择不在该文件夹内的目标文件夹。";
    }
    RESTORE_TO_FUTURE 422 "restore_to_future" {
        en: "The moment lies in the future", "Name a moment in the past.";
        zh: "时间点在未来", "请指定过去的时间点。";
    }
    RESTORE_PLAN_APPLIED 409 "restore_plan_applied" {
        en: "The plan was applied before", "Its job tells how far it came. Make a new plan to restore a moment again.";
        zh: "该恢复方案已执行", "可查看对应任务的进度；如需再次恢复，请新建方案。";
    }
    FILE_IN_USE 409 "file_in_use" {
        en: "Products show the file", "Take it out of the products that `used_by` names, or repeat the request with `force=true`.";
        zh: "仍有商品展示该文件", "请先从 `used_by` 列出的商品中移除该文件，或使用 `force=true` 重试。";
    }
    VERSION_SHOWN 409 "version_shown" {
        en: "The file shows this version", "Only older versions can be deleted alone. Delete the file, or store a new version first.";
        zh: "该版本为文件当前版本", "只能单独删除旧版本；请删除整个文件，或先上传新版本。";
    }
    LEGAL_HOLD 409 "legal_hold" {
        en: "The file is under a legal hold", "It cannot be deleted for good until every hold on it is released.";
        zh: "文件处于法律保全状态", "在所有保全解除之前，无法彻底删除该文件。";
    }
    TOO_MANY_BUCKETS 409 "too_many_buckets" {
        en: "Your firm has as many buckets as it may", "Use folders in a bucket that you have.";
        zh: "您的企业已达到存储桶数量上限", "请在现有存储桶中使用文件夹。";
    }
    UPLOAD_INCOMPLETE 400 "upload_incomplete" {
        en: "The upload ended early or differs from its declared length", "Nothing was stored. Send the file again.";
        zh: "上传中断或与声明的长度不符", "文件未保存，请重新上传。";
    }
    UPLOAD_NOT_WHOLE 409 "upload_not_whole" {
        en: "Not all that was declared has arrived", "Send what is missing, in the sizes that were declared, and complete the upload again.";
        zh: "尚未收到所声明的全部内容", "请按声明的大小补传缺少的部分，然后再次完成上传。";
    }
    UPLOAD_ENDED 409 "upload_ended" {
        en: "The upload has ended", "It was completed, given up, or has expired. Begin a new one.";
        zh: "该上传已结束", "上传已完成、已放弃或已过期，请重新开始。";
    }
    CHECKSUM_MISMATCH 422 "checksum_mismatch" {
        en: "What arrived has another SHA-256 than was declared", "Nothing was stored. Send the file again.";
        zh: "收到的内容与声明的 SHA-256 不符", "文件未保存，请重新上传。";
    }
    FILE_TOO_LARGE 413 "file_too_large" {
        en: "The file is larger than allowed here", "Send at most `limit_bytes`, or use a bucket that takes more.";
        zh: "文件超过此处允许的大小", "请将文件控制在 limit_bytes 字节以内，或使用允许更大文件的存储桶。";
    }
    TYPE_NOT_ALLOWED 415 "type_not_allowed" {
        en: "The bucket does not take files of this type", "Look at the bucket's `allowed_types`, or use another bucket.";
        zh: "该存储桶不接受此类型的文件", "请查看存储桶的 allowed_types，或使用其他存储桶。";
    }
    CONTENT_TYPE_MISMATCH 422 "content_type_mismatch" {
        en: "The content is not of the type that was named", "`declared_type` was named and `found_type` came. Send the file with its true Content-Type, or without one.";
        zh: "文件内容与声明的类型不符", "声明的类型为 declared_type，实际内容为 found_type。请使用正确的 Content-Type，或不声明类型后重新上传。";
    }
    RANGE_NOT_SATISFIABLE 416 "range_not_satisfiable" {
        en: "The range begins after the file's end", "Content-Range tells the file's size.";
        zh: "请求的范围超出文件末尾", "文件大小见 Content-Range 响应头。";
    }
    BEING_SCANNED 409 "being_scanned" {
        en: "The file is being scanned for viruses", "Nobody can read it before that. Try again after the time in Retry-After.";
        zh: "正在对该文件进行病毒扫描", "扫描完成前无法读取，请在 Retry-After 指定的时间后重试。";
    }
    QUARANTINED 409 "quarantined" {
        en: "The file is in quarantine", "The virus scanner has found something in it, or cannot look through it; nobody can read it. Store a clean version, or delete the file.";
        zh: "该文件已被隔离", "病毒扫描在文件中发现问题或无法完成检查，任何人都不能读取。请上传无病毒的版本或删除该文件。";
    }
    NO_THUMBNAIL 404 "no_thumbnail" {
        en: "The file has no thumbnail", "Thumbnails are made of JPEG, PNG, GIF and WebP pictures that can be read and are not too large.";
        zh: "该文件没有缩略图", "仅为可读取且尺寸不过大的 JPEG、PNG、GIF 和 WebP 图片生成缩略图。";
    }
    THUMBNAIL_NOT_READY 409 "thumbnail_not_ready" {
        en: "The thumbnail is still being made", "Try again after the time in Retry-After.";
        zh: "缩略图正在生成", "请在 Retry-After 指定的时间后重试。";
    }
    STORAGE_UNAVAILABLE 503 "storage_unavailable" {
        en: "The file storage does not answer", "Nothing was stored. Try again after the time in Retry-After.";
        zh: "文件存储暂时不可用", "文件未保存，请在 Retry-After 指定的时间后重试。";
    }
    STORAGE_QUOTA_EXCEEDED 507 "storage_quota_exceeded" {
        en: "Your firm's storage is full", "Delete files for good, or choose a larger plan; `limit_bytes` and `used_bytes` tell how it stands.";
        zh: "您的企业存储空间已满", "请彻底删除部分文件或升级套餐；limit_bytes 和 used_bytes 为当前额度与用量。";
    }
}

impl From<CreateBucketError> for Problem {
    fn from(error: CreateBucketError) -> Self {
        match error {
            CreateBucketError::NameTaken => BUCKET_NAME_TAKEN.into(),
            CreateBucketError::TooMany => TOO_MANY_BUCKETS.into(),
            CreateBucketError::Db(error) => error.into(),
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::NotFound => edge::NOT_FOUND.into(),
            FileError::Stale { current } => edge::PRECONDITION_FAILED.with("current_version", current),
            FileError::PathTaken => PATH_TAKEN.into(),
            FileError::TooLarge { maximum } => FILE_TOO_LARGE.with("limit_bytes", maximum),
            FileError::TypeNotAllowed { content_type } => TYPE_NOT_ALLOWED.with("content_type", content_type),
            FileError::QuotaExceeded { maximum, used } => {
                STORAGE_QUOTA_EXCEEDED.with("limit_bytes", maximum).with("used_bytes", used)
            }
            FileError::Shown => VERSION_SHOWN.into(),
            FileError::Held => LEGAL_HOLD.into(),
            FileError::NotReadable(reason) => reason.into(),
            FileError::Db(error) => error.into(),
        }
    }
}

impl From<NotReadable> for Problem {
    fn from(reason: NotReadable) -> Self {
        match reason {
            NotReadable::BeingScanned => BEING_SCANNED.retry_after(5),
            NotReadable::Quarantined => QUARANTINED.into(),
        }
    }
}

impl From<ThumbnailError> for Problem {
    fn from(error: ThumbnailError) -> Self {
        match error {
            ThumbnailError::None => NO_THUMBNAIL.into(),
            ThumbnailError::NotYet => THUMBNAIL_NOT_READY.retry_after(2),
            ThumbnailError::File(error) => error.into(),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        let refused_by = error.refused_by();
        match error {
            UploadError::NoBucket | UploadError::NoUpload => edge::NOT_FOUND.into(),
            UploadError::Ended => UPLOAD_ENDED.into(),
            UploadError::NotWhole => UPLOAD_NOT_WHOLE.into(),
            UploadError::Checksum => CHECKSUM_MISMATCH.into(),
            UploadError::TooLarge { maximum } => named(FILE_TOO_LARGE.with("limit_bytes", maximum), refused_by),
            UploadError::TypeNotAllowed { content_type } => TYPE_NOT_ALLOWED.with("content_type", content_type),
            UploadError::TypeContradicted { declared, found } => {
                CONTENT_TYPE_MISMATCH.with("declared_type", declared).with("found_type", found)
            }
            UploadError::QuotaExceeded { maximum, used } => {
                named(STORAGE_QUOTA_EXCEEDED.with("limit_bytes", maximum).with("used_bytes", used), refused_by)
            }
            UploadError::Incomplete | UploadError::Expired => UPLOAD_INCOMPLETE.into(),
            UploadError::Store(error) => unavailable(&error),
            UploadError::Db(error) => error.into(),
        }
    }
}

/// A refusal with the limit that fired, its value and where it is changed.
fn named(problem: Problem, refused_by: Option<RefusedBy>) -> Problem {
    let Some(RefusedBy { limit, value, where_to_change }) = refused_by else { return problem };
    problem.with("limit", limit).with("value", value).with("where_to_change", where_to_change)
}

/// The object store failed: logged here, with its sources.
pub(super) fn unavailable(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error = %chain(error), "the object store failed a request");
    STORAGE_UNAVAILABLE.retry_after(5)
}
