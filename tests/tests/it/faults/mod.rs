//! What breaks between us and PostgreSQL: connections at their COMMIT, clients in the middle of a request.

mod commit_cut;
mod conflicts;
mod cut_requests;
mod effects;
mod goods_writes;
mod mixed_jobs;
mod plan_cache;
mod pool_of_one;
mod stage;
mod storage_writes;
mod writes;
