DROP TABLE provider_events, provider_objects, escrows, provider_operations, refunds, payments;
DROP FUNCTION IF EXISTS provider_objects_guard();
