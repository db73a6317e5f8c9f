//! What a demo firm sells.

use crate::{Run, data::Product, firm::OpenFirm};
use anyhow::Context;
use catalogue::{
    ArchiveProductError, ProductStatus, PublishProduct, PublishProductError, WriteProductError, market::Seller,
};
use db::{DbError, TenantTx};
use kernel::{
    ids::{FileId, VariantId},
    pages::{MAX_LIMIT, PageRequest},
};
use std::collections::HashMap;

/// Why a product was not put on the shelf.
#[derive(Debug, thiserror::Error)]
enum ShelfError {
    #[error(transparent)]
    Write(#[from] WriteProductError),
    #[error(transparent)]
    Publish(#[from] PublishProductError),
    #[error(transparent)]
    Archive(#[from] ArchiveProductError),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Writes and publishes the products whose SKUs are not there. Returns all variants by SKU.
pub(crate) async fn fill(
    run: Run<'_>,
    firm: &OpenFirm<'_>,
    pictures: &HashMap<String, FileId>,
) -> anyhow::Result<HashMap<String, VariantId>> {
    let then = run.db_at(Some(firm.founded_at));
    let mut variants = run.deps.db.tenant("seeds.list_skus", firm.scope(), skus).await?;
    for product in &firm.data.products {
        if product.variants.iter().any(|variant| variants.contains_key(&variant.sku)) {
            continue;
        }
        let (picture, new) = (pictures.get(&product.picture).copied(), product.clone());
        let put = then.tenant("seeds.put_product", firm.scope(), move |tx| put(tx, &new, picture));
        let made = put.await.with_context(|| product.title.clone())?;
        variants.extend(made.variants.into_iter().map(|variant| (variant.sku, variant.id)));
        run.say(&format!("{}: {}", firm.data.name, product.title));
    }
    Ok(variants)
}

fn skus(tx: &mut TenantTx<'_>) -> Result<HashMap<String, VariantId>, DbError> {
    let (mut found, mut request) = (HashMap::new(), PageRequest { limit: MAX_LIMIT, after: None });
    loop {
        let page = catalogue::list(tx, None, &request)?;
        let variants = page.data.into_iter().flat_map(|product| product.variants);
        found.extend(variants.map(|variant| (variant.sku, variant.id)));
        if page.next.is_none() {
            return Ok(found);
        }
        request.after = page.next;
    }
}

/// Takes a product to the state it is in, in one transaction.
fn put(tx: &mut TenantTx<'_>, product: &Product, picture: Option<FileId>) -> Result<catalogue::Product, ShelfError> {
    let made = catalogue::create(tx, &product.written(picture))?;
    if product.state == ProductStatus::Draft {
        return Ok(made);
    }
    let firm = tenants::find(tx)?;
    let seller = Seller { slug: firm.slug, name: firm.name };
    let published = catalogue::publish(tx, &PublishProduct { id: made.id, seen: None, seller })?;
    if product.state == ProductStatus::Published {
        return Ok(published);
    }
    Ok(catalogue::archive(tx, made.id, None)?)
}
