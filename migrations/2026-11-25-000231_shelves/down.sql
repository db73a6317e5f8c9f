DROP TABLE collection_products;
DROP TABLE collections;
DROP INDEX products_by_category;
DROP INDEX categories_by_parent;
REVOKE DELETE ON categories FROM app_tenant;
ALTER TABLE categories DROP COLUMN path, DROP COLUMN attributes, DROP COLUMN version;
