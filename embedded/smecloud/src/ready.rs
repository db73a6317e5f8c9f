//! What is printed once everything runs.

use crate::{admin, house::House};
use seeds::DemoLogIn;
use std::fmt::Write;

/// Where everything is and how to stop it.
pub(crate) fn block(house: &House, log_ins: &[DemoLogIn]) -> anyhow::Result<String> {
    let (base, mut text) = (house.base(), String::new());
    let address = format!("http://{}", house.address());
    writeln!(text, "\nSME Cloud is ready on {address}")?;
    writeln!(text, "  API documentation  {address}/docs")?;
    if base.parts.mailbox().is_some() {
        writeln!(text, "  Caught mails       {address}/dev/mail")?;
    }
    if let Some(metrics) = base.config.metrics_addr {
        writeln!(text, "  Metrics            http://{metrics}/metrics")?;
    }
    if let Some(made) = &base.administrator
        && let Some(password) = &made.password
    {
        writeln!(text, "  Administrator      {}, password {} (shown this once)", made.email, password.expose())?;
    }
    if let Some(ground) = base.ground.as_ref().filter(|_| base.parts.has_database()) {
        writeln!(text, "  Credentials        {}", ground.dir.path(admin::FILE).display())?;
        writeln!(text, "  Data               {}", ground.dir.root().display())?;
    }
    text.push_str(&demo_block(log_ins)?);
    writeln!(text, "  Stop with          Ctrl-C")?;
    Ok(text)
}

/// Who can sign in to the demo firms.
pub(crate) fn demo_block(log_ins: &[DemoLogIn]) -> anyhow::Result<String> {
    let mut text = String::new();
    let Some(first) = log_ins.first() else { return Ok(text) };
    writeln!(text, "  Demo log-ins       password {}", first.password)?;
    for log_in in log_ins {
        writeln!(text, "    {:<38} {}, {} ({})", log_in.email, log_in.role, log_in.name, log_in.firm)?;
    }
    Ok(text)
}
