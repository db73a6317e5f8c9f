//! Makes the firms through the API, and most of their products by copying one of each within PostgreSQL.

use crate::{
    connection::{self, Connection},
    place::Place,
    world::{Firm, PASSWORD, World},
};
use anyhow::Context;
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Uuid as SqlUuid};
use kernel::ids::{Id, ProductId, VariantId};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
};
use uuid::Uuid;

/// Firms, each with one owner.
const FIRMS: u8 = 32;
/// Products of each firm that requests name.
const SAMPLE: i64 = 500;

/// Makes `rows` products in all, as evenly spread as can be; none is missing a variant, all are on sale.
pub(crate) async fn make(place: &Place, address: SocketAddr, rows: u64) -> anyhow::Result<World> {
    let mut connection = Connection::open(address).await?;
    let mut firms = Vec::new();
    for number in 0..FIRMS {
        firms.push(sign_up(&mut connection, number).await?);
    }
    let mut conn = place.superuser()?;
    conn.batch_execute(
        "UPDATE users SET email_verified_at = created_at; UPDATE limits SET maximum = 1000000000000000",
    )?;
    for (_, firm) in &firms {
        let new = connection::post("/v1/products", &firm.token, &product("凤凰单丛乌龙茶", "BENCH-0"))?;
        let made = connection.ask(new).await?;
        let id = made["id"].as_str().context("no product")?;
        connection.ask(connection::post(&format!("/v1/products/{id}/publish"), &firm.token, &json!({}))?).await?;
    }
    let copies = (rows / u64::from(FIRMS)).saturating_sub(1);
    conn.batch_execute(&COPY.replace("{copies}", &copies.to_string()))?;
    conn.batch_execute("VACUUM ANALYZE")?;
    let mut world = World { firms: sampled(&mut conn, firms)? };
    world.sign_in(address).await?;
    Ok(world)
}

/// The body of a product as a small firm would write it.
pub(crate) fn product(title: &str, sku: &str) -> Value {
    json!({ "title": title, "description": "潮州高山茶，手工采摘，传统炭焙。香气清高，滋味醇厚，回甘持久。".repeat(4),
        "tags": ["茶", "潮州"], "variants": [{ "sku": sku, "options": { "包装": "500克" }, "price_minor": 12800,
        "currency": "CNY", "unit": "box", "stock": 1_000_000_000,
        "price_tiers": [{ "min_quantity": 10, "price_minor": 11800 }] }] })
}

async fn sign_up(connection: &mut Connection, number: u8) -> anyhow::Result<(Uuid, Firm)> {
    let at = Ipv4Addr::new(10, 1, number, 1).into();
    let email = format!("owner@firm{number}.example");
    let body = json!({ "email": email, "password": PASSWORD, "display_name": "陈老板",
        "company_name": format!("第{number}茶业") });
    let answer = connection.ask(connection::visit("/v1/auth/sign-up", at, &body)?).await?;
    let tenant: kernel::ids::TenantId = answer["tenant"]["id"].as_str().context("no firm")?.parse()?;
    let token = answer["access_token"].as_str().context("no token")?.to_owned();
    Ok((tenant.uuid(), Firm { email, at, token, products: Vec::new(), variants: Vec::new() }))
}

/// Copies each firm's only product and variant. Ids are as sortable as the platform's own: a time, then chance.
const COPY: &str = "
SET session_replication_role = replica;
CREATE TEMPORARY TABLE copies AS
    SELECT p.tenant_id, p.id AS product, v.id AS variant, n,
        (stamp || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid AS new_product,
        (stamp || '7' || substr(md5(random()::text), 1, 3) || '9' || substr(md5(random()::text), 1, 15))::uuid AS new_variant
    FROM generate_series(1, {copies}) AS n
    CROSS JOIN products p JOIN product_variants v ON v.tenant_id = p.tenant_id AND v.product_id = p.id
    CROSS JOIN LATERAL (SELECT lpad(to_hex((extract(epoch FROM p.created_at) * 1000)::bigint - {copies} + n), 12, '0') AS stamp) s;
INSERT INTO products SELECT r.* FROM copies c JOIN products p ON p.tenant_id = c.tenant_id AND p.id = c.product
    CROSS JOIN LATERAL jsonb_populate_record(p, jsonb_build_object('id', c.new_product, 'title', p.title || ' ' || n)) r;
INSERT INTO product_variants SELECT r.* FROM copies c JOIN product_variants v ON v.tenant_id = c.tenant_id AND v.id = c.variant
    CROSS JOIN LATERAL jsonb_populate_record(v, jsonb_build_object('id', c.new_variant, 'product_id', c.new_product,
        'sku', 'BENCH-' || n)) r;
INSERT INTO market_variants (variant_id, product_id, seller_id) SELECT new_variant, new_product, tenant_id FROM copies;
RESET session_replication_role;
DROP TABLE copies;
";

#[derive(QueryableByName)]
struct Sampled {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    product_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

fn sampled(conn: &mut diesel::PgConnection, firms: Vec<(Uuid, Firm)>) -> anyhow::Result<Vec<Firm>> {
    let mut firms: HashMap<Uuid, Firm> = firms.into_iter().collect();
    let rows: Vec<Sampled> = diesel::sql_query(format!(
        "SELECT tenant_id, product_id, id FROM
            (SELECT *, row_number() OVER (PARTITION BY tenant_id ORDER BY md5(id::text)) AS place FROM product_variants) v
         WHERE place <= {SAMPLE}"
    ))
    .load(conn)?;
    for row in rows {
        if let Some(firm) = firms.get_mut(&row.tenant_id) {
            firm.products.push(ProductId::from_uuid(row.product_id).to_string());
            firm.variants.push(VariantId::from_uuid(row.id).to_string());
        }
    }
    let mut firms: Vec<Firm> = firms.into_values().collect();
    firms.sort_by(|a, b| a.email.cmp(&b.email));
    Ok(firms)
}
