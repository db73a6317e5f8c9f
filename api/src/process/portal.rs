//! The portal's built files, from `PORTAL_DIR`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{ACCEPT, CACHE_CONTROL},
    },
};
use std::path::{Component, Path, PathBuf};

/// Paths that belong to the API: nothing there is a page of the portal.
const API: &[&str] = &["/v1", "/admin/v1", "/dev", "/.well-known", "/problems", "/shop", "/s", "/public"];

/// Where the portal's files are, if it is installed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Portal(pub(crate) Option<PathBuf>);

/// A file of the portal; for other pages that a browser asks for, its start page, which knows the portal's own addresses.
pub(crate) async fn serve(request: &HttpRequest, portal: &Portal) -> Option<HttpResponse> {
    let directory = portal.0.as_deref()?;
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    if !is_read || is_api(request.path()) {
        return None;
    }
    let asked = percent_encoding::percent_decode_str(request.path()).decode_utf8().ok()?;
    if let Some(file) = within(directory, &asked)
        && let Ok(body) = tokio::fs::read(&file).await
    {
        let immutable = asked.starts_with("/assets/");
        let caching = if immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
        return Some(
            HttpResponse::Ok().content_type(content_type(&file)).insert_header((CACHE_CONTROL, caching)).body(body),
        );
    }
    let wants_page = request.headers().get(ACCEPT)?.to_str().ok()?.contains("text/html");
    let start = if wants_page { tokio::fs::read(directory.join("index.html")).await.ok()? } else { return None };
    Some(
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((CACHE_CONTROL, "no-cache"))
            .body(start),
    )
}

fn is_api(path: &str) -> bool {
    API.iter().any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The file under the directory; hidden files and ways out of it do not exist.
fn within(directory: &Path, asked: &str) -> Option<PathBuf> {
    let relative = Path::new(asked.strip_prefix('/')?);
    let ordinary = relative.components().all(|component| match component {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        _ => false,
    });
    let usable = ordinary && !asked.contains(['\0', '\\']) && relative.file_name().is_some();
    usable.then(|| directory.join(relative))
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ordinary_files_within_the_directory_exist() {
        let directory = Path::new("/portal");
        assert_eq!(within(directory, "/assets/a.js"), Some("/portal/assets/a.js".into()));
        for asked in ["/", "/../etc/passwd", "/a/../../b", "/.env", "/.git/HEAD", "//etc/passwd", "/a\\b", "/a\0"] {
            assert_eq!(within(directory, asked), None, "{asked}");
        }
        assert!(is_api("/v1/me") && is_api("/v1") && !is_api("/v1x") && !is_api("/"));
    }
}
