//! The background worker: registry of jobs and schedules.
