"""What-if scenarios: edits, running kernels on them, reading the answer."""
