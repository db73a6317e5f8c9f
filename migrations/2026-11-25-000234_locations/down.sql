ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_kind_check, DROP COLUMN location_id,
    ADD CONSTRAINT stock_movements_kind_check CHECK (kind IN ('initial', 'adjustment', 'sale'));
ALTER TABLE product_variants DROP CONSTRAINT product_variants_elsewhere, DROP COLUMN elsewhere;
DROP TABLE stock_levels;
DROP TABLE locations;
