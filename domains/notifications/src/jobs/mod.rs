mod send_mail;

pub use send_mail::SendMail;
