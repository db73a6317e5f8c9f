DROP TABLE market_changes, market_terms, market_index;
ALTER TABLE market_listings ADD COLUMN words integer NOT NULL DEFAULT 0;
ALTER TABLE market_listings ALTER COLUMN words DROP DEFAULT;
CREATE INDEX market_listings_newest ON market_listings (published_at DESC, id DESC);
CREATE INDEX market_listings_by_category ON market_listings (category_id, published_at DESC, id DESC);
CREATE INDEX market_listings_by_price ON market_listings (min_price_minor, id);
CREATE TABLE market_words (
    listing_id uuid NOT NULL REFERENCES market_listings (id) ON DELETE CASCADE,
    word text NOT NULL,
    weight smallint NOT NULL CHECK (weight > 0),
    PRIMARY KEY (listing_id, word)
);
CREATE INDEX market_words_by_word ON market_words (word, weight DESC, listing_id);
GRANT SELECT ON market_words TO app_public, app_tenant, app_platform;
GRANT INSERT, DELETE ON market_words TO app_tenant;
