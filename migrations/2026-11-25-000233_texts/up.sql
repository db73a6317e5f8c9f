-- In which language a product is written, how it is named in addresses, and what its pictures show.
ALTER TABLE products
    ADD COLUMN locale text NOT NULL DEFAULT 'zh-CN' CHECK (locale IN ('zh-CN', 'en')),
    -- Its name in addresses in its own language; those of other languages stand with their translations.
    ADD COLUMN slug text,
    -- {"<file id>": {"zh-CN": text, "en": text}}
    ADD COLUMN media_alt jsonb NOT NULL DEFAULT '{}';

-- Names in addresses, of now and of before: an old one still leads to its product and is given to no other.
CREATE TABLE product_slugs (
    tenant_id uuid NOT NULL,
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    slug text NOT NULL,
    product_id uuid NOT NULL,
    current boolean NOT NULL,
    PRIMARY KEY (tenant_id, locale, slug),
    FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id)
);
CALL tenant_table('product_slugs', 'SELECT, INSERT, UPDATE');
CREATE INDEX product_slugs_by_product ON product_slugs (tenant_id, product_id, locale);
