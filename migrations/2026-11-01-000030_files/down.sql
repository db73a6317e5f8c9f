DROP TABLE storage_gauges, file_versions, files, blobs, buckets;
