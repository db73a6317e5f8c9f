//! What the pages say.

use crate::problem::Language;
use std::collections::BTreeMap;

/// Name, English, Chinese.
const WORDS: &[(&str, &str, &str)] = &[
    ("shares_file", "shares a file with you", "向您分享了文件"),
    ("shares_folder", "shares a folder with you", "向您分享了文件夹"),
    ("asks_for_files", "asks you for files", "请您上传文件"),
    ("download", "Download", "下载"),
    ("open", "Open", "打开"),
    ("cannot_show", "This file cannot be shown in a browser.", "此文件无法在浏览器中显示。"),
    (
        "used_up",
        "All downloads of this link were taken. Ask whoever sent it for a new one.",
        "此链接的下载次数已用完，请联系分享者获取新的链接。",
    ),
    ("left", "Downloads left:", "剩余下载次数："),
    ("expires", "Valid until", "有效期至"),
    ("empty", "There is nothing in this folder.", "此文件夹为空。"),
    ("up", "Up", "上一级"),
    ("more", "More", "更多"),
    ("name", "Name", "名称"),
    ("size", "Size", "大小"),
    ("password_title", "This link needs a password", "此链接需要密码"),
    ("password", "Password", "密码"),
    ("password_hint", "Whoever sent you the link knows it.", "密码请向分享者索取。"),
    ("go_on", "Continue", "继续"),
    ("gone_title", "This link does not work", "此链接无效"),
    (
        "gone",
        "It may have expired or been taken back, or the address is not complete. Ask whoever sent it.",
        "链接可能已过期、已被撤回，或地址不完整。请联系分享者。",
    ),
    ("drop_here", "Drop files here, or", "将文件拖到此处，或"),
    ("choose", "choose files", "选择文件"),
    ("drop_hint", "Only the firm sees what you upload.", "您上传的文件仅该企业可见。"),
    ("largest", "Largest file:", "单个文件上限："),
    ("types", "File types:", "允许的文件类型："),
    ("sent", "Received", "已收到"),
    ("failed", "Not received", "上传失败"),
    ("no_script", "Please turn on JavaScript to upload files.", "请启用 JavaScript 后上传文件。"),
];

/// All words in one language, by name.
pub(super) fn of(language: Language) -> BTreeMap<&'static str, &'static str> {
    let word = |(name, en, zh): &(&'static str, &'static str, &'static str)| match language {
        Language::English => (*name, *en),
        Language::Chinese => (*name, *zh),
    };
    WORDS.iter().map(word).collect()
}
