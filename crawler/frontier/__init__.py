"""What is due, waiting and done."""
