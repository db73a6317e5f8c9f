-- What a variant costs whom: rules of quantity, tax, price lists for buyers and groups of buyers; and the matrix of options.
ALTER TABLE products
    -- [{"name", "values"}]; empty: variants say freely what makes them different.
    ADD COLUMN options jsonb NOT NULL DEFAULT '[]',
    -- Which rate of value-added tax holds; null: the seller says nothing about tax.
    ADD COLUMN tax_class text CHECK (tax_class IN ('standard', 'reduced', 'services', 'small_scale', 'zero', 'exempt')),
    -- Whether prices contain the tax or it is added to them.
    ADD COLUMN tax_included boolean NOT NULL DEFAULT true;
ALTER TABLE product_variants
    ADD COLUMN max_order_quantity bigint,
    -- The seller lets a price rise with the quantity.
    ADD COLUMN price_may_rise boolean NOT NULL DEFAULT false,
    -- Code of the Harmonized System, 6 to 10 digits.
    ADD COLUMN hs_code text,
    -- Country of origin, ISO 3166 two letters.
    ADD COLUMN origin_country text,
    ADD CONSTRAINT product_variants_maximum CHECK (max_order_quantity >= min_order_quantity);

CREATE TABLE buyer_groups (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT buyer_groups_name UNIQUE (tenant_id, name)
);
CALL tenant_table('buyer_groups', 'SELECT, INSERT, UPDATE, DELETE');

-- Firms of a group. They need not exist: a seller names them, and learns nothing.
CREATE TABLE buyer_group_members (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    buyer_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, group_id, buyer_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES buyer_groups (tenant_id, id)
);
CALL tenant_table('buyer_group_members', 'SELECT, INSERT, DELETE');
CREATE INDEX buyer_group_members_by_buyer ON buyer_group_members (tenant_id, buyer_id);

-- Prices agreed with one buyer or a group, for a time.
CREATE TABLE price_lists (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    buyer_id uuid,
    group_id uuid,
    valid_from timestamptz,
    valid_until timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES buyer_groups (tenant_id, id),
    CONSTRAINT price_lists_name UNIQUE (tenant_id, name),
    -- One that names nobody holds for nobody yet.
    CHECK (buyer_id IS NULL OR group_id IS NULL),
    CHECK (valid_from < valid_until)
);
CALL tenant_table('price_lists', 'SELECT, INSERT, UPDATE, DELETE');
CREATE INDEX price_lists_by_group ON price_lists (tenant_id, group_id);

CREATE TABLE price_list_prices (
    tenant_id uuid NOT NULL,
    list_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    -- As the variant's when it was written; counts only while the variant is still sold in it.
    currency text NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    price_tiers jsonb NOT NULL,
    price_may_rise boolean NOT NULL,
    -- Null: as the variant's.
    min_order_quantity bigint CHECK (min_order_quantity > 0),
    max_order_quantity bigint CHECK (max_order_quantity > 0),
    order_increment bigint CHECK (order_increment > 0),
    PRIMARY KEY (tenant_id, list_id, variant_id),
    FOREIGN KEY (tenant_id, list_id) REFERENCES price_lists (tenant_id, id),
    FOREIGN KEY (tenant_id, variant_id) REFERENCES product_variants (tenant_id, id)
);
CALL tenant_table('price_list_prices', 'SELECT, INSERT, DELETE');
CREATE INDEX price_list_prices_by_variant ON price_list_prices (tenant_id, variant_id);

ALTER TABLE order_lines
    -- Tax of the line: contained in its total, or added to it, as the reasons say.
    ADD COLUMN tax bigint NOT NULL DEFAULT 0 CHECK (tax >= 0),
    -- How the price came about, as it was when the order was placed.
    ADD COLUMN price_reasons jsonb NOT NULL DEFAULT '[]';
