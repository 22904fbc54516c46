"""What people see and touch: the command line, the server, pictures and pages."""
