"""Stripe's own Python library as a judge of the simulator.

Run by hand against a running simulator:
    cargo run -p stripe_simulator --example serve -- FOLDER 127.0.0.1:12111 sk_test_x http://127.0.0.1:12112/ whsec_x
    python stripe_judge.py http://127.0.0.1:12111 sk_test_x 12112 whsec_x
Needs the package `stripe`. Exits with an error at the first disagreement.
"""

import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid

import stripe

BASE, KEY = sys.argv[1], sys.argv[2]
client = stripe.StripeClient(KEY, base_addresses={"api": BASE}, max_network_retries=0)
v1 = client.v1
RUN = uuid.uuid4().hex


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def sim(path, **form):
    """Presses a button on one of the simulator's pages, which then sends the visitor back to the shop."""
    try:
        form = urllib.parse.urlencode(form).encode()
        urllib.request.build_opener(NoRedirect).open(urllib.request.Request(f"{BASE}/sim/{path}", form))
    except urllib.error.HTTPError as answer:
        assert answer.code == 303, answer


def refused(kind, call, code=None):
    try:
        call()
    except kind as error:
        assert code is None or error.code == code, (error.code, code)
        return error
    raise AssertionError(f"expected {kind.__name__} {code}")


def available(account=None):
    options = {"stripe_account": account} if account else {}
    funds = v1.balance.retrieve(options=options).available
    return sum(fund.amount for fund in funds if fund.currency == "usd")


def pay(method="pm_card_visa", amount=1000, key=None, **more):
    params = {"amount": amount, "currency": "usd", "payment_method": method, "confirm": True, **more}
    return v1.payment_intents.create(params, options={"idempotency_key": key} if key else {})


def payments():
    customer = v1.customers.create({"email": "a@example.com", "metadata": {"name": "茶"}})
    assert v1.customers.retrieve(customer.id).metadata["name"] == "茶"
    method = v1.payment_methods.create(
        {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}}
    )
    v1.payment_methods.attach(method.id, {"customer": customer.id})
    before = available()
    intent = pay(method.id, customer=customer.id, expand=["latest_charge.balance_transaction"], key=f"{RUN}-1")
    assert intent.status == "succeeded" and intent.latest_charge.balance_transaction.net == 941
    assert pay(method.id, customer=customer.id, expand=["latest_charge.balance_transaction"], key=f"{RUN}-1").id == intent.id
    refused(stripe.IdempotencyError, lambda: pay(amount=1, key=f"{RUN}-1"))
    assert available() == before + 941
    error = refused(stripe.CardError, lambda: pay("pm_card_chargeDeclined"), "card_declined")
    assert error.error.decline_code == "generic_decline"
    assert error.error.payment_intent.status == "requires_payment_method"
    action = pay("pm_card_authenticationRequired", return_url="https://shop.example/")
    assert action.status == "requires_action" and action.next_action.redirect_to_url.url.startswith(BASE)
    sim(f"authorize/{action.id}", outcome="process")
    assert v1.payment_intents.retrieve(action.id).status == "processing"
    for kind in ("alipay", "wechat_pay"):
        wallet = v1.payment_intents.create(
            {"amount": 5, "currency": "cny", "payment_method_types": [kind], "payment_method_data": {"type": kind}, "confirm": True}
        )
        assert wallet.status == "requires_action"
        v1.payment_intents.cancel(wallet.id)
    held = pay(capture_method="manual")
    assert v1.payment_intents.capture(held.id, {"amount_to_capture": 400}).amount_received == 400
    later = v1.payment_intents.create({"amount": 9, "currency": "usd"})
    assert v1.payment_intents.confirm(later.id, {"payment_method": "pm_card_mastercard"}).status == "succeeded"
    assert intent.id in [one.id for one in v1.payment_intents.list({"limit": 100}).auto_paging_iter()]
    return intent


