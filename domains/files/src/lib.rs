//! Data storage: buckets, files and their objects.
