-- What was filled in stays.
SELECT 1;
