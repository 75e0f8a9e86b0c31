-- The genome as its author wrote it, and the SHA-256 of that text: the order of keys reaches the model. Genome stays canonical, as GenomeHash is of it
-- and older servers read it. Null for versions of before: they were sent in canonical order and stay so.
ALTER TABLE AgentVersion ADD COLUMN GenomeText TEXT NULL;
ALTER TABLE AgentVersion ADD COLUMN GenomeTextHash TEXT NULL;
