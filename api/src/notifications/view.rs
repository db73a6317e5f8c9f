use crate::problem::Language;
use actix_web::{HttpRequest, http::header::ACCEPT_LANGUAGE};
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx};
use kernel::ids::NotificationId;
use notifications::{Notification, Template};
use serde::Serialize;
use tenants::Locale;
use utoipa::ToSchema;

/// A notice in a member's inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationView {
    /// Its id.
    id: NotificationId,
    /// What it is about.
    r#type: Template,
    /// One line.
    title: String,
    /// All of it.
    text: String,
    /// When it came.
    created_at: DateTime<Utc>,
    /// When it was read.
    #[schema(required)]
    read_at: Option<DateTime<Utc>>,
}

impl NotificationView {
    pub(super) fn new(notification: Notification, locale: Locale) -> Result<Self, DbError> {
        let Notification { id, template, params, created_at, read_at } = notification;
        let rendered = template.render(locale, &params).map_err(|error| DbError::Corrupt(error.to_string()))?;
        Ok(Self { id, r#type: template, title: rendered.subject, text: rendered.text, created_at, read_at })
    }
}

/// The language that the caller asks for, if it asks for one.
pub(super) fn asked(request: &HttpRequest) -> Option<Locale> {
    let header = request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    Some(match Language::accepted(header) {
        Language::English => Locale::En,
        Language::Chinese => Locale::ZhCn,
    })
}

/// The language to write in: the one asked for, or the firm's.
pub(super) fn locale(tx: &mut TenantTx<'_>, asked: Option<Locale>) -> Result<Locale, DbError> {
    match asked {
        Some(locale) => Ok(locale),
        None => Ok(tenants::find(tx)?.locale),
    }
}
