-- The market is searched by arrays of words with an inverted index, ranked in the program, and counts words in a table of its own.
DROP TABLE market_words;
DROP FUNCTION IF EXISTS market_words_guard();
DROP INDEX market_listings_newest, market_listings_by_category, market_listings_by_price;
ALTER TABLE market_listings DROP COLUMN words;

-- What a listing is found by, narrow so that thousands of candidates are read at once.
CREATE TABLE market_index (
    listing_id uuid PRIMARY KEY REFERENCES market_listings (id) ON DELETE CASCADE,
    seller_id uuid NOT NULL,
    -- The title, normalised.
    title text NOT NULL,
    -- Words of title, tags, codes and attributes, and what it is filtered by (`seller:...`, `category:...`, `fact:...`).
    head text[] NOT NULL,
    -- The same with the words of descriptions; null if they add none.
    everywhere text[],
    -- For each word of `head` but the filters: four bytes of its digest and one of its weight, in the order of the digests.
    weights bytea NOT NULL,
    -- Words of `head`, repetitions counted.
    length integer NOT NULL CHECK (length >= 0),
    -- What is counted for whoever narrows a search.
    facets text[] NOT NULL,
    -- What is proposed to whoever types.
    says text[] NOT NULL,
    min_price_minor bigint NOT NULL,
    published_at timestamptz NOT NULL,
    -- The version of the cutter of words.
    cutter smallint NOT NULL
);
CREATE INDEX market_index_head ON market_index USING gin (head) WITH (fastupdate = off);
CREATE INDEX market_index_everywhere ON market_index USING gin (everywhere) WITH (fastupdate = off);
CREATE INDEX market_index_newest ON market_index (published_at DESC, listing_id DESC);
CREATE INDEX market_index_by_seller ON market_index (seller_id, published_at DESC, listing_id DESC);
CREATE INDEX market_index_by_price ON market_index (min_price_minor, listing_id);
CREATE INDEX market_index_by_cutter ON market_index (cutter, seller_id);

-- How many listings have a word, a filter or a proposal. Adding up is a job's work, so that sellers who write at the same time do
-- not wait for each other's common words.
CREATE TABLE market_terms (
    word text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('total', 'word', 'seller', 'category', 'fact', 'say')),
    -- Below zero while a removal has been counted before its addition.
    listings bigint NOT NULL,
    -- First letters of the pronunciation, of proposals.
    initials text COLLATE "C",
    -- The word, and it without each of its letters, of Latin words: two with one in common differ by a slip.
    spellings text[]
);
CREATE INDEX market_terms_common ON market_terms (kind, listings DESC) WHERE kind IN ('seller', 'category', 'fact');
CREATE INDEX market_terms_initials ON market_terms (initials) WHERE initials IS NOT NULL;
CREATE INDEX market_terms_spellings ON market_terms USING gin (spellings) WHERE spellings IS NOT NULL;

-- Listings that came or went and are not counted yet.
CREATE TABLE market_changes (
    id uuid PRIMARY KEY,
    words text[] NOT NULL,
    length integer NOT NULL,
    -- 1 came, -1 went.
    sign smallint NOT NULL CHECK (sign IN (1, -1))
);

GRANT SELECT ON market_index, market_terms TO app_public, app_tenant, app_platform;
GRANT INSERT, UPDATE, DELETE ON market_index TO app_tenant;
GRANT INSERT, UPDATE, DELETE ON market_terms TO app_platform;
GRANT INSERT ON market_changes TO app_tenant;
GRANT SELECT, DELETE ON market_changes TO app_platform;

-- Those that are there are cut by the next run of the job that looks for old versions.
INSERT INTO market_index (listing_id, seller_id, title, head, weights, length, facets, says, min_price_minor, published_at, cutter)
SELECT id, seller_id, title, '{}', '', 0, '{}', '{}', min_price_minor, published_at, 0 FROM market_listings;
INSERT INTO market_changes (id, words, length, sign) SELECT gen_random_uuid(), '{}', 0, 1 FROM market_listings;
