use chrono::Duration;

/// The platform's terms of trade. Those in force when an order is placed hold for it to its end.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The platform's share of a completed order, in hundredths of a percent.
    pub commission_basis_points: i64,
    /// How long an order waits for its payment.
    pub payment_window: Duration,
    /// How long after everything is shipped receipt counts as confirmed.
    pub confirmation_window: Duration,
}

impl Default for Terms {
    /// 1 %, one day, fifteen days.
    fn default() -> Self {
        Self {
            commission_basis_points: 100,
            payment_window: Duration::days(1),
            confirmation_window: Duration::days(15),
        }
    }
}
