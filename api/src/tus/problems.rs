//! Problem types of tus.

use crate::problem::{Problem, problems};
use files::AppendError;

problems! { "tus";
    TUS_HEADER 400 "tus_header_invalid" {
        en: "A header of the tus protocol is missing or malformed", "Look at `header`, and at https://tus.io/protocols/resumable-upload.";
        zh: "缺少 tus 协议请求头或其格式有误", "请查看 header 字段及 https://tus.io/protocols/resumable-upload。";
    }
    OFFSET_CONFLICT 409 "upload_offset_conflict" {
        en: "The upload stands at another offset", "Ask with HEAD how far it is, and go on from there. Nothing was changed.";
        zh: "上传偏移量不符", "请用 HEAD 查询当前偏移量并从该处继续。未作任何更改。";
    }
    LENGTH_CONFLICT 409 "upload_length_conflict" {
        en: "The length differs from what was said before", "Send the length that was said first, or begin a new upload.";
        zh: "上传长度与之前声明的不符", "请使用最初声明的长度，或重新开始上传。";
    }
    UPLOAD_GONE 410 "upload_gone" {
        en: "The upload was given up or has expired", "Begin a new one.";
        zh: "该上传已放弃或已过期", "请重新开始上传。";
    }
    VERSION_NOT_SUPPORTED 412 "tus_version_not_supported" {
        en: "This version of the tus protocol is not spoken here", "Send Tus-Resumable: 1.0.0.";
        zh: "不支持该 tus 协议版本", "请发送 Tus-Resumable: 1.0.0。";
    }
    PIECE_TOO_LONG 413 "upload_piece_too_long" {
        en: "More bytes than the upload was said to have", "Send no more than the length that was declared.";
        zh: "内容超出声明的上传长度", "请勿发送超出声明长度的内容。";
    }
    PIECE_TYPE 415 "upload_piece_type" {
        en: "A piece of an upload is application/offset+octet-stream", "Send that Content-Type.";
        zh: "上传分片须为 application/offset+octet-stream", "请使用该 Content-Type。";
    }
    UPLOAD_LOCKED 423 "upload_locked" {
        en: "Another request writes to this upload", "Wait for its end, then ask with HEAD how far the upload is.";
        zh: "另一个请求正在写入该上传", "请等待其结束，再用 HEAD 查询偏移量。";
    }
    PIECE_CHECKSUM 460 "upload_checksum_mismatch" {
        en: "The piece has another checksum than its header says", "The piece was discarded. Send it again.";
        zh: "分片校验和不符", "该分片已丢弃，请重新发送。";
    }
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Offset { offset } => OFFSET_CONFLICT.with("offset", offset),
            AppendError::Locked => UPLOAD_LOCKED.into(),
            AppendError::TooLong => PIECE_TOO_LONG.into(),
            AppendError::Length => LENGTH_CONFLICT.into(),
            AppendError::Checksum => PIECE_CHECKSUM.into(),
            AppendError::Upload(error) => of_upload(error),
        }
    }
}

/// As for other uploads, but that what has ended is gone.
pub(super) fn of_upload(error: files::UploadError) -> Problem {
    match error {
        files::UploadError::Ended | files::UploadError::Expired => UPLOAD_GONE.into(),
        error => error.into(),
    }
}
