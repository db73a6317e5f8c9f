use crate::File;
use kernel::ids::{FileId, FileVersionId};
use serde::Serialize;

/// What events say of a file.
#[derive(Debug, Serialize)]
struct FileFacts {
    id: FileId,
    bucket: String,
    path: String,
    version_id: FileVersionId,
    size_bytes: i64,
    sha256: String,
}

impl From<&File> for FileFacts {
    fn from(file: &File) -> Self {
        Self {
            id: file.id,
            bucket: file.bucket.clone(),
            path: file.path.clone(),
            version_id: file.version_id,
            size_bytes: file.size_bytes,
            sha256: file.sha256_hex(),
        }
    }
}

/// What the event says of a file that nobody may read any more.
#[derive(Debug, Serialize)]
pub(crate) struct Quarantine {
    pub(crate) id: FileId,
    pub(crate) bucket: String,
    pub(crate) path: String,
    pub(crate) version_id: FileVersionId,
    /// What the virus scanner found.
    pub(crate) finding: String,
}

/// The virus scanner has found something in a version of a file.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct FileQuarantined(Quarantine);

impl From<Quarantine> for FileQuarantined {
    fn from(quarantine: Quarantine) -> Self {
        Self(quarantine)
    }
}

impl jobs::Event for FileQuarantined {
    const TYPE: &'static str = "file.quarantined";
}

macro_rules! file_events {
    ($($(#[$doc:meta])* $name:ident = $kind:literal),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Serialize)]
            #[serde(transparent)]
            pub(crate) struct $name(FileFacts);
            impl From<&File> for $name {
                fn from(file: &File) -> Self {
                    Self(file.into())
                }
            }
            impl ::jobs::Event for $name {
                const TYPE: &'static str = $kind;
            }
        )+
    };
}

file_events! {
    /// A new path was stored.
    FileCreated = "file.created",
    /// A path shows a new version.
    FileUpdated = "file.updated",
    /// A file went to the trash.
    FileDeleted = "file.deleted",
}

/// The firm's use of a limited thing has passed a mark.
#[derive(Debug, Serialize)]
pub(crate) struct ThresholdReached {
    pub(crate) meter: metering::Meter,
    /// The mark, in percent of the limit.
    pub(crate) percent: i16,
    pub(crate) used: i64,
    pub(crate) maximum: i64,
}

impl ::jobs::Event for ThresholdReached {
    const TYPE: &'static str = "usage.threshold_reached";
}
