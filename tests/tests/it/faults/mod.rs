//! What breaks between us and PostgreSQL: connections at their COMMIT, clients in the middle of a request.

mod commit_cut;
mod effects;
mod stage;
mod writes;
