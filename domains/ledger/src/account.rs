//! What accounts there are and how they are named.

use kernel::text_enum;

text_enum! {
    /// What an account of a book is for.
    pub enum AccountKind {
        /// Money at a payment provider, on its way in or out (asset).
        Clearing = "clearing",
        /// Money in the firm's own bank account (asset).
        Bank = "bank",
        /// Platform fees that are due (asset).
        Receivable = "receivable",
        /// The firm's money that is not yet available (liability).
        Pending = "pending",
        /// The firm's money that can be paid out (liability).
        Available = "available",
        /// The firm's money that is held back (liability).
        Frozen = "frozen",
        /// What the firm owes after a refund that its balance could not cover (asset).
        Debt = "debt",
        /// A buyer's money held for one order (liability).
        Escrow = "escrow",
        /// Prepaid money of the firm (liability).
        Wallet = "wallet",
        /// The platform's commission (income).
        PlatformFee = "platform_fee",
        /// The payment provider's fees (expense).
        ProviderFee = "provider_fee",
        /// Value added tax collected (liability).
        VatOutput = "vat_output",
        /// Money in dispute (asset).
        Dispute = "dispute",
        /// Differences of rounding.
        Rounding = "rounding",
    }
}

text_enum! {
    /// The side of a posting.
    pub enum Side {
        /// Left.
        Debit = "debit",
        /// Right.
        Credit = "credit",
    }
}

impl AccountKind {
    /// The side on which the account normally stands: its balance is counted positive there.
    pub const fn normal_side(self) -> Side {
        match self {
            Self::Clearing | Self::Bank | Self::Receivable | Self::Debt | Self::ProviderFee | Self::Dispute => {
                Side::Debit
            }
            Self::Pending
            | Self::Available
            | Self::Frozen
            | Self::Escrow
            | Self::Wallet
            | Self::PlatformFee
            | Self::VatOutput
            | Self::Rounding => Side::Credit,
        }
    }

    /// Whether debits may never exceed credits (INV-L4).
    pub const fn is_guarded(self) -> bool {
        matches!(self, Self::Pending | Self::Available | Self::Frozen | Self::Escrow | Self::Wallet)
    }
}

/// The name of an account within its book: a kind, and for some kinds whose account it is. With a currency it names one account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    kind: AccountKind,
    detail: Option<String>,
}

impl AccountKey {
    /// The book's only account of a kind.
    pub const fn of(kind: AccountKind) -> Self {
        Self { kind, detail: None }
    }

    /// One of many accounts of a kind, for example the escrow of an order.
    pub fn detailed(kind: AccountKind, detail: impl std::fmt::Display) -> Self {
        Self { kind, detail: Some(detail.to_string()) }
    }

    /// The kind.
    pub const fn kind(&self) -> AccountKind {
        self.kind
    }
}

impl std::fmt::Display for AccountKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.detail {
            Some(detail) => write!(f, "{}:{detail}", self.kind),
            None => self.kind.fmt(f),
        }
    }
}
