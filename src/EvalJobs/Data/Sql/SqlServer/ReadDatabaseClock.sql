-- The only clock that decides: what is due, leased or old enough.
-- Parameters: none
SELECT CAST(SYSUTCDATETIME() AS datetime2(3)) AS Now;
