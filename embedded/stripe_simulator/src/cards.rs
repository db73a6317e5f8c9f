//! Stripe's test cards and what each one does.

/// What happens when a payment method is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// The payment succeeds.
    Succeed,
    /// The bank refuses: error code, decline code, message.
    Decline(&'static str, &'static str, &'static str),
    /// The cardholder must first prove who they are.
    Authenticate,
    /// The payment succeeds and is then disputed for the given reason.
    Dispute(&'static str),
    /// Refunds are taken as succeeded and then fail.
    RefundFails,
    /// Refunds stay pending for a moment and then succeed.
    RefundPends,
}

/// A test card under its names.
pub(crate) struct Card {
    /// Suffix of `pm_card_..` and `tok_..`.
    name: &'static str,
    pub(crate) number: &'static str,
    pub(crate) behaviour: Behaviour,
}

const fn card(name: &'static str, number: &'static str, behaviour: Behaviour) -> Card {
    Card { name, number, behaviour }
}

const DECLINED: &str = "Your card was declined.";

const fn declined(reason: &'static str) -> Behaviour {
    Behaviour::Decline("card_declined", reason, DECLINED)
}

static CARDS: [Card; 23] = [
    card("visa", "4242424242424242", Behaviour::Succeed),
    card("visa_debit", "4000056655665556", Behaviour::Succeed),
    card("mastercard", "5555555555554444", Behaviour::Succeed),
    card("amex", "378282246310005", Behaviour::Succeed),
    card("unionpay", "6200000000000005", Behaviour::Succeed),
    card("bypassPending", "4000000000000077", Behaviour::Succeed),
    card("chargeDeclined", "4000000000000002", declined("generic_decline")),
    card("visa_chargeDeclined", "4000000000000002", declined("generic_decline")),
    card(
        "chargeDeclinedInsufficientFunds",
        "4000000000009995",
        Behaviour::Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    ),
    card("visa_chargeDeclinedInsufficientFunds", "4000000000009995", declined("insufficient_funds")),
    card("chargeDeclinedLostCard", "4000000000009987", declined("lost_card")),
    card("chargeDeclinedStolenCard", "4000000000009979", declined("stolen_card")),
    card("chargeDeclinedFraudulent", "4100000000000019", declined("fraudulent")),
    card("chargeCustomerFail", "4000000000000341", declined("generic_decline")),
    card(
        "chargeDeclinedExpiredCard",
        "4000000000000069",
        Behaviour::Decline("expired_card", "expired_card", "Your card has expired."),
    ),
    card(
        "chargeDeclinedIncorrectCvc",
        "4000000000000127",
        Behaviour::Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
    ),
    card(
        "chargeDeclinedProcessingError",
        "4000000000000119",
        Behaviour::Decline(
            "processing_error",
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    ),
    card("authenticationRequired", "4000002760003184", Behaviour::Authenticate),
    card("threeDSecure2Required", "4000000000003220", Behaviour::Authenticate),
    card("createDispute", "4000000000000259", Behaviour::Dispute("fraudulent")),
    card("createDisputeProductNotReceived", "4000000000002685", Behaviour::Dispute("product_not_received")),
    card("refundFail", "4000000000005126", Behaviour::RefundFails),
    card("pendingRefund", "4000000000007726", Behaviour::RefundPends),
];

/// The card behind a well-known id such as `pm_card_visa` or `tok_visa`.
pub(crate) fn by_id(id: &str) -> Option<&'static Card> {
    let name = id.strip_prefix("pm_card_").or_else(|| id.strip_prefix("tok_"))?;
    CARDS.iter().find(|card| card.name == name)
}

/// What a card number does; a number Stripe gives no meaning to succeeds.
pub(crate) fn behaviour(number: &str) -> Behaviour {
    let found = CARDS.iter().find(|card| card.number == number);
    found.map_or(Behaviour::Succeed, |card| card.behaviour)
}

/// The network of a card number by its first digits.
pub(crate) fn brand(number: &str) -> &'static str {
    match number.as_bytes() {
        [b'5', ..] => "mastercard",
        [b'3', b'4' | b'7', ..] => "amex",
        [b'6', b'2', ..] => "unionpay",
        [b'6', ..] => "discover",
        _ => "visa",
    }
}

/// Whether the check digit of a card number is right (Luhn).
pub(crate) fn valid_number(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().rev().map(|digit| digit.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (12..=19).contains(&digits.len())) else { return false };
    let doubled = |(place, digit): (usize, u32)| match (place % 2, digit) {
        (0, digit) => digit,
        (_, digit) if digit > 4 => digit * 2 - 9,
        (_, digit) => digit * 2,
    };
    digits.into_iter().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_card_has_a_valid_number() {
        for card in &CARDS {
            assert!(valid_number(card.number), "{}", card.number);
        }
        assert!(!valid_number("4242424242424241"));
        assert!(!valid_number("42"));
    }
}
