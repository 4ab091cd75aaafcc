-- As for H2.
SELECT setval('batch_step_execution_seq', CAST(random() * 1000000000000 AS BIGINT) + 1);
