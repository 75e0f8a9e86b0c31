-- Nothing: a file has no schemas with owners. Here because both databases run the same migrations.
SELECT 1;
