DROP TABLE product_slugs;
ALTER TABLE products DROP COLUMN locale, DROP COLUMN slug, DROP COLUMN media_alt;
