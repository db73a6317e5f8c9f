//! The nightly check of all books.

pub mod check_book;
pub mod check_books;
