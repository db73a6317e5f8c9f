DROP INDEX products_planned;
ALTER TABLE products DROP COLUMN publish_at, DROP COLUMN unpublish_at, DROP COLUMN change;
