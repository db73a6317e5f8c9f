//! Reads the shown parts out of a raw mail.

use mailparse::{DispositionType, MailHeaderMap as _, ParsedMail};

/// What a mail says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Content {
    /// A mail that is no MIME at all is shown as it came.
    pub(crate) fn parse(raw: &[u8]) -> Self {
        let Ok(mail) = mailparse::parse_mail(raw) else {
            return Self { text: String::from_utf8_lossy(raw).into_owned(), ..Self::default() };
        };
        let subject = mail.headers.get_first_value("Subject").unwrap_or_default();
        let part = |wanted| mail.parts().find(|part| shows(part, wanted)).map(body).unwrap_or_default();
        Self { subject, text: part("text/plain"), html: part("text/html") }
    }
}

fn shows(part: &ParsedMail<'_>, wanted: &str) -> bool {
    part.ctype.mimetype == wanted && part.get_content_disposition().disposition != DispositionType::Attachment
}

/// Decoded, with the line ends of text in memory.
fn body(part: &ParsedMail<'_>) -> String {
    part.get_body().unwrap_or_default().replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_subject_and_parts_are_undone() {
        let raw = "Subject: =?UTF-8?B?6aqM6K+B?= =?gb2312?Q?=D3=CA=BC=FE?=\r\n\
            Content-Type: multipart/mixed; boundary=m\r\n\r\n\
            --m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
            --a\r\nContent-Type: text/plain; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\nxOO6ww==\r\n\
            --a\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
            <p>=E4=BD=A0=E5=A5=BD</p>\r\n--a--\r\n\
            --m\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nno\r\n--m--\r\n";
        let content = Content::parse(raw.as_bytes());
        assert_eq!(content.subject, "验证邮件");
        assert_eq!(content.text.trim_end(), "你好");
        assert_eq!(content.html.trim_end(), "<p>你好</p>");
    }

    #[test]
    fn an_attachment_is_not_the_text() {
        let raw = b"Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nno\r\n";
        assert_eq!(Content::parse(raw), Content::default());
    }

    #[test]
    fn text_without_headers_is_no_failure() {
        assert_eq!(Content::parse(b"").text, "");
        Content::parse(b"\xff\xfe\r\n\r\n\xff");
    }
}
