-- Opens the record of one tick.
INSERT INTO Dispatch ([Trigger])
VALUES (@Trigger)
RETURNING Id;
