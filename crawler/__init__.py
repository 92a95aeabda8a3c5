"""Gets pages: discovers addresses, asks politely, captures the exact bytes."""
