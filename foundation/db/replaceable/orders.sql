-- What has happened to an order stays as it was written.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON order_timeline FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON order_parties FOR EACH ROW EXECUTE FUNCTION refuse_change();