def refunds(intent):
    refund = v1.refunds.create({"payment_intent": intent.id, "amount": 300, "reason": "requested_by_customer"})
    assert v1.refunds.retrieve(refund.id).amount == 300
    refused(stripe.InvalidRequestError, lambda: v1.refunds.create({"payment_intent": intent.id, "amount": 701}))
    v1.refunds.create({"charge": intent.latest_charge.id})
    call = lambda: v1.refunds.create({"payment_intent": intent.id})
    refused(stripe.InvalidRequestError, call, "charge_already_refunded")
    assert v1.charges.retrieve(intent.latest_charge.id).refunded
    assert len(v1.refunds.list({"payment_intent": intent.id}).data) == 2


def connect():
    account = v1.accounts.create({"type": "express", "country": "HK", "capabilities": {"transfers": {"requested": True}}})
    urls = {"return_url": "https://shop.example/", "refresh_url": "https://shop.example/"}
    v1.account_links.create({"account": account.id, "type": "account_onboarding", **urls})
    send = lambda amount, **more: v1.transfers.create(
        {"amount": amount, "currency": "usd", "destination": account.id, **more}
    )
    refused(stripe.InvalidRequestError, lambda: send(1), "insufficient_capabilities_for_transfer")
    sim(f"onboard/{account.id}")
    assert v1.accounts.retrieve(account.id).payouts_enabled
    refused(stripe.InvalidRequestError, lambda: send(10**9), "balance_insufficient")
    charge = pay().latest_charge
    transfer = send(1000, source_transaction=charge, transfer_group=RUN)
    v1.transfers.reversals.create(transfer.id, {"amount": 100})
    assert v1.transfers.retrieve(transfer.id).amount_reversed == 100
    assert available(account.id) == 900
    payout = v1.payouts.create({"amount": 500, "currency": "usd"}, options={"stripe_account": account.id})
    assert v1.payouts.retrieve(payout.id, options={"stripe_account": account.id}).status == "paid"
    assert available(account.id) == 400
    assert v1.balance_transactions.list({"limit": 3}).data[0].object == "balance_transaction"


def disputes():
    intent = pay("pm_card_createDispute")
    dispute = v1.disputes.list({"payment_intent": intent.id}).data[0]
    assert v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}}).status == "won"
    other = v1.disputes.list({"payment_intent": pay("pm_card_createDispute").id}).data[0]
    assert v1.disputes.close(other.id).status == "lost"


def events():
    kinds = {event.type for event in v1.events.list({"limit": 100}).auto_paging_iter()}
    expected = {
        "payment_intent.created", "payment_intent.succeeded", "payment_intent.payment_failed",
        "payment_intent.requires_action", "payment_intent.processing", "payment_intent.canceled", "charge.succeeded",
        "charge.failed", "charge.refunded", "charge.dispute.created", "charge.dispute.closed", "refund.created",
        "transfer.created", "transfer.reversed",
    }
    assert expected <= kinds, expected - kinds


def webhooks():
    """Needs the simulator's webhook to point at this program: its third argument is the port, the fourth the secret."""
    import http.server

    arrivals = []

    class Inbox(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            arrivals.append((body, self.headers["stripe-signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Inbox)
    server.timeout = 10
    while len(arrivals) < 20:
        before = len(arrivals)
        server.handle_request()
        assert len(arrivals) > before, "no webhook in 10 s"
    for body, signature in arrivals:
        assert client.construct_event(body, signature, sys.argv[4]).id.startswith("evt_")
        refused(stripe.SignatureVerificationError, lambda: client.construct_event(body + b" ", signature, sys.argv[4]))
    return len(arrivals)


def main():
    bad = stripe.StripeClient("sk_test_wrong", base_addresses={"api": BASE})
    refused(stripe.AuthenticationError, lambda: bad.v1.balance.retrieve())
    refunds(payments())
    connect()
    disputes()
    events()
    print("calls: all agreed with stripe", stripe.VERSION)
    if len(sys.argv) > 4:
        print("webhooks:", webhooks(), "signatures verified")


main()
