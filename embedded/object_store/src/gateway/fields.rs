//! Inputs and outputs of s3s share fields by name but by no trait; these macros move them in one place each.

/// The [`Attributes`](crate::storage::object_file::Attributes) of an input that writes an object.
macro_rules! attributes {
    ($input:ident) => {
        crate::storage::object_file::Attributes {
            content_type: $input.content_type,
            cache_control: $input.cache_control,
            content_disposition: $input.content_disposition,
            content_encoding: crate::gateway::fields::without_aws_chunked($input.content_encoding),
            content_language: $input.content_language,
            metadata: $input.metadata.unwrap_or_default().into_iter().collect(),
        }
    };
}

/// The [`Promise`](super::body::Promise) of an input with a body, and the headers and trailers of its request.
macro_rules! promise {
    ($input:ident, $headers:expr, $trailers:expr) => {
        crate::gateway::body::Promise {
            length: $input.content_length,
            md5: $input.content_md5,
            checksums: s3s::dto::Checksum {
                checksum_crc32: $input.checksum_crc32,
                checksum_crc32c: $input.checksum_crc32c,
                checksum_crc64nvme: $input.checksum_crc64nvme,
                checksum_sha1: $input.checksum_sha1,
                checksum_sha256: $input.checksum_sha256,
                checksum_type: None,
            },
            announced: crate::gateway::fields::announced(&$headers),
            trailers: $trailers,
        }
    };
}

/// The output of an operation that stored a body: its `ETag` and the checksums that were asked for.
macro_rules! stored {
    ($output:ident, $etag:expr, $checksums:expr) => {{
        let checksums = $checksums;
        $output {
            e_tag: Some(ETag::Strong($etag)),
            checksum_crc32: checksums.checksum_crc32,
            checksum_crc32c: checksums.checksum_crc32c,
            checksum_crc64nvme: checksums.checksum_crc64nvme,
            checksum_sha1: checksums.checksum_sha1,
            checksum_sha256: checksums.checksum_sha256,
            ..$output::default()
        }
    }};
}

/// The [`Conditions`](crate::storage::condition::Conditions) of an input that reads an object.
macro_rules! read_conditions {
    ($input:ident) => {
        crate::storage::condition::Conditions {
            if_match: $input.if_match,
            if_none_match: $input.if_none_match,
            if_modified_since: $input.if_modified_since,
            if_unmodified_since: $input.if_unmodified_since,
        }
    };
}

/// The conditions of an input that copies from an object.
macro_rules! source_conditions {
    ($input:ident) => {
        crate::storage::condition::Conditions {
            if_match: $input.copy_source_if_match,
            if_none_match: $input.copy_source_if_none_match,
            if_modified_since: $input.copy_source_if_modified_since,
            if_unmodified_since: $input.copy_source_if_unmodified_since,
        }
    };
}

/// The conditions of an input that writes an object.
macro_rules! write_conditions {
    ($input:ident) => {
        crate::storage::condition::Conditions {
            if_match: $input.if_match,
            if_none_match: $input.if_none_match,
            ..crate::storage::condition::Conditions::default()
        }
    };
}

/// What GET and HEAD both tell of an object, for the bytes asked for.
macro_rules! described {
    ($output:ident, $head:ident, $selected:ident) => {{
        let attributes = $head.attributes;
        $output {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some($selected.length),
            content_range: $selected.content_range,
            content_type: attributes.content_type.or_else(|| Some("application/octet-stream".to_owned())),
            cache_control: attributes.cache_control,
            content_disposition: attributes.content_disposition,
            content_encoding: attributes.content_encoding,
            content_language: attributes.content_language,
            metadata: Some(attributes.metadata.into_iter().collect()),
            e_tag: Some(ETag::Strong($head.etag)),
            last_modified: Some(crate::storage::to_http_time($head.modified).into()),
            ..$output::default()
        }
    }};
}

pub(super) use {attributes, described, promise, read_conditions, source_conditions, stored, write_conditions};

/// `aws-chunked` names the framing of the request, not of the object.
pub(super) fn without_aws_chunked(encoding: Option<String>) -> Option<String> {
    let encoding = encoding?;
    let codings = encoding.split(',').map(str::trim);
    let kept: Vec<&str> = codings.filter(|coding| !coding.eq_ignore_ascii_case("aws-chunked")).collect();
    if kept.is_empty() { None } else { Some(kept.join(",")) }
}

/// The names of the headers that will follow the body.
pub(super) fn announced(headers: &hyper::HeaderMap) -> String {
    let trailer = headers.get("x-amz-trailer").and_then(|value| value.to_str().ok());
    trailer.unwrap_or_default().to_ascii_lowercase()
}
