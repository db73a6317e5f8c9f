//! Customers.

use serde_json::Value;

use crate::error::ApiError;
use crate::list::List;
use crate::params::Params;
use crate::tx::Tx;

const FIELDS: [&str; 6] = ["email", "name", "phone", "description", "address", "shipping"];
const KNOWN: [&str; 7] = ["email", "name", "phone", "description", "address", "shipping", "metadata"];

pub(crate) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&KNOWN)?;
    let mut customer = tx.fresh("customer", "cus");
    customer["invoice_prefix"] = Value::String(tx.new_id("in")[3..11].to_ascii_uppercase());
    write(tx, &mut customer, params)?;
    tx.emit("customer.created", &customer);
    Ok(customer)
}

pub(crate) fn update(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&KNOWN)?;
    let mut customer = tx.find("customer", id, "id")?;
    write(tx, &mut customer, params)?;
    tx.emit("customer.updated", &customer);
    Ok(customer)
}

fn write(tx: &mut Tx<'_>, customer: &mut Value, params: &Params) -> Result<(), ApiError> {
    params.copy_texts(customer, &FIELDS);
    params.merge_metadata(customer)?;
    tx.put(customer);
    Ok(())
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    List { kind: "customer", url: "/v1/customers".to_owned(), filters: &["email"] }.answer(tx, params)
}
