"""The server: HTTP, jobs and the frame stream."""
