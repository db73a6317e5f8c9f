//! Mail and in-app notices.
