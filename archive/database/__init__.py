"""Every table, and the one history of migrations; the one home of SQLAlchemy."""
