-- Categories as a tree with typed attributes, and collections: ordered lists of products.
ALTER TABLE categories
    -- Ids from the root down to the category itself.
    ADD COLUMN path uuid[] NOT NULL DEFAULT '{}',
    -- [{"key", "name", "kind", "required", "unit"?, "values"?}]; what lies below has them too.
    ADD COLUMN attributes jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN version bigint NOT NULL DEFAULT 1;
-- Row-level security binds the owner too, hence the pause.
ALTER TABLE categories NO FORCE ROW LEVEL SECURITY;
WITH RECURSIVE tree AS (
    SELECT tenant_id, id, ARRAY[id] AS path FROM categories WHERE parent_id IS NULL
    UNION ALL
    SELECT child.tenant_id, child.id, tree.path || child.id
    FROM categories AS child JOIN tree ON tree.tenant_id = child.tenant_id AND tree.id = child.parent_id
)
UPDATE categories SET path = tree.path FROM tree WHERE tree.tenant_id = categories.tenant_id AND tree.id = categories.id;
ALTER TABLE categories FORCE ROW LEVEL SECURITY;
ALTER TABLE categories ALTER COLUMN path DROP DEFAULT;
GRANT DELETE ON categories TO app_tenant;
CREATE INDEX categories_by_parent ON categories (tenant_id, parent_id, id);
CREATE INDEX products_by_category ON products (tenant_id, category_id, id) WHERE category_id IS NOT NULL;

CREATE TABLE collections (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT collections_name UNIQUE (tenant_id, name)
);
CALL tenant_table('collections', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE collection_products (
    tenant_id uuid NOT NULL,
    collection_id uuid NOT NULL,
    product_id uuid NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (tenant_id, collection_id, product_id),
    FOREIGN KEY (tenant_id, collection_id) REFERENCES collections (tenant_id, id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id)
);
CALL tenant_table('collection_products', 'SELECT, INSERT, DELETE');
CREATE INDEX collection_products_by_product ON collection_products (tenant_id, product_id);
