-- The schema is dbo's, whoever ran the first migration: that user could not be dropped otherwise, and what is granted would rest on that user.
-- Where the owner changes, SQL Server drops grants on single tables; 02-grants.sql, which is run after every migration, gives them again.
IF EXISTS (SELECT 1 FROM sys.schemas s WHERE s.name = N'eval' AND s.principal_id <> DATABASE_PRINCIPAL_ID(N'dbo'))
    ALTER AUTHORIZATION ON SCHEMA::eval TO dbo;
GO
