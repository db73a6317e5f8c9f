//! The commands of SMTP (RFC 5321) this server knows.

use crate::SIZE_MAX;

/// A command line, understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Helo,
    Ehlo,
    /// The sender is not kept.
    MailFrom,
    RcptTo(String),
    Data,
    Reset,
    Noop,
    Verify,
    Quit,
}

/// A reply: its code and text.
pub(crate) type Reply = (u16, &'static str);

const BAD_SYNTAX: Reply = (501, "5.5.4 Syntax error in the parameters");
/// The reply to a mail beyond [`SIZE_MAX`].
pub(crate) const TOO_LARGE: Reply = (552, "5.3.4 The mail is larger than 10 MiB");

impl Command {
    /// Reads a line without its end.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, Reply> {
        let line = std::str::from_utf8(line).map_err(|_| BAD_SYNTAX)?;
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match (verb.to_ascii_uppercase().as_str(), rest.is_empty()) {
            ("HELO", false) => Ok(Self::Helo),
            ("EHLO", false) => Ok(Self::Ehlo),
            ("MAIL", false) => parse_mail(rest),
            ("RCPT", false) => parse_rcpt(rest),
            ("DATA", true) => Ok(Self::Data),
            ("RSET", true) => Ok(Self::Reset),
            ("NOOP", _) => Ok(Self::Noop),
            ("VRFY", false) => Ok(Self::Verify),
            ("QUIT", true) => Ok(Self::Quit),
            ("HELO" | "EHLO" | "MAIL" | "RCPT" | "DATA" | "RSET" | "VRFY" | "QUIT", _) => Err(BAD_SYNTAX),
            _ => Err((500, "5.5.2 Command not recognized")),
        }
    }
}

fn parse_mail(rest: &str) -> Result<Command, Reply> {
    let (_, parameters) = parse_path(rest, "FROM:")?;
    for parameter in parameters.split_ascii_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.to_ascii_uppercase().as_str() {
            "SIZE" if value.parse::<usize>().map_err(|_| BAD_SYNTAX)? > SIZE_MAX => return Err(TOO_LARGE),
            "SIZE" | "BODY" | "SMTPUTF8" => {}
            _ => return Err((555, "5.5.4 Unknown parameter")),
        }
    }
    Ok(Command::MailFrom)
}

fn parse_rcpt(rest: &str) -> Result<Command, Reply> {
    let (address, parameters) = parse_path(rest, "TO:")?;
    if !parameters.is_empty() {
        return Err((555, "5.5.4 Unknown parameter"));
    }
    match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Ok(Command::RcptTo(address.to_owned())),
        _ => Err((553, "5.1.3 Not a mail address")),
    }
}

/// Splits `FROM:<address> parameters`.
fn parse_path<'a>(rest: &'a str, keyword: &str) -> Result<(&'a str, &'a str), Reply> {
    let (found, path) = rest.split_at_checked(keyword.len()).ok_or(BAD_SYNTAX)?;
    let path = path.trim_start().strip_prefix('<').ok_or(BAD_SYNTAX)?;
    let (address, parameters) = path.split_at(closing_bracket(path).ok_or(BAD_SYNTAX)?);
    if !found.eq_ignore_ascii_case(keyword) || address.chars().any(char::is_control) {
        return Err(BAD_SYNTAX);
    }
    Ok((address, parameters[1..].trim()))
}

/// The place of the first `>` outside of quotes.
fn closing_bracket(path: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    path.bytes().position(|byte| {
        quoted ^= byte == b'"' && !escaped;
        escaped = quoted && byte == b'\\' && !escaped;
        byte == b'>' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> u16 {
        Command::parse(line.as_bytes()).unwrap_err().0
    }

    #[test]
    fn commands_are_read_in_any_case() {
        assert_eq!(Command::parse(b"ehlo me"), Ok(Command::Ehlo));
        assert_eq!(Command::parse(b"mail from:<> BODY=8BITMIME SMTPUTF8 size=10485760"), Ok(Command::MailFrom));
        assert_eq!(Command::parse(br#"RCPT TO:<"a\">b"@b.cn>"#), Ok(Command::RcptTo(r#""a\">b"@b.cn"#.into())));
        assert_eq!(Command::parse("Rcpt To:<用户@例子.中国>".as_bytes()), Ok(Command::RcptTo("用户@例子.中国".into())));
    }

    #[test]
    fn bad_commands_get_their_code() {
        for (line, expected) in [
            ("FETCH", 500),
            ("", 500),
            ("EHLO", 501),
            ("DATA now", 501),
            ("MAIL FROM:a@b", 501),
            ("MAIL 佛山", 501),
            ("MAIL FROM:<a@b> SIZE=x", 501),
            ("MAIL FROM:<a@b> SIZE=10485761", 552),
            ("MAIL FROM:<a@b> AUTH=<>", 555),
            ("RCPT TO:<nobody>", 553),
            ("RCPT TO:<@b>", 553),
            ("RCPT TO:<a\r@b>", 501),
        ] {
            assert_eq!(code(line), expected, "{line}");
        }
        assert_eq!(Command::parse(b"RCPT TO:<\xff@b>"), Err(BAD_SYNTAX));
    }
}
