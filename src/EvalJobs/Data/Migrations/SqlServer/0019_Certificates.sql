-- What a promotion rested on, as canonical JSON. Its SHA-256 is in the audit record of the transition (AuditRecordId); AuditHash is that of the record itself.
-- No key to the audit record: that may be forgotten in time.
CREATE TABLE eval.PromotionCertificate (
    AuditRecordId bigint NOT NULL CONSTRAINT PK_PromotionCertificate PRIMARY KEY,
    TenantId bigint NOT NULL,
    VersionId bigint NOT NULL,
    Document nvarchar(max) NOT NULL,
    AuditHash char(64) NOT NULL,
    CONSTRAINT FK_PromotionCertificate_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT FK_PromotionCertificate_Version FOREIGN KEY (VersionId) REFERENCES eval.AgentVersion (Id)
);
GO

CREATE INDEX IX_PromotionCertificate_Version ON eval.PromotionCertificate (VersionId, AuditRecordId);
GO

CREATE INDEX IX_PromotionCertificate_Tenant ON eval.PromotionCertificate (TenantId, AuditRecordId);
GO

-- Alerts may tell of promotion too, and carry particulars for programs.
ALTER TABLE eval.Alert ADD Data nvarchar(max) NULL;
GO

ALTER TABLE eval.Alert DROP CONSTRAINT CK_Alert_Topic;
GO

ALTER TABLE eval.Alert ADD CONSTRAINT CK_Alert_Topic CHECK (Topic IN ('HEALTH', 'TICK', 'FAILURE', 'PROMOTED', 'GATE_FAILED', 'APPROVAL_WANTED', 'RUN_COMPLETED'));
GO
