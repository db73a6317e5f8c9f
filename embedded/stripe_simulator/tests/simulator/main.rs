//! Drives the simulator over HTTP: by the real Rust client, whose parser accepts no missing field, and by raw calls.
//! (`cfg(test)` is always on here; it tells the linter that all of this is test code.)

#[cfg(test)]
mod stage;

#[cfg(test)]
mod connect;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod disputes;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod webhooks;
