-- The market has no row-level security, so these triggers keep a seller to its own rows.
CREATE OR REPLACE FUNCTION market_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    IF (TG_OP <> 'INSERT' AND OLD.seller_id IS DISTINCT FROM tenant)
        OR (TG_OP <> 'DELETE' AND NEW.seller_id IS DISTINCT FROM tenant) THEN
        RAISE EXCEPTION 'a row of % belongs to its seller', TG_TABLE_NAME;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER own_rows_only BEFORE INSERT OR UPDATE OR DELETE ON market_sellers FOR EACH ROW EXECUTE FUNCTION market_guard();
CREATE OR REPLACE TRIGGER own_rows_only BEFORE INSERT OR UPDATE OR DELETE ON market_listings FOR EACH ROW EXECUTE FUNCTION market_guard();
CREATE OR REPLACE TRIGGER own_rows_only BEFORE INSERT OR UPDATE OR DELETE ON market_variants FOR EACH ROW EXECUTE FUNCTION market_guard();

-- Words come by the hundred, so they are checked once a statement. Words are never updated; those of a listing that is
-- itself being deleted have no listing any more, and its own trigger has checked the seller.
CREATE OR REPLACE FUNCTION market_words_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM changed JOIN market_listings ON market_listings.id = changed.listing_id
        WHERE market_listings.seller_id IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid
    ) THEN
        RAISE EXCEPTION 'a row of % belongs to its seller', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER own_rows_inserted AFTER INSERT ON market_words REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION market_words_guard();
CREATE OR REPLACE TRIGGER own_rows_deleted AFTER DELETE ON market_words REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION market_words_guard();
CREATE OR REPLACE TRIGGER never_updated BEFORE UPDATE ON market_words FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Movements of stock are facts.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON stock_movements FOR EACH ROW EXECUTE FUNCTION refuse_change();
