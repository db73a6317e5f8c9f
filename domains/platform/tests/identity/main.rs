//! Identity on a real PostgreSQL through the unprivileged login role: sign-up, sessions, members, administrators.
#![expect(clippy::panic, clippy::unwrap_used, reason = "test code")]

mod administrators;
mod log_in;
mod members;
mod place;
mod refresh;
mod seats;
mod sign_up;
