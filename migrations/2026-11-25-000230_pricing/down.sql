ALTER TABLE order_lines DROP COLUMN tax, DROP COLUMN price_reasons;
DROP TABLE price_list_prices;
DROP TABLE price_lists;
DROP TABLE buyer_group_members;
DROP TABLE buyer_groups;
ALTER TABLE product_variants DROP CONSTRAINT product_variants_maximum, DROP COLUMN max_order_quantity,
    DROP COLUMN price_may_rise, DROP COLUMN hs_code, DROP COLUMN origin_country;
ALTER TABLE products DROP COLUMN options, DROP COLUMN tax_class, DROP COLUMN tax_included;
