-- Where stock lies. The first location of a firm is its default: there lies what lies nowhere else, so that a firm with one warehouse, or with
-- none that it names, has no rows here.
CREATE TABLE locations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT locations_name UNIQUE (tenant_id, name)
);
CALL tenant_table('locations', 'SELECT, INSERT, UPDATE, DELETE');
CREATE UNIQUE INDEX locations_default ON locations (tenant_id) WHERE is_default;

-- Units of a variant at a location that is not the default.
CREATE TABLE stock_levels (
    tenant_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    location_id uuid NOT NULL,
    on_hand bigint NOT NULL CHECK (on_hand >= 0),
    PRIMARY KEY (tenant_id, variant_id, location_id),
    FOREIGN KEY (tenant_id, variant_id) REFERENCES product_variants (tenant_id, id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id)
);
CALL tenant_table('stock_levels', 'SELECT, INSERT, UPDATE, DELETE');
CREATE INDEX stock_levels_by_location ON stock_levels (tenant_id, location_id, variant_id);

ALTER TABLE product_variants
    -- Sum of the variant's levels: units of `on_hand` that lie at other locations than the default.
    ADD COLUMN elsewhere bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT product_variants_elsewhere CHECK (elsewhere BETWEEN 0 AND coalesce(on_hand, 0));
ALTER TABLE stock_movements
    -- Null: the default location. A fact that outlives the location.
    ADD COLUMN location_id uuid,
    DROP CONSTRAINT stock_movements_kind_check,
    ADD CONSTRAINT stock_movements_kind_check CHECK (kind IN ('initial', 'adjustment', 'sale', 'transfer', 'count'));
