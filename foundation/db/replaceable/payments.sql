-- A tenant may claim a provider's object for itself only.
CREATE OR REPLACE FUNCTION provider_objects_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.for_tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid THEN
        RAISE EXCEPTION 'a provider object belongs to the tenant of its transaction';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER provider_objects_guard BEFORE INSERT ON provider_objects
    FOR EACH ROW EXECUTE FUNCTION provider_objects_guard();
