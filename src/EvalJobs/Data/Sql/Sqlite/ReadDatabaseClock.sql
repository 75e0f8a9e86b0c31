-- The only clock that decides: what is due, leased or old enough.
SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) AS Now;
