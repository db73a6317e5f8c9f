//! A firm and its people, as tests speak of them.

use crate::{Client, TestApp};
use serde_json::{Value, json};

/// The password of everybody in tests.
pub const PASSWORD: &str = "correct horse battery staple 88";

/// A firm with a verified owner.
pub struct Firm {
    /// Its id.
    pub id: String,
    /// The owner's address.
    pub email: String,
    /// The owner, signed in.
    pub owner: Client,
    /// The owner's refresh token.
    pub refresh_token: String,
}

impl TestApp {
    /// A firm whose owner has verified the address.
    pub async fn firm(&self, name: &str) -> Firm {
        let firm = self.unverified_firm(name).await;
        self.run_jobs().await;
        let token = self.token_from_mail(&firm.email);
        self.visitor().post("/v1/auth/verify-email", json!({ "token": token })).ok().await;
        self.run_jobs().await;
        firm
    }

    /// A firm whose owner has not verified the address yet.
    pub async fn unverified_firm(&self, name: &str) -> Firm {
        let email = format!("owner@{name}.example");
        let body = json!({ "email": email, "password": PASSWORD, "display_name": "陈老板", "company_name": name });
        let signed_up = self.sign_up(body).await;
        assert_eq!(signed_up.status, 201, "{}", signed_up.text());
        let answer = signed_up.value();
        let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
        Firm {
            id: text("/tenant/id"),
            owner: self.visitor().with_token(text("/access_token")),
            refresh_token: text("/refresh_token"),
            email,
        }
    }

    /// The same firm with a new session, after time in which the old one has run out.
    pub async fn signed_in_again(&self, firm: &Firm) -> Firm {
        let answer =
            self.visitor().post("/v1/auth/log-in", json!({ "email": firm.email, "password": PASSWORD })).ok().await;
        let text = |name: &str| answer[name].as_str().expect(name).to_owned();
        Firm {
            id: firm.id.clone(),
            email: firm.email.clone(),
            owner: self.visitor().with_token(text("access_token")),
            refresh_token: text("refresh_token"),
        }
    }

    /// Two firms that know nothing of each other.
    pub async fn two_firms(&self) -> (Firm, Firm) {
        (self.firm("tea-chaozhou").await, self.firm("parts-shenzhen").await)
    }
}

/// A product's body with one variant.
pub fn product(title: &str, sku: &str, price_minor: i64, stock: Option<i64>) -> Value {
    let mut variant =
        json!({ "sku": sku, "options": {}, "price_minor": price_minor, "currency": "CNY", "unit": "piece" });
    if let Some(stock) = stock {
        variant["stock"] = stock.into();
    }
    json!({ "title": title, "description": "", "variants": [variant] })
}

/// A shipping address.
pub fn address() -> Value {
    json!({ "name": "李四", "phone": "13800000000", "country": "CN", "province": "广东省", "city": "深圳市",
        "district": "南山区", "line1": "科技园路 1 号", "postal_code": "518000" })
}

impl Firm {
    /// Creates and publishes a product, and returns it.
    pub async fn publishes(&self, title: &str, price_minor: i64, stock: Option<i64>) -> Value {
        let sku = format!("SKU-{}", uuid::Uuid::new_v4().simple());
        let made = self.owner.post("/v1/products", product(title, &sku, price_minor, stock)).ok().await;
        let id = made["id"].as_str().expect("id");
        self.owner.post(format!("/v1/products/{id}/publish"), json!({})).ok().await
    }

    /// Orders some of a product's first variant, and returns the order.
    pub async fn orders(&self, product: &Value, quantity: i64) -> Value {
        let answer = self.tries_to_order(product, quantity).ok().await;
        answer["orders"][0].clone()
    }

    /// The request that orders some of a product's first variant.
    pub fn tries_to_order(&self, product: &Value, quantity: i64) -> crate::Request {
        let variant = product["variants"][0]["id"].as_str().expect("variant");
        let body = json!({ "lines": [{ "variant_id": variant, "quantity": quantity }], "shipping_address": address() });
        self.owner.post("/v1/purchases", body)
    }

    /// Pays an order with a card, and returns the payment.
    pub async fn pays(&self, order: &Value, card: &str) -> Value {
        let id = order["id"].as_str().expect("id");
        let body = json!({ "method": "card", "payment_method": card });
        self.owner.post(format!("/v1/purchases/{id}/payments"), body).ok().await
    }

    /// The seller's view of an order.
    pub async fn sale(&self, order: &Value) -> Value {
        self.owner.get(format!("/v1/orders/{}", order["id"].as_str().expect("id"))).ok().await
    }

    /// The buyer's view of an order.
    pub async fn purchase(&self, order: &Value) -> Value {
        self.owner.get(format!("/v1/purchases/{}", order["id"].as_str().expect("id"))).ok().await
    }

    /// Types of all events in the firm's log, oldest first; fails if their numbers have gaps.
    pub async fn event_types(&self) -> Vec<String> {
        let mut types = Vec::new();
        loop {
            let page = self.owner.get(format!("/v1/events?after_seq={}&limit=100", types.len())).ok().await;
            for event in page["data"].as_array().expect("data") {
                types.push(event["type"].as_str().expect("type").to_owned());
                assert_eq!(event["seq"].as_u64(), Some(types.len() as u64), "a gap in the event log");
            }
            if page["has_more"] == false {
                return types;
            }
        }
    }
}
