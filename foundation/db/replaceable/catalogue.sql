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
CREATE OR REPLACE TRIGGER own_rows_only BEFORE INSERT OR UPDATE OR DELETE ON market_index FOR EACH ROW EXECUTE FUNCTION market_guard();

-- Movements of stock are facts.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON stock_movements FOR EACH ROW EXECUTE FUNCTION refuse_change();
