DROP TABLE bucket_traffic_days;
DROP TABLE bucket_storage_days;
