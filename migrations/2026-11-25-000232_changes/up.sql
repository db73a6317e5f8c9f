-- When a product goes on sale and off by itself, and what was written about a published one and is not shown yet.
ALTER TABLE products
    ADD COLUMN publish_at timestamptz,
    ADD COLUMN unpublish_at timestamptz,
    -- As the body of a change by PATCH; null: nothing.
    ADD COLUMN change jsonb,
    ADD CHECK (publish_at < unpublish_at);
CREATE INDEX products_planned ON products (tenant_id, id) WHERE publish_at IS NOT NULL OR unpublish_at IS NOT NULL;
