"""The download handler that keeps the wire bytes, and the guard on which addresses may be reached."""
