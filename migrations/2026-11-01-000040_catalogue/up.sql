-- Catalogue: products, variants, stock of a tenant; and the public market, a read model without a tenant column.

-- A firm's own tree of categories.
CREATE TABLE categories (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    parent_id uuid,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES categories (tenant_id, id)
);
CALL tenant_table('categories', 'SELECT, INSERT, UPDATE');

CREATE TABLE products (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'archived')),
    -- Opt-in to the market; a published product that is not listed is sold on the firm's own pages only.
    listed boolean NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    category_id uuid,
    tags text[] NOT NULL,
    attributes jsonb NOT NULL,
    -- {"zh-CN": {"title", "description"}, "en": {...}}
    translations jsonb NOT NULL,
    -- Ids of the firm's files, in the order they are shown.
    media uuid[] NOT NULL,
    metadata jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    published_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, category_id) REFERENCES categories (tenant_id, id)
);
CALL tenant_table('products', 'SELECT, INSERT, UPDATE', platform => true);
CREATE INDEX products_by_status ON products (tenant_id, status, id);

CREATE TABLE product_variants (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    position integer NOT NULL,
    sku text NOT NULL,
    options jsonb NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    currency text NOT NULL,
    -- [{"min_quantity", "price_minor"}], quantities rising, prices not rising.
    price_tiers jsonb NOT NULL,
    min_order_quantity bigint NOT NULL CHECK (min_order_quantity > 0),
    order_increment bigint NOT NULL CHECK (order_increment > 0),
    unit text NOT NULL,
    gtin text,
    weight_grams bigint CHECK (weight_grams >= 0),
    -- Null: unlimited.
    on_hand bigint,
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    low_stock_at bigint CHECK (low_stock_at >= 0),
    withdrawn_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id),
    CONSTRAINT product_variants_quantities CHECK (min_order_quantity % order_increment = 0),
    CONSTRAINT product_variants_stock CHECK (on_hand - reserved >= 0)
);
CALL tenant_table('product_variants', 'SELECT, INSERT, UPDATE');
-- A withdrawn variant stays for the orders that name it and gives its SKU free.
CREATE UNIQUE INDEX product_variants_sku ON product_variants (tenant_id, sku) WHERE withdrawn_at IS NULL;
CREATE INDEX product_variants_by_product ON product_variants (tenant_id, product_id, position);

-- Stock promised to an order; `held` rows make up the variant's `reserved`.
CREATE TABLE stock_reservations (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    state text NOT NULL CHECK (state IN ('held', 'taken', 'released')),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_id, variant_id),
    FOREIGN KEY (tenant_id, variant_id) REFERENCES product_variants (tenant_id, id)
);
CALL tenant_table('stock_reservations', 'SELECT, INSERT, UPDATE', platform => true);
CREATE INDEX stock_reservations_expiry ON stock_reservations (tenant_id, expires_at) WHERE state = 'held';

-- Every change of `on_hand`, with its reason. Never updated.
CREATE TABLE stock_movements (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    variant_id uuid NOT NULL,
    delta bigint NOT NULL,
    on_hand bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('initial', 'adjustment', 'sale')),
    reason text,
    order_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, variant_id) REFERENCES product_variants (tenant_id, id)
);
CALL tenant_table('stock_movements', 'SELECT, INSERT');
CREATE INDEX stock_movements_by_variant ON stock_movements (tenant_id, variant_id, id);

-- The market: everybody reads it, a seller writes its own rows only (triggers in replaceable/catalogue.sql).
CREATE TABLE market_sellers (
    seller_id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL
);
CREATE TABLE market_listings (
    id uuid PRIMARY KEY,
    seller_id uuid NOT NULL REFERENCES market_sellers (seller_id),
    title text NOT NULL,
    category_id uuid,
    currency text NOT NULL,
    min_price_minor bigint NOT NULL,
    max_price_minor bigint NOT NULL,
    -- What a visitor sees of the product beyond these columns.
    detail jsonb NOT NULL,
    -- Words in the listing, for ranking.
    words integer NOT NULL,
    version bigint NOT NULL,
    published_at timestamptz NOT NULL
);
CREATE INDEX market_listings_newest ON market_listings (published_at DESC, id DESC);
CREATE INDEX market_listings_by_seller ON market_listings (seller_id, published_at DESC, id DESC);
CREATE INDEX market_listings_by_category ON market_listings (category_id, published_at DESC, id DESC);
CREATE INDEX market_listings_by_price ON market_listings (min_price_minor, id);
-- One row for each different word of a listing; `weight` counts occurrences, times the weight of their field.
CREATE TABLE market_words (
    listing_id uuid NOT NULL REFERENCES market_listings (id) ON DELETE CASCADE,
    word text NOT NULL,
    weight smallint NOT NULL CHECK (weight > 0),
    PRIMARY KEY (listing_id, word)
);
CREATE INDEX market_words_by_word ON market_words (word, weight DESC, listing_id);
-- Who sells a variant of a published product, listed or not.
CREATE TABLE market_variants (
    variant_id uuid PRIMARY KEY,
    product_id uuid NOT NULL,
    seller_id uuid NOT NULL
);
CREATE INDEX market_variants_by_product ON market_variants (product_id);

GRANT SELECT ON market_sellers, market_listings, market_words, market_variants TO app_public, app_tenant, app_platform;
GRANT INSERT, UPDATE, DELETE ON market_sellers, market_listings, market_variants TO app_tenant;
GRANT INSERT, DELETE ON market_words TO app_tenant;
