//! Administration of the platform itself.
