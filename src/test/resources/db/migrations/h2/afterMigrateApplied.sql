-- Spring Batch knows running steps by their numbers in a static map: databases that are used side by side in one JVM must not
-- count from the same number.
ALTER SEQUENCE batch_step_execution_seq RESTART WITH CAST(RAND() * 1000000000000 AS BIGINT) + 1;
