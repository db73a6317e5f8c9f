mod forget_ended;

pub use forget_ended::ForgetEnded;
