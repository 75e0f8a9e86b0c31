-- Opens the record of one tick.
-- Parameters: @Trigger varchar(20)
INSERT INTO eval.Dispatch ([Trigger])
OUTPUT inserted.Id
VALUES (@Trigger);
