//! Shows where a query stands in a text.

use crate::{
    Query,
    cut::stem,
    normal::{Script, narrow, normalised, runs},
};
use std::collections::HashSet;

/// Characters shown before the first mark when a long text is cut.
const BEFORE: usize = 20;

/// The part of a text where the query stands first, at most `width` characters, as HTML: escaped, with `<mark>` around what
/// was looked for. `None` if nothing of it stands there.
pub fn marked(text: &str, query: &Query, width: usize) -> Option<String> {
    let original: Vec<char> = text.chars().collect();
    let marks = marks(&original, query);
    let first = marks.iter().position(|mark| *mark)?;
    let start = if original.len() <= width { 0 } else { first.saturating_sub(BEFORE) };
    let end = original.len().min(start + width);
    let mut html = String::new();
    html.push_str(if start > 0 { "…" } else { "" });
    let mut inside = false;
    for at in start..end {
        if marks[at] != inside {
            html.push_str(if inside { "</mark>" } else { "<mark>" });
            inside = marks[at];
        }
        escape(original[at], &mut html);
    }
    html.push_str(if inside { "</mark>" } else { "" });
    html.push_str(if end < original.len() { "…" } else { "" });
    Some(html)
}

fn escape(c: char, html: &mut String) {
    match c {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        '\'' => html.push_str("&#39;"),
        _ => html.push(c),
    }
}

/// For each character of the text whether it belongs to what is looked for.
fn marks(original: &[char], query: &Query) -> Vec<bool> {
    let (mut normal, mut origins) = (String::new(), Vec::new());
    for (at, c) in original.iter().enumerate() {
        for folded in normalised(c.encode_utf8(&mut [0; 4])).chars() {
            normal.push(folded);
            origins.extend(std::iter::repeat_n(at, folded.len_utf8()));
        }
    }
    let needs: HashSet<&str> = query.units.iter().flat_map(|unit| &unit.needs).map(String::as_str).collect();
    let mut marks = vec![false; original.len()];
    let mut mark = |start: usize, end: usize| origins[start..end].iter().for_each(|origin| marks[*origin] = true);
    let mut start = 0;
    for (script, run) in runs(&normal, narrow) {
        let end = start + run.len();
        match script {
            Script::Dense => {
                for need in &needs {
                    run.match_indices(need).for_each(|(at, found)| mark(start + at, start + at + found.len()));
                }
            }
            Script::Letter | Script::Digit if needs.contains(stem(run).as_str()) => mark(start, end),
            _ => {}
        }
        start = end;
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn examples() {
        for (text, query, expected) in [
            ("适用iPhone15手机壳 透明", "手机壳", "适用iPhone15<mark>手机壳</mark> 透明"),
            ("ＩＰｈｏｎｅ１５ 手機殼", "iphone15手机壳", "<mark>ＩＰｈｏｎｅ１５</mark> <mark>手機殼</mark>"),
            ("<b>茶</b> & \"壶\"", "茶", "&lt;b&gt;<mark>茶</mark>&lt;/b&gt; &amp; &quot;壶&quot;"),
            ("Running shoes", "shoe run", "<mark>Running</mark> <mark>shoes</mark>"),
        ] {
            assert_eq!(marked(text, &Query::of(query), 100).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(marked("凤凰单丛", &Query::of("手机"), 100), None);
        let long = format!("{}单丛{}", "香".repeat(50), "甜".repeat(50));
        let cut = marked(&long, &Query::of("单丛"), 40).unwrap();
        assert_eq!(cut, format!("…{}<mark>单丛</mark>{}…", "香".repeat(20), "甜".repeat(18)));
    }

    proptest! {
        #[test]
        fn no_text_and_no_query_brings_foreign_markup(text in "[<>&\"'a-c茶壶Ａ ]{0,30}", query in "[<a-c茶壶 ]{0,10}", width in 1_usize..40) {
            if let Some(html) = marked(&text, &Query::of(&query), width) {
                let bare = html.replace("<mark>", "").replace("</mark>", "");
                prop_assert!(!bare.contains(['<', '>', '"', '\'']), "{html}");
                prop_assert_eq!(html.matches("<mark>").count(), html.matches("</mark>").count());
            }
        }

        #[test]
        fn any_text_is_marked_without_panic(text in any::<String>(), query in any::<String>()) {
            marked(&text, &Query::of(&query), 20);
            marked(&text, &Query::of(&text), 20);
        }
    }
}
