-- Runs that were created together take their steps together, often in one transaction: while it lasts, a page holds the old and the new
-- row of each of them. With less room than that, rows move to other pages, and every index of the table gets a new entry.
alter table runs set (fillfactor = 45);
