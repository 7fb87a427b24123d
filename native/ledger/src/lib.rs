//! What the engine asks of Postgres.
