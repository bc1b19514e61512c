import type { Migration } from '../migrate.ts';

/**
 * A vector per passage, made by an embedding model. What is still to be made stands in a table of its own, which
 * triggers keep: no search for what is missing ever reads what is there, and no writer of passages can forget it.
 */
export const vectors: Migration = {
  version: 220,
  purpose: 'vectors of passages, by embedding model, and the passages that have none yet',
  up: `
CREATE TABLE vector_models (
  id INTEGER PRIMARY KEY,
  -- Names the file's content and how vectors are made of it.
  fingerprint TEXT NOT NULL UNIQUE,
  -- Kept by triggers: counting them would read all.
  passages INTEGER NOT NULL DEFAULT 0,
  -- From which likeness on two sentences say the same (documents/vectors/alike.ts), and how many vectors there were
  -- when that was found out. NULL: not found out yet; above 1: this model cannot tell.
  same_from REAL,
  same_at INTEGER
) STRICT;

-- seq goes up and is never given twice: what is newer than a reader's last one is what came since.
CREATE TABLE passage_vectors (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  passage INTEGER NOT NULL UNIQUE REFERENCES passages (rowid) ON DELETE CASCADE,
  model INTEGER NOT NULL REFERENCES vector_models (id),
  -- A number of the vector = scale * the signed byte at its place.
  scale REAL NOT NULL,
  vector BLOB NOT NULL
) STRICT;

CREATE TABLE vectors_due (
  passage INTEGER PRIMARY KEY REFERENCES passages (rowid) ON DELETE CASCADE,
  -- Times that the model's process ended, or refused, with this passage alone.
  failed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TRIGGER passages_due AFTER INSERT ON passages BEGIN
  INSERT INTO vectors_due (passage) VALUES (new.rowid);
END;
CREATE TRIGGER passages_due_again AFTER UPDATE OF heading, lead, text ON passages
WHEN old.heading IS NOT new.heading OR old.lead <> new.lead OR old.text <> new.text
BEGIN
  DELETE FROM passage_vectors WHERE passage = new.rowid;
  INSERT OR IGNORE INTO vectors_due (passage) VALUES (new.rowid);
END;
CREATE TRIGGER vectors_added AFTER INSERT ON passage_vectors BEGIN
  DELETE FROM vectors_due WHERE passage = new.passage;
  UPDATE vector_models SET passages = passages + 1 WHERE id = new.model;
END;
CREATE TRIGGER vectors_removed AFTER DELETE ON passage_vectors BEGIN
  UPDATE vector_models SET passages = passages - 1 WHERE id = old.model;
END;

INSERT INTO vectors_due (passage) SELECT rowid FROM passages;
`,
};
