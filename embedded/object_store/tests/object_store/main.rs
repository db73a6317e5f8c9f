//! The server as clients see it: rust-s3, presigned URLs, raw requests, and kill -9.
//!
//! `cfg(test)` tells Clippy that unwrapping is right in all of it.

#[cfg(test)]
mod buckets;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod multipart;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod presigned;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod server;
