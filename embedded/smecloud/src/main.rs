//! Everything in one process tree, for one machine.
fn main() {}
